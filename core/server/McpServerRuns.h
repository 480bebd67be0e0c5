// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/server/McpServerOffer.h"
#include "core/session/SessionTypes.h"

#include <functional>
#include <map>
#include <memory>

namespace lathe {

// What a tools/call comes with.
struct McpServerCall {
    bool modern = false;      // questions go back in the result (input_required), else they are asked by `elicit`
    QJsonObject capabilities; // of the client
    QJsonObject inputResponses; // of a retry in the modern era
    QString requestState;
    std::function<void(double progress, const QString &message)> progress; // empty: not wanted
    // Legacy era: elicitation/create at the client, its result.
    std::function<Task<Result<QJsonObject>>(QJsonObject params, CancelToken cancel)> elicit;
    McpServerCall() = default;
};

// Runs agents and teams for MCP clients, and brings what they ask before the client's person. Main thread.
class McpServerRuns : public QObject
{
public:
    explicit McpServerRuns(McpServerOffer *offer, QObject *parent = nullptr);
    ~McpServerRuns() override; // stops what is under way

    // A CallToolResult, or an InputRequiredResult of the modern era. InvalidInput: unknown tool, wrong arguments, a requestState that is none of
    // ours. Cancelled: the run was stopped.
    Task<Result<QJsonObject>> call(QString tool, QJsonObject arguments, McpServerCall call, CancelToken cancel);
    // Seconds after which a run is stopped when nobody came back with the answers it asked for.
    void setPatience(int seconds) { m_patienceSeconds = seconds; }

private:
    struct Live;
    Task<Result<QJsonObject>> drive(std::shared_ptr<Live> live, McpServerCall call, CancelToken cancel);
    Task<> watchEnd(std::shared_ptr<Live> live);
    Task<> abandon(std::shared_ptr<Live> live, int round);
    std::vector<HumanQuestion> pending(const Live &live) const;
    Task<> askAtClient(std::shared_ptr<Live> live, HumanQuestion question, McpServerCall call, CancelToken cancel);

    McpServerOffer *m_offer;
    Session *m_session;
    int m_patienceSeconds = 600;
    std::map<QString, std::shared_ptr<Live>> m_parked; // by requestState
    CancelSource m_gone; // ends what waits for a client
    std::map<qint64, std::shared_ptr<Live>> m_live;    // by run
};

namespace mcpserver {
// Whether a client that declares these can ask its person by form, or open an address.
bool asksByForm(const QJsonObject &capabilities);
bool opensUrls(const QJsonObject &capabilities);
// A run's question as the params of elicitation/create, and what its result means.
QJsonObject elicitationOf(const HumanQuestion &question, const QString &agent, bool byUrl);
HumanAnswer answerOf(const HumanQuestion &question, const QJsonObject &result);
}

} // namespace lathe
