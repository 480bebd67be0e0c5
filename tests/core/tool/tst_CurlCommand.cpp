// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/tool/CurlCommand.h"
#include "core/tool/RequestTemplate.h"
#include "tests/core/tool/CurlCases.h"

#include <QTest>

using namespace lathe;

// Commands as they are found in manuals and as browsers copy them.
class TestCurlCommand : public QObject
{
    Q_OBJECT

    static QString headersText(const CurlCommand &command)
    {
        QStringList lines;
        for (const auto &[name, value] : command.headers)
            lines += name + QStringLiteral(": ") + value;
        return lines.join(u'\n');
    }

private Q_SLOTS:
    void commands_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("headers"); // one a line
        QTest::addColumn<QString>("bodyType");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("secrets"); // "NAME=value" one a line
        for (const test::CurlCase &one : test::curlCases()) {
            QTest::newRow(one.name) << QString::fromUtf8(one.text) << QString::fromUtf8(one.method) << QString::fromUtf8(one.url)
                                    << QString::fromUtf8(one.headers) << QString::fromUtf8(one.bodyType) << QString::fromUtf8(one.body)
                                    << QString::fromUtf8(one.secrets);
        }
    }
    void commands()
    {
        QFETCH(QString, text);
        QFETCH(QString, method);
        QFETCH(QString, url);
        QFETCH(QString, headers);
        QFETCH(QString, bodyType);
        QFETCH(QString, body);
        QFETCH(QString, secrets);
        QVERIFY(looksLikeCurlCommand(text));
        const auto command = parseCurlCommand(text);
        QVERIFY2(command.ok(), command ? "" : qPrintable(command.error().message));
        QCOMPARE(command->method, method);
        QCOMPARE(command->url, url);
        QCOMPARE(headersText(*command), headers);
        QCOMPARE(command->bodyType, bodyType);
        QCOMPARE(command->body, body);
        QStringList found;
        for (const CurlSecret &secret : command->secrets)
            found += secret.name + u'=' + secret.value;
        QCOMPARE(found.join(u'\n'), secrets);
        // It can be used as it is, and no secret is in what goes to the project.
        const QJsonObject config = command->toConfig();
        const auto request = RequestTemplate::fromConfig(config);
        QVERIFY2(request.ok(), request ? "" : qPrintable(request.error().message));
        const QString kept = json::compactString(config) + command->notes.join(u'\n');
        for (const CurlSecret &secret : command->secrets)
            QVERIFY2(secret.value.isEmpty() || !kept.contains(secret.value), qPrintable(kept));
    }

    void refused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const char *text, const char *says) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(says);
        };
        row("not curl", "wget https://a.example/", "no curl command");
        row("empty", "", "no curl command");
        row("no url", "curl -X POST -d a=1", "no URL");
        row("open single quote", "curl 'https://a.example/", "never closed");
        row("open double quote", "curl \"https://a.example/", "never closed");
        row("open ansi quote", "curl https://a.example/ -d $'a", "never closed");
        row("substitution", "curl https://a.example/$(whoami)", "never run here");
        row("backticks", "curl https://a.example/ -d \"`id`\"", "never done here");
        row("arithmetic", "curl https://a.example/${x:-y}", "never run here");
        row("host variable", "curl \"$BASE_URL/users\"", "server in the URL is a variable");
        row("host braces", "curl 'https://{host}/users'", "server in the URL is a variable");
        row("ftp", "curl ftp://a.example/x", "no http or https URL");
        row("file", "curl file:///etc/passwd", "no http or https URL");
        row("half a user", "curl -I https://a.exam@", "no http or https URL"); // found by fuzzing
        row("blank behind the host", "curl 'hampls /a'", "no http or https URL");
        row("user and path", "curl hl@/", "no http or https URL");
        row("method", "curl -X BREW https://a.example/", "not supported");
        row("no value", "curl https://a.example/ -H", "has no value");
    }
    void refused()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto command = parseCurlCommand(text);
        QVERIFY(!command.ok());
        QCOMPARE(command.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(command.error().message.contains(says), qPrintable(command.error().message));
    }

    void notes_data()
    {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *options, const char *says) {
            QTest::newRow(options) << QString::fromUtf8(options) << QString::fromUtf8(says);
        };
        row("-k", "certificates are always checked");
        row("-x http://proxy:3128", "proxy is left out");
        row("-d @/etc/passwd", "/etc/passwd is not read");
        row("-F f=@/etc/passwd", "/etc/passwd is not read");
        row("-T /etc/passwd", "/etc/passwd is not read");
        row("-b cookies.txt", "no file is read");
        row("-K curlrc", "no file is read");
        row("-H @headers.txt", "no file is read");
        row("--resolve a.example:443:127.0.0.1", "--resolve is left out");
        row("--unix-socket /run/docker.sock", "--unix-socket is left out");
        row("--cert me.pem", "Client certificates");
        row("--aws-sigv4 aws:amz", "AWS");
        row("--frobnicate", "--frobnicate is not known");
        row("-H 'Host: b.example'", "Host is left out");
        row("| jq .name", "left out: | jq .name");
        row("> out.json", "left out: > out.json");
        row("&& rm -rf /", "left out: && rm -rf /");
        row("\nrm -rf /", "left out: rm -rf /");
        row("--next https://b.example/", "first of several");
        row("https://b.example/", "Only the first URL");
    }
    void notes()
    {
        QFETCH(QString, options);
        QFETCH(QString, says);
        const auto command = parseCurlCommand(QStringLiteral("curl https://a.example/x ") + options);
        QVERIFY2(command.ok(), command ? "" : qPrintable(command.error().message));
        QVERIFY2(command->notes.join(u'\n').contains(says), qPrintable(command->notes.join(u'\n')));
        QVERIFY(command->url.startsWith(QLatin1String("https://a.example/x")));
    }

    void continuedLinesSayNothing()
    {
        for (const char *text : {"curl \\\n  https://a.example/ \\\n  -H 'X: 1' \\\n", "curl https://a.example/ \\ \n\t-H 'X: 1'", "curl https://a.example/ -H 'X: 1' \\",
                                 "curl https://a.example/ ^\n  -H \"X: 1\"", "curl https://a.example/ `\n  -H 'X: 1'", "curl https://a.\\\nexample/ -H 'X: 1'"}) {
            const auto command = parseCurlCommand(QString::fromUtf8(text));
            QVERIFY2(command.ok(), text);
            QCOMPARE(command->notes, QStringList());
            QCOMPARE(command->url, QStringLiteral("https://a.example/"));
            QCOMPARE(headersText(*command), QStringLiteral("X: 1"));
        }
    }

    void quietOptionsSayNothing()
    {
        const auto command = parseCurlCommand(QStringLiteral(
            "curl -sSLvif --compressed --http2 -o /tmp/x -w '%{http_code}' --retry 3 --connect-timeout 5 --no-progress-meter https://a.example/"));
        QVERIFY(command.ok());
        QCOMPARE(command->notes, QStringList());
        QCOMPARE(command->method, QStringLiteral("GET"));
    }

    void basicUser()
    {
        auto command = parseCurlCommand(QStringLiteral("curl -u 'ann:pa:ss' https://api.shop.example/orders"));
        QVERIFY(command.ok());
        QCOMPARE(command->basicAuth, QStringLiteral("ann:{{secret:SHOP_PASSWORD}}"));
        QCOMPARE(command->secrets.at(0).value, QStringLiteral("pa:ss"));
        command = parseCurlCommand(QStringLiteral("curl https://api.shop.example/orders -u sk_live_12345678901234567890:"));
        QVERIFY(command.ok());
        QCOMPARE(command->basicAuth, QStringLiteral("{{secret:SHOP_KEY}}:"));
        command = parseCurlCommand(QStringLiteral("curl https://ann:p%40ss@api.shop.example/orders"));
        QVERIFY(command.ok());
        QCOMPARE(command->url, QStringLiteral("https://api.shop.example/orders"));
        QCOMPARE(command->secrets.at(0).value, QStringLiteral("p@ss"));
    }

    void names()
    {
        QCOMPARE(parseCurlCommand(QStringLiteral("curl https://a.example/v1/users/{id}/orders?x=1"))->suggestedName(),
                 QStringLiteral("get_users_orders"));
        QCOMPARE(parseCurlCommand(QStringLiteral("curl -X DELETE https://a.example"))->suggestedName(), QStringLiteral("delete_a_example"));
    }

    void localServersAreMeant()
    {
        const auto privateNetwork = [](const char *url) {
            return parseCurlCommand(QStringLiteral("curl ") + QLatin1String(url))->toConfig().value(QLatin1String("allow_private_network")).toBool();
        };
        QVERIFY(privateNetwork("http://localhost:8080/x") && privateNetwork("http://192.168.1.5/") && privateNetwork("http://[::1]:80/"));
        QVERIFY(!privateNetwork("https://a.example/") && !privateNetwork("https://8.8.8.8/"));
    }

    // Whatever is pasted: an answer, and nothing of it executed or read.
    void anything()
    {
        const QStringList pieces{QStringLiteral("curl "),
                                 QStringLiteral("'"),
                                 QStringLiteral("\""),
                                 QStringLiteral("$'"),
                                 QStringLiteral("\\"),
                                 QStringLiteral("^"),
                                 QStringLiteral("\n"),
                                 QStringLiteral(" "),
                                 QStringLiteral("-H "),
                                 QStringLiteral("-d"),
                                 QStringLiteral("https://a.example/"),
                                 QStringLiteral("{{x}}"),
                                 QStringLiteral("{"),
                                 QStringLiteral("$A"),
                                 QStringLiteral("&"),
                                 QStringLiteral("\\u12"),
                                 QStringLiteral("%7B"),
                                 QStringLiteral("a: b"),
                                 QStringLiteral("--json "),
                                 QStringLiteral("-F a=@b ")};
        quint32 seed = 7;
        int good = 0;
        for (int round = 0; round < 20'000; ++round) {
            QString text = QStringLiteral("curl https://a.example/ ");
            for (int n = 0; n < 8; ++n) {
                seed = seed * 1664525 + 1013904223;
                text += pieces[(seed >> 16) % quint32(pieces.size())];
            }
            if (const auto command = parseCurlCommand(text)) {
                ++good;
                QVERIFY2(RequestTemplate::fromConfig(command->toConfig()).ok(), qPrintable(text));
            }
        }
        QVERIFY(good > 1000);
    }

    // Found by the fuzzer: an escape spells a character that is a mark here, by its code or by its bytes. It must not make a variable, either.
    void escapesMakeNoMarks()
    {
        for (const char *text : {"curl https://a.example/ -d $'x \\ue000HOME\\ue001'", "curl https://a.example/ -d $'x \\xee\\x80\\x80HOME\\356\\200\\201'"}) {
            const auto command = parseCurlCommand(QString::fromLatin1(text));
            QVERIFY2(command.ok(), text);
            QCOMPARE(command->body, QString::fromUtf8("x \xef\xbf\xbdHOME\xef\xbf\xbd"));
            QVERIFY(command->secrets.empty());
            QVERIFY(RequestTemplate::fromConfig(command->toConfig()).ok());
        }
    }

    // Found by the fuzzer: options of one letter in one word take a shell variable apart.
    void aVariableTakenApartByOptionsIsNone()
    {
        const auto command = parseCurlCommand(QStringLiteral("curl https://a.example/ -OI$ept:x"));
        QVERIFY2(command.ok(), command ? "" : qPrintable(command.error().message));
        const auto request = RequestTemplate::fromConfig(command->toConfig());
        QVERIFY2(request.ok(), request ? "" : qPrintable(request.error().message));
    }
};

QTEST_GUILESS_MAIN(TestCurlCommand)
#include "tst_CurlCommand.moc"
