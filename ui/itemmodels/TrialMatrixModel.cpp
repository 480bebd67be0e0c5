// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/TrialMatrixModel.h"

#include "ui/itemmodels/Format.h"

#include <algorithm>
#include <numeric>

namespace lathe {

double TrialRow::spread() const
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    int measured = 0;
    for (const TrialCell &cell : cells) {
        if (!cell.hasScore())
            continue;
        ++measured;
        low = std::min(low, cell.score);
        high = std::max(high, cell.score);
    }
    return measured < 2 ? std::numeric_limits<double>::quiet_NaN() : high - low;
}

bool TrialRow::differs() const
{
    const TrialCell *first = nullptr;
    for (const TrialCell &cell : cells) {
        if (cell.state == TrialCell::State::None || cell.state == TrialCell::State::Running)
            continue;
        if (!first) {
            first = &cell;
            continue;
        }
        if (cell.checked && first->checked) {
            if (cell.passed * first->trials != first->passed * cell.trials)
                return true;
        } else if (cell.output != first->output) {
            return true;
        }
    }
    return false;
}

void TrialMatrixModel::setTable(const QStringList &variants, std::vector<TrialRow> rows)
{
    for (TrialRow &row : rows)
        row.cells.resize(size_t(variants.size()));
    const bool sameShape = variants == m_variants && rows.size() == m_rows.size()
        && std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const TrialRow &a, const TrialRow &b) { return a.example == b.example; });
    if (sameShape && m_show == Show::All && m_text.isEmpty() && m_sortColumn <= InputColumn) {
        m_rows = std::move(rows);
        if (!m_order.empty())
            Q_EMIT dataChanged(index(0, 0), index(int(m_order.size()) - 1, columnCount() - 1));
        return;
    }
    if (variants != m_variants) {
        // Columns come and go: the whole table is another one.
        beginResetModel();
        m_variants = variants;
        m_rows = std::move(rows);
        m_order.clear();
        m_sortColumn = std::min(m_sortColumn, columnCount() - 1);
        for (int i = 0; i < int(m_rows.size()); ++i) {
            if (accepts(m_rows[size_t(i)]))
                m_order.push_back(i);
        }
        arrange(&m_order);
        m_place.assign(m_rows.size(), -1);
        for (size_t i = 0; i < m_order.size(); ++i)
            m_place[size_t(m_order[i])] = int(i);
        endResetModel();
        return;
    }
    if (!m_order.empty()) {
        beginRemoveRows({}, 0, int(m_order.size()) - 1);
        m_order.clear();
        m_rows.clear();
        endRemoveRows();
    }
    m_rows = std::move(rows);
    rebuild();
}

void TrialMatrixModel::setCell(int position, int variant, TrialCell cell)
{
    if (position < 0 || size_t(position) >= m_rows.size() || variant < 0 || variant >= m_variants.size())
        return;
    m_rows[size_t(position)].cells[size_t(variant)] = std::move(cell);
    const int row = rowOfPosition(position);
    if (row >= 0) {
        Q_EMIT dataChanged(index(row, FirstVariant + variant), index(row, differenceColumn()));
        return;
    }
    if (!accepts(m_rows[size_t(position)]))
        return;
    // It fits the filter now. It joins at the end; the order is put right when the person sorts or filters again.
    const int at = int(m_order.size());
    beginInsertRows({}, at, at);
    m_order.push_back(position);
    m_place[size_t(position)] = at;
    endInsertRows();
}

void TrialMatrixModel::setRows(int position, std::vector<TrialRow> rows)
{
    int least = std::numeric_limits<int>::max(), most = -1;
    for (TrialRow &row : rows) {
        if (position < 0 || size_t(position) >= m_rows.size())
            break;
        row.cells.resize(size_t(m_variants.size()));
        m_rows[size_t(position)] = std::move(row);
        if (const int shown = rowOfPosition(position); shown >= 0) {
            least = std::min(least, shown);
            most = std::max(most, shown);
        }
        ++position;
    }
    if (most >= 0)
        Q_EMIT dataChanged(index(least, 0), index(most, columnCount() - 1));
}

