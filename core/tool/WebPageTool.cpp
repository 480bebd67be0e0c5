// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/WebPageTool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/HttpText.h"
#include "core/tool/HttpToolCall.h"
#include "core/tool/ReadableText.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QRegularExpression>

namespace lathe {

namespace {
struct PageSetup {
    QString name;
    QString description;
    HostAllowList hosts, policyHosts;
    bool listLinks = true;
    bool allowPrivateNetwork = false;
    double seconds = 30;
    qint64 maxBodyBytes = 4 * 1024 * 1024;
    qsizetype window = 60'000; // characters of one answer
    HttpClient *http = nullptr;
};
using SetupPtr = std::shared_ptr<const PageSetup>;

// The encoding that a page names in its head, as a Content-Type; that of HTTP goes before it.
QByteArray typeWithCharset(const QByteArray &type, const QByteArray &body)
{
    if (type.toLower().contains("charset"))
        return type;
    static const QRegularExpression named(QStringLiteral("<meta[^>]{0,200}?charset\\s*=\\s*[\"']?([A-Za-z0-9_:.-]{1,40})"),
                                          QRegularExpression::CaseInsensitiveOption);
    const auto match = named.match(QString::fromLatin1(body.left(4096)));
    return match.hasMatch() ? type + "; charset=" + match.captured(1).toLatin1() : type;
}

ToolOutcome refusal(const QUrl &url, const QString &what)
{
    return ToolOutcome::failure(
        QStringLiteral("%1 is %2, which cannot be read as text.").arg(url.toString(QUrl::FullyEncoded).left(300), what));
}

ToolOutcome pageOutcome(const PageSetup &setup, const HttpToolAnswer &answer, qint64 start)
{
    const QByteArray &body = answer.response.body;
    const QByteArray type = answer.header("content-type");
    const QByteArray plain = type.split(';').first().trimmed().toLower();
    if (answer.response.status >= 400)
        return answer.outcome(true);
    if (plain == "application/pdf" || body.startsWith("%PDF-"))
        return refusal(answer.url, QStringLiteral("a PDF document"));
    const bool html =
        plain == "text/html" || plain == "application/xhtml+xml" || (plain.isEmpty() && body.left(1000).toLower().contains("<html"));
    ReadablePage page;
    if (html && !(looksBinary(body) && !type.toLower().contains("utf-16"))) {
        page = readablePage(decodedBody(body, typeWithCharset(type, body)), answer.url);
    } else if (const auto text = html ? std::nullopt : bodyText(body, type)) {
        page.text = withoutInvisible(*text);
    } else {
        const QString shown =
            plain.isEmpty() ? QStringLiteral("binary content") : QStringLiteral("of the type %1").arg(QString::fromLatin1(plain.left(80)));
        return refusal(answer.url, shown);
    }
    ToolOutcome outcome;
    const QString url = answer.url.toString(QUrl::FullyEncoded);
    const qsizetype total = page.text.size();
    if (start > total)
        return ToolOutcome::failure(QStringLiteral("The page has only %1 characters; start at 0.").arg(total));
    qsizetype end = std::min<qsizetype>(start + setup.window, total);
    if (end < total && page.text[end].isLowSurrogate())
        --end;
    QString text;
    if (!page.title.isEmpty())
        text += QStringLiteral("Title: %1\n").arg(page.title);
    text += QStringLiteral("URL: %1\n\n").arg(url.left(1000)) + page.text.mid(start, end - start);
    if (page.text.isEmpty())
        text += QStringLiteral("[The page has no text; it may be made by a script, which is not run.]");
    if (start > 0 || end < total)
        text += QStringLiteral("\n\n[characters %1 to %2 of %3%4]").arg(start).arg(end).arg(total).arg(
            end < total ? QStringLiteral("; call again with start %1 for more").arg(end) : QString());
    QJsonArray links;
    if (setup.listLinks && !page.links.empty()) {
        text += QStringLiteral("\n\nLinks:");
        int number = 0;
        for (const ReadablePage::Link &link : page.links) {
            text += QStringLiteral("\n[%1] %2").arg(++number).arg(link.url);
            links.append(QJsonObject{{QStringLiteral("text"), link.text}, {QStringLiteral("url"), link.url}});
        }
    }
    outcome.text = text;
    QJsonObject structured{{QStringLiteral("url"), url}, {QStringLiteral("title"), page.title}, {QStringLiteral("characters"), total}};
    if (!page.language.isEmpty())
        structured.insert(QStringLiteral("language"), page.language);
    if (!links.isEmpty())
        structured.insert(QStringLiteral("links"), links);
    outcome.structured = structured;
    return outcome;
}

Result<HttpToolCall> prepare(const PageSetup &setup, const QJsonObject &arguments)
{
    const auto url = parseHttpUrl(arguments.value(QLatin1String("url")).toString());
    if (!url)
        return url.error();
    HttpToolCall call;
    call.hosts = setup.hosts;
    call.policyHosts = setup.policyHosts;
    call.methods = QStringList{QStringLiteral("GET")};
    call.allowPrivateNetwork = setup.allowPrivateNetwork;
    if (const auto allowed = call.checkTarget(*url); !allowed)
        return allowed.error();
    call.request.headers.emplace_back("Accept", "text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.8, */*;q=0.1");
    call.aim(*url);
    call.limit(setup.seconds, setup.maxBodyBytes);
    return call;
}

Task<Result<ToolOutcome>> perform(const SetupPtr &setup, const QJsonObject &arguments, CancelToken cancel)
{
    const qint64 start = std::max<qint64>(arguments.value(QLatin1String("start")).toInteger(0), 0);
    const auto outcomeOf = [setup, start](const HttpToolAnswer &answer) { return pageOutcome(*setup, answer, start); };
    return performToolCall(setup->http, prepare(*setup, arguments), outcomeOf, std::move(cancel));
}

class WebPageTool : public Tool
{
public:
    explicit WebPageTool(SetupPtr setup) : m_setup(std::move(setup)) {}
    QString name() const override { return m_setup->name; }
    QString description() const override { return m_setup->description; }
    QJsonObject schema() const override
    {
        QJsonObject url = schemaProperty("string", QStringLiteral("The whole URL of the page, http or https."));
        url.insert(QStringLiteral("minLength"), 1);
        QJsonObject start =
            schemaProperty("integer", QStringLiteral("The character to begin at, of a page that was too long for one answer."));
        start.insert(QStringLiteral("minimum"), 0);
        return objectSchema({{QStringLiteral("url"), url}, {QStringLiteral("start"), start}}, {QStringLiteral("url")});
    }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        return perform(m_setup, std::move(arguments), std::move(cancel));
    }

private:
    SetupPtr m_setup; // shared with calls under way
};
} // namespace

