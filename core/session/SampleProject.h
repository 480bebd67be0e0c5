// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"
#include "core/project/Project.h"

namespace lathe {

// The samples compiled in under :/data/samples/<id>/manifest.json.
QStringList sampleIds();
QJsonObject sampleManifest(const QString &id); // empty when there is none
// Puts a sample's artifacts (with revisions and labels) into an empty project. Nothing of it names a key.
Task<Result<void>> populateFromSample(Project *project, QString id);
// A dataset artifact with its rows as a blob, committed as revision 1.
Task<Result<ArtifactId>> addDataset(Project *project, QString name, Dataset dataset, QString note);

} // namespace lathe
