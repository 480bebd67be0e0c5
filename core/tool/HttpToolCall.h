// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/HttpGuard.h"
#include "core/tool/Tool.h"

namespace lathe {

// How every tool that speaks HTTP sends a request: HttpTool, OpenApiTool, RequestTool, WebhookTool, WebPageTool.

const QStringList &httpToolMethods(); // GET first
// Whether a name (value) may stand in a header; a value of one line only.
bool isHeaderName(const QByteArray &name);
bool isHeaderValue(const QString &value);
// Headers that are the business of the connection, not of a caller. `lower`: in lower case.
bool isConnectionHeader(const QByteArray &lower);

// Whether "{{secret:NAME}}" stands in the text.
bool mentionsSecret(const QString &text);

// The secrets a call used, so that none comes back in a text: not as it is, nor in the encodings it was sent in.
class UsedSecrets
{
public:
    void add(const QString &name, const QString &value);
    QString redacted(QString text) const;
    QJsonValue redacted(const QJsonValue &value) const; // strings and names of members
    bool isEmpty() const { return m_shown.empty(); }

private:
    void addForm(const QString &name, const QString &form);
    std::vector<std::pair<QString, QString>> m_shown; // what is hidden, what stands there instead; longest first
};

// The text with each {{secret:NAME}} replaced by what `encode` (null: nothing) makes of the secret. Errors: Auth when one is not stored.
struct SecretSource {
    QString tool; // for messages
    std::function<QString(const QString &name)> secret;
    std::function<QString(const QString &value)> encode = nullptr;
    Result<QString> filled(const QString &text, UsedSecrets *used) const;
    // One that knows every secret by its name only, for showing a request to a person.
    SecretSource withoutValues() const;
};

// One request and where it may go.
struct HttpToolCall {
    HttpRequest request;
    QUrl url;
    HostAllowList hosts; // of redirects too
    HostAllowList policyHosts; // likewise; empty: all. A policy's bound holds beside the tool's own
    QStringList methods; // that a redirect may turn it into
    bool allowPrivateNetwork = false;
    bool bodyIsSecret = false; // the body must not go to another origin
    std::vector<QByteArray> secretHeaders; // names in lower case; they do not go to another origin
    UsedSecrets secrets;
    HttpToolCall() = default;
    // Denied when the host of `target` is not allowed.
    Result<void> checkTarget(const QUrl &target) const;
    // Sets URL and guard. The address is judged where the connection is made, after DNS, so that a name that changes its address between
    // two look-ups gains nothing.
    void aim(const QUrl &target);
    // Makes it the request that a redirecting answer asks for: its target judged as strictly as a URL of the model, no secret for another
    // origin. Errors: Denied, InvalidInput.
    Result<void> follow(const HttpResponse &response);
    void limit(double seconds, qint64 maxBodyBytes);
    // Adds a configured header with its secrets filled in. Errors: Auth, Denied.
    Result<void> addHeader(const QByteArray &name, const QString &value, const SecretSource &source);
    // The request as a person reads it: method, URL, headers and the beginning of the body; the same each time.
    QString shown() const;
};

struct HttpToolAnswer {
    HttpResponse response;
    QUrl url; // that answered
    UsedSecrets secrets;
    HttpToolAnswer() = default;
    QByteArray header(const char *name) const { return headerValue(response.headers, name).trimmed(); }
    // Status, headers that matter and body as text and as data. `showUrl`: the text begins with it.
    ToolOutcome outcome(bool showUrl) const;
};

constexpr int maxToolRedirects = 5;

// Sends it and follows redirects, each judged like the first URL. Errors: those of the transport, Denied, InvalidInput; their messages hold
// no secret. `http` must outlive the task.
Task<Result<HttpToolAnswer>> sendToolCall(HttpClient *http, HttpToolCall call, CancelToken cancel);
// What the model is told of an error; Unreachable and Timeout may pass.
ToolOutcome failedCall(const Error &error);
// The whole way of a call that a tool has made ready: sends it and gives what `outcomeOf` makes of the answer. What went wrong on the way, or
// kept the call from being made, is an outcome for the model; Cancelled is an error.
Task<Result<ToolOutcome>> performToolCall(HttpClient *http, Result<HttpToolCall> made, std::function<ToolOutcome(const HttpToolAnswer &answer)> outcomeOf,
                                          CancelToken cancel);
// Whether a status says that another try may help: 408, 425, 429, 5xx but 501 and 505.
bool mayPass(int status);

} // namespace lathe
