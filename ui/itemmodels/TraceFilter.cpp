// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/TraceFilter.h"

#include "ui/itemmodels/UiTask.h"

#include <QScopedValueRollback>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype mostText = 100'000; // characters searched of a text in memory
constexpr int mostHits = 100'000;
}

TraceFilter::TraceFilter(Session *session, RunId run, StepTreeModel *model, QObject *parent)
    : QObject(parent), m_session(session), m_run(run), m_model(model)
{
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &TraceFilter::search);
    const auto later = [this] {
        if (isActive() && !m_setting && !m_again.isActive())
            m_again.start(m_model->rows().size() < 3000 ? 100 : 1000);
    };
    connect(model, &StepTreeModel::timesChanged, this, later);
    connect(model, &QAbstractItemModel::modelReset, this, later);
}

TraceFilter::~TraceFilter()
{
    m_cancel.cancel();
}

void TraceFilter::setText(const QString &text)
{
    m_text = text;
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    search();
}

bool TraceFilter::matches(int index) const
{
    const TraceRow &row = m_model->rows()[size_t(index)];
    if (m_model->isOutline())
        return traceRowMatches(row, m_words);
    const Step &step = m_model->trace().steps()[size_t(index)];
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) {
        return traceRowMatches(row, {word}) || QStringView(step.text).left(mostText).contains(word, Qt::CaseInsensitive)
            || QStringView(step.toolArguments).left(mostText / 5).contains(word, Qt::CaseInsensitive)
            || QStringView(step.reasoning).left(mostText).contains(word, Qt::CaseInsensitive)
            || (step.error && step.error->message.contains(word, Qt::CaseInsensitive));
    });
}

void TraceFilter::search()
{
    m_cancel.cancel();
    m_searching = false;
    m_again.stop();
    if (m_words.isEmpty()) {
        m_hits.clear();
        const QScopedValueRollback<bool> ours(m_setting, true);
        m_model->clearFilter();
        Q_EMIT changed();
        return;
    }
    std::vector<char> kept(m_model->rows().size(), 0);
    for (size_t i = 0; i < kept.size(); ++i)
        kept[i] = matches(int(i));
    if (m_model->isOutline()) {
        m_cancel = CancelSource();
        m_searching = true;
        const CancelToken token = m_cancel.token();
        runTask(
            this, m_session->project().runs().findSteps(m_run, m_words.join(QLatin1Char(' ')), mostHits, token),
            [this, token, kept](const QStringList &paths) mutable {
                if (token.isCancelled())
                    return;
                m_searching = false;
                kept.resize(m_model->rows().size(), 0);
                for (const QString &path : paths) {
                    if (const int row = m_model->rowIndex(path); row >= 0)
                        kept[size_t(row)] = 1;
                }
                setHits(std::move(kept));
            },
            [this, token](const Error &error) {
                if (token.isCancelled() || error.kind == ErrorKind::Cancelled)
                    return;
                m_searching = false;
                Q_EMIT changed();
                Q_EMIT failed(error);
            });
    }
    setHits(std::move(kept));
}

void TraceFilter::setHits(std::vector<char> kept)
{
    const auto &rows = m_model->rows();
    m_hits.clear();
    m_order.assign(rows.size(), 0);
    std::vector<int> stack(m_model->roots().rbegin(), m_model->roots().rend());
    int place = 0;
    while (!stack.empty()) {
        const int row = stack.back();
        stack.pop_back();
        m_order[size_t(row)] = place++;
        if (kept[size_t(row)])
            m_hits.push_back(row);
        const auto &children = rows[size_t(row)].children;
        stack.insert(stack.end(), children.rbegin(), children.rend());
    }
    {
        const QScopedValueRollback<bool> ours(m_setting, true);
        m_model->setFilter(m_hits);
    }
    Q_EMIT changed();
}

int TraceFilter::next(int row, int direction) const
{
    if (m_hits.empty())
        return -1;
    const auto before = [this](int a, int b) { return m_order[size_t(a)] < m_order[size_t(b)]; };
    if (row < 0 || row >= int(m_order.size()))
        return direction > 0 ? m_hits.front() : m_hits.back();
    if (direction > 0) {
        const auto at = std::upper_bound(m_hits.begin(), m_hits.end(), row, before);
        return at == m_hits.end() ? m_hits.front() : *at;
    }
    const auto at = std::lower_bound(m_hits.begin(), m_hits.end(), row, before);
    return at == m_hits.begin() ? m_hits.back() : *(at - 1);
}

int TraceFilter::position(int row) const
{
    if (row < 0 || row >= int(m_order.size()))
        return -1;
    const auto before = [this](int a, int b) { return m_order[size_t(a)] < m_order[size_t(b)]; };
    const auto at = std::lower_bound(m_hits.begin(), m_hits.end(), row, before);
    return at != m_hits.end() && *at == row ? int(at - m_hits.begin()) : -1;
}

} // namespace lathe
