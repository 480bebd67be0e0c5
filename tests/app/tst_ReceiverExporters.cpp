// SPDX-License-Identifier: GPL-3.0-or-later
// Real programs with real OpenTelemetry exporters send to lathe-cli serve.
#include "tests/app/OtlpProducers.h"

#include <QTcpServer>

using namespace lathe;
using namespace lathe::test;

class TestReceiverExporters : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    QString m_place;
    int m_files = 0;

    QString newProject()
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_files));
        ProjectBuilder builder(path);
        return path;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_place = OtlpProducers::prepare(m_folder.path());
        QVERIFY2(!m_place.isEmpty(), qPrintable(QStringLiteral("The npm packages are not in %1; packaging/install test fetches them.")
                                                    .arg(NodePrograms::packages(QStringLiteral("otlp")))));
    }

    void producers_data()
    {
        QTest::addColumn<QString>("producer");
        QTest::addColumn<QString>("encoding");
        QTest::addColumn<QStringList>("variables");
        QTest::addColumn<int>("models");     // model steps with an answer
        QTest::addColumn<QString>("model");  // their model
        const QStringList gzip{QStringLiteral("OTEL_EXPORTER_OTLP_COMPRESSION=gzip")};
        const auto row = [&](const char *name, const char *producer, const char *encoding, const QStringList &variables, int models,
                             const char *model = "small") {
            QTest::newRow(name) << QString::fromLatin1(producer) << QString::fromLatin1(encoding) << variables << models
                                << QString::fromLatin1(model);
        };
        row("OpenTelemetry SDK, JSON", "otel", "json", {}, 2, "gpt-5");
        row("OpenTelemetry SDK, protobuf", "otel", "proto", {}, 2, "gpt-5");
        row("OpenTelemetry SDK, JSON, gzip", "otel", "json", gzip, 2, "gpt-5");
        row("OpenTelemetry SDK, protobuf, gzip", "otel", "proto", gzip, 2, "gpt-5");
        row("AI SDK 6, JSON", "ai6", "json", {}, 3);
        row("AI SDK 6, protobuf, gzip", "ai6", "proto", gzip, 3);
        row("AI SDK 7, JSON, gzip", "ai7", "json", gzip, 3);
        row("AI SDK 7, protobuf", "ai7", "proto", {}, 3);
        row("OpenInference, JSON", "openinference", "json", {}, 3);
        row("OpenInference, protobuf", "openinference", "proto", {}, 3);
        row("older conventions with log records", "oldDialect", "json", {}, 3);
        row("traceloop", "traceloop", "proto", {}, 3);
    }
    void producers()
    {
        QFETCH(QString, producer);
        QFETCH(QString, encoding);
        QFETCH(QStringList, variables);
        QFETCH(int, models);
        QFETCH(QString, model);
        const QString path = newProject();
        Serving serving(path, {QStringLiteral("--otlp"), QStringLiteral("127.0.0.1:0")});
        QVERIFY2(!serving.otlp().isEmpty(), serving.errors().constData());
        const auto told = OtlpProducers::run(OtlpProducers::node(), m_place, producer, encoding, serving.otlp(), variables);
        QVERIFY2(!told.json.isEmpty(), told.errors.constData());
        const int spans = told.json.value(QStringLiteral("spans")).toInt();
        QVERIFY(spans > 0);
        // The exporter is content.
        QCOMPARE(told.json.value(QStringLiteral("failed")).toArray(), QJsonArray());
        QCOMPARE(told.json.value(QStringLiteral("exported")).toInt(), spans);
        QCOMPARE(serving.end(), 0);

        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        int steps = 0, answered = 0, counted = 0;
        const QJsonArray traces = told.json.value(QStringLiteral("traces")).toArray();
        for (const QJsonValue &trace : traces) {
            const auto id = (*session)->project().runs().findForeign(QStringLiteral("otlp"), trace.toString());
            QVERIFY2(id && *id, qPrintable(trace.toString()));
            const auto info = (*session)->project().runs().run(**id);
            QVERIFY(info.ok());
            QCOMPARE(info->status, RunStatus::Done);
            QVERIFY(!info->agentName.isEmpty());
            const auto whole = await((*session)->trace(**id, CancelToken()));
            QVERIFY(whole.ok());
            steps += int(whole->steps().size());
            for (const Step &step : whole->steps()) {
                QVERIFY2(step.begun, qPrintable(step.path));
                QVERIFY(step.status != StepStatus::Running);
                if (step.kind != StepKind::Model || step.status != StepStatus::Ok)
                    continue;
                if (!step.text.isEmpty() || !step.toolArguments.isEmpty()
                    || !step.attributes.value(QStringLiteral("gen_ai.output.messages")).toArray().isEmpty())
                    ++answered;
                // OpenInference tells the exact one only.
                QVERIFY(step.attributes.value(QStringLiteral("gen_ai.request.model")).toString().startsWith(model));
                counted += step.usage().totalTokens() > 0;
            }
            QCOMPARE(whole->roots().size(), size_t(1)); // every step found its parent
        }
        QCOMPARE(steps, spans); // nothing lost, nothing twice
        QCOMPARE(answered, models);
        QVERIFY(counted >= models - 1); // OpenInference and traceloop know no tokens of a streamed answer
        await((*session)->close());
    }

    // The node that the system has, and a token.
    void systemNodeAndToken()
    {
        const QString path = newProject();
        Serving serving(path, {QStringLiteral("--otlp"), QStringLiteral(":0"), QStringLiteral("--token"), QStringLiteral("abc")});
        QVERIFY2(!serving.otlp().isEmpty(), serving.errors().constData());
        auto told = OtlpProducers::run(QStringLiteral("node"), m_place, QStringLiteral("otel"), QStringLiteral("proto"), serving.otlp(),
                                       {QStringLiteral("OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20abc")});
        QVERIFY2(!told.json.isEmpty(), told.errors.constData());
        QCOMPARE(told.json.value(QStringLiteral("exported")).toInt(), 5);
        told = OtlpProducers::run(QStringLiteral("node"), m_place, QStringLiteral("otel"), QStringLiteral("json"), serving.otlp(), {});
        QCOMPARE(told.json.value(QStringLiteral("exported")).toInt(), 0);
        QVERIFY(!told.json.value(QStringLiteral("failed")).toArray().isEmpty());
        QCOMPARE(serving.end(), 0);
        const CliResult log = Cli().run({QStringLiteral("log"), path, QStringLiteral("--json")});
        QVERIFY2(log.out.contains("weather"), log.out.constData());
    }

    void wrongUse_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("bad port") << QStringList{QStringLiteral("--otlp"), QStringLiteral("127.0.0.1:99999")} << 2 << QByteArray("HOST:PORT");
        QTest::newRow("bad address") << QStringList{QStringLiteral("--listen"), QStringLiteral("not an address")} << 2 << QByteArray("no address");
        QTest::newRow("port taken") << QStringList() << 4 << QByteArray("is in use by another program; choose another.");
    }
    void wrongUse()
    {
        QFETCH(QStringList, more);
        QFETCH(int, code);
        QFETCH(QByteArray, message);
        QTcpServer taken;
        if (more.isEmpty()) {
            QVERIFY(taken.listen(QHostAddress::LocalHost));
            more = QStringList{QStringLiteral("--otlp"), QString::number(taken.serverPort())};
        }
        const CliResult result = Cli().run(QStringList{QStringLiteral("serve"), newProject()} + more);
        QCOMPARE(result.exitCode, code);
        QVERIFY2(result.err.contains(message), result.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestReceiverExporters)
#include "tst_ReceiverExporters.moc"