void TrialMatrixModel::refresh()
{
    if (m_show != Show::All || !m_text.isEmpty())
        rebuild();
    else if (m_sortColumn != NumberColumn || m_sortOrder != Qt::AscendingOrder)
        sort(m_sortColumn, m_sortOrder);
}

void TrialMatrixModel::setFilter(const QString &text, Show show)
{
    const QString wanted = text.trimmed();
    if (wanted == m_text && show == m_show)
        return;
    m_text = wanted;
    m_show = show;
    rebuild();
}

bool TrialMatrixModel::accepts(const TrialRow &row) const
{
    switch (m_show) {
    case Show::All:
        break;
    case Show::Failed:
        if (std::none_of(row.cells.begin(), row.cells.end(), [](const TrialCell &cell) { return cell.somethingFailed(); }))
            return false;
        break;
    case Show::Differs:
        if (!row.differs())
            return false;
        break;
    case Show::Missing:
        if (std::all_of(row.cells.begin(), row.cells.end(), [](const TrialCell &cell) { return cell.trials > 0; }))
            return false;
        break;
    }
    if (m_text.isEmpty() || row.input.contains(m_text, Qt::CaseInsensitive))
        return true;
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [this](const TrialCell &cell) { return cell.output.contains(m_text, Qt::CaseInsensitive); });
}

double TrialMatrixModel::difference(const TrialRow &row) const
{
    if (row.cells.size() == 2)
        return row.cells[1].score - row.cells[0].score; // NaN when either is
    return row.spread();
}

void TrialMatrixModel::arrange(std::vector<int> *order) const
{
    const auto &rows = m_rows;
    const bool down = m_sortOrder == Qt::DescendingOrder;
    const auto numbers = [&](auto value) {
        std::vector<double> keys(rows.size(), std::numeric_limits<double>::quiet_NaN());
        for (const int i : *order)
            keys[size_t(i)] = value(rows[size_t(i)]);
        // What is not measured stands last, either way round.
        std::stable_sort(order->begin(), order->end(), [&keys, down](int a, int b) {
            const double x = keys[size_t(a)], y = keys[size_t(b)];
            if (std::isnan(x) || std::isnan(y))
                return !std::isnan(x) && std::isnan(y);
            return down ? x > y : x < y;
        });
    };
    if (m_sortColumn == InputColumn) {
        std::stable_sort(order->begin(), order->end(), [&rows, down](int a, int b) {
            const int order3 = QString::compare(rows[size_t(a)].input, rows[size_t(b)].input, Qt::CaseInsensitive);
            return down ? order3 > 0 : order3 < 0;
        });
    } else if (m_sortColumn == differenceColumn()) {
        // By size: the largest differences first when descending.
        numbers([this](const TrialRow &row) { return std::abs(difference(row)); });
    } else if (isVariant(m_sortColumn)) {
        const size_t variant = size_t(m_sortColumn - FirstVariant);
        numbers([variant](const TrialRow &row) { return row.cells[variant].score; });
    } else if (down) {
        std::reverse(order->begin(), order->end());
    }
}

void TrialMatrixModel::rebuild()
{
    std::vector<int> order;
    for (int i = 0; i < int(m_rows.size()); ++i) {
        if (accepts(m_rows[size_t(i)]))
            order.push_back(i);
    }
    arrange(&order);
    if (!m_order.empty()) {
        beginRemoveRows({}, 0, int(m_order.size()) - 1);
        m_order.clear();
        endRemoveRows();
    }
    m_place.assign(m_rows.size(), -1);
    if (order.empty())
        return;
    beginInsertRows({}, 0, int(order.size()) - 1);
    m_order = std::move(order);
    for (size_t i = 0; i < m_order.size(); ++i)
        m_place[size_t(m_order[i])] = int(i);
    endInsertRows();
}

void TrialMatrixModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    m_sortColumn = column;
    m_sortOrder = order;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const std::vector<int> before = m_order;
    std::sort(m_order.begin(), m_order.end());
    arrange(&m_order);
    for (size_t i = 0; i < m_order.size(); ++i)
        m_place[size_t(m_order[i])] = int(i);
    const QModelIndexList kept = persistentIndexList();
    for (const QModelIndex &old : kept)
        changePersistentIndex(old, index(m_place[size_t(before[size_t(old.row())])], old.column()));
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

