// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/ColumnDiff.h"

#include <algorithm>

namespace lathe {

namespace {
// One other text as it stands beside the first: at each of its lines, and what it has between them.
struct Beside {
    std::vector<ColumnDiff::Cell> at;                 // by line of the first text
    std::vector<std::vector<ColumnDiff::Cell>> after; // by line of the first text + 1: further lines behind it
    std::vector<ColumnDiff::Cell> own;                // the first text's lines as this comparison marks them
};

ColumnDiff::Cell cellOf(const DiffLine &line, bool old)
{
    ColumnDiff::Cell cell;
    cell.present = true;
    cell.differs = line.type != DiffPiece::Type::Same;
    cell.line = old ? line.oldLine : line.newLine;
    cell.pieces = line.pieces;
    return cell;
}

Beside standBeside(const QString &first, const QString &other)
{
    Beside result;
    const std::vector<DiffLine> lines = diffLines(first, other);
    result.after.emplace_back(); // before the first line
    size_t i = 0;
    while (i < lines.size()) {
        if (lines[i].type == DiffPiece::Type::Same) {
            result.at.push_back(cellOf(lines[i], false));
            result.own.push_back(cellOf(lines[i], true));
            result.after.emplace_back();
            ++i;
            continue;
        }
        // Removed lines stand before the added ones that replace them: the first beside the first, and so on.
        size_t removed = i;
        while (removed < lines.size() && lines[removed].type == DiffPiece::Type::Removed)
            ++removed;
        size_t added = removed;
        while (added < lines.size() && lines[added].type == DiffPiece::Type::Added)
            ++added;
        for (size_t k = i; k < removed; ++k) {
            const size_t partner = removed + (k - i);
            result.own.push_back(cellOf(lines[k], true));
            ColumnDiff::Cell missing;
            missing.differs = true;
            result.at.push_back(partner < added ? cellOf(lines[partner], false) : missing);
            result.after.emplace_back();
        }
        for (size_t k = removed + (removed - i); k < added; ++k)
            result.after.back().push_back(cellOf(lines[k], false));
        i = added;
    }
    return result;
}
}

ColumnDiff diffColumns(const QStringList &texts, qsizetype longest)
{
    ColumnDiff result;
    if (texts.isEmpty())
        return result;
    QStringList shown;
    for (const QString &text : texts) {
        result.same = result.same && text == texts.front();
        result.cut = result.cut || text.size() > longest;
        shown.append(text.size() > longest ? text.left(longest) : text);
    }
    std::vector<Beside> others;
    for (qsizetype i = 1; i < shown.size(); ++i)
        others.push_back(standBeside(shown.front(), shown[i]));
    std::vector<ColumnDiff::Cell> own;
    if (others.empty()) {
        own = standBeside(shown.front(), shown.front()).own;
    } else {
        own = others.front().own;
        for (size_t line = 0; line < own.size() && others.size() > 1; ++line) {
            // Which words went differs from one to the next: only that something did.
            for (const Beside &other : others)
                own[line].differs = own[line].differs || (line < other.own.size() && other.own[line].differs);
            for (DiffPiece &piece : own[line].pieces)
                piece.type = DiffPiece::Type::Same;
        }
    }
    const auto addRest = [&](size_t line) { // what stands behind line - 1
        size_t most = 0;
        for (const Beside &other : others)
            most = std::max(most, line < other.after.size() ? other.after[line].size() : 0);
        for (size_t k = 0; k < most; ++k) {
            std::vector<ColumnDiff::Cell> row(size_t(shown.size()));
            for (size_t i = 0; i < others.size(); ++i) {
                if (line < others[i].after.size() && k < others[i].after[line].size())
                    row[i + 1] = std::move(others[i].after[line][k]);
            }
            result.rows.push_back(std::move(row));
        }
    };
    addRest(0);
    for (size_t line = 0; line < own.size(); ++line) {
        std::vector<ColumnDiff::Cell> row(size_t(shown.size()));
        row[0] = std::move(own[line]);
        for (size_t i = 0; i < others.size(); ++i) {
            if (line < others[i].at.size())
                row[i + 1] = std::move(others[i].at[line]);
        }
        result.rows.push_back(std::move(row));
        addRest(line + 1);
    }
    return result;
}

} // namespace lathe
