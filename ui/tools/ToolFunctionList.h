// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QListView;
class QSortFilterProxyModel;
class QVBoxLayout;

namespace lathe {

class Button;
class InlineMessage;
class Label;
class SearchField;
class SectionHeader;
class ToolFunctionModel;
class ToolPolicyEditor;

// The functions of a tool set: which of them agents get, what each says of itself, what changed since it was approved, and what policy it
// has of its own. Type to filter, Space switches, Enter tries.
class ToolFunctionList : public QWidget
{
    Q_OBJECT
public:
    ToolFunctionList(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    void load(const QJsonObject &body);
    ToolFunctionModel *functions() const { return m_model; }
    void showFunction(const QString &name);

Q_SIGNALS:
    void serverRequested(); // what changed there is approved on its page
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);
    void tryRequested(const QString &function);

private:
    void switchAll(bool on);
    void showCurrent();
    void refreshApproved();
    int currentRow() const; // of the model, -1: none
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_tool;
    QJsonObject m_body;
    ToolFunctionModel *m_model;
    QSortFilterProxyModel *m_proxy;
    SectionHeader *m_header;
    SearchField *m_search;
    QListView *m_view;
    InlineMessage *m_changed;
    QWidget *m_detail;
    Label *m_name;
    Label *m_about;
    Label *m_mark;
    Label *m_schema;
    ToolPolicyEditor *m_policy = nullptr;
    QVBoxLayout *m_detailLayout;
    Button *m_policyButton;
    QString m_shownFunction;
    QJsonObject m_shownSchema;
    int m_approvedRevision = -1;
};

} // namespace lathe
