// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/EmailTool.h"

#include "core/base/Json.h"
#include "core/base/WorkerThread.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/FolderAccess.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QUuid>

namespace lathe {

namespace {
constexpr qint64 maxAttachmentBytes = 20 * 1024 * 1024; // of one mail
constexpr int maxAttachments = 20;
constexpr int maxBodyChars = 500'000;

QStringList texts(const QJsonObject &arguments, const char *key)
{
    return json::toStringList(arguments.value(QLatin1String(key)));
}
} // namespace

struct EmailTool::State {
    Setup setup;
    SmtpClient client;
    WorkerThread thread; // reads attachments

    // Everything but the content of attachments. Errors are for the model.
    Result<EmailDraft> draft(const QJsonObject &arguments) const;
    Result<std::vector<MailAttachment>> read(const std::vector<MailAttachment> &named) const; // worker thread
};

EmailTool::EmailTool(Setup setup) : m_state(std::make_shared<State>())
{
    m_state->setup = std::move(setup);
}

QString EmailTool::name() const
{
    return m_state->setup.name;
}

QString EmailTool::description() const
{
    const Setup &setup = m_state->setup;
    QString text = QStringLiteral("Sends a plain-text e-mail from %1.").arg(setup.from.display());
    if (!setup.allowedRecipients.contains(QStringLiteral("*")))
        text += QStringLiteral(" Recipients can be: %1.").arg(setup.allowedRecipients.mid(0, 50).join(QStringLiteral(", ")));
    return cleanText(joinedSentences(setup.purpose, text));
}

QJsonObject EmailTool::schema() const
{
    const auto addresses = [](const QString &about) {
        QJsonObject property = schemaProperty("array", about);
        property.insert(QStringLiteral("items"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}, {QStringLiteral("maxLength"), 400}});
        return property;
    };
    QJsonObject to = addresses(QStringLiteral("Addresses: bob@example.com or Bob <bob@example.com>."));
    to.insert(QStringLiteral("minItems"), 1);
    QJsonObject subject = schemaProperty("string", QStringLiteral("One line."));
    subject.insert(QStringLiteral("minLength"), 1);
    subject.insert(QStringLiteral("maxLength"), 500);
    QJsonObject body = schemaProperty("string", QStringLiteral("Plain text."));
    body.insert(QStringLiteral("maxLength"), maxBodyChars);
    QJsonObject properties{{QStringLiteral("to"), to},
                           {QStringLiteral("cc"), addresses(QStringLiteral("Copies."))},
                           {QStringLiteral("bcc"), addresses(QStringLiteral("Copies that others do not see."))},
                           {QStringLiteral("subject"), subject},
                           {QStringLiteral("body"), body}};
    if (!m_state->setup.attachmentsFolder.isEmpty()) {
        QJsonObject files = addresses(QStringLiteral("Paths of files in the folder to attach."));
        files.insert(QStringLiteral("maxItems"), maxAttachments);
        properties.insert(QStringLiteral("attachments"), files);
    }
    return objectSchema(properties, {QStringLiteral("to"), QStringLiteral("subject"), QStringLiteral("body")});
}

