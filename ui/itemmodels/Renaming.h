// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/UiTask.h"

namespace lathe {

// What a person types into a field of a name (widgets' NameField) renames the artifact; why it cannot be is said at the field.
template<typename Field>
void renameBy(Field *field, Session *session, ArtifactId artifact)
{
    QObject::connect(field, &Field::renamed, field, [field, session, artifact](const QString &name) {
        if (session->project().isReadOnly())
            return field->refuse(session->project().readOnlyReason());
        runTask(field, session->project().artifacts().rename(artifact, name), [] {}, [field](const Error &error) { field->refuse(error.message); });
    });
}

} // namespace lathe
