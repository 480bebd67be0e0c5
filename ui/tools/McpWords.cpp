// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpWords.h"

#include <QCoreApplication>

#include <algorithm>

namespace lathe::mcp {

namespace {
QString words(const char *text)
{
    return QCoreApplication::translate("lathe::mcp", text);
}
}

Status status(McpClient::State state)
{
    switch (state) {
    case McpClient::State::Connecting:
        return Status::Running;
    case McpClient::State::Ready:
        return Status::Ok;
    case McpClient::State::Failed:
        return Status::Error;
    case McpClient::State::Idle:
    case McpClient::State::Closed:
        break;
    }
    return Status::Idle;
}

QString stateWord(McpClient::State state)
{
    switch (state) {
    case McpClient::State::Connecting:
        return words("starting");
    case McpClient::State::Ready:
        return words("connected");
    case McpClient::State::Failed:
        return words("failed");
    case McpClient::State::Closed:
        return words("disconnected");
    case McpClient::State::Idle:
        break;
    }
    return words("not connected");
}

bool waitsForPerson(const McpHub &hub, const QString &server)
{
    const std::vector<McpQuestion> questions = hub.questions();
    return std::any_of(questions.begin(), questions.end(), [&server](const McpQuestion &question) { return question.server == server; });
}

QString eraText(const McpServerInfo &info)
{
    if (info.era == McpEra::Unknown)
        return {};
    const QString version = info.protocolVersion.left(40);
    return version + (info.era == McpEra::Modern ? words(", stateless") : words(", with sessions"));
}

QString capabilitiesText(const McpServerInfo &info)
{
    QStringList names = info.capabilities.keys();
    names.removeAll(QStringLiteral("experimental"));
    for (QString &name : names)
        name = name.left(40);
    return QStringList(names.mid(0, 12)).join(QStringLiteral(", "));
}

QStringList hints(const QJsonObject &annotations)
{
    QStringList list;
    const QJsonValue reads = annotations.value(QStringLiteral("readOnlyHint"));
    if (reads.toBool())
        list.append(words("reads only"));
    else if (annotations.value(QStringLiteral("destructiveHint")).toBool())
        list.append(words("may delete"));
    else if (reads.isBool())
        list.append(words("writes"));
    if (!reads.toBool() && annotations.value(QStringLiteral("idempotentHint")).toBool())
        list.append(words("idempotent"));
    if (annotations.value(QStringLiteral("openWorldHint")).toBool())
        list.append(words("reaches outside"));
    return list;
}

QString sourceWord(McpLogLine::Source source)
{
    switch (source) {
    case McpLogLine::Source::Stderr:
        return words("stderr");
    case McpLogLine::Source::Server:
        return words("server");
    case McpLogLine::Source::Client:
        return words("Lathe");
    case McpLogLine::Source::Sent:
        return words("sent");
    case McpLogLine::Source::Received:
        return words("received");
    }
    return {};
}

} // namespace lathe::mcp
