// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QJsonArray>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Button;
class Theme;

// The tools an agent may use, each with its approval and calls per run; a menu adds one of the project's tools.
class ToolAttachments : public QWidget
{
    Q_OBJECT
public:
    ToolAttachments(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &value);

Q_SIGNALS:
    void edited(const QJsonArray &value, const QString &what);
    void openRequested(const lathe::Location &location);

private:
    void rebuild();
    void showAddMenu();
    void change(int row, const QString &key, const QJsonValue &value, const QString &what);
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_rows;
    Button *m_add;
    QJsonArray m_value;
};

} // namespace lathe
