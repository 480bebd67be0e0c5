// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/base/Task.h"
#include "core/mcp/McpTypes.h"

#include <QObject>

#include <functional>
#include <memory>

namespace lathe {

class HttpClient;
class McpAuthorizer;

// What a server may ask of whoever uses it. Empty functions: the capability is not declared, and a request is refused. Main thread.
// `request` is the params object of the MCP request, the result that of the MCP result.
struct McpClientHandlers {
    std::function<Task<Result<QJsonObject>>(QJsonObject request, CancelToken cancel)> elicit; // elicitation/create, form and url
    // sampling/createMessage; only of a server whose configuration names a samplingModel
    std::function<Task<Result<QJsonObject>>(QJsonObject request, CancelToken cancel)> sample;
    McpClientHandlers() = default;
};

struct McpClientOptions {
    HttpClient *http = nullptr;
    Clock *clock = nullptr;
    // Value of a secret; empty when unknown.
    std::function<QString(const QString &name)> secret;
    McpAuthorizer *authorizer = nullptr; // OAuth (core/mcp/McpAuthorizer.h); null: a 401 is an error
    McpClientHandlers handlers;          // outside of calls that bring their own
    QString clientVersion;
    std::optional<McpEra> knownEra; // a former verdict, tried first
    McpClientOptions() = default;
};

struct McpCallOptions {
    std::function<void(double progress, std::optional<double> total, const QString &message)> progress;
    McpClientHandlers handlers; // for what the server asks while this call is under way; empty ones: those of the client
    QString traceparent;        // W3C; sent as _meta.traceparent
    int seconds = 0; // without a sign of life (an answer or progress), then the call is cancelled and is a Timeout; 0: 300
    McpCallOptions() = default;
};

// A connection to one MCP server of either era over stdio or streamable HTTP. Connects with the first use, and again after a loss. Main
// thread. Every answer of the server is untrusted: bounded in size, depth and count, matched by id, and an error (kind Protocol) when it
// is not what the protocol allows. Errors: Unreachable (does not start, cannot be reached, died), Timeout, Protocol, Denied (401, 403),
// InvalidInput (-32602: its words), Cancelled.
class McpClient : public QObject
{
    Q_OBJECT
public:
    enum class State { Idle, Connecting, Ready, Failed, Closed };

    McpClient(McpServerConfig config, McpClientOptions options);
    ~McpClient() override; // ends the program or the session; calls under way are Cancelled
    const McpServerConfig &config() const;

    State state() const;
    std::optional<Error> error() const; // of Failed
    const McpServerInfo &server() const; // of Ready
    // The newest lines, at most 2,000.
    std::vector<McpLogLine> log() const;
    // A line of whoever works for this connection, of the source Client: how its sign-in goes.
    void note(const QString &text);

    Task<Result<McpServerInfo>> connectNow(CancelToken cancel);
    // Ends it in order (stdin closed, SIGTERM after 2 s, SIGKILL after 4; DELETE of the session).
    Task<> close();
    // At once, as the destructor does; for whoever owns the clock and the HTTP client and goes before those that still hold this.
    void shutDown();

    // Whole lists: all pages (at most 1,000 pages and 20,000 entries; a cursor that repeats is a Protocol error).
    Task<Result<std::vector<McpTool>>> listTools(CancelToken cancel);
    Task<Result<std::vector<McpResource>>> listResources(CancelToken cancel); // templates at the end
    Task<Result<std::vector<McpPrompt>>> listPrompts(CancelToken cancel);
    Task<Result<McpToolResult>> callTool(QString tool, QJsonObject arguments, McpCallOptions options, CancelToken cancel);
    Task<Result<std::vector<McpResourceContent>>> readResource(QString uri, CancelToken cancel);
    Task<Result<std::vector<McpPromptMessage>>> getPrompt(QString prompt, QJsonObject arguments, CancelToken cancel);
    // Values for an argument of a prompt or a resource template, as one types. `reference`: {type:"ref/prompt",name} or {type:"ref/resource",uri}.
    Task<Result<QStringList>> complete(QJsonObject reference, QString argument, QString typed, CancelToken cancel);
    // Folders the server may be told of, instead of those of the configuration. A server that was told of folders when it connected is told
    // that they changed.
    void setRoots(QStringList folders);
    // resources/updated of it arrive as resourceChanged().
    Task<Result<void>> subscribeResource(QString uri, bool on, CancelToken cancel);

Q_SIGNALS:
    void stateChanged();
    void toolsChanged(); // list_changed
    void resourcesChanged();
    void promptsChanged();
    void resourceChanged(const QString &uri);
    void logged(const lathe::McpLogLine &line);

private:
    class Private;
    std::shared_ptr<Private> d; // shared with calls under way
};

} // namespace lathe
