// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunExport.h"

#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "core/http/HttpClient.h"
#include "core/session/ForeignRuns.h"
#include "core/session/RunExportFormats.h"
#include "core/session/Session.h"
#include "core/trace/import/OtlpDecode.h"
#include "core/trace/import/TraceAssembler.h"
#include "tests/support/Await.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestRunExport : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<Session> m_session;
    std::vector<RunId> m_runs; // three runs of the offline model
    int m_files = 0;

    QString newPath(const char *suffix) { return m_folder.filePath(QStringLiteral("out%1%2").arg(++m_files).arg(QLatin1String(suffix))); }
    static QByteArray contents(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    Result<ExportReport> toFile(const ExportSelection &selection, ExportFormat format, const QString &path, CancelToken cancel = CancelToken())
    {
        return await(exportRuns(m_session.get(), selection, format, path, {}, cancel));
    }
    ExportSelection of(std::vector<RunId> runs)
    {
        ExportSelection selection;
        selection.runs = std::move(runs);
        return selection;
    }
    static OtlpTarget target(const ScriptedHttpServer &server)
    {
        OtlpTarget made;
        made.url = server.url(QStringLiteral("/v1/traces"));
        made.headers = {{"api-key", "k"}};
        return made;
    }
    static QStringList leftovers(const QString &path)
    {
        return QFileInfo(path).dir().entryList({QFileInfo(path).fileName() + QStringLiteral("*")}, QDir::Files);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.filePath(QStringLiteral("p.lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        for (const char *input : {"The invoice of mia@example.org was charged twice.", "=HYPERLINK(\"http://evil\") and \"quotes\",\nlines", "The app crashes on start."}) {
            RunRequest request;
            request.agent = QStringLiteral("triage");
            request.input.text = QString::fromUtf8(input);
            const auto id = await(m_session->startRun(request));
            QVERIFY2(id.ok(), id ? "" : qPrintable(id.error().message));
            QVERIFY(await(m_session->finished(*id)).ok());
            m_runs.push_back(*id);
        }
        QVERIFY(await(m_session->project().runs().flush()).ok());
    }
    void cleanupTestCase()
    {
        await(m_session->close());
        m_session.reset();
    }

    void csv()
    {
        const QString path = newPath(".csv");
        const auto report = toFile(ExportSelection(), ExportFormat::Csv, path);
        QVERIFY2(report.ok(), report ? "" : qPrintable(report.error().message));
        QCOMPARE(report->runs, 3);
        QCOMPARE(report->bytes, contents(path).size());
        std::vector<Problem> problems;
        const auto read = Dataset::importCsv(contents(path), &problems); // our own strict reader
        QVERIFY(read.ok() && problems.empty());
        QCOMPARE(read->rows.size(), size_t(3));
        QCOMPARE(read->rowObject(0).value(QStringLiteral("run")).toVariant().toLongLong(), m_runs[0].value); // oldest first
        QCOMPARE(read->rowObject(1).value(QStringLiteral("input")).toString(), QStringLiteral("'=HYPERLINK(\"http://evil\") and \"quotes\",\nlines"));
        QCOMPARE(read->rowObject(0).value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        QVERIFY(contents(path).endsWith("\r\n"));
    }
    void cells_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("cell");
        QTest::newRow("plain") << "a b" << QByteArray("a b");
        QTest::newRow("comma") << "a,b" << QByteArray("\"a,b\"");
        QTest::newRow("quote") << "a\"b" << QByteArray("\"a\"\"b\"");
        for (const char *bad : {"=1+1", "+1", "-1", "@x", "|cmd", "%x"})
            QTest::newRow(bad) << QString::fromLatin1(bad) << QByteArray("'") + bad;
        QTest::newRow("tab") << "\t=1" << QByteArray("\"'\t=1\"");
        QTest::newRow("behind spaces") << "  =1" << QByteArray("'  =1");
        QTest::newRow("wide equals sign") << QString(QChar(0xff1d)) + u'1' << QByteArray("'\xEF\xBC\x9D" "1");
        QTest::newRow("inside") << "a=1" << QByteArray("a=1");
    }
    void cells()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, cell);
        QCOMPARE(runexport::csvCell(text), cell);
    }

    void lines()
    {
        const QString path = newPath(".jsonl");
        QVERIFY(toFile(of({m_runs[2], m_runs[0]}), ExportFormat::JsonLines, path).ok());
        const QByteArrayList runs = contents(path).trimmed().split('\n');
        QCOMPARE(runs.size(), 2);
        const auto first = json::parseObject(runs[0]);
        QVERIFY(first.ok());
        QCOMPARE(first->value(QStringLiteral("run")).toInteger(), m_runs[2].value); // in the order asked
        const auto stored = await(m_session->project().runs().load(m_runs[2], {}));
        QCOMPARE(first->value(QStringLiteral("steps")).toArray().size(), qsizetype(stored->trace.steps().size()));
        QVERIFY(runs[0].contains("gen_ai.input.messages"));

        ExportSelection bare = of({m_runs[2]});
        bare.messages = false;
        const QString without = newPath(".jsonl");
        QVERIFY(toFile(bare, ExportFormat::JsonLines, without).ok());
        QVERIFY(!contents(without).contains("gen_ai.input.messages"));

        // Events lose nothing.
        const QString events = newPath(".jsonl");
        QVERIFY(toFile(of({m_runs[1]}), ExportFormat::EventLines, events).ok());
        Trace rebuilt;
        for (const QByteArray &line : contents(events).trimmed().split('\n')) {
            const auto event = RunEvent::fromJson(*json::parseObject(line));
            QVERIFY(event.ok());
            rebuilt.apply(*event);
        }
        const auto original = await(m_session->project().runs().load(m_runs[1], {}));
        QCOMPARE(rebuilt.toOtlp(QStringLiteral("x")), original->trace.toOtlp(QStringLiteral("x")));
    }

    void otlpIsReadBack()
    {
        const QString path = newPath(".jsonl");
        QVERIFY(toFile(ExportSelection(), ExportFormat::Otlp, path).ok());
        const QByteArrayList requests = contents(path).trimmed().split('\n');
        QCOMPARE(requests.size(), 3);
        for (size_t i = 0; i < 3; ++i) {
            const auto batch = decodeOtlpJson(requests[qsizetype(i)]);
            QVERIFY2(batch.ok(), batch ? "" : qPrintable(batch.error().message));
            const auto stored = await(m_session->project().runs().load(m_runs[i], {}));
            const Trace &trace = stored->trace;
            QCOMPARE(batch->spans.size(), trace.steps().size());
            QCOMPARE(batch->refusedSpans, 0);
            QHash<QString, QString> pathOf;
            for (const OtlpSpan &span : batch->spans)
                pathOf.insert(span.spanId, span.attributes.value(QStringLiteral("lathe.step.path")).toString());
            for (const OtlpSpan &span : batch->spans) {
                const int index = trace.indexOf(pathOf.value(span.spanId));
                QVERIFY(index >= 0);
                const Step &step = trace.steps()[size_t(index)];
                QCOMPARE(span.traceId, otlpTraceId(stored->info));
                QCOMPARE(span.name, step.name);
                QCOMPARE(pathOf.value(span.parentId), step.parent);
                QCOMPARE(span.startNs, step.startUs * 1000);
                QCOMPARE(span.endNs, step.endUs * 1000);
                QCOMPARE(span.status, OtlpSpan::Status::Ok);
                for (auto it = step.attributes.begin(); it != step.attributes.end(); ++it)
                    QCOMPARE(span.attributes.value(it.key()), it.value());
                if (step.kind != StepKind::Model)
                    continue;
                QCOMPARE(span.kind, 3);
                QCOMPARE(span.attributes.value(QStringLiteral("gen_ai.operation.name")).toString(), QStringLiteral("chat"));
                const QJsonArray asked = span.attributes.value(QStringLiteral("gen_ai.input.messages")).toArray();
                QVERIFY(!asked.isEmpty());
                for (const QJsonValue &message : asked)
                    QVERIFY(message[QStringLiteral("role")].toString() != QStringLiteral("system"));
                QVERIFY(span.attributes.contains(QStringLiteral("gen_ai.system_instructions")));
                const QJsonValue answer = span.attributes.value(QStringLiteral("gen_ai.output.messages")).toArray().at(0);
                QCOMPARE(answer[QStringLiteral("role")].toString(), QStringLiteral("assistant"));
                QVERIFY(!answer[QStringLiteral("finish_reason")].toString().isEmpty());
                QCOMPARE(span.attributes.value(QStringLiteral("gen_ai.usage.input_tokens")).toInteger(), step.usage().inputTokens);
            }
        }
    }

    void ratingsGoAlong()
    {
        Rating rating;
        rating.run = m_runs[2];
        rating.kind = QStringLiteral("thumbs");
        rating.value = 1;
        rating.note = QStringLiteral("as mia@example.org said");
        rating.author = QStringLiteral("somebody private");
        QVERIFY(await(m_session->rate(rating)).ok());
        rating.kind = QStringLiteral("stars");
        rating.value = 4;
        rating.step = QStringLiteral("1.1");
        QVERIFY(await(m_session->rate(rating)).ok());
        ExportSelection selection = of({m_runs[2]});
        selection.redaction = RedactionRules::ofPresets();
        const QString otlp = newPath(".jsonl"), lines = newPath(".jsonl"), csv = newPath(".csv");
        QVERIFY(toFile(selection, ExportFormat::Otlp, otlp).ok());
        QVERIFY(toFile(selection, ExportFormat::JsonLines, lines).ok());
        QVERIFY(toFile(selection, ExportFormat::Csv, csv).ok());
        const auto batch = decodeOtlpJson(contents(otlp).trimmed());
        QVERIFY(batch.ok());
        QStringList told;
        for (const OtlpSpan &span : batch->spans) {
            for (const OtlpEvent &event : span.events) {
                if (event.name == QLatin1String("gen_ai.evaluation.result"))
                    told.append(QStringLiteral("%1 %2 %3").arg(span.attributes.value(QStringLiteral("lathe.step.path")).toString(),
                                                              event.attributes.value(QStringLiteral("gen_ai.evaluation.name")).toString())
                                    .arg(event.attributes.value(QStringLiteral("gen_ai.evaluation.score.value")).toDouble()));
            }
        }
        told.sort();
        QCOMPARE(told, QStringList({QStringLiteral("1 lathe.thumbs 1"), QStringLiteral("1.1 lathe.stars 4")}));
        QCOMPARE(json::parseObject(contents(lines).trimmed())->value(QStringLiteral("ratings")).toArray().size(), 2);
        for (const QString &path : {otlp, lines, csv}) {
            QVERIFY(!contents(path).contains("mia@example"));
            QVERIFY(!contents(path).contains("somebody private"));
            QVERIFY(contents(path).contains("as [redacted] said"));
        }
    }

    // What another Lathe makes of it: the same steps.
    void otlpIsImportedAgain()
    {
        const QString path = newPath(".jsonl");
        QVERIFY(toFile(of({m_runs[0]}), ExportFormat::Otlp, path).ok());
        auto batch = decodeOtlpJson(contents(path).trimmed());
        QVERIFY(batch.ok());
        TraceAssembler assembler;
        std::vector<TraceUpdate> updates = assembler.add(std::move(*batch), 0);
        for (TraceUpdate &update : assembler.finish(0))
            updates.push_back(std::move(update));
        Trace imported;
        for (const TraceUpdate &update : updates) {
            for (const RunEvent &event : update.events)
                imported.apply(event);
        }
        const auto stored = await(m_session->project().runs().load(m_runs[0], {}));
        const Trace &original = stored->trace;
        QCOMPARE(imported.steps().size(), original.steps().size());
        for (const Step &step : original.steps()) {
            const int index = imported.indexOf(step.path);
            QVERIFY2(index >= 0, qPrintable(step.path));
            const Step &again = imported.steps()[size_t(index)];
            QCOMPARE(again.name, step.name);
            QCOMPARE(again.kind, step.kind);
            QCOMPARE(again.status, step.status);
            if (!step.parent.isEmpty()) // the top step is shown with the run's output
                QCOMPARE(again.text, step.text);
            QCOMPARE(again.startUs, step.startUs);
            QCOMPARE(again.endUs, step.endUs);
            QCOMPARE(again.usage(), step.usage());
        }
        QCOMPARE(imported.status(), original.status());
        QCOMPARE(imported.output(), original.output());
        QCOMPARE(imported.usage(), original.usage());
    }

    // The texts of a large foreign run are forgotten while it is under way; the file has them.
    void foreignRunsUnderWayAreWhole()
    {
        ForeignRuns &foreign = m_session->foreignRuns();
        RunInfo info;
        info.agentName = QStringLiteral("large");
        info.source = QStringLiteral("otlp");
        const auto run = await(foreign.begin(info, false));
        QVERIFY(run.ok());
        constexpr int count = 75;
        const auto event = [](RunEventKind kind, int step) {
            RunEvent made;
            made.kind = kind;
            made.step = QString::number(step);
            made.timeUs = 1'700'000'000'000'000 + step * 1000 + int(kind);
            return made;
        };
        for (int i = 1; i <= count; ++i) {
            RunEvent begun = event(RunEventKind::StepStarted, i), ended = event(RunEventKind::StepEnded, i);
            begun.stepKind = StepKind::Model;
            begun.name = QStringLiteral("chat m");
            begun.attributes = QJsonObject{{QStringLiteral("gen_ai.input.messages"), QJsonArray{QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}}}}};
            ended.stepStatus = StepStatus::Ok;
            ended.text = QStringLiteral("step%1 ").arg(i) + QString(500'000, u'x');
            QVERIFY(foreign.record(*run, {begun, ended}));
        }
        RunEvent open = event(RunEventKind::StepStarted, count + 1);
        open.name = QStringLiteral("still open");
        QVERIFY(foreign.record(*run, {open}));
        QVERIFY(await(foreign.flush()).ok());
        QVERIFY(m_session->project().runs().trace(*run)->steps().front().text.isEmpty()); // else this tests nothing
        const auto trace = await(m_session->trace(*run, CancelToken()));
        QVERIFY(trace.ok());
        QCOMPARE(int(trace->steps().size()), count + 1);
        for (int i = 1; i <= count; ++i) {
            const Step &step = trace->steps()[size_t(trace->indexOf(QString::number(i)))];
            QVERIFY2(step.text.startsWith(QStringLiteral("step%1 ").arg(i)), qPrintable(step.path));
            QVERIFY(step.attributes.contains(QStringLiteral("gen_ai.input.messages")));
        }
        QCOMPARE(trace->steps()[size_t(trace->indexOf(QString::number(count + 1)))].status, StepStatus::Running);
        const QString path = newPath(".jsonl");
        const auto report = toFile(of({*run}), ExportFormat::JsonLines, path);
        QVERIFY(report.ok());
        QCOMPARE(report->steps, qint64(count + 1));
        const QByteArray written = contents(path);
        QVERIFY(written.contains("step1 xxx") && written.contains("\"still open\"") && written.size() > qint64(count) * 500'000);
        RunEvent over;
        over.kind = RunEventKind::RunEnded;
        over.runStatus = RunStatus::Done;
        over.timeUs = event(RunEventKind::StepEnded, count + 1).timeUs;
        QVERIFY(foreign.record(*run, {over}));
        QVERIFY(await(foreign.flush()).ok());
        QVERIFY(await(m_session->project().runs().moveToBin({*run})).ok());
        QVERIFY(await(m_session->project().runs().emptyBin()).ok());
    }

    void html()
    {
        const QString path = newPath(".html");
        QVERIFY(toFile(of({m_runs[1]}), ExportFormat::Html, path).ok());
        const QByteArray page = contents(path);
        QVERIFY(page.startsWith("<!DOCTYPE html>") && page.endsWith("</html>\n"));
        QVERIFY(page.contains("=HYPERLINK(&quot;http://evil&quot;)"));
        const auto several = toFile(ExportSelection(), ExportFormat::Html, newPath(".html"));
        QVERIFY(!several);
        QCOMPARE(several.error().kind, ErrorKind::InvalidInput);
    }

    void redaction_data()
    {
        QTest::addColumn<int>("format");
        for (const ExportFormat format : {ExportFormat::Otlp, ExportFormat::Html, ExportFormat::JsonLines, ExportFormat::EventLines, ExportFormat::Csv})
            QTest::newRow(qPrintable(exportFormatName(format))) << int(format);
    }
    void redaction()
    {
        QFETCH(int, format);
        ExportSelection selection = of({m_runs[0]});
        const QString plain = newPath(".x"), path = newPath(".x");
        QVERIFY(toFile(selection, ExportFormat(format), plain).ok());
        QVERIFY(contents(plain).contains("mia@example.org"));
        selection.redaction = RedactionRules::ofPresets();
        const auto report = toFile(selection, ExportFormat(format), path);
        QVERIFY(report.ok());
        QVERIFY2(!contents(path).contains("mia@example"), contents(path).mid(contents(path).indexOf("mia@example") - 100, 200).constData());
        QVERIFY(report->redacted[0].replaced > 0);
        RedactionRule bad;
        bad.what = QStringLiteral("(");
        selection.redaction.rules.push_back(bad);
        const auto refused = toFile(selection, ExportFormat(format), path);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.startsWith(QStringLiteral("Redaction rule 8")));
    }

    void whatCannotBeWritten()
    {
        const auto kind = [](const Result<ExportReport> &result) { return result ? ErrorKind::Internal : result.error().kind; };
        QCOMPARE(kind(toFile(of({RunId{999'999}}), ExportFormat::Csv, newPath(".csv"))), ErrorKind::NotFound);
        ExportSelection nothing;
        nothing.filter = RunFilter::of(RunField::Agent, QStringLiteral("nobody"));
        QCOMPARE(kind(toFile(nothing, ExportFormat::Csv, newPath(".csv"))), ErrorKind::NotFound);
        QCOMPARE(kind(toFile(ExportSelection(), ExportFormat::Csv, m_folder.path())), ErrorKind::Denied);
        QCOMPARE(kind(toFile(ExportSelection(), ExportFormat::Csv, m_folder.filePath(QStringLiteral("no/such/folder.csv")))), ErrorKind::Denied);
        const auto full = toFile(ExportSelection(), ExportFormat::JsonLines, QStringLiteral("/dev/full"));
        QCOMPARE(kind(full), ErrorKind::LimitReached);
        QVERIFY2(full.error().message.contains(QStringLiteral("disk is full")), qPrintable(full.error().message));
        const auto some = toFile(of({m_runs[0], RunId{999'999}}), ExportFormat::Csv, newPath(".csv"));
        QVERIFY(some.ok());
        QCOMPARE(some->missing, 1);
        QVERIFY(some->toText().contains(QStringLiteral("1 run was no longer there")));
    }

    void cancellingLeavesWhatWasThere()
    {
        const QString path = newPath(".csv");
        QFile old(path);
        QVERIFY(old.open(QIODevice::WriteOnly));
        old.write("old");
        old.close();
        CancelSource before;
        before.cancel();
        QCOMPARE(toFile(ExportSelection(), ExportFormat::Csv, path, before.token()).error().kind, ErrorKind::Cancelled);
        CancelSource between;
        const ExportProgressHandler stop = [&between](const ExportProgress &) { between.cancel(); };
        const auto stopped = await(exportRuns(m_session.get(), ExportSelection(), ExportFormat::Csv, path, stop, between.token()));
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
        QCOMPARE(contents(path), QByteArray("old"));
        QCOMPARE(leftovers(path).size(), 1); // no half file beside it
        QVERIFY(toFile(ExportSelection(), ExportFormat::Csv, path).ok());
        QVERIFY(contents(path).startsWith("run,"));
    }

    void progressIsTold()
    {
        std::vector<ExportProgress> told;
        const ExportProgressHandler keep = [&told](const ExportProgress &now) { told.push_back(now); };
        QVERIFY(await(exportRuns(m_session.get(), ExportSelection(), ExportFormat::Csv, newPath(".csv"), keep, {})).ok());
        QVERIFY(told.size() >= 2);
        QCOMPARE(told.back().done, 3);
        QCOMPARE(told.back().total, 3);
    }

    void targets_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("environment"); // lines NAME=VALUE
        QTest::addColumn<QString>("expected");
        QTest::newRow("host") << "http://localhost:4318" << "" << "http://localhost:4318/v1/traces";
        QTest::newRow("slash") << "http://localhost:4318/" << "" << "http://localhost:4318/v1/traces";
        QTest::newRow("path") << "https://x.example/otlp/v1/traces" << "" << "https://x.example/otlp/v1/traces";
        QTest::newRow("base") << "" << "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/base/" << "http://c:4318/base/v1/traces";
        QTest::newRow("traces") << "" << "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318\nOTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://t:1/x" << "http://t:1/x";
        QTest::newRow("given before") << "http://a" << "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318" << "http://a/v1/traces";
        QTest::newRow("none") << "" << "" << "No collector is named";
        QTest::newRow("ftp") << "ftp://x" << "" << "\"ftp://x\" is no http";
        QTest::newRow("words") << "local host" << "" << "\"local host\" is no http";
    }
    void targets()
    {
        QFETCH(QString, url);
        QFETCH(QString, environment);
        QFETCH(QString, expected);
        QHash<QString, QString> variables{{QStringLiteral("OTEL_EXPORTER_OTLP_HEADERS"), QStringLiteral("api-key=a%20b, x = y=z,bad")},
                                          {QStringLiteral("OTEL_EXPORTER_OTLP_TIMEOUT"), QStringLiteral("2500")}};
        for (const QString &line : environment.split(u'\n', Qt::SkipEmptyParts))
            variables.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
        const auto made = OtlpTarget::from(url, [&variables](const QString &name) { return variables.value(name); });
        if (!made) {
            QVERIFY2(made.error().message.startsWith(expected), qPrintable(made.error().message));
            return;
        }
        QCOMPARE(made->url, expected);
        QCOMPARE(made->timeoutMs, 2500);
        QCOMPARE(made->headers, (HttpHeaders{{"api-key", "a b"}, {"x", "y=z"}}));
    }

    void collectorTakesThem()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.enqueue(HttpReply::text(503, "later").withHeader("Retry-After", "0"));
        server.enqueue(HttpReply::json("{\"partialSuccess\":{\"rejectedSpans\":\"2\",\"errorMessage\":\"too old\"}}"));
        const auto report = await(sendRuns(m_session.get(), ExportSelection(), target(server), {}, {}));
        QVERIFY2(report.ok(), report ? "" : qPrintable(report.error().message));
        QCOMPARE(report->runs, 3);
        QCOMPARE(report->requests, 1); // small runs travel together
        QCOMPARE(report->rejectedSpans, 2);
        QCOMPARE(report->warnings, QStringList(QStringLiteral("too old")));
        const auto seen = server.requests();
        QCOMPARE(seen.size(), size_t(2)); // the second after 503
        QCOMPARE(seen[0].body, seen[1].body);
        QCOMPARE(seen[0].path, QByteArray("/v1/traces"));
        QCOMPARE(seen[0].header("content-type"), QByteArray("application/json"));
        QCOMPARE(seen[0].header("api-key"), QByteArray("k"));
        QVERIFY(seen[0].header("content-encoding").isEmpty());
        const auto batch = decodeOtlpJson(seen[0].body);
        QVERIFY(batch.ok());
        QCOMPARE(qint64(batch->spans.size()), report->steps);
    }

    // Larger than one request: a foreign run with large texts.
    void largeRunsAreSplit()
    {
        RunInfo info;
        info.source = QStringLiteral("otlp");
        info.sourceId = QStringLiteral("0123456789abcdef0123456789abcdef");
        info.agentName = QStringLiteral("far away");
        info.startUs = 1'700'000'000'000'000;
        const auto id = await(m_session->foreignRuns().begin(info, false));
        QVERIFY(id.ok());
        std::vector<RunEvent> events(1);
        events[0].kind = RunEventKind::RunStarted;
        events[0].timeUs = info.startUs;
        for (int i = 1; i <= 30; ++i) {
            RunEvent event;
            event.kind = RunEventKind::StepStarted;
            event.step = QString::number(i);
            event.timeUs = info.startUs + i;
            event.name = QStringLiteral("large");
            events.push_back(event);
            event.kind = RunEventKind::StepEnded;
            event.stepStatus = StepStatus::Ok;
            event.text = QString(300'000, QLatin1Char(char('a' + i % 26)));
            events.push_back(event);
        }
        RunEvent end;
        end.kind = RunEventKind::RunEnded;
        end.timeUs = info.startUs + 100;
        end.runStatus = RunStatus::Done;
        events.push_back(end);
        QVERIFY(m_session->foreignRuns().record(*id, events));
        QVERIFY(await(m_session->foreignRuns().flush()).ok());

        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.setHandler([](const HttpSeen &) { return HttpReply::json("{}"); });
        const auto report = await(sendRuns(m_session.get(), of({m_runs[0], *id, m_runs[1]}), target(server), {}, {}));
        QVERIFY2(report.ok(), report ? "" : qPrintable(report.error().message));
        QCOMPARE(report->runs, 3);
        QVERIFY(report->requests >= 3);
        qint64 spans = 0;
        bool ownId = false;
        for (const HttpSeen &seen : server.requests()) {
            QVERIFY(seen.body.size() < 4'500'000);
            const auto batch = decodeOtlpJson(seen.body);
            QVERIFY(batch.ok());
            spans += qint64(batch->spans.size());
            ownId = ownId || batch->spans.back().traceId == info.sourceId;
        }
        QCOMPARE(spans, report->steps);
        QVERIFY(ownId); // a foreign trace keeps its name
    }

    void collectorRefuses_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("requests");
        QTest::newRow("bad request") << 400 << int(ErrorKind::Provider) << 1;
        QTest::newRow("no key") << 401 << int(ErrorKind::Auth) << 1;
        QTest::newRow("wrong path") << 404 << int(ErrorKind::Provider) << 1;
        QTest::newRow("too large") << 413 << int(ErrorKind::Provider) << 1;
        QTest::newRow("internal error is not repeated") << 500 << int(ErrorKind::Provider) << 1;
        QTest::newRow("overloaded for good") << 429 << int(ErrorKind::RateLimited) << 4;
    }
    void collectorRefuses()
    {
        QFETCH(int, status);
        QFETCH(int, kind);
        QFETCH(int, requests);
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.setHandler([status](const HttpSeen &) { return HttpReply::json("{\"code\":3,\"message\":\"said so\"}", status).withHeader("Retry-After", "0"); });
        const auto report = await(sendRuns(m_session.get(), of({m_runs[0]}), target(server), {}, {}));
        QVERIFY(!report);
        QCOMPARE(int(report.error().kind), kind);
        QVERIFY2(report.error().message.contains(QStringLiteral("said so")), qPrintable(report.error().message));
        QVERIFY(report.error().message.endsWith(QStringLiteral("0 of 1 runs had been sent.")));
        QCOMPARE(int(server.requestCount()), requests);
    }

    void collectorIsGoneOrSilent()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        CancelSource cancel;
        server.setHandler([](const HttpSeen &) { return HttpReply::never(); });
        QTimer::singleShot(50, this, [&cancel] { cancel.cancel(); });
        const auto silent = await(sendRuns(m_session.get(), of({m_runs[0]}), target(server), {}, cancel.token()));
        QCOMPARE(silent.error().kind, ErrorKind::Cancelled);

        // Closed once without an answer, then well.
        ScriptedHttpServer shaky;
        QVERIFY(shaky.start() > 0);
        shaky.enqueue(HttpReply::closeBeforeAnswer());
        shaky.enqueue(HttpReply::text(200, ""));
        const auto sent = await(sendRuns(m_session.get(), of({m_runs[0]}), target(shaky), {}, {}));
        QVERIFY2(sent.ok(), sent ? "" : qPrintable(sent.error().message));

        OtlpTarget nobody = target(shaky);
        shaky.stop();
        CancelSource impatient;
        QTimer::singleShot(200, this, [&impatient] { impatient.cancel(); }); // while it waits to try again
        const auto gone = await(sendRuns(m_session.get(), of({m_runs[0]}), nobody, {}, impatient.token()));
        QVERIFY(!gone);
        QVERIFY(gone.error().kind == ErrorKind::Cancelled || gone.error().kind == ErrorKind::Unreachable);
    }
};

QTEST_GUILESS_MAIN(TestRunExport)
#include "tst_RunExport.moc"
