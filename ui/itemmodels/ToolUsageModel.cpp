// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ToolUsageModel.h"

#include "ui/itemmodels/Format.h"

#include <algorithm>

namespace lathe {

namespace {
QString quoted(const QString &text)
{
    return text.contains(QLatin1Char(' ')) ? QLatin1Char('"') + text + QLatin1Char('"') : text;
}
}

void ToolUsageModel::setUsage(std::vector<ToolUsage> usage, qint64 nowUs)
{
    m_nowUs = nowUs;
    const int before = int(m_usage.size()), after = int(usage.size());
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        m_usage.resize(size_t(after));
        endRemoveRows();
    } else if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_usage.resize(size_t(after));
        endInsertRows();
    }
    m_usage = std::move(usage);
    if (after > 0)
        Q_EMIT dataChanged(index(0, 0), index(after - 1, ColumnCount - 1));
}

QString ToolUsageModel::query(const QModelIndex &index) const
{
    if (!index.isValid() || size_t(index.row()) >= m_usage.size())
        return QString();
    const ToolUsage &one = m_usage[size_t(index.row())];
    const QString name = one.tool.isEmpty() ? one.artifact : one.tool;
    return name.isEmpty() ? QString() : QStringLiteral("tool:") + quoted(name);
}

int ToolUsageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_usage.size());
}

int ToolUsageModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ToolUsageModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || size_t(index.row()) >= m_usage.size())
        return {};
    const ToolUsage &one = m_usage[size_t(index.row())];
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Function || index.column() == Revision || index.column() == Last ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && (index.column() == Failed || index.column() == Refused)) {
        QStringList parts;
        const auto &by = index.column() == Failed ? one.errors : one.refusals;
        for (auto it = by.begin(); it != by.end(); ++it)
            parts.append(QStringLiteral("%1: %2").arg(usageWord(it.key())).arg(it.value()));
        return parts.join(QLatin1Char('\n'));
    }
    if (role != Qt::DisplayRole)
        return {};
    const auto count = [](int number) { return number > 0 ? format::number(number) : QStringLiteral("\u2013"); };
    switch (index.column()) {
    case Function:
        return one.function.isEmpty() ? one.tool.isEmpty() ? one.artifact : one.tool : one.function;
    case Revision:
        return one.revision < 0 ? tr("all") : one.revision == 0 ? tr("draft") : QStringLiteral("@%1").arg(one.revision);
    case Calls:
        return format::number(one.calls);
    case Failed:
        return count(one.failed);
    case Refused:
        return count(one.refused);
    case Invalid:
        return count(one.invalidArguments);
    case Middle:
        return one.p50Us < 0 ? QString() : format::duration(one.p50Us);
    case Slow:
        return one.p95Us < 0 ? QString() : format::duration(one.p95Us);
    case Last:
        return one.lastUs > 0 ? format::ago(one.lastUs, m_nowUs) : QString();
    default:
        return {};
    }
}

QVariant ToolUsageModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == Function || section == Revision || section == Last ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Invalid)
        return tr("Calls whose arguments did not fit the schema; they are among the refused");
    if (role != Qt::DisplayRole)
        return {};
    const QStringList titles{tr("Function"), tr("Revision"), tr("Calls"), tr("Failed"), tr("Refused"), tr("Misfits"), tr("p50"), tr("p95"), tr("Last")};
    return titles.value(section);
}

ToolUsage sumOf(const std::vector<ToolUsage> &usage)
{
    ToolUsage sum;
    for (const ToolUsage &one : usage) {
        sum.calls += one.calls;
        sum.failed += one.failed;
        sum.refused += one.refused;
        sum.invalidArguments += one.invalidArguments;
        for (auto it = one.errors.begin(); it != one.errors.end(); ++it)
            sum.errors[it.key()] += it.value();
        for (auto it = one.refusals.begin(); it != one.refusals.end(); ++it)
            sum.refusals[it.key()] += it.value();
        sum.p50Us = std::max(sum.p50Us, one.p50Us);
        sum.p95Us = std::max(sum.p95Us, one.p95Us);
        if (one.lastUs > sum.lastUs) {
            sum.lastUs = one.lastUs;
            sum.lastRun = one.lastRun;
        }
    }
    return sum;
}

QString usageWord(const QString &code)
{
    static const QHash<QString, const char *> words{
        {QStringLiteral("timeout"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "time-out")},
        {QStringLiteral("tool"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "the tool said so")},
        {QStringLiteral("invalid_arguments"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "arguments that do not fit")},
        {QStringLiteral("denied"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "a person or the policy said no")},
        {QStringLiteral("limit"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "over a limit")},
        {QStringLiteral("host"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "a host that is not allowed")},
        {QStringLiteral("path"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "a path that is not allowed")},
        {QStringLiteral("changed"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "changed since it was approved")},
        {QStringLiteral("unknown_tool"), QT_TRANSLATE_NOOP("lathe::ToolUsageModel", "no such tool")}};
    const char *word = words.value(code);
    return word ? ToolUsageModel::tr(word) : QString(code).replace(QLatin1Char('_'), QLatin1Char(' '));
}

} // namespace lathe
