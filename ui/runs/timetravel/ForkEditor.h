// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/Sheet.h"

#include <memory>

namespace lathe {

// Fork from here: what can be different at a step of a run (prompt, messages, model, parameters, the model's answer, a tool's arguments
// or result, a node's inputs), what is reused from the recording, and where it begins to cost. It begins the new run and opens it; the
// run it parts from is never changed. Make it, connect, open(); it deletes itself when it closes.
class ForkEditor : public Sheet
{
    Q_OBJECT
public:
    ForkEditor(Session *session, Theme *theme, QWidget *anchor, RunId run, const QString &step);
    ~ForkEditor() override;

Q_SIGNALS:
    void openRequested(const lathe::Location &location); // the fork, once it has begun
    void statusMessage(const QString &text);

private:
    class Parts;
    std::unique_ptr<Parts> d;
};

} // namespace lathe
