// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QJsonArray>
#include <QSet>
#include <QWidget>

#include <functional>

class QVBoxLayout;

namespace lathe {

class Button;
class Theme;

// The tools an agent may use: of each when it asks, how often it may be called, which functions of a set, and, folded, all else of its policy
// that differs here. A menu (ListPopover "attach-tool-menu") adds one of the project's tools.
class ToolAttachments : public QWidget
{
    Q_OBJECT
public:
    ToolAttachments(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &value);
    // Makes the editor of what a tool's policy has of its own here; the shell knows one (ToolPolicyEditor::forAttachments). `own` has the keys
    // of a tool's body; `changed` takes it whole. Null: approval and calls only.
    using PolicyFactory = std::function<QWidget *(const QString &toolName, const QJsonObject &toolBody, const QJsonObject &own,
                                                  std::function<void(const QJsonObject &own, const QString &what)> changed)>;
    void setPolicyFactory(PolicyFactory factory);

Q_SIGNALS:
    void edited(const QJsonArray &value, const QString &what);
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);

private:
    void rebuild();
    void showAddMenu();
    void change(int row, const QString &key, const QJsonValue &value, const QString &what);
    QWidget *makeRow(int row);
    void setOwn(int row, const QJsonObject &own, const QString &what);
    void openPolicy(int row, QWidget *card, const QString &name, const QJsonObject &body, bool open);
    void openFunctions(int row, Button *anchor, const QJsonObject &body);
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_rows;
    Button *m_add;
    QJsonArray m_value;
    PolicyFactory m_factory;
    QSet<QString> m_open; // attachments whose policy is unfolded, by tool
};

} // namespace lathe
