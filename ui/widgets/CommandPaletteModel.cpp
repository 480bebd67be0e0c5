// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CommandPaletteModel.h"

#include "ui/widgets/FuzzyMatch.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype MostRows = 200;
}

void CommandPaletteModel::fill(const QList<PaletteCommand> &commands, const QString &query,
                               const QStringList &recent)
{
    QList<Row> rows;
    QSet<QString> seen;
    int order = 0;
    for (const PaletteCommand &command : commands) {
        if (seen.contains(command.id))
            continue;
        seen.insert(command.id);
        // The title alone is preferred; "runs export" finds Export in the section Runs.
        auto match = fuzzyMatch(query, command.title);
        if (!match && !command.words.isEmpty()) {
            match = fuzzyMatch(query, command.words);
            if (match)
                match->positions.clear(); // they are not in what is shown
        }
        if (!match) {
            const QString whole = command.section + QLatin1Char(' ') + command.title;
            match = fuzzyMatch(query, whole);
            if (match) {
                QList<int> inTitle;
                for (const int at : std::as_const(match->positions)) {
                    if (at > command.section.size())
                        inTitle.append(at - static_cast<int>(command.section.size()) - 1);
                }
                match->positions = inTitle;
                match->score -= 12;
            }
        }
        if (!match)
            continue;
        // Who types a name means what is called so, whatever was used last.
        if (!query.isEmpty() && command.title.compare(query.trimmed(), Qt::CaseInsensitive) == 0)
            match->score += 100;
        else if (!query.isEmpty() && command.title.startsWith(query.trimmed(), Qt::CaseInsensitive))
            match->score += 8;
        const auto place = recent.indexOf(command.id);
        if (place >= 0)
            match->score += query.isEmpty() ? 1000 - static_cast<int>(place)
                                            : 8 - static_cast<int>(std::min<qsizetype>(place, 6));
        if (!command.enabled)
            match->score -= query.isEmpty() ? 0 : 20;
        rows.append({command, match->positions, match->score, order++});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
        return a.score != b.score ? a.score > b.score : a.order < b.order;
    });
    if (rows.size() > MostRows)
        rows.resize(MostRows);
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int CommandPaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant CommandPaletteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return QVariant();
    const Row &row = m_rows.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return row.command.title;
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1, %2 %3")
            .arg(row.command.title, row.command.section,
                 row.command.shortcut.toString(QKeySequence::NativeText));
    case PositionsRole:
        return QVariant::fromValue(row.positions);
    default:
        return QVariant();
    }
}

Qt::ItemFlags CommandPaletteModel::flags(const QModelIndex &index) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return Qt::NoItemFlags;
    return m_rows.at(index.row()).command.enabled ? Qt::ItemIsEnabled | Qt::ItemIsSelectable
                                                  : Qt::NoItemFlags;
}

} // namespace lathe
