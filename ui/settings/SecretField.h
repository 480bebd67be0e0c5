// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

class Button;
class InlineMessage;
class Label;
class StatusDot;

// Where the key of a connection is, and a field to put it into the system keychain. The key never goes to the project file.
class SecretField : public QWidget
{
    Q_OBJECT
public:
    SecretField(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setName(const QString &name); // of the secret; empty: none is needed
    QString state() const;

Q_SIGNALS:
    void stored();

private:
    void ask();
    void store();
    Session *m_session;
    Theme *m_theme;
    QString m_name;
    StatusDot *m_dot;
    Label *m_state;
    QWidget *m_entry;
    QLineEdit *m_value;
    Button *m_store;
    InlineMessage *m_message;
};

} // namespace lathe