Result<EmailDraft> EmailTool::State::draft(const QJsonObject &arguments) const
{
    EmailDraft draft;
    draft.from = setup.from;
    draft.replyTo = setup.replyTo;
    draft.subject = arguments.value(QLatin1String("subject")).toString().trimmed();
    draft.body = arguments.value(QLatin1String("body")).toString();
    const std::pair<const char *, std::vector<MailAddress> *> kinds[]{{"to", &draft.to}, {"cc", &draft.cc}, {"bcc", &draft.bcc}};
    for (const auto &[key, list] : kinds) {
        for (const QString &text : texts(arguments, key)) {
            auto address = MailAddress::parse(text);
            if (!address)
                return address.error();
            if (!mayWriteTo(setup.allowedRecipients, *address)) {
                return Error(ErrorKind::Denied, QStringLiteral("%1 may not be written to; allowed are: %2.")
                                                    .arg(address->address, setup.allowedRecipients.mid(0, 50).join(QStringLiteral(", "))));
            }
            list->push_back(*std::move(address));
        }
    }
    if (draft.recipients().isEmpty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The mail has no recipient."));
    if (draft.recipients().size() > setup.maxRecipients)
        return Error(ErrorKind::Denied, QStringLiteral("The mail has %1 recipients; at most %2 are allowed.").arg(draft.recipients().size()).arg(setup.maxRecipients));
    const QStringList paths = texts(arguments, "attachments");
    if (!paths.isEmpty() && setup.attachmentsFolder.isEmpty())
        return Error(ErrorKind::Denied, QStringLiteral("Nothing may be attached: the tool has no folder for it."));
    for (const QString &path : paths)
        draft.attachments.push_back(MailAttachment{path, QByteArray()});
    if (auto rendered = renderEmail(draft, QDateTime::fromMSecsSinceEpoch(0), "x"); !rendered)
        return rendered.error();
    return draft;
}

Result<std::vector<MailAttachment>> EmailTool::State::read(const std::vector<MailAttachment> &named) const
{
    auto folder = FolderAccess::open(setup.attachmentsFolder);
    if (!folder)
        return folder.error();
    std::vector<MailAttachment> files;
    qint64 left = maxAttachmentBytes;
    for (const MailAttachment &one : named) {
        auto content = folder->read(one.name, left);
        if (!content)
            return content.error();
        left -= content->size();
        files.push_back(MailAttachment{one.name.section(u'/', -1), *std::move(content)});
    }
    return files;
}

QString EmailTool::preview(const QJsonObject &arguments) const
{
    const auto draft = m_state->draft(arguments);
    return draft ? emailPreview(*draft) : QStringLiteral("(This mail would be refused: %1)").arg(draft.error().message);
}

QString EmailTool::objection(const QJsonObject &arguments) const
{
    const auto draft = m_state->draft(arguments);
    return draft ? QString() : draft.error().message;
}

Task<Result<ToolOutcome>> EmailTool::call(QJsonObject arguments, CancelToken cancel)
{
    return run(m_state, std::move(arguments), std::move(cancel));
}

Task<Result<ToolOutcome>> EmailTool::run(std::shared_ptr<State> state, QJsonObject arguments, CancelToken cancel)
{
    auto made = state->draft(arguments);
    if (!made)
        co_return ToolOutcome::failure(made.error().message);
    EmailDraft draft = *std::move(made);
    SmtpServer server = state->setup.server;
    if (!state->setup.passwordSecret.isEmpty()) {
        const auto password = storedSecret(state->setup.name, state->setup.passwordSecret, state->setup.secret);
        if (!password)
            co_return ToolOutcome::failure(password.error().message);
        server.password = *password;
    }
    if (!draft.attachments.empty()) {
        const auto named = draft.attachments;
        std::function<Result<std::vector<MailAttachment>>(const CancelToken &)> work = [raw = state.get(), named](const CancelToken &) {
            return raw->read(named);
        };
        auto files = co_await runOnWorker<std::vector<MailAttachment>>(&state->thread, std::move(work), cancel);
        if (!files && files.error().kind == ErrorKind::Cancelled)
            co_return files.error();
        if (!files)
            co_return ToolOutcome::failure(files.error().message);
        draft.attachments = *std::move(files);
    }
    const QDateTime now = state->setup.clock ? QDateTime::fromMSecsSinceEpoch(state->setup.clock->nowUs() / 1000) : QDateTime::currentDateTimeUtc();
    const QByteArray id = QUuid::createUuid().toByteArray(QUuid::Id128);
    auto data = renderEmail(draft, now, id);
    if (!data)
        co_return ToolOutcome::failure(data.error().message);
    SmtpMessage message;
    message.from = draft.from.address;
    message.recipients = draft.recipients();
    message.data = *std::move(data);
    const QStringList recipients = message.recipients;
    const auto receipt = co_await state->client.send(std::move(server), std::move(message), cancel);
    if (!receipt) {
        if (receipt.error().kind == ErrorKind::Cancelled)
            co_return receipt.error();
        co_return ToolOutcome::failure(cleanText(receipt.error().message));
    }
    ToolOutcome outcome;
    const QString messageId = QString::fromLatin1(id) + u'@' + draft.from.domain();
    outcome.text = cleanText(QStringLiteral("Sent to %1. The mail server says: %2").arg(recipients.join(QStringLiteral(", ")), receipt->answer));
    outcome.structured = QJsonObject{{QStringLiteral("message_id"), messageId}, {QStringLiteral("recipients"), QJsonArray::fromStringList(recipients)}};
    co_return outcome;
}

Result<std::shared_ptr<Tool>> makeEmailTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const QJsonObject &config = spec.config;
    const auto text = [&](const char *key) { return config.value(QLatin1String(key)).toString().trimmed(); };
    const auto invalid = [&](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot send mail: %2").arg(name, what));
    };
    EmailTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose;
    setup.secret = environment.secret;
    setup.clock = environment.clock;
    SmtpServer &server = setup.server;
    server.host = text("host");
    if (server.host.isEmpty() || server.host.contains(u'/') || server.host.contains(u'@') || server.host.contains(u' '))
        return invalid(QStringLiteral("no mail server is named; write its host name in the tool's settings."));
    server.port = int(std::clamp<qint64>(config.value(QLatin1String("port")).toInteger(587), 1, 65535));
    const QString security = text("security");
    if (security == QLatin1String("tls"))
        server.security = SmtpServer::Security::Tls;
    else if (security == QLatin1String("none"))
        server.security = SmtpServer::Security::None;
    else if (!security.isEmpty() && security != QLatin1String("starttls"))
        return invalid(QStringLiteral("\"%1\" is no way to encrypt; use starttls or tls.").arg(security.left(60)));
    server.user = text("user");
    if (const QString ca = text("ca_file"); !ca.isEmpty())
        server.caFile = QFileInfo(QDir(environment.projectFolder), ca).absoluteFilePath();
    server.timeoutMs = int(std::clamp(keptLimits(spec.limits).seconds, 1.0, 3600.0) * 1000);
    static const QRegularExpression reference(QStringLiteral("\\A\\{\\{\\s*secret:([^{}]{1,200}?)\\s*\\}\\}\\z"));
    if (const QString password = text("password"); !password.isEmpty()) {
        const auto match = reference.match(password);
        if (!match.hasMatch())
            return invalid(QStringLiteral("its password stands in the settings; put it into the keychain and write {{secret:NAME}} there."));
        setup.passwordSecret = match.captured(1);
    }
    auto from = MailAddress::parse(text("from"));
    if (!from)
        return invalid(QStringLiteral("the sender is wrong: %1").arg(from.error().message));
    setup.from = *std::move(from);
    if (const QString reply = text("reply_to"); !reply.isEmpty()) {
        auto address = MailAddress::parse(reply);
        if (!address)
            return invalid(QStringLiteral("the address for answers is wrong: %1").arg(address.error().message));
        setup.replyTo = *std::move(address);
    }
    setup.allowedRecipients = json::toStringList(config.value(QLatin1String("allowed_recipients")));
    setup.allowedRecipients.removeAll(QString());
    if (setup.allowedRecipients.isEmpty())
        return invalid(QStringLiteral("nobody may be written to; add recipients in the tool's settings."));
    setup.maxRecipients = int(std::clamp<qint64>(config.value(QLatin1String("max_recipients")).toInteger(10), 1, 500));
    if (const QString folder = text("attachments_folder"); !folder.isEmpty())
        setup.attachmentsFolder = QFileInfo(QDir(environment.projectFolder), folder).absoluteFilePath();
    return std::shared_ptr<Tool>(std::make_shared<EmailTool>(std::move(setup)));
}

} // namespace lathe
