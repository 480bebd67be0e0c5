// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/project/ProjectSample.h"

namespace lathe::test {

// What version 4 of the format added: marks of runs and saved views. tests/data/projects/v4.lathe holds it.
inline void fillRunLog(Project &project)
{
    const auto need = [](const auto &result) {
        if (!result)
            qFatal("%s", qPrintable(result.error().message));
    };
    const RunId run = project.runs().newest();
    need(await(project.runs().setTags(run, {QStringLiteral("slow"), QStringLiteral("große Datei")})));
    need(await(project.runs().setPinned({run}, true, QStringLiteral("must stay so"))));
    SavedView view;
    view.name = QStringLiteral("slow ones");
    view.query = QStringLiteral("latency>2s -tag:old");
    view.sort = RunSort::Latency;
    view.ascending = true;
    view.grouping = RunGrouping::Day;
    need(await(project.views().save(view)));
    need(await(project.flush()));
}

inline void checkRunLog(Project &project)
{
    const auto pinned = await(project.runs().pinned(CancelToken()));
    QVERIFY(pinned);
    QCOMPARE(int(pinned->size()), 1);
    QCOMPARE((*pinned)[0].tags, (QStringList{QStringLiteral("große Datei"), QStringLiteral("slow")}));
    QVERIFY((*pinned)[0].pinned);
    QCOMPARE((*pinned)[0].pinNote, QStringLiteral("must stay so"));
    const auto views = project.views().all();
    QVERIFY(views);
    QCOMPARE(int(views->size()), 1);
    QCOMPARE((*views)[0].name, QStringLiteral("slow ones"));
    QCOMPARE((*views)[0].query, QStringLiteral("latency>2s -tag:old"));
    QVERIFY((*views)[0].sort == RunSort::Latency && (*views)[0].ascending && (*views)[0].grouping == RunGrouping::Day);
}

} // namespace lathe::test
