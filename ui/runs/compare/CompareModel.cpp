// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/CompareModel.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"

#include <algorithm>

namespace lathe {

void CompareModel::setComparison(std::vector<ComparedRun> runs, std::shared_ptr<const TraceAlignment> alignment)
{
    // Another set of runs has other columns and other rows: nothing of it could stay.
    beginResetModel();
    m_runs = std::move(runs);
    m_traces.clear();
    for (const ComparedRun &of : m_runs)
        m_traces.push_back(of.trace.get());
    m_alignment = std::move(alignment);
    m_differing = int(std::count_if(m_alignment->rows.begin(), m_alignment->rows.end(), [](const AlignedRow &of) { return of.differences != 0; }));
    rebuild();
    endResetModel();
}

void CompareModel::setOnlyDifferences(bool only)
{
    if (m_only == only)
        return;
    beginResetModel();
    m_only = only;
    rebuild();
    endResetModel();
}

void CompareModel::rebuild()
{
    const auto &rows = m_alignment->rows;
    std::vector<bool> wanted(rows.size(), !m_only);
    for (size_t i = rows.size(); m_only && i > 0; --i) { // children stand after their parents
        const AlignedRow &of = rows[i - 1];
        if (of.differences != 0)
            wanted[i - 1] = true;
        if (wanted[i - 1] && of.parent >= 0)
            wanted[size_t(of.parent)] = true;
    }
    m_shown.clear();
    for (size_t i = 0; i < rows.size(); ++i) {
        if (wanted[i])
            m_shown.push_back(int(i));
    }
}

const AlignedRow *CompareModel::row(int shown) const
{
    return shown >= 0 && shown < int(m_shown.size()) ? &m_alignment->rows[size_t(m_shown[size_t(shown)])] : nullptr;
}

const Step *CompareModel::step(int shown, int run) const
{
    const AlignedRow *of = row(shown);
    if (!of || run < 0 || run >= runCount())
        return nullptr;
    const int index = of->steps[size_t(run)];
    const auto &steps = m_traces[size_t(run)]->steps();
    return index >= 0 && index < int(steps.size()) ? &steps[size_t(index)] : nullptr;
}

StepNumbers CompareModel::numbers(int shown, int run) const
{
    const AlignedRow *of = row(shown);
    return step(shown, run) ? stepNumbers(*m_traces[size_t(run)], of->steps[size_t(run)]) : StepNumbers();
}

StepNumbers CompareModel::delta(int shown, int run) const
{
    const AlignedRow *of = row(shown);
    return of && run > 0 && run < runCount() ? rowDelta(m_traces, *of, run) : StepNumbers();
}

bool CompareModel::isFirstDivergence(int shown) const
{
    return shown >= 0 && shown < int(m_shown.size()) && m_shown[size_t(shown)] == m_alignment->firstDivergence;
}

QString CompareModel::divergenceText() const
{
    if (m_alignment->firstDivergence < 0 || m_alignment->firstDivergence >= int(m_alignment->rows.size()))
        return {};
    const AlignedRow &of = m_alignment->rows[size_t(m_alignment->firstDivergence)];
    const Step *first = nullptr;
    QStringList missing, other;
    for (int i = 0; i < runCount(); ++i) {
        const int index = of.steps[size_t(i)];
        const QString number = QString::number(m_runs[size_t(i)].info.id.value);
        if (index < 0)
            missing.append(number);
        else if (of.differing & (1 << i))
            other.append(number);
        if (!first && index >= 0)
            first = &m_traces[size_t(i)]->steps()[size_t(index)];
    }
    if (!first)
        return {};
    const QString step = tr("step %1 (%2)").arg(first->path, stepstyle::title(*first).left(80));
    if (m_alignment->firstReason & RowMissing && !missing.isEmpty())
        return (missing.size() == 1 ? tr("The runs part at %1: there is no such step in run %2.") : tr("The runs part at %1: there is no such step in runs %2."))
            .arg(step, missing.join(QStringLiteral(", ")));
    return (other.size() == 1 ? tr("The runs part at %1: another %2 in run %3.") : tr("The runs part at %1: another %2 in runs %3."))
        .arg(step, differenceWords(m_alignment->firstReason), other.join(QStringLiteral(", ")));
}

int CompareModel::shownRow(int alignedRow) const
{
    const auto found = std::lower_bound(m_shown.begin(), m_shown.end(), alignedRow);
    return found != m_shown.end() && *found == alignedRow ? int(found - m_shown.begin()) : -1;
}

int CompareModel::nextDifference(int from, int direction) const
{
    for (int at = from + direction; at >= 0 && at < int(m_shown.size()); at += direction) {
        if (row(at)->differences != 0)
            return at;
    }
    return -1;
}

int CompareModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_shown.size());
}

int CompareModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : 1 + runCount();
}

QString CompareModel::differenceWords(quint16 differences)
{
    QStringList words;
    if (differences & RowMissing)
        words.append(tr("missing"));
    if (differences & RowName)
        words.append(tr("name"));
    if (differences & RowArguments)
        words.append(tr("input"));
    if (differences & RowStatus)
        words.append(tr("status"));
    if (differences & RowText)
        words.append(tr("output"));
    return words.join(QStringLiteral(", "));
}

QVariant CompareModel::data(const QModelIndex &index, int role) const
{
    const AlignedRow *of = row(index.row());
    if (!of || (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != Qt::ToolTipRole))
        return {};
    if (index.column() == 0) {
        const Step *first = nullptr;
        for (int i = 0; i < runCount() && !first; ++i)
            first = step(index.row(), i);
        if (!first)
            return {};
        QString text = stepstyle::title(*first).left(300);
        if (role == Qt::DisplayRole)
            return text;
        text = tr("%1 %2").arg(first->path, text);
        if (of->differences != 0)
            text += tr("; differs in: %1").arg(differenceWords(of->differences));
        return role == Qt::ToolTipRole ? QStringLiteral("<p>%1</p>").arg(text.toHtmlEscaped()) : text;
    }
    const int run = index.column() - 1;
    const Step *here = step(index.row(), run);
    if (!here)
        return tr("no such step");
    const QString out = format::oneLine(stepOutputText(*here).left(2000), role == Qt::ToolTipRole ? 800 : 200);
    if (role != Qt::ToolTipRole)
        return out;
    return QStringLiteral("<p><b>%1</b><br>%2</p><p>%3</p>")
        .arg(tr("Run %1, step %2").arg(m_runs[size_t(run)].info.id.value).arg(here->path), stepstyle::numbers(*here, 0).toHtmlEscaped(), out.toHtmlEscaped());
}

} // namespace lathe
