// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/SourcesPage.h"

#include "core/session/ForeignRuns.h"
#include "tests/support/Await.h"
#include "ui/sources/ImportReportView.h"
#include "ui/sources/TallyList.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QLineEdit>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;

namespace {
template<typename T>
T *child(QWidget *of, const char *name)
{
    T *found = of->findChild<T *>(QString::fromLatin1(name));
    if (!found)
        qFatal("no child named %s", name);
    return found;
}

struct Fixture {
    QTemporaryDir dir;
    std::unique_ptr<Session> session;
    explicit Fixture(const QString &name = QStringLiteral("desk.lathe"))
    {
        const QString path = dir.filePath(name);
        const auto made = test::await(Session::createProject(path, QStringLiteral("feedback-desk")));
        if (!made)
            qFatal("no sample: %s", qPrintable(made.error().message));
        auto opened = Session::open(path, SessionOptions());
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
    }
    static Task<bool> closed(SourceHub *hub, Session *session)
    {
        if (hub)
            (void)co_await hub->close();
        co_await session->close();
        co_return true;
    }
    int runs() const { return session->project().runs().count(); }
};

quint16 freePort()
{
    QTcpServer server;
    if (!server.listen(QHostAddress::LocalHost))
        qFatal("no port");
    return server.serverPort();
}

QByteArray otlpSpan(const QByteArray &trace, const char *name)
{
    const auto attribute = [](const char *key, const char *value) {
        return QJsonObject{{QStringLiteral("key"), QLatin1String(key)}, {QStringLiteral("value"), QJsonObject{{QStringLiteral("stringValue"), QLatin1String(value)}}}};
    };
    const QJsonObject span{{QStringLiteral("traceId"), QString::fromLatin1(trace)},
                           {QStringLiteral("spanId"), QStringLiteral("00f067aa0ba902b7")},
                           {QStringLiteral("name"), QLatin1String(name)},
                           {QStringLiteral("kind"), 3},
                           {QStringLiteral("startTimeUnixNano"), QStringLiteral("1700000000000000000")},
                           {QStringLiteral("endTimeUnixNano"), QStringLiteral("1700000001000000000")},
                           {QStringLiteral("attributes"), QJsonArray{attribute("gen_ai.operation.name", "chat"), attribute("gen_ai.request.model", "gpt-5"),
                                                                     attribute("my.own.key", "surprise")}}};
    const QJsonObject scope{{QStringLiteral("scope"), QJsonObject{{QStringLiteral("name"), QStringLiteral("t")}}}, {QStringLiteral("spans"), QJsonArray{span}}};
    const QJsonObject resource{{QStringLiteral("resource"), QJsonObject()}, {QStringLiteral("scopeSpans"), QJsonArray{scope}}};
    return QJsonDocument(QJsonObject{{QStringLiteral("resourceSpans"), QJsonArray{resource}}}).toJson(QJsonDocument::Compact);
}
}

class TestSourcesPage : public QObject
{
    Q_OBJECT
    QTemporaryDir m_settings;
    Theme m_theme;

