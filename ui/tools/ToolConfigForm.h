// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "core/design/ToolSpec.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

#include <optional>

namespace lathe {

class BodyBinding;
class CodeEditor;
class FormField;
class FormLayout;

// The settings of one tool type, drawn from its fields. Made anew when the type changes.
class ToolConfigForm : public QWidget
{
    Q_OBJECT
public:
    ToolConfigForm(Session *session, Theme *theme, const ToolTypeInfo &type, QWidget *parent = nullptr);
    ~ToolConfigForm() override; // stops what is under way
    void load(const QJsonObject &body);
    const QHash<QString, FormField *> &fields() const { return m_fields; }

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    QWidget *make(const SettingField &field);
    QWidget *makePath(const SettingField &field, const QString &what);
    QWidget *makeJson(const SettingField &field, const QString &what);
    void colour(CodeEditor *editor, const QString &language);
    QWidget *makeReference(const SettingField &field, const QString &what);
    QWidget *makeModel(const SettingField &field, const QString &what); // "connection/model"
    QWidget *withLookUp(QWidget *field, const QString &pointer);
    Session *m_session;
    Theme *m_theme;
    const ToolTypeInfo &m_type;
    BodyBinding *m_binding;
    FormLayout *m_form;
    QHash<QString, FormField *> m_fields; // by pointer
    QJsonObject m_body;
    std::optional<CancelSource> m_looking; // for tables
};

} // namespace lathe
