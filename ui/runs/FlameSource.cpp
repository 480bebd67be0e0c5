// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameSource.h"

#include <algorithm>

namespace lathe {

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
        m_lit.clear();
        m_soon.start(0);
        Q_EMIT layoutChanged();
    });
    connect(model, &StepTreeModel::timesChanged, this, [this] {
        updateAxis();
        const size_t rows = m_model->rows().size();
        if (m_laidOut == 0)
            update();
        else if (!m_soon.isActive())
            m_soon.start(rows < 3000 ? 16 : rows < 20'000 ? 100 : 300);
    });
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
    updateAxis();
    m_layout = FlameLayout(m_model->rows(), m_model->roots(), m_pastUs > 0 ? m_pastUs : m_model->endUs(m_clock->nowUs()));
    m_laidOut = m_model->rows().size();
    Q_EMIT layoutChanged();
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
    update();
}

void FlameSource::setLit(std::vector<char> lit)
{
    m_lit = std::move(lit);
    Q_EMIT litChanged();
}

} // namespace lathe
