// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameSource.h"

#include "ui/itemmodels/InPool.h"

#include <QPointer>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t manyRows = 20'000; // from here on they are laid out in the pool
}

FlameSource::FlameSource(StepTreeModel *model, const Clock *clock, QObject *parent)
    : QObject(parent), m_model(model), m_clock(clock), m_axis(new TimeAxis(this))
{
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &FlameSource::update);
    m_tick.setInterval(66);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        updateAxis();
        if (!m_soon.isActive())
            m_soon.start(m_model->rows().size() < 3000 ? 0 : 500); // running steps grow
        Q_EMIT ticked();
    });
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        if (m_model->rows().size() == m_laidOut) // only filtered
            return;
        m_layout = FlameLayout(); // another trace: indices mean other steps
        m_laidOut = 0;
        ++m_generation;
        m_lit.clear();
        m_soon.start(0);
        Q_EMIT layoutChanged();
    });
    connect(model, &StepTreeModel::timesChanged, this, [this] {
        updateAxis();
        if (m_laidOut == 0)
            update();
        else
            soon();
    });
}

void FlameSource::soon()
{
    const size_t rows = m_model->rows().size();
    if (!m_soon.isActive())
        m_soon.start(rows < 3000 ? 16 : rows < manyRows ? 100 : 300);
}

void FlameSource::updateAxis()
{
    if (m_pastUs > 0)
        m_axis->setWhole(m_pastWhole);
    else
        m_axis->setWhole({m_model->startUs(), m_model->endUs(m_clock->nowUs())});
}

void FlameSource::update()
{
    m_soon.stop();
    updateAxis();
    const bool many = m_model->rows().size() >= manyRows;
    if (many && m_computing) {
        m_again = true;
        return;
    }
    auto steps = flameSteps(m_model->rows(), m_pastUs > 0 ? m_pastUs : m_model->endUs(m_clock->nowUs()));
    if (many) {
        layOut(std::move(steps));
        return;
    }
    ++m_generation;
    m_layout = FlameLayout(steps);
    m_laidOut = steps.size();
    Q_EMIT layoutChanged();
}

Task<> FlameSource::layOut(std::vector<FlameStep> steps)
{
    const QPointer<FlameSource> alive(this);
    const quint64 generation = m_generation;
    const size_t count = steps.size();
    m_computing = true;
    m_again = false;
    auto work = [steps = std::move(steps)] { return std::make_shared<FlameLayout>(steps); };
    const auto made = co_await inPool(std::move(work));
    if (!alive)
        co_return;
    m_computing = false;
    if (generation == m_generation) {
        m_layout = std::move(*made);
        m_laidOut = count;
        Q_EMIT layoutChanged();
        if (m_again)
            soon();
    } else {
        update();
    }
}

const TraceRow *FlameSource::row(int index) const
{
    return index >= 0 && index < int(m_model->rows().size()) ? &m_model->rows()[size_t(index)] : nullptr;
}

qint64 FlameSource::endOf(const TraceRow &row) const
{
    const qint64 end = row.endUs > 0 ? row.endUs : row.isOver() ? row.startUs : m_pastUs > 0 ? m_pastUs : m_axis->whole().endUs;
    return std::max(end, row.startUs);
}

void FlameSource::setLive(bool live)
{
    if (live)
        m_tick.start();
    else
        m_tick.stop();
    updateAxis();
}

void FlameSource::setPast(qint64 pastUs, TimeRange whole)
{
    m_pastUs = pastUs;
    m_pastWhole = whole;
    updateAxis();
    soon();
}

void FlameSource::setLit(std::vector<char> lit)
{
    m_lit = std::move(lit);
    Q_EMIT litChanged();
}

} // namespace lathe
