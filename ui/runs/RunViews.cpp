// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunViews.h"

namespace lathe {

namespace {
QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::RunViews", text);
}

RunView built(const QString &name, const QString &icon, const QString &query, RunSort sort = RunSort::Started, bool ascending = false)
{
    RunView view;
    view.view.name = name;
    view.view.query = query;
    view.view.sort = sort;
    view.view.ascending = ascending;
    view.icon = icon;
    return view;
}
}

std::vector<RunView> builtInRunViews()
{
    std::vector<RunView> views{
        built(tr("All runs"), QStringLiteral("runs"), QString()),
        built(tr("Failed"), QStringLiteral("error"), QStringLiteral("status:failed,interrupted")),
        built(tr("Slow"), QStringLiteral("clock"), QStringLiteral("latency>5s"), RunSort::Latency),
        built(tr("Costly"), QStringLiteral("coin"), QStringLiteral("cost>0"), RunSort::Cost),
        built(tr("Low rated"), QStringLiteral("thumb-down"), QStringLiteral("rating<3"), RunSort::Rating, true),
        built(tr("Pinned as tests"), QStringLiteral("pin"), QStringLiteral("pinned:yes")),
        built(tr("Bin"), QStringLiteral("trash"), QString()),
    };
    views.back().bin = true;
    return views;
}

QString runGroupingTitle(RunGrouping grouping)
{
    switch (grouping) {
    case RunGrouping::None:
        return tr("None");
    case RunGrouping::Agent:
        return tr("Agent");
    case RunGrouping::Revision:
        return tr("Revision");
    case RunGrouping::Experiment:
        return tr("Experiment");
    case RunGrouping::Day:
        return tr("Day");
    case RunGrouping::Model:
        return tr("Model");
    case RunGrouping::Status:
        return tr("Status");
    case RunGrouping::Source:
        return tr("Source");
    }
    return QString();
}

bool sortsUpFirst(RunSort sort)
{
    return sort == RunSort::Status || sort == RunSort::Agent || sort == RunSort::Input || sort == RunSort::Output;
}

} // namespace lathe
