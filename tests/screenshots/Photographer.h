// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/ui/shell/ShellTesting.h"

namespace lathe::test {

class Photographer
{
public:
    Photographer(WindowBench *bench, QString folder, QString theme) : m_bench(bench), m_folder(std::move(folder)), m_theme(std::move(theme)) {}
    void shoot(const char *name)
    {
        QTest::qWait(250); // lets delayed checks, fonts and models settle
        const QString path = QStringLiteral("%1/%2-%3.png").arg(m_folder, QString::fromLatin1(name), m_theme);
        if (!m_bench->window->grab().save(path))
            qFatal("could not write %s", qPrintable(path));
        qInfo("%s", qPrintable(path));
    }

private:
    WindowBench *m_bench;
    QString m_folder;
    QString m_theme;
};

// Prompt with lint, comparison of revisions, playground, experiment, blind card, log, dataset.
void shootPromptBench(WindowBench *bench, Photographer *camera);
// Run log, trace (tree, waterfall, flame), time travel, fork and lineage, comparison, export, sources, import report.
void shootRuns(WindowBench *bench, Photographer *camera);

} // namespace lathe::test
