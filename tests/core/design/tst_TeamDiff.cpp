// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamDiff.h"
#include "core/design/TeamEdits.h"
#include "tests/support/JsonText.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
const char *const start = R"({"job":"Answer","at_once":4,"limits":{"steps":24},"state":[{"name":"a","reducer":"append"}],
    "nodes":{"n1":{"kind":"input","name":"Start","settings":{}},
             "n2":{"kind":"agent","name":"Research","settings":{"agent":"researcher@3","message":"x"}},
             "n3":{"kind":"router","name":"Route","settings":{"routes":[{"id":"r1","title":"Bug","rule":"a"},{"id":"r2","title":"Rest"}],"tags":[1,2]}},
             "n10":{"kind":"output","name":"End","settings":{}}},
    "edges":{"e1":{"from":"n1","from_port":"out","to":"n2","to_port":"in"},
             "e2":{"from":"n2","from_port":"out","to":"n10","to_port":"in","label":"ok"}},
    "layout":{"nodes":{"n1":{"x":1,"y":2}}}})";

// One line for each: "~ node n2 Research: settings/agent [a] -> [b]; ...", + and - for what came and went.
QStringList shown(const std::vector<TeamDifference> &differences)
{
    QStringList lines;
    for (const TeamDifference &difference : differences) {
        const char *what = difference.what == TeamDifference::What::Added     ? "+"
                           : difference.what == TeamDifference::What::Removed ? "-"
                                                                              : "~";
        QStringList fields;
        for (const TeamDifference::Field &field : difference.fields)
            fields.append(QStringLiteral("%1 [%2] -> [%3]").arg(field.path, field.before, field.after));
        const QString kind = difference.id.isEmpty() ? QStringLiteral("team") : difference.edge ? QStringLiteral("edge ") : QStringLiteral("node ");
        lines.append(QString::fromLatin1(what) + QLatin1Char(' ') + kind + difference.id
                     + (difference.name.isEmpty() ? QString() : QLatin1Char(' ') + difference.name)
                     + (fields.isEmpty() ? QString() : QStringLiteral(": ") + fields.join(QStringLiteral("; "))));
    }
    return lines;
}
} // namespace

