// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/widgets/Popover.h"

class QLineEdit;

namespace lathe {

// Ctrl+S: what will be committed, an optional one-line note, Enter commits.
class CommitPopover : public Popover
{
    Q_OBJECT
public:
    CommitPopover(Session *session, Theme *theme, ArtifactId artifact, QWidget *anchor);

Q_SIGNALS:
    void committed(const QString &name, int number);
    void errorRaised(const lathe::Error &error);

protected:
    QWidget *firstFocus() const override;

private:
    void commit();
    Session *m_session;
    ArtifactId m_artifact;
    QString m_name;
    QLineEdit *m_note;
};

} // namespace lathe
