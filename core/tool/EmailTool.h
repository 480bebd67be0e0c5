// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/SmtpClient.h"
#include "core/tool/EmailDraft.h"
#include "core/tool/Tool.h"

namespace lathe {

class WorkerThread;

// Sends mail by SMTP. The sender is fixed, recipients must be on a list, attachments come from one folder.
class EmailTool : public Tool
{
public:
    struct Setup {
        QString name;
        QString purpose;
        SmtpServer server; // without the password
        QString passwordSecret; // name; empty: none
        MailAddress from;
        std::optional<MailAddress> replyTo;
        QStringList allowedRecipients;
        int maxRecipients = 10;
        QString attachmentsFolder; // absolute; empty: none
        std::function<QString(const QString &)> secret;
        Clock *clock = nullptr;
    };
    explicit EmailTool(Setup setup);
    QString name() const override;
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::External; }
    bool idempotent(const QJsonObject &) const override { return false; }
    // The mail as it would go out; attachments by name.
    QString preview(const QJsonObject &arguments) const override;
    QString objection(const QJsonObject &arguments) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    struct State;
    static Task<Result<ToolOutcome>> run(std::shared_ptr<State> state, QJsonObject arguments, CancelToken cancel);
    std::shared_ptr<State> m_state; // shared with calls under way
};

// config: {host, port, security: "starttls" | "tls" | "none", user?, password?: "{{secret:NAME}}", from, reply_to?, allowed_recipients,
// max_recipients?, attachments_folder?, ca_file?}. Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makeEmailTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

} // namespace lathe
