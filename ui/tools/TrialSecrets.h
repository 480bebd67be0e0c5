// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class AddToolSecrets;
class Button;
class InlineMessage;

// Below a call that failed: asks for the secrets that the tool names and nobody stored, and stores them in the keychain. Hidden while
// none is missing.
class TrialSecrets : public QWidget
{
    Q_OBJECT
public:
    TrialSecrets(Session *session, Theme *theme, QWidget *parent = nullptr);
    void offer(const QJsonObject &body); // appears if a secret of this tool is missing
    void withdraw();

Q_SIGNALS:
    void stored(); // try again

private:
    void show(const QJsonObject &body);
    void store();
    Session *m_session;
    AddToolSecrets *m_secrets;
    Button *m_store;
    InlineMessage *m_problem;
    int m_offer = 0;
    bool m_storing = false;
};

} // namespace lathe
