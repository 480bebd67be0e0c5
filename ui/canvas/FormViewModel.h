// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QJsonValue>
#include <QWidget>

class QComboBox;

namespace lathe {

class Theme;

// Which model answers: {connection, model}; the connection's own list is offered, any name can be typed.
class FormViewModel : public QWidget
{
    Q_OBJECT
public:
    FormViewModel(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonValue &value);
    void setEditable(bool editable);
    QComboBox *connectionBox() const { return m_connection; }
    QComboBox *modelBox() const { return m_model; }

Q_SIGNALS:
    void edited(const QJsonValue &value);

private:
    void fillConnections();
    void fillModels();
    void report();
    Session *m_session;
    QComboBox *m_connection;
    QComboBox *m_model;
    QString m_modelsOf;
    QJsonObject m_value;
};

} // namespace lathe
