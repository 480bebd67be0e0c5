// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"

#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

// A place in the window one can go to, go back to and link to.
struct Location {
    enum class Kind { Welcome, Artifact, Runs, Run, Tools, Prompts, Design, Settings, Connections, Memory, Experiments, Monitor, Playground, Compare, Sources };
    Kind kind = Kind::Design;
    ArtifactId artifact; // Artifact
    int revision = 0;    // Artifact: show this revision, 0: the draft
    RunId run;           // Run
    std::vector<RunId> runs; // Compare: 2 to 6
    QString step;        // Run: select this step
    QString query;       // Runs: filter text
    bool operator==(const Location &) const = default;

    static Location page(Kind kind);
    static Location ofArtifact(ArtifactId id, int revision = 0);
    static Location ofRun(RunId id, const QString &step = QString());
    static Location ofComparison(std::vector<RunId> runs);
    static Location ofRuns(const QString &query); // the run log, filtered
    QJsonObject toJson() const; // for the remembered tabs
    static Location fromJson(const QJsonObject &json);
};

} // namespace lathe
Q_DECLARE_METATYPE(lathe::Location)