Result<std::shared_ptr<Tool>> makeWebPageTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const QStringList hosts = json::toStringList(spec.config.value(QLatin1String("allowed_hosts")));
    auto setup = std::make_shared<PageSetup>();
    setup->hosts = HostAllowList(hosts);
    setup->policyHosts = HostAllowList(spec.allowedHosts);
    if (setup->hosts.isEmpty() || qsizetype(setup->hosts.texts().size()) != hosts.size())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 cannot be used: %2")
                         .arg(name, hosts.isEmpty() ? QStringLiteral("no host is allowed; add hosts, or * for all.")
                                                    : QStringLiteral("an allowed host is no host name.")));
    if (!environment.http)
        return Error(ErrorKind::Internal, QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    setup->name = name;
    setup->description =
        joinedSentences(spec.purpose, QStringLiteral("Gives the readable text, title and links of a web page; runs no scripts."));
    setup->listLinks = spec.config.value(QLatin1String("list_links")).toBool(true);
    setup->allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup->seconds = keptLimits(spec.limits).seconds;
    setup->maxBodyBytes =
        std::clamp<qint64>(spec.config.value(QLatin1String("max_body_bytes")).toInteger(setup->maxBodyBytes), 1, 64 * 1024 * 1024);
    // A character is up to three bytes; the links need room too.
    setup->window = qsizetype(std::clamp<qint64>(keptLimits(spec.limits).maxBytes / 4, 1000, 200'000));
    setup->http = environment.http;
    return std::shared_ptr<Tool>(std::make_shared<WebPageTool>(std::move(setup)));
}

} // namespace lathe
