// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A working configuration of each type of tool, for tests that go through all of them.

#include "core/base/Json.h"
#include "core/mcp/McpConnector.h"
#include "core/tool/Tool.h"

#include <QFile>
#include <QTemporaryDir>

namespace lathe::test {

struct ToolExample {
    QJsonObject config;    // over the type's default
    QJsonObject arguments; // that its schema takes
};

// Nothing for a type that is not known here: then it must be added.
inline std::optional<ToolExample> exampleOf(const QString &type)
{
    const auto object = [](const char *text) { return lathe::json::parseObject(text).valueOr(QJsonObject()); };
    const QHash<QString, ToolExample> examples{
        {QStringLiteral("sql"), {object("{\"path\":\"t.csv\"}"), object("{\"sql\":\"SELECT 1\"}")}},
        {QStringLiteral("http"), {object("{\"allowed_hosts\":[\"api.example\"]}"), object("{\"url\":\"https://api.example/x\"}")}},
        {QStringLiteral("files"), {object("{\"folder\":\".\"}"), object("{\"action\":\"list\"}")}},
        {QStringLiteral("calculator"), {{}, object("{\"expression\":\"1+1\"}")}},
        {QStringLiteral("current_time"), {{}, {}}},
        {QStringLiteral("ask_human"), {{}, object("{\"question\":\"Why?\"}")}},
        {QStringLiteral("mcp"), {object("{\"command\":\"true\",\"tools\":[{\"name\":\"list\",\"description\":\"Lists.\",\"input_schema\":{\"type\":\"object\"}}]}"), {}}},
        {QStringLiteral("openapi"),
         {object("{\"base_url\":\"https://api.example\",\"tools\":[{\"name\":\"list\",\"description\":\"Lists.\",\"input_schema\":{\"type\":\"object\"},"
                 "\"request\":{\"method\":\"GET\",\"path\":\"/x\"}}]}"),
          {}}},
        {QStringLiteral("request"), {object("{\"url\":\"https://api.example/x\"}"), {}}},
        {QStringLiteral("webhook"), {object("{\"url\":\"https://api.example/hook\"}"), object("{\"text\":\"Hello\"}")}},
        {QStringLiteral("web_page"), {{}, object("{\"url\":\"https://api.example/x\"}")}},
        {QStringLiteral("email"),
         {object("{\"host\":\"smtp.example\",\"from\":\"a@b.example\",\"allowed_recipients\":[\"@b.example\"]}"),
          object("{\"to\":[\"c@b.example\"],\"subject\":\"s\",\"body\":\"b\"}")}},
        {QStringLiteral("script"), {{}, {}}},
        {QStringLiteral("mock"), {{}, {}}},
        {QStringLiteral("agent"), {object("{\"agent\":\"helper\"}"), object("{\"task\":\"x\"}")}},
        {QStringLiteral("team"), {object("{\"team\":\"helpers\"}"), object("{\"task\":\"x\"}")}},
    };
    const auto found = examples.constFind(type);
    return found == examples.constEnd() ? std::nullopt : std::optional<ToolExample>(*found);
}

// Reaches nobody.
class DeafConnector : public McpConnector
{
public:
    std::shared_ptr<McpClient> client(const McpServerConfig &) override
    {
        ++asked;
        return nullptr;
    }
    Task<Result<std::vector<McpTool>>> currentTools(std::shared_ptr<McpClient>, CancelToken) override
    {
        co_return Error(ErrorKind::Unreachable, QStringLiteral("deaf"));
    }
    Task<Result<McpSampled>> sampled(McpServerConfig, QJsonObject, CancelToken) override { co_return Error(ErrorKind::Denied, QStringLiteral("deaf")); }
    int asked = 0;
};

// What makes tools of the examples. `delegate` is to be set.
struct ToolWorld {
    explicit ToolWorld(Clock *clock)
    {
        QFile csv(folder.filePath(QStringLiteral("t.csv")));
        if (!csv.open(QIODevice::WriteOnly) || csv.write("a,b\n1,x\n") <= 0)
            qFatal("the folder for tests cannot be written");
        environment.http = &http;
        environment.clock = clock;
        environment.projectFolder = folder.path();
        environment.mcp = &connector;
    }
    // The first tool of the type; its specification goes to `spec`.
    Result<std::shared_ptr<Tool>> make(const ToolTypeInfo &type, ToolSpec *spec) const
    {
        const auto example = exampleOf(type.type);
        if (!example)
            return Error(ErrorKind::NotFound, QStringLiteral("Add the type %1 to tests/core/tool/EveryTool.h.").arg(type.type));
        auto read = ToolSpec::fromJson(type.defaultBody);
        if (!read)
            return read.error();
        for (auto it = example->config.begin(); it != example->config.end(); ++it)
            read->config.insert(it.key(), it.value());
        *spec = *read;
        return makeTool(type.title, *spec, environment);
    }
    HttpClient http;
    QTemporaryDir folder;
    DeafConnector connector;
    ToolEnvironment environment;
};

} // namespace lathe::test