const TrialRow *TrialMatrixModel::rowAt(int row) const
{
    const int position = positionOf(row);
    return position < 0 ? nullptr : &m_rows[size_t(position)];
}

int TrialMatrixModel::rowOfPosition(int position) const
{
    return position >= 0 && size_t(position) < m_place.size() ? m_place[size_t(position)] : -1;
}

const TrialCell *TrialMatrixModel::cellAt(const QModelIndex &index) const
{
    const TrialRow *row = index.isValid() && isVariant(index.column()) ? rowAt(index.row()) : nullptr;
    return row ? &row->cells[size_t(index.column() - FirstVariant)] : nullptr;
}

QString TrialMatrixModel::scoreText(const TrialCell &cell)
{
    if (cell.trials == 0)
        return {};
    if (cell.checked && cell.trials > 1)
        return tr("%1 of %2").arg(cell.passed).arg(cell.trials);
    return cell.hasScore() ? QString::number(cell.score, 'f', 2) : QString();
}

QString TrialMatrixModel::verdictWord(const TrialCell &cell)
{
    switch (cell.state) {
    case TrialCell::State::None:
        return tr("not run");
    case TrialCell::State::Running:
        return tr("running");
    case TrialCell::State::Failed:
        return tr("run failed");
    case TrialCell::State::Done:
        break;
    }
    if (!cell.checked)
        return tr("done");
    return cell.allPassed() ? tr("passed") : cell.passed > 0 ? tr("partly passed") : tr("not passed");
}

QVariant TrialMatrixModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == NumberColumn || section == differenceColumn() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == differenceColumn())
        return m_variants.size() == 2 ? tr("Score of %1 minus score of %2").arg(m_variants.value(1), m_variants.value(0)) : tr("Largest score minus smallest");
    if (role != Qt::DisplayRole)
        return {};
    if (section == NumberColumn)
        return tr("Row");
    if (section == InputColumn)
        return tr("Example");
    if (section == differenceColumn())
        return m_variants.size() == 2 ? tr("Difference") : tr("Spread");
    const QString letter = QString(QChar(u'A' + (section - FirstVariant) % 26));
    const QString name = m_variants.value(section - FirstVariant);
    return name == letter ? name : letter + QStringLiteral("  ") + name;
}

QVariant TrialMatrixModel::data(const QModelIndex &index, int role) const
{
    const TrialRow *row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (!row)
        return {};
    const int column = index.column();
    if (role == Qt::TextAlignmentRole)
        return int((column == NumberColumn || column == differenceColumn() ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != Qt::ToolTipRole)
        return {};
    if (column == NumberColumn)
        return role == Qt::ToolTipRole ? QVariant() : QVariant(QString::number(row->example + 1));
    if (column == InputColumn)
        return role == Qt::ToolTipRole ? QVariant(row->input.left(600)) : QVariant(format::oneLine(row->input, 300));
    if (column == differenceColumn()) {
        const double by = difference(*row);
        if (std::isnan(by) || role == Qt::ToolTipRole)
            return {};
        const QString sign = by > 0.0049 ? QStringLiteral("+") : by < -0.0049 ? QStringLiteral("\u2212") : QString();
        return (row->cells.size() == 2 ? sign : QString()) + QString::number(std::abs(by), 'f', 2);
    }
    const TrialCell &cell = row->cells[size_t(column - FirstVariant)];
    if (role == Qt::ToolTipRole)
        return cell.output.isEmpty() ? QVariant() : QVariant(QStringLiteral("<p>%1</p>").arg(cell.output.left(600).toHtmlEscaped()));
    QStringList parts{verdictWord(cell)};
    if (const QString score = scoreText(cell); !score.isEmpty())
        parts.append(score);
    if (!cell.output.isEmpty())
        parts.append(format::oneLine(cell.output, 200));
    return parts.join(QStringLiteral(", "));
}

} // namespace lathe