    void shoot(QWidget *window, const QString &name)
    {
        const QString dir = qEnvironmentVariable("LATHE_SHOTS");
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            m_theme.setMode(mode);
            QTest::qWait(60);
            const QPixmap shot = window->grab();
            QDir().mkpath(dir);
            if (!dir.isEmpty())
                shot.save(QStringLiteral("%1/%2-%3.png").arg(dir, name, mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
    }
    static int post(quint16 port, const QByteArray &path, const QByteArray &body, const QByteArray &type = "application/json")
    {
        QNetworkAccessManager net;
        QNetworkRequest request(QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(port).arg(QString::fromLatin1(path))));
        request.setHeader(QNetworkRequest::ContentTypeHeader, QString::fromLatin1(type));
        QNetworkReply *reply = net.post(request, body);
        QSignalSpy done(reply, &QNetworkReply::finished);
        if (!done.wait(20'000))
            return -1;
        return reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_settings.path());
        QCoreApplication::setOrganizationName(QStringLiteral("LatheTest"));
        QCoreApplication::setApplicationName(QStringLiteral("lathe-test-sources"));
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void receiverFromOffToRuns()
    {
        Fixture f;
        SourceHub hub(f.session.get());
        SourcesPage page(&hub, &m_theme);
        page.resize(1280, 860);
        page.show();
        QVERIFY(!hub.isReceiving());
        QVERIFY(hub.hint().isEmpty());
        shoot(&page, QStringLiteral("sources-off"));
        const quint16 port = freePort();
        child<QSpinBox>(&page, "receiver-port")->setValue(port);
        QTest::mouseClick(child<Button>(&page, "receiver-switch"), Qt::LeftButton);
        QVERIFY2(hub.isReceiving(), qPrintable(child<InlineMessage>(&page, "receiver-problem")->text()));
        QVERIFY(hub.hint().contains(QString::number(port)));
        // The lines to paste name this address, whichever tab.
        auto *tabs = child<QTabBar>(&page, "receiver-tabs");
        for (int i = 0; i < tabs->count(); ++i) {
            tabs->setCurrentIndex(i);
            const QString lines = child<CodeEditor>(&page, "receiver-lines")->text();
            QVERIFY2(i == 3 || lines.contains(QStringLiteral("127.0.0.1:%1").arg(port)), qPrintable(lines));
        }
        tabs->setCurrentIndex(0);
        QTest::mouseClick(child<QAbstractButton>(&page, "receiver-copy"), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:%1").arg(port)));

        const int before = f.runs();
        QCOMPARE(post(port, "/v1/traces", otlpSpan("4bf92f3577b34da6a3ce929d0e0e4736", "chat gpt-5")), 200);
        QTRY_COMPARE_WITH_TIMEOUT(f.runs(), before + 1, 30'000);
        QTRY_VERIFY2_WITH_TIMEOUT(child<Label>(&page, "receiver-counters")->text().contains(QStringLiteral("1 run")), qPrintable(child<Label>(&page, "receiver-counters")->text()), 30'000);
        // What is refused is said with its reason.
        QVERIFY(post(port, "/v1/traces", "{\"resourceSpans\": [{", "application/json") >= 400);
        QTRY_VERIFY_WITH_TIMEOUT(!hub.receiver()->counters().refusedRequests.isEmpty(), 30'000);
        auto *panel = child<QWidget>(&page, "receiver-panel");
        QTRY_VERIFY_WITH_TIMEOUT(panel->findChild<TallyList *>()->accessibleDescription().contains(QStringLiteral("refused")), 30'000);
        shoot(&page, QStringLiteral("sources-receiving"));
        QSignalSpy opened(&page, &SourcesPage::openRequested);
        QTest::mouseClick(child<LinkLabel>(&page, "receiver-runs"), Qt::LeftButton);
        QCOMPARE(opened.takeFirst().first().value<Location>().query, QStringLiteral("source:otlp"));

        QTest::mouseClick(child<Button>(&page, "receiver-switch"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!hub.isReceiving() && !hub.isStopping(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(hub.receiver()->state(), TraceReceiver::State::Off, 30'000);
        QVERIFY(hub.hint().isEmpty());
        test::await(Fixture::closed(&hub, f.session.get()));
    }

    void portInUse()
    {
        Fixture f;
        SourceHub hub(f.session.get());
        SourcesPage page(&hub, &m_theme);
        page.resize(1280, 860);
        page.show();
        QTcpServer taken;
        QVERIFY(taken.listen(QHostAddress::LocalHost));
        child<QSpinBox>(&page, "receiver-port")->setValue(taken.serverPort());
        QTest::mouseClick(child<Button>(&page, "receiver-switch"), Qt::LeftButton);
        QVERIFY(!hub.isReceiving());
        auto *problem = child<InlineMessage>(&page, "receiver-problem");
        QVERIFY(problem->isVisible());
        QVERIFY2(problem->text().contains(QString::number(taken.serverPort())), qPrintable(problem->text()));
        shoot(&page, QStringLiteral("sources-port-in-use"));
        test::await(Fixture::closed(&hub, f.session.get()));
    }

    // Nothing listens by itself; what a person left on comes back, on this machine and for this project only.
    void rememberedPerProject()
    {
        QSettings().clear();
        Fixture f;
        const quint16 port = freePort();
        {
            SourceHub hub(f.session.get());
            hub.startRemembered();
            QVERIFY(!hub.isReceiving());
            QVERIFY(hub.startReceiver(port).ok());
            test::await(Fixture::closed(&hub, f.session.get()));
        }
        f.session.reset();
        f.session = std::move(*Session::open(f.dir.filePath(QStringLiteral("desk.lathe")), SessionOptions()));
        {
            SourceHub hub(f.session.get());
            QVERIFY(!hub.isReceiving());
            hub.startRemembered();
            QVERIFY(hub.isReceiving());
            QCOMPARE(hub.port(), port);
            Fixture other(QStringLiteral("other.lathe"));
            SourceHub elsewhere(other.session.get());
            elsewhere.startRemembered();
            QVERIFY(!elsewhere.isReceiving());
            hub.stopReceiver();
            QTRY_VERIFY_WITH_TIMEOUT(!hub.isStopping(), 30'000);
            test::await(Fixture::closed(&hub, f.session.get()));
            test::await(Fixture::closed(&elsewhere, other.session.get()));
        }
        f.session.reset();
        f.session = std::move(*Session::open(f.dir.filePath(QStringLiteral("desk.lathe")), SessionOptions()));
        SourceHub hub(f.session.get());
        hub.startRemembered();
        QVERIFY(!hub.isReceiving());
        test::await(Fixture::closed(nullptr, f.session.get()));
    }

    void importsAndReports()
    {
        Fixture f;
        SourceHub hub(f.session.get());
        SourcesPage page(&hub, &m_theme);
        page.resize(1280, 900);
        page.show();
        const QString good = f.dir.filePath(QStringLiteral("good.json"));
        QFile file(good);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(otlpSpan("0af7651916cd43dd8448eb211c80319c", "chat gpt-5"));
        file.close();
        const QString bad = f.dir.filePath(QStringLiteral("bad.txt"));
        QFile other(bad);
        QVERIFY(other.open(QIODevice::WriteOnly));
        other.write("a letter to my aunt");
        other.close();
        const int before = f.runs();
        QSignalSpy ended(&hub, &SourceHub::importEnded);
        hub.importFiles({bad, f.dir.filePath(QStringLiteral("nowhere.json")), good});
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 30'000);
        QCOMPARE(hub.imports().size(), size_t(3)); // newest first
        QVERIFY(!hub.imports()[0].error);
        QVERIFY(hub.imports()[1].error);
        QVERIFY(hub.imports()[2].error);
        QCOMPARE(f.runs(), before + 1);
        QTRY_COMPARE_WITH_TIMEOUT(page.findChildren<ImportReportView *>().size(), 3, 30'000);
        QCOMPARE(hub.imports()[0].report.traces, 1);
        const RunId run = hub.imports()[0].report.runs.front();
        shoot(&page, QStringLiteral("import-report"));
        QSignalSpy opened(&page, &SourcesPage::openRequested);
        auto *link = page.findChild<LinkLabel *>(QStringLiteral("import-run-%1").arg(run.value));
        QVERIFY(link);
        link->click();
        QCOMPARE(opened.takeFirst().first().value<Location>().run, run);
        // Once more: known already, not taken twice.
        hub.importFiles({good});
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, 30'000);
        QCOMPARE(hub.imports()[0].report.known, 1);
        QCOMPARE(f.runs(), before + 1);
        test::await(Fixture::closed(&hub, f.session.get()));
    }

    void importIsCancelled()
    {
        Fixture f;
        SourceHub hub(f.session.get());
        const QString path = f.dir.filePath(QStringLiteral("many.jsonl"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (int i = 1; i <= 20'000; ++i)
            file.write(otlpSpan(QByteArray::number(qulonglong(i) + 0x100000000ull, 16).rightJustified(32, '0'), "chat gpt-5") + '\n');
        file.close();
        QSignalSpy ended(&hub, &SourceHub::importEnded);
        hub.importFiles({path, path, path});
        QVERIFY(hub.isImporting());
        QCOMPARE(hub.waitingFiles(), 2);
        QTest::qWait(50);
        hub.cancelImport();
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 30'000);
        QVERIFY(!hub.isImporting());
        QCOMPARE(hub.imports().size(), size_t(1)); // what waited was not begun
        QVERIFY(hub.imports()[0].error || hub.imports()[0].report.cancelled || hub.imports()[0].report.traces == 20'000);
        // Closing while one is under way waits for its end and nothing is touched later.
        hub.importFiles({path});
        QVERIFY(hub.isImporting());
        test::await(Fixture::closed(&hub, f.session.get()));
        QVERIFY(!hub.isImporting());
    }

    // Two windows: one publishes, the other attaches with the address that was copied.
    void publishAndAttach()
    {
        Fixture there(QStringLiteral("there.lathe"));
        Fixture here(QStringLiteral("here.lathe"));
        SourceHub giving(there.session.get());
        SourceHub taking(here.session.get());
        SourcesPage one(&giving, &m_theme), two(&taking, &m_theme);
        one.resize(1280, 860);
        two.resize(1280, 860);
        one.show();
        two.show();
        QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton); // no address yet
        QVERIFY(child<InlineMessage>(&two, "remote-problem")->isVisible());
        QTest::mouseClick(child<Button>(&one, "publish-switch"), Qt::LeftButton);
        QVERIFY(giving.isPublishing());
        QTest::mouseClick(child<Button>(&one, "publish-copy"), Qt::LeftButton);
        const QString address = QGuiApplication::clipboard()->text();
        QVERIFY(address.contains(QStringLiteral("token=")));
        child<QLineEdit>(&two, "remote-url")->setText(address);
        QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(taking.remote()->state(), RemoteLathe::State::Connected, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(child<Label>(&one, "publish-state")->text().contains(QStringLiteral("Watched")), 30'000);
        const int before = here.runs();
        RunRequest request;
        request.agent = QStringLiteral("triage");
        request.input.text = QStringLiteral("Search finds nothing since Monday");
        const auto run = test::await(there.session->startRun(request));
        QVERIFY(run);
        (void)test::await(there.session->finished(*run));
        QTRY_COMPARE_WITH_TIMEOUT(here.runs(), before + 1, 30'000);
        shoot(&two, QStringLiteral("sources-attached"));
        // When the other side ends, nothing of it is offered any more.
        const auto offered = [&two] {
            const auto links = child<QWidget>(&two, "remote-panel")->findChildren<LinkLabel *>();
            return std::count_if(links.begin(), links.end(), [](const LinkLabel *link) { return link->text() == QStringLiteral("Take over"); });
        };
        const auto attachAnew = [&] {
            QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton);
            QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton);
        };
        RunInfo old;
        old.source = QStringLiteral("otlp");
        old.sourceId = QStringLiteral("1");
        old.agentName = QStringLiteral("recorded before");
        const auto ended = test::await(there.session->foreignRuns().begin(std::move(old), false));
        QVERIFY(ended);
        RunEvent over;
        over.kind = RunEventKind::RunEnded;
        over.runStatus = RunStatus::Done;
        there.session->foreignRuns().record(*ended, {over});
        attachAnew();
        QTRY_COMPARE_WITH_TIMEOUT(offered(), 1, 30'000); // not the one that is here already
        giving.publisher()->stop();
        QTRY_COMPARE_WITH_TIMEOUT(taking.remote()->state(), RemoteLathe::State::Ended, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(offered(), 0, 30'000);
        QTest::mouseClick(child<Button>(&one, "publish-switch"), Qt::LeftButton);
        QVERIFY(giving.isPublishing());
        child<QLineEdit>(&two, "remote-token")->clear();
        child<QLineEdit>(&two, "remote-url")->setText(giving.publisher()->url().toString());
        QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(taking.remote()->state(), RemoteLathe::State::Connected, 30'000);
        shoot(&one, QStringLiteral("sources-publishing"));
        QTest::mouseClick(child<Button>(&two, "remote-switch"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(taking.remote()->state(), RemoteLathe::State::Off, 30'000);
        test::await(Fixture::closed(&taking, here.session.get()));
        test::await(Fixture::closed(&giving, there.session.get()));
    }
};

QTEST_MAIN(TestSourcesPage)
#include "tst_SourcesPage.moc"
