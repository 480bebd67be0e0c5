// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/LineageModel.h"

#include "ui/itemmodels/Format.h"

namespace lathe {

void LineageModel::setLineage(RunLineage lineage)
{
    const auto sameRow = [](const RunLineage::Node &a, const RunLineage::Node &b) { return a.run == b.run && a.parentIndex == b.parentIndex; };
    const bool grown = lineage.nodes.size() >= m_lineage.nodes.size()
                       && std::equal(m_lineage.nodes.begin(), m_lineage.nodes.end(), lineage.nodes.begin(), sameRow);
    if (grown) { // the common case: a new fork at the end, states and numbers changed
        const int before = rowCount();
        const int after = int(lineage.nodes.size());
        if (after > before)
            beginInsertRows({}, before, after - 1);
        m_lineage = std::move(lineage);
        if (after > before)
            endInsertRows();
        if (before > 0)
            Q_EMIT dataChanged(index(0), index(before - 1));
        return;
    }
    if (!m_lineage.nodes.empty()) {
        beginRemoveRows({}, 0, rowCount() - 1);
        m_lineage = RunLineage();
        endRemoveRows();
    }
    if (!lineage.nodes.empty()) {
        beginInsertRows({}, 0, int(lineage.nodes.size()) - 1);
        m_lineage = std::move(lineage);
        endInsertRows();
    }
}

const RunLineage::Node *LineageModel::node(int row) const
{
    return row >= 0 && row < int(m_lineage.nodes.size()) ? &m_lineage.nodes[size_t(row)] : nullptr;
}

bool LineageModel::isLastChild(int row) const
{
    const RunLineage::Node *of = node(row);
    const RunLineage::Node *parent = of ? node(of->parentIndex) : nullptr;
    return !parent || parent->children.empty() || parent->children.back() == row;
}

bool LineageModel::goesOn(int row, int depth) const
{
    while (const RunLineage::Node *of = node(row)) {
        if (of->depth == depth)
            return !isLastChild(row);
        row = of->parentIndex;
    }
    return false;
}

int LineageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_lineage.nodes.size());
}

QVariant LineageModel::data(const QModelIndex &index, int role) const
{
    const RunLineage::Node *of = node(index.row());
    if (!of)
        return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return of->depth == 0 ? tr("Run %1, the original").arg(of->run.value) : tr("Run %1: %2").arg(of->run.value).arg(of->change);
    if (role == Qt::ToolTipRole) {
        QString text = data(index, Qt::DisplayRole).toString().toHtmlEscaped();
        if (!of->step.isEmpty())
            text += QStringLiteral("<br>") + tr("Parts from run %1 at step %2 (%3)").arg(of->parent.value).arg(of->step, of->stepName).toHtmlEscaped();
        if (!of->output.isEmpty())
            text += QStringLiteral("<br><br>") + format::oneLine(of->output, 400).toHtmlEscaped();
        return QStringLiteral("<p>%1</p>").arg(text);
    }
    return {};
}

} // namespace lathe
