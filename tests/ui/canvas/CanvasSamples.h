// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "CanvasTesting.h"

namespace lathe::test {

// Input and agent side by side, not connected, and an output.
inline QJsonObject smallTeam()
{
    const auto s = [](const char *text) { return QString::fromUtf8(text); };
    return QJsonObject{
        {s("nodes"), QJsonObject{{s("n1"), node(s("input"), s("In"))},
                                 {s("n2"), node(s("agent"), s("Writer"))},
                                 {s("n3"), node(s("output"), s("Out"))}}},
        {s("layout"), QJsonObject{{s("nodes"), QJsonObject{{s("n1"), at(0, 0)},
                                                           {s("n2"), at(320, 0)},
                                                           {s("n3"), at(640, 160)}}}}}};
}

// A team of the size people draw: most kinds, a loop and a coordinator with their bodies, a frame,
// a note, branches.
inline QJsonObject deskTeam()
{
    const auto s = [](const char *text) { return QString::fromUtf8(text); };
    const auto route = [&](const char *id, const char *title) {
        return QJsonObject{
            {s("id"), s(id)}, {s("title"), s(title)}, {s("about"), s("messages of this sort")}};
    };
    const QJsonObject nodes{
        {s("n1"), node(s("input"), s("Message"))},
        {s("n2"),
         node(s("router"), s("Sort by topic"),
              {{s("mode"), s("model")},
               {s("routes"), QJsonArray{route("billing", "Billing"), route("bug", "Bug report"),
                                        route("praise", "Praise")}}})},
        {s("n3"), node(s("agent"), s("Billing specialist"), {{s("agent"), s("billing")}})},
        {s("n4"), node(s("coordinator"), s("Investigate"),
                       {{s("agent"), s("planner")}, {s("max_tasks"), 4}})},
        {s("n5"), node(s("agent"), s("Log reader"), {{s("agent"), s("log-reader")}})},
        {s("n6"), node(s("tool"), s("Search known issues"), {{s("tool"), s("search")}})},
        {s("n7"), node(s("agent"), s("Thank you note"), {{s("agent"), s("praise")}})},
        {s("n8"), node(s("join"), s("First answer"), {{s("mode"), s("first")}})},
        {s("n9"),
         node(s("loop"), s("Polish"), {{s("until"), s("input.score > 0.8")}, {s("at_most"), 4}})},
        {s("n10"), node(s("agent"), s("Editor"), {{s("agent"), s("editor")}})},
        {s("n11"), node(s("human"), s("Approve the reply"),
                        {{s("mode"), s("approval")}, {s("question"), s("Send this reply?")}})},
        {s("n12"), node(s("memory_write"), s("Remember the topic"), {{s("key"), s("topics")}})},
        {s("n13"), node(s("output"), s("Reply"))},
        {s("n14"), node(s("output"), s("Held back"))}};
    const QJsonObject edges{{s("e1"), edge(s("n1"), s("out"), s("n2"), s("in"))},
                            {s("e2"), edge(s("n2"), s("billing"), s("n3"), s("in"))},
                            {s("e3"), edge(s("n2"), s("bug"), s("n4"), s("in"))},
                            {s("e4"), edge(s("n2"), s("praise"), s("n7"), s("in"))},
                            {s("e5"), edge(s("n4"), s("workers"), s("n5"), s("in"))},
                            {s("e6"), edge(s("n4"), s("workers"), s("n6"), s("in"))},
                            {s("e7"), edge(s("n5"), s("out"), s("n4"), s("results"))},
                            {s("e8"), edge(s("n6"), s("out"), s("n4"), s("results"))},
                            {s("e9"), edge(s("n3"), s("out"), s("n8"), s("in"))},
                            {s("e10"), edge(s("n4"), s("out"), s("n8"), s("in"), s("findings"))},
                            {s("e11"), edge(s("n7"), s("out"), s("n8"), s("in"))},
                            {s("e12"), edge(s("n8"), s("out"), s("n9"), s("in"))},
                            {s("e13"), edge(s("n9"), s("body"), s("n10"), s("in"))},
                            {s("e14"), edge(s("n10"), s("out"), s("n9"), s("again"))},
                            {s("e15"), edge(s("n9"), s("out"), s("n11"), s("in"))},
                            {s("e16"), edge(s("n11"), s("approved"), s("n12"), s("in"))},
                            {s("e17"), edge(s("n12"), s("out"), s("n13"), s("in"))},
                            {s("e18"), edge(s("n11"), s("denied"), s("n14"), s("in"))}};
    const QJsonObject places{
        {s("n1"), at(0, 208)},     {s("n2"), at(288, 184)},   {s("n3"), at(608, 40)},
        {s("n4"), at(608, 168)},   {s("n5"), at(920, 256)},   {s("n6"), at(920, 344)},
        {s("n7"), at(608, 496)},   {s("n8"), at(1232, 152)},  {s("n9"), at(1520, 128)},
        {s("n10"), at(1824, 256)}, {s("n11"), at(1824, 104)}, {s("n12"), at(2128, 72)},
        {s("n13"), at(2416, 72)},  {s("n14"), at(2128, 192)}};
    const auto box = [&](double x, double y, double w, double h, const char *key, const char *text,
                         const char *color) {
        return QJsonObject{{s("x"), x}, {s("y"), y},       {s("w"), w},
                           {s("h"), h}, {s(key), s(text)}, {s("color"), s(color)}};
    };
    return QJsonObject{
        {s("job"), s("Answers a customer's message.")},
        {s("nodes"), nodes},
        {s("edges"), edges},
        {s("layout"),
         QJsonObject{
             {s("nodes"), places},
             {s("frames"),
              QJsonObject{{s("f1"), box(576, 0, 608, 592, "title", "Specialists", "agent")}}},
             {s("notes"),
              QJsonObject{{s("t1"), box(288, 384, 224, 96, "text",
                                        "Routes are chosen by a model from their descriptions: "
                                        "keep them short and unlike each other.",
                                        "")}}}}}};
}

inline QHash<QString, NodeRunState> deskRun()
{
    QHash<QString, NodeRunState> run;
    const auto put = [&run](const char *id, Status status, int calls, qint64 tokens, double seconds,
                            double cost) {
        NodeRunState &state = run[QLatin1String(id)];
        state.status = status;
        state.calls = calls;
        state.usage.inputTokens = tokens;
        state.usage.costUsd = cost;
        state.durationUs = qint64(seconds * 1e6);
    };
    put("n1", Status::Ok, 1, 0, 0.001, 0);
    put("n2", Status::Ok, 1, 412, 0.84, 0.0006);
    put("n3", Status::Cancelled, 0, 0, -1e-6, 0);
    put("n4", Status::Running, 1, 1840, 6.2, 0.0041);
    put("n5", Status::Running, 2, 2204, 3.1, 0.0052);
    put("n6", Status::Error, 1, 0, 0.21, 0);
    put("n7", Status::Cancelled, 0, 0, -1e-6, 0);
    run["n6"].errors = 1;
    run["n6"].detail = QStringLiteral("The tool answered 503: the index is being rebuilt.");
    return run;
}

inline QHash<QString, EdgeFlow> deskFlow()
{
    QHash<QString, EdgeFlow> flow;
    for (const char *id : {"e1", "e3", "e6"})
        flow[QLatin1String(id)] = {EdgeFlow::State::Taken, false, 1,
                                   QStringLiteral("\"The export stops at 80 %\"")};
    flow[QStringLiteral("e5")] = {EdgeFlow::State::Taken, true, 2,
                                  QStringLiteral("\"Read the logs of 12 March\"")};
    for (const char *id : {"e2", "e4", "e9", "e11"})
        flow[QLatin1String(id)] = {EdgeFlow::State::Dead, false, 0, {}};
    return flow;
}

} // namespace lathe::test
