// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolSpec.h"

#include <QTest>

using namespace lathe;

// What is wrong with a tool that stands for an agent or a team.
class TestToolTypesDelegate : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void problems_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QJsonObject>("config");
        QTest::addColumn<QString>("code"); // empty: none of this family
        const auto row = [](const char *name, const char *type, const QJsonObject &config, const char *code) {
            QTest::newRow(name) << QString::fromLatin1(type) << config << QString::fromLatin1(code);
        };
        const QJsonObject known{{QStringLiteral("agent"), QStringLiteral("known@2")}};
        QJsonObject good = known, noObject = known, noSchema = known;
        good.insert(QStringLiteral("parameters"), QJsonObject{{QStringLiteral("city"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}}}});
        noObject.insert(QStringLiteral("parameters"), QStringLiteral("city"));
        noSchema.insert(QStringLiteral("parameters"), QJsonObject{{QStringLiteral("city"), QStringLiteral("string")}});
        row("an agent", "agent", known, "");
        row("with parameters", "agent", good, "");
        row("no agent", "agent", QJsonObject(), "delegate.none");
        row("no team", "team", known, "delegate.none");
        row("not in the project", "agent", QJsonObject{{QStringLiteral("agent"), QStringLiteral("gone")}}, "delegate.unknown");
        row("no reference", "agent", QJsonObject{{QStringLiteral("agent"), QStringLiteral("a@b@c")}}, "delegate.unknown");
        row("parameters are text", "agent", noObject, "delegate.parameters");
        row("a parameter is text", "agent", noSchema, "delegate.parameter");
    }
    void problems()
    {
        QFETCH(QString, type);
        QFETCH(QJsonObject, config);
        QFETCH(QString, code);
        DesignLookup lookup;
        lookup.exists = [](ArtifactKind kind, const QString &ref) { return kind == ArtifactKind::Agent && ref.startsWith(QLatin1String("known")); };
        const QJsonObject body{{QStringLiteral("type"), type}, {QStringLiteral("purpose"), QStringLiteral("Ask it.")}, {QStringLiteral("config"), config}};
        QStringList found;
        for (const Problem &problem : validateTool(body, lookup)) {
            if (problem.code.startsWith(QLatin1String("delegate.")))
                found.append(problem.code);
        }
        QCOMPARE(found.join(u','), code);
    }
};

QTEST_GUILESS_MAIN(TestToolTypesDelegate)
#include "tst_ToolTypesDelegate.moc"
