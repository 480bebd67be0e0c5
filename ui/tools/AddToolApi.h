// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ToolImports.h"
#include "ui/tools/AddToolInput.h"
#include "ui/tools/AddToolStep.h"
#include "ui/widgets/InlineMessage.h"

class QComboBox;
class QLineEdit;

namespace lathe {

class AddToolChoices;
class AddToolSecrets;
class BusyBar;
class Label;

// An OpenAPI document on its way into the project: fetched or read, then operations are chosen, with base URL and auth. Large documents are
// parsed in the pool.
class AddToolApi : public AddToolStep
{
    Q_OBJECT
public:
    AddToolApi(Session *session, Theme *theme, const AddToolInput &input, QWidget *parent = nullptr);
    ~AddToolApi() override;
    QString title() const override;
    QString primaryText() const override;
    bool canGoOn() const override;
    void goOn() override;

private:
    void build();
    void load();
    void parse(const QByteArray &bytes, const QString &source);
    void show(const ApiImport &import);
    void showAuth();
    OpenApiAuth auth() const;
    void say(Severity severity, const QString &text);
    Session *m_session;
    Theme *m_theme;
    AddToolInput m_input;
    std::optional<ApiImport> m_import;
    CancelSource m_cancel;
    bool m_busyNow = false;
    bool m_adding = false;
    Label *m_about = nullptr;
    InlineMessage *m_message = nullptr;
    BusyBar *m_busy = nullptr;
    QWidget *m_form = nullptr;
    QLineEdit *m_name = nullptr;
    QComboBox *m_base = nullptr;
    QComboBox *m_kind = nullptr;
    QLineEdit *m_authName = nullptr;
    QLineEdit *m_authValue = nullptr;
    AddToolSecrets *m_secrets = nullptr;
    AddToolChoices *m_operations = nullptr;
};

} // namespace lathe
