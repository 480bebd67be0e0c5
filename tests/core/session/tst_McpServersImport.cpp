// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/SecretLook.h"
#include "core/design/ToolSpec.h"
#include "core/session/McpHub.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestMcpServersImport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Only those members of a config that are expected are compared.
    void reads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QJsonArray>("expected");
        QFile file(QStringLiteral(LATHE_TEST_DATA "/mcp/servers-import.json")); // [{name, text, expected: [{name, config, secrets?}]}]
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto rows = json::parse(file.readAll());
        QVERIFY2(rows.ok(), rows ? "" : qPrintable(rows.error().message));
        for (const QJsonValue &row : rows->toArray())
            QTest::newRow(qPrintable(row.toObject().value(QStringLiteral("name")).toString()))
                << row.toObject().value(QStringLiteral("text")).toString() << row.toObject().value(QStringLiteral("expected")).toArray();
    }
    void reads()
    {
        QFETCH(QString, text);
        QFETCH(QJsonArray, expected);
        const auto parsed = parseMcpServers(text);
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().message));
        QCOMPARE(int(parsed->servers.size()), int(expected.size()));
        for (size_t i = 0; i < parsed->servers.size(); ++i) {
            const McpServersImport::Server &server = parsed->servers[i];
            const QJsonObject want = expected[qsizetype(i)].toObject();
            QCOMPARE(server.name, want.value(QStringLiteral("name")).toString());
            const QJsonObject config = server.body.value(QStringLiteral("config")).toObject();
            const QJsonObject members = want.value(QStringLiteral("config")).toObject();
            for (auto it = members.begin(); it != members.end(); ++it)
                QCOMPARE(json::compactString(config.value(it.key())), json::compactString(it.value()));
            QJsonObject secrets;
            for (const auto &[name, value] : server.secrets)
                secrets.insert(name, value);
            if (want.contains(QStringLiteral("secrets")))
                QCOMPARE(json::compactString(secrets), json::compactString(want.value(QStringLiteral("secrets"))));
            // What is given back to be stored stands nowhere in the body.
            const QString whole = json::compactString(server.body);
            for (const auto &[name, value] : server.secrets)
                QVERIFY2(!whole.contains(value), qPrintable(whole));
            QVERIFY(ToolSpec::fromJson(server.body).ok());
            for (const Problem &problem : validateTool(server.body, DesignLookup()))
                QVERIFY2(problem.severity != Problem::Severity::Error && problem.code != QLatin1String("mcp.plain_secret"), qPrintable(problem.pointer + problem.message));
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringLiteral("  \n ") << QStringLiteral("Nothing is given");
        QTest::newRow("broken JSON") << QStringLiteral("{\"mcpServers\": {\n \"a\": }") << QStringLiteral("line 2");
        QTest::newRow("no server") << QStringLiteral("{\"a\": 1}") << QStringLiteral("command");
        QTest::newRow("a shell's pipe") << QStringLiteral("curl x | sh") << QStringLiteral("shell");
        QTest::newRow("an open quote") << QStringLiteral("node 'a b") << QStringLiteral("never closed");
        QTest::newRow("only variables") << QStringLiteral("A=1 B=2") << QStringLiteral("no program");
        QTest::newRow("too much") << QString(2'000'000, u'a') << QStringLiteral("1 MB");
        QTest::newRow("a server without anything") << QStringLiteral("{\"mcpServers\":{\"x\":{}}}") << QStringLiteral("x was left out");
        QTest::newRow("no web address") << QStringLiteral("{\"mcpServers\":{\"x\":{\"url\":\"ftp://e.com\"}}}") << QStringLiteral("no web address");
    }
    void refuses()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto parsed = parseMcpServers(text);
        QVERIFY(!parsed.ok());
        QCOMPARE(int(parsed.error().kind), int(ErrorKind::InvalidInput));
        QVERIFY2(parsed.error().message.contains(says), qPrintable(parsed.error().message));
    }

    void noTextBreaksIt()
    {
        const QString seed = QStringLiteral("{\"mcpServers\":{\"a\":{\"command\":\"npx\",\"args\":[\"-y\",\"${env:X}\"],\"env\":{\"K\":\"v\"},\"headers\":{\"A\":\"b\"}}}} // \\ ' \" ```\n");
        QRandomGenerator random(20261123);
        for (int i = 0; i < 3000; ++i) {
            QString text = seed.left(int(random.bounded(quint32(seed.size() + 1))));
            for (int k = int(random.bounded(6u)); k > 0 && !text.isEmpty(); --k) {
                const int at = int(random.bounded(quint32(text.size())));
                switch (random.bounded(3u)) {
                case 0:
                    text.remove(at, 1);
                    break;
                case 1:
                    text.insert(at, seed[int(random.bounded(quint32(seed.size())))]);
                    break;
                default:
                    text[at] = QChar(ushort(random.bounded(0x10000u)));
                }
            }
            const auto parsed = parseMcpServers(text);
            if (parsed) {
                QVERIFY(!parsed->servers.empty());
                for (const McpServersImport::Server &server : parsed->servers)
                    QVERIFY2(checkArtifactName(server.name).ok(), qPrintable(server.name));
            } else {
                QVERIFY(!parsed.error().message.isEmpty());
            }
        }
    }

    void looksOfSecrets_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("secret");
        const auto row = [](const char *name, const char *value, bool secret) {
            QTest::addRow("%s=%s", name, value) << QString::fromLatin1(name) << QString::fromLatin1(value) << secret;
        };
        row("API_KEY", "abc", true);
        row("GITHUB_TOKEN", "x1y2z3", true);
        row("DB_PASSWORD", "p", true);
        row("X-Api-Key", "1a2b3c", true);
        row("Authorization", "Bearer abc", true);
        row("ANYTHING", "sk-proj-abcdefghijklmnopqrstuv", true);
        row("DATABASE_URL", "postgres://u:p@h/d", true);
        row("API_KEY", "{{secret:API_KEY}}", false);
        row("TOKEN_LIMIT", "4096", false);
        row("KEY_FILE", "/etc/key.pem", false);
        row("AUTH_MODE", "oauth", false);
        row("USE_TOKEN", "true", false);
        row("DATABASE_URL", "postgres://h/d", false);
        row("MONKEY", "banana", false);
        row("NODE_ENV", "production", false);
        row("API_KEY", "", false);
    }
    void looksOfSecrets()
    {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(bool, secret);
        QCOMPARE(looksLikeSecret(name, value), secret);
    }
};

QTEST_GUILESS_MAIN(TestMcpServersImport)
#include "tst_McpServersImport.moc"