class TestTeamDiff : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void differences_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QByteArray>("after"); // empty: removed
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *pointer, const char *after, const char *expected) {
            QTest::newRow(name) << QString::fromLatin1(pointer) << QByteArray(after) << QString::fromUtf8(expected);
        };
        row("nothing", "/job", "\"Answer\"", "");
        row("a position", "/layout/nodes/n1/x", "77", "");
        row("no layout", "/layout", "", "");
        row("job", "/job", "\"Ask\"", "~ team: job [Answer] -> [Ask]");
        row("limits", "/limits/steps", "30", "~ team: limits/steps [24] -> [30]");
        row("a limit more", "/limits/seconds", "5", "~ team: limits/seconds [] -> [5]");
        row("state", "/state/0/reducer", "\"add\"", "~ team: state/a/reducer [append] -> [add]");
        row("name", "/nodes/n2/name", "\"بحث 🔎\"", "~ node n2 بحث 🔎: name [Research] -> [بحث 🔎]");
        row("setting", "/nodes/n2/settings/agent", "\"researcher@4\"", "~ node n2 Research: settings/agent [researcher@3] -> [researcher@4]");
        row("setting gone", "/nodes/n2/settings/message", "", "~ node n2 Research: settings/message [x] -> []");
        row("deep setting made", "/nodes/n2/settings/inline", R"({"model":{"model":"m"},"n":{}})",
            "~ node n2 Research: settings/inline/model/model [] -> [m]; settings/inline/n [] -> [{}]");
        row("a route", "/nodes/n3/settings/routes/0/rule", "\"b\"", "~ node n3 Route: settings/routes/r1/rule [a] -> [b]");
        row("routes in another order", "/nodes/n3/settings/routes", R"([{"id":"r2","title":"Rest"},{"id":"r1","title":"Bug","rule":"a"}])",
            "~ node n3 Route: settings/routes [r1, r2] -> [r2, r1]");
        row("a route in front", "/nodes/n3/settings/routes", R"([{"id":"r9"},{"id":"r1","title":"Bug","rule":"a"},{"id":"r2","title":"Rest"}])",
            "~ node n3 Route: settings/routes/r9/id [] -> [r9]");
        row("a plain list", "/nodes/n3/settings/tags", "[2]", "~ node n3 Route: settings/tags [[1,2]] -> [[2]]");
        row("another kind of value", "/nodes/n3/settings/routes", "7", "~ node n3 Route: settings/routes [[{\"id\":\"r1\",\"rule\":\"a\",\"title\":\"Bug\"},{\"id\":\"r2\",\"title\":\"Rest\"}]] -> [7]");
        row("a node more", "/nodes/n4", R"({"kind":"tool","name":"Search"})", "+ node n4 Search");
        row("a node less", "/nodes/n2", "", "- node n2 Research");
        row("a node without a name", "/nodes/n4", "7", "+ node n4 n4");
        row("an edge more", "/edges/e3", R"({"from":"n1","to":"n3"})", "+ edge e3 Start -> Route");
        row("an edge less", "/edges/e2", "", "- edge e2 Research -> End");
        row("an edge elsewhere", "/edges/e2/to", "\"n3\"", "~ edge e2 Research -> Route: to [n10] -> [n3]");
        row("an edge to nowhere", "/edges/e2/to", "\"n7\"", "~ edge e2 Research -> n7: to [n10] -> [n7]");
    }
    void differences()
    {
        QFETCH(QString, pointer);
        QFETCH(QByteArray, after);
        const QJsonObject before = object(start);
        QVERIFY(before.contains(QStringLiteral("nodes")));
        const QJsonValue value = after.isEmpty() ? QJsonValue(QJsonValue::Undefined) : *json::parse(after);
        const QJsonObject changed = json::with(before, pointer, value).toObject();
        QTEST(shown(diffTeams(before, changed)).join(QLatin1Char('|')), "expected");
        // Backwards what came went.
        const auto back = diffTeams(changed, before);
        QCOMPARE(back.size(), diffTeams(before, changed).size());
        for (size_t i = 0; i < back.size(); ++i) {
            const TeamDifference there = diffTeams(before, changed)[i];
            QCOMPARE(back[i].id, there.id);
            QCOMPARE(back[i].what == TeamDifference::What::Added, there.what == TeamDifference::What::Removed);
            QCOMPARE(back[i].fields.size(), there.fields.size());
        }
    }

    void theTeamThenNodesThenEdges()
    {
        QJsonObject after = object(start);
        for (const auto &[pointer, text] : {std::pair("/nodes/n10/name", "\"Last\""), {"/nodes/n2/name", "\"First\""}, {"/edges/e1/label", "\"go\""}, {"/at_once", "9"}})
            after = json::with(after, QString::fromLatin1(pointer), *json::parse(text)).toObject();
        QCOMPARE(shown(diffTeams(object(start), after)),
                 (QStringList{QStringLiteral("~ team: at_once [4] -> [9]"), QStringLiteral("~ node n2 First: name [Research] -> [First]"),
                              QStringLiteral("~ node n10 Last: name [End] -> [Last]"), QStringLiteral("~ edge e1 Start -> First: label [] -> [go]")}));
    }

    void removedEdgesKeepTheirNames()
    {
        const QJsonObject before = object(start);
        const QJsonObject after = applyChanges(before, removeItems(before, {QStringLiteral("n2")}));
        QCOMPARE(shown(diffTeams(before, after)), (QStringList{QStringLiteral("- node n2 Research"), QStringLiteral("- edge e1 Start -> Research"),
                                                               QStringLiteral("- edge e2 Research -> End")}));
    }

    void anyBodiesAreCompared()
    {
        QJsonObject deep{{QStringLiteral("x"), 1}}, other{{QStringLiteral("x"), 2}};
        for (int i = 0; i < 3000; ++i) { // deeper than any stack would bear frames of
            deep = {{QStringLiteral("d"), deep}};
            other = {{QStringLiteral("d"), other}};
        }
        const QJsonObject before{{QStringLiteral("nodes"), QJsonObject{{QStringLiteral("n1"), deep}}}};
        const QJsonObject after{{QStringLiteral("nodes"), QJsonObject{{QStringLiteral("n1"), other}}}};
        const auto found = diffTeams(before, after);
        QCOMPARE(found.size(), size_t(1));
        QCOMPARE(found[0].fields.size(), size_t(1));
        QCOMPARE(found[0].fields[0].after, QStringLiteral("2"));
        QVERIFY(diffTeams(QJsonObject(), QJsonObject()).empty());
        QVERIFY(!diffTeams(object(R"({"nodes":[1],"edges":7})"), object(start)).empty());
    }
};

QTEST_GUILESS_MAIN(TestTeamDiff)
#include "tst_TeamDiff.moc"
