// SPDX-License-Identifier: GPL-3.0-or-later
// router: the value leaves by one of several routes.
#include "core/prompt/PromptSpec.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

namespace {
struct Route {
    QString id, title, about, rule;
};

std::vector<Route> routesOf(const NodeCall &call)
{
    std::vector<Route> routes;
    const QJsonArray list = call.settings().value(QStringLiteral("routes")).toArray();
    for (const QJsonValue &item : list) {
        const QJsonObject json = item.toObject();
        Route route;
        route.id = json.value(QStringLiteral("id")).toString();
        route.title = json.value(QStringLiteral("title")).toString();
        if (route.title.trimmed().isEmpty())
            route.title = route.id;
        route.about = json.value(QStringLiteral("about")).toString();
        route.rule = json.value(QStringLiteral("rule")).toString();
        if (!route.id.isEmpty())
            routes.push_back(std::move(route));
    }
    return routes;
}

// By id or title; empty when there is none.
QString routeNamed(const std::vector<Route> &routes, const QString &text)
{
    const QString wanted = text.trimmed();
    for (const Route &route : routes) {
        if (route.id == wanted)
            return route.id;
    }
    for (const Route &route : routes) {
        if (route.title.compare(wanted, Qt::CaseInsensitive) == 0
            || route.id.compare(wanted, Qt::CaseInsensitive) == 0)
            return route.id;
    }
    return {};
}

Error inRoute(const Route &route, Error error)
{
    if (!endsRun(error))
        error.message = QStringLiteral("The rule of route \"%1\": %2").arg(route.title, error.message);
    return error;
}

Task<Result<QString>> routeByModel(Call call, std::vector<Route> routes, bool mayPass)
{
    const auto agent = agentOf(*call);
    if (!agent)
        co_return agent.error();
    QJsonArray choices, titles;
    for (const Route &route : routes) {
        titles.append(route.title);
        choices.append(
            QJsonObject{{QStringLiteral("title"), route.title}, {QStringLiteral("about"), route.about}});
    }
    if (mayPass)
        titles.append(QStringLiteral("none"));
    QJsonObject values{{QStringLiteral("routes"), choices},
                       {QStringLiteral("input"), textOf(call->input())}};
    if (mayPass)
        values.insert(QStringLiteral("may_pass"), true);
    const QJsonObject properties{
        {QStringLiteral("route"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")},
                                              {QStringLiteral("enum"), titles}}}};
    const QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")},
                             {QStringLiteral("properties"), properties},
                             {QStringLiteral("required"), QJsonArray{QStringLiteral("route")}},
                             {QStringLiteral("additionalProperties"), false}};
    RunInput input;
    input.text = promptText(QStringLiteral("patterns/team_route"), values);
    input.variables = call->run->input.variables;
    auto answer = co_await askAgent(call, answering(*agent, schema), input, call->step);
    if (!answer)
        co_return answer.error();
    co_return routeNamed(routes, valueOfText(*answer).toObject().value(QStringLiteral("route")).toString());
}
} // namespace

Task<Result<NodeOutcome>> runRouterNode(Call call)
{
    const std::vector<Route> routes = routesOf(*call);
    const QString mode = call->setting("mode", QStringLiteral("rules"));
    const QString otherwise = routeNamed(routes, call->setting("otherwise"));
    QString chosen;
    if (mode == QLatin1String("model")) {
        const auto route = co_await routeByModel(call, routes, !otherwise.isEmpty());
        if (!route)
            co_return route.error();
        chosen = *route;
    } else if (mode == QLatin1String("expression")) {
        const auto value = co_await evaluate(call, call->setting("expression"), QJsonObject());
        if (!value)
            co_return value.error();
        chosen = routeNamed(routes, textOf(*value));
    } else {
        for (const Route &route : routes) {
            if (route.rule.trimmed().isEmpty())
                continue;
            const auto holds = co_await evaluate(call, route.rule, QJsonObject());
            if (!holds)
                co_return inRoute(route, holds.error());
            if (isTrue(*holds)) {
                chosen = route.id;
                break;
            }
        }
    }
    if (chosen.isEmpty())
        chosen = otherwise;
    if (chosen.isEmpty()) {
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("No route fits the input, and none is set for that case. Set the "
                                       "route for \"otherwise\"."));
    }
    co_return NodeOutcome(chosen, call->input());
}

} // namespace lathe
