// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/session/SessionTypes.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <optional>

namespace lathe {

class Session;

// What an open project offers to MCP clients: its agents and teams as tools, tools to look at runs, its runs and prompts as resources, its
// prompts as MCP prompts. Knows nothing of the wire. Main thread; the session must outlive it.
class McpServerOffer : public QObject
{
    Q_OBJECT
public:
    explicit McpServerOffer(Session *session, QObject *parent = nullptr);
    Session *session() const { return m_session; }

    QJsonObject info() const; // {name, title, version}
    QString instructions() const;
    QJsonObject capabilities() const;

    // An agent or team as a tool.
    struct Runnable {
        QString tool; // name of the tool
        ArtifactKind kind = ArtifactKind::Agent;
        ArtifactId artifact;
        QString reference;     // what is run
        QStringList variables; // that its prompt asks for
        QJsonObject inputSchema;
        QString description, title;
    };
    // In the order of their names. None where the project cannot be written, since a run is recorded.
    std::vector<Runnable> runnables() const;
    std::optional<Runnable> runnable(const QString &tool) const;

    // Lists of MCP with paging: {"tools": [...], "nextCursor"?}. InvalidInput: the cursor is none of ours.
    Result<QJsonObject> tools(const QString &cursor) const;
    Result<QJsonObject> prompts(const QString &cursor) const;
    Task<Result<QJsonObject>> resources(QString cursor, CancelToken cancel) const;
    QJsonObject resourceTemplates() const;
    // Results of MCP. NotFound: there is none (prompts, resources, tools).
    Result<QJsonObject> prompt(const QString &name, const QJsonObject &arguments) const;
    Task<Result<QJsonObject>> read(QString uri, CancelToken cancel) const;
    Task<Result<QJsonObject>> complete(QJsonObject params, CancelToken cancel) const;
    // True when the URI names something there is, or a form that may come to be.
    bool knowsUri(const QString &uri) const;
    // list_runs, get_run, replay_run. NotFound: it is none of these. What goes wrong within is a result with isError.
    Task<Result<QJsonObject>> inspect(QString tool, QJsonObject arguments, CancelToken cancel) const;
    static bool inspects(const QString &tool);

Q_SIGNALS:
    // At most five times a second each.
    void toolsChanged();
    void promptsChanged();
    void resourcesChanged();
    void resourceUpdated(const QString &uri);

private:
    void artifactChanged(ArtifactId id);
    void runChanged(RunId id, bool isNew);
    void tell();
    Session *m_session;
    QTimer m_soon;
    bool m_tools = false, m_prompts = false, m_resources = false;
    QStringList m_updated;
};

namespace mcpserver {
// {content: [text], isError}
QJsonObject textResult(const QString &text, bool isError = false);
QString runUri(RunId run);
QJsonObject runSummary(const RunInfo &run);
// The text without what is beyond `most` characters, and a word that says so.
QString bounded(const QString &text, qsizetype most);
// A position in a list, as an opaque cursor and back.
QString cursorOf(const QString &list, qint64 at);
Result<qint64> placeOf(const QString &list, const QString &cursor); // empty: 0
}

} // namespace lathe
