// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/ConnectionEditor.h"

#include "tests/support/ProviderServers.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/settings/CostField.h"
#include "ui/settings/LocalServersPanel.h"
#include "ui/settings/SecretField.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/InlineMessage.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

class TestConnectionEditor : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    ArtifactId m_connection;
    std::unique_ptr<ConnectionEditor> m_editor;

    void open(ArtifactId connection)
    {
        m_connection = connection;
        m_editor = std::make_unique<ConnectionEditor>(m_project->session.get(), UiFixture::theme(), connection);
        m_editor->resize(940, 980);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    }
    void openFor(const ProviderServer &server)
    {
        QJsonObject body = server.connectionSpec().toJson();
        body.insert(QStringLiteral("secret"), QStringLiteral("LATHE_UI_TEST_KEY"));
        open(m_project->make(ArtifactKind::Connection, QStringLiteral("scripted"), body));
    }
    InlineMessage *result() { return find<InlineMessage>(m_editor.get(), "connection-result"); }
    QPushButton *button(const char *name) { return find<QPushButton>(m_editor.get(), name); }

private Q_SLOTS:
    void init() { m_project = std::make_unique<UiFixture>(QString()); }
    void cleanup()
    {
        m_editor.reset();
        m_project.reset();
    }

    void testListsTheModels_data()
    {
        QTest::addColumn<int>("format");
        QTest::newRow("openai_chat") << int(WireFormat::OpenAiChat);
        QTest::newRow("openai_responses") << int(WireFormat::OpenAiResponses);
        QTest::newRow("anthropic") << int(WireFormat::Anthropic);
        QTest::newRow("gemini") << int(WireFormat::Gemini);
    }
    void testListsTheModels()
    {
        QFETCH(int, format);
        ProviderServer server{WireFormat(format)};
        server.setModels({QStringLiteral("small"), QStringLiteral("large")});
        m_project->secrets.values.insert(QStringLiteral("LATHE_UI_TEST_KEY"), server.secret());
        openFor(server);
        QTest::mouseClick(button("connection-test"), Qt::LeftButton);
        QTRY_VERIFY2_WITH_TIMEOUT(result()->severity() == Severity::Success, qPrintable(result()->text()), 30'000);
        auto *models = find<QListView>(m_editor.get(), "connection-models");
        QCOMPARE(models->model()->rowCount(), 2);
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-tested"));
    }

    void wrongKeyIsSaidInline()
    {
        ProviderServer server(WireFormat::OpenAiChat);
        m_project->secrets.values.insert(QStringLiteral("LATHE_UI_TEST_KEY"), QStringLiteral("not-the-key"));
        openFor(server);
        QTest::mouseClick(button("connection-test"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result()->severity() == Severity::Error, 30'000);
        QVERIFY(!result()->text().contains(QStringLiteral("not-the-key")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-refused"));
    }

    void cancelStopsTheTest()
    {
        ScriptedHttpServer server;
        server.start();
        server.setHandler([](const HttpSeen &) { return HttpReply::never(); });
        open(m_project->make(ArtifactKind::Connection, QStringLiteral("mute"),
                             QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")}, {QStringLiteral("base_url"), server.url(QStringLiteral("/v1"))}}));
        QTest::mouseClick(button("connection-test"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(server.requestCount(), 1, 30'000);
        QVERIFY(button("connection-test-cancel")->isVisible());
        QTest::mouseClick(button("connection-test-cancel"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(result()->text(), QStringLiteral("The test was cancelled."), 30'000);
        QVERIFY(button("connection-test")->isVisible());
        QTest::mouseClick(button("connection-test"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(server.requestCount(), 2, 30'000);
        m_editor.reset(); // closing the page stops it too
        QVERIFY(server.waitForDisconnects(2));
    }

    void keyGoesToTheKeychainOnly()
    {
        ProviderServer server(WireFormat::OpenAiChat);
        openFor(server);
        auto *secret = m_editor->findChild<SecretField *>();
        QTRY_VERIFY_WITH_TIMEOUT(secret->state().contains(QStringLiteral("not set")), 30'000);
        auto *value = find<QLineEdit>(m_editor.get(), "secret-value");
        QCOMPARE(value->echoMode(), QLineEdit::Password);
        QTest::keyClicks(value, QStringLiteral("sk-ui-test-0815"));
        QTest::mouseClick(button("secret-store"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(m_project->secrets.values.value(QStringLiteral("LATHE_UI_TEST_KEY")), QStringLiteral("sk-ui-test-0815"), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(secret->state().contains(QStringLiteral("keychain")), 30'000);
        QVERIFY(value->text().isEmpty());
        QVERIFY(await(m_project->session->project().flush()).ok());
        for (const QString &suffix : {QString(), QStringLiteral("-wal")}) {
            QFile file(m_project->session->project().path() + suffix);
            if (file.open(QIODevice::ReadOnly))
                QVERIFY(!file.readAll().contains("sk-ui-test-0815"));
        }
    }

    void noKeychainIsSaid()
    {
        m_project->secrets.refuses = true;
        ProviderServer server(WireFormat::OpenAiChat);
        openFor(server);
        auto *value = find<QLineEdit>(m_editor.get(), "secret-value");
        QTest::keyClicks(value, QStringLiteral("sk-x"));
        QTest::keyClick(value, Qt::Key_Return);
        auto *message = find<InlineMessage>(m_editor.get(), "secret-message");
        QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), 30'000);
        QVERIFY(message->text().contains(QStringLiteral("keychain")));
    }

    void environmentIsNamed()
    {
        qputenv("LATHE_UI_TEST_KEY", "x");
        ProviderServer server(WireFormat::OpenAiChat);
        openFor(server);
        auto *secret = m_editor->findChild<SecretField *>();
        QTRY_VERIFY_WITH_TIMEOUT(secret->state().contains(QStringLiteral("environment")), 30'000);
        qunsetenv("LATHE_UI_TEST_KEY");
    }

    void problemsStandAtTheirField()
    {
        open(m_project->make(ArtifactKind::Connection, QStringLiteral("mine"), QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")}}));
        auto *url = find<QLineEdit>(m_editor.get(), "connection-url");
        QVERIFY(url->placeholderText().contains(QStringLiteral("api.openai.com")));
        QTest::keyClicks(url, QStringLiteral("ftp://nowhere"));
        QTRY_VERIFY_WITH_TIMEOUT(!button("connection-test")->isEnabled(), 30'000);
        QVERIFY(url->accessibleDescription().contains(QStringLiteral("no web address")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-problem"));
        url->selectAll();
        QTest::keyClick(url, Qt::Key_Delete);
        QTRY_VERIFY_WITH_TIMEOUT(button("connection-test")->isEnabled(), 30'000);
        QVERIFY(!m_project->body(m_connection).contains(QStringLiteral("base_url")));
    }

    void offlineExplainsItself()
    {
        open(m_project->id(ArtifactKind::Connection, QStringLiteral("offline")));
        QVERIFY(m_editor->findChild<QWidget *>(QStringLiteral("connection-offline"))->isVisible());
        QVERIFY(!find<QLineEdit>(m_editor.get(), "connection-url")->isVisible());
        QTest::mouseClick(button("connection-test"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result()->severity() == Severity::Success, 30'000);
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-offline"));
        auto *api = find<QComboBox>(m_editor.get(), "connection-api");
        api->setFocus();
        QTest::keyClick(api, Qt::Key_Down);
        QCOMPARE(m_project->body(m_connection).value(QStringLiteral("api")).toString(), QStringLiteral("openai_chat"));
        QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(m_editor.get(), "connection-url")->isVisible(), 30'000);
    }

    void headersAndTimes()
    {
        open(m_project->make(ArtifactKind::Connection, QStringLiteral("mine"), QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")}}));
        QTest::mouseClick(button("header-add"), Qt::LeftButton);
        auto *name = find<QLineEdit>(m_editor.get(), "header-name-0");
        QTest::keyClicks(name, QStringLiteral("X-Team"));
        QTest::keyClicks(find<QLineEdit>(m_editor.get(), "header-value-0"), QStringLiteral("blue"));
        QCOMPARE(m_project->body(m_connection).value(QStringLiteral("headers"))[QLatin1String("X-Team")].toString(), QStringLiteral("blue"));
        auto *attempts = m_editor->findChild<QAbstractSpinBox *>(QStringLiteral("connection-attempts"));
        QTest::keyClick(attempts, Qt::Key_Up);
        const auto spec = ConnectionSpec::fromJson(QStringLiteral("mine"), m_project->body(m_connection));
        QVERIFY(spec.ok());
        QCOMPARE(spec->retry.maxAttempts, ConnectionSpec().retry.maxAttempts + 1);
    }

    void foundServerBecomesAConnection()
    {
        open(m_project->id(ArtifactKind::Connection, QStringLiteral("offline")));
        auto *panel = m_editor->findChild<LocalServersPanel *>();
        QTRY_VERIFY_WITH_TIMEOUT(!panel->isSearching(), 30'000);
        LocalServer server;
        server.product = QStringLiteral("LM Studio");
        server.baseUrl = QStringLiteral("http://127.0.0.1:1234/v1");
        server.models = {QStringLiteral("qwen2.5-7b"), QStringLiteral("nomic-embed")};
        panel->showServers({server});
        QTest::qWait(20);
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-servers"));
        QSignalSpy opened(m_editor.get(), &ConnectionEditor::openRequested);
        auto *make = find<QPushButton>(m_editor.get(), "local-create-lm-studio");
        QVERIFY(make);
        make->click();
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 30'000);
        const auto made = opened.first().first().value<Location>().artifact;
        QCOMPARE(m_project->body(made).value(QStringLiteral("base_url")).toString(), server.baseUrl);
        QCOMPARE(m_project->body(made).value(QStringLiteral("local")), QJsonValue(true)); // known to be one's own
        QTRY_VERIFY_WITH_TIMEOUT(!m_editor->findChild<QPushButton *>(QStringLiteral("local-create-lm-studio")), 30'000);
    }

    // A server nearby is free only when the person says so, or it has the prices it is given.
    void costIsChosen()
    {
        open(m_project->make(ArtifactKind::Connection, QStringLiteral("box"),
                             QJsonObject{{QStringLiteral("api"), QStringLiteral("openai_chat")},
                                         {QStringLiteral("base_url"), QStringLiteral("http://127.0.0.1:4000/v1")},
                                         {QStringLiteral("later"), 1}}));
        const QJsonObject before = m_project->body(m_connection);
        auto *cost = find<QComboBox>(m_editor.get(), "connection-cost");
        auto *input = find<QDoubleSpinBox>(m_editor.get(), "connection-price-input");
        auto *field = m_editor->findChild<CostField *>();
        const auto choose = [&](int row) {
            cost->setFocus();
            QTest::keyClick(cost, Qt::Key_Home);
            for (int i = 0; i < row; ++i)
                QTest::keyClick(cost, Qt::Key_Down);
        };
        QCOMPARE(field->kind(), CostField::Kind::Listed);
        QVERIFY(static_cast<FormField *>(field->parentWidget())->problem().contains(QStringLiteral("not known")));
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-cost-unknown"));
        choose(1);
        QCOMPARE(m_project->body(m_connection).value(QStringLiteral("local")), QJsonValue(true));
        QVERIFY(!input->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(static_cast<FormField *>(field->parentWidget())->problem().isEmpty(), 30'000);
        choose(2);
        QVERIFY(input->isVisible());
        input->setFocus();
        input->selectAll();
        QTest::keyClicks(input, QStringLiteral("2.5"));
        QJsonObject body = m_project->body(m_connection);
        QVERIFY(!body.contains(QStringLiteral("local")));
        QCOMPARE(body.value(QStringLiteral("price"))[QLatin1String("input")].toDouble(), 2.5);
        QCOMPARE(body.value(QStringLiteral("price"))[QLatin1String("output")].toDouble(), 0.0);
        QVERIFY(ConnectionSpec::fromJson(QStringLiteral("box"), body)->price);
        UiFixture::shoot(m_editor.get(), QStringLiteral("connection-cost-own"));
        while (m_project->session->canUndo(m_connection))
            QVERIFY(m_project->session->undo(m_connection).ok());
        QCOMPARE(m_project->body(m_connection), before);
        QTRY_COMPARE_WITH_TIMEOUT(field->kind(), CostField::Kind::Listed, 30'000);
    }
};

QTEST_MAIN(TestConnectionEditor)
#include "tst_ConnectionEditor.moc"
