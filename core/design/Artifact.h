// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "core/base/Result.h"

#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

enum class ArtifactKind { Agent, Team, Prompt, Tool, Connection, Dataset, Scorer, Experiment };
QString artifactKindName(ArtifactKind kind); // "agent", "team", ...
std::optional<ArtifactKind> artifactKindFromName(const QString &name);
const std::vector<ArtifactKind> &allArtifactKinds();

// Names are unique within a kind: 1-64 of letters (any script), digits, - _ . and space; no '@' or '/'.
Result<void> checkArtifactName(const QString &name);

// "triage", "triage@3", "triage@production", "triage@draft".
struct ArtifactRef {
    QString name;
    int number = 0; // revision number, 0: by label or latest
    QString label;  // empty: latest revision ("draft" means the uncommitted edit)
    static Result<ArtifactRef> parse(const QString &text);
    QString toString() const;
    bool operator==(const ArtifactRef &) const = default;
};

// Something the person should know about a design, shown beside the field it concerns.
struct Problem {
    enum class Severity { Hint, Warning, Error };
    Severity severity = Severity::Warning;
    QString pointer; // JSON pointer of the field in the body, empty: the whole
    QString code;    // stable, e.g. "job.vague"
    QString message; // what and why
    QString fix;     // what to do; may be empty
    qsizetype from = -1, length = 0; // range in the text field, -1: none
    bool operator==(const Problem &) const = default;
};

} // namespace lathe
