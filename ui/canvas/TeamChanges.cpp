// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamChanges.h"

namespace lathe::teamchanges {

namespace {
template<typename S>
Result<void> applyTo(S *session, ArtifactId artifact, const BodyChanges &changes, const QString &what)
{
    if constexpr (requires { session->edit(artifact, changes, what); }) {
        return session->edit(artifact, changes, what);
    } else {
        // A session that knows single edits only: several become one of the whole body.
        if (changes.size() == 1)
            return session->edit(artifact, changes.front().pointer, changes.front().after, what);
        const auto draft = session->draft(artifact);
        if (!draft)
            return draft.error();
        return session->edit(artifact, QString(), applyChanges(draft->body, changes), what);
    }
}
}

Result<void> apply(Session *session, ArtifactId artifact, const BodyChanges &changes, const QString &what)
{
    return changes.empty() ? Result<void>() : applyTo(session, artifact, changes, what);
}

} // namespace lathe::teamchanges
