// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/SettingsView.h"

#include "tests/ui/design/UiFixture.h"
#include "ui/settings/KeyboardPage.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/KeyHint.h"
#include "ui/widgets/SearchField.h"

#include <QAction>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

class TestSettingsView : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<SettingsView> m_view;

private Q_SLOTS:
    void initTestCase()
    {
        QCoreApplication::setOrganizationName(QStringLiteral("LatheTest"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_SettingsView"));
        m_settings = std::make_unique<QTemporaryDir>();
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_settings->path());
    }
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_view = std::make_unique<SettingsView>(m_project->session.get(), UiFixture::theme());
        m_view->resize(1000, 720);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    }
    void cleanup()
    {
        m_view.reset();
        m_project.reset();
        UiFixture::theme()->setMode(Theme::Mode::Dark);
    }

    void appearance()
    {
        QTest::mouseClick(find<QRadioButton>(m_view.get(), "theme-light"), Qt::LeftButton, {}, QPoint(8, 8));
        QVERIFY(!UiFixture::theme()->isDark());
        QCOMPARE(QSettings().value(QStringLiteral("theme")).toString(), QStringLiteral("light"));
        QTest::mouseClick(find<QRadioButton>(m_view.get(), "theme-dark"), Qt::LeftButton, {}, QPoint(8, 8));
        QVERIFY(UiFixture::theme()->isDark());
        QCOMPARE(QSettings().value(QStringLiteral("theme")).toString(), QStringLiteral("dark"));
        // Switched elsewhere, the choice here follows.
        UiFixture::theme()->setMode(Theme::Mode::Light);
        QVERIFY(find<QRadioButton>(m_view.get(), "theme-light")->isChecked());
        UiFixture::shoot(m_view.get(), QStringLiteral("settings-appearance"));
    }

    void connections()
    {
        m_view->showSection(QStringLiteral("connections"));
        const auto state = [this](const char *name) { return find<QLabel>(m_view.get(), name)->text(); };
        QCOMPARE(state("settings-state-offline"), QStringLiteral("always there"));
        m_project->make(ArtifactKind::Connection, QStringLiteral("cloud"),
                        QJsonObject{{QStringLiteral("api"), QStringLiteral("anthropic")}, {QStringLiteral("secret"), QStringLiteral("LATHE_UI_TEST_KEY")}});
        QTRY_VERIFY_WITH_TIMEOUT(m_view->findChild<QLabel *>(QStringLiteral("settings-state-cloud")), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(state("settings-state-cloud"), QStringLiteral("key LATHE_UI_TEST_KEY is not set"), 30'000);
        // What answers cost is said where it is known.
        const auto reach = [this](const char *name, const char *cost) {
            QJsonObject body{{QStringLiteral("api"), QStringLiteral("openai_chat")}, {QStringLiteral("base_url"), QStringLiteral("http://127.0.0.1:9/v1")}};
            const QJsonObject more = *json::parseObject(cost);
            for (auto it = more.begin(); it != more.end(); ++it)
                body.insert(it.key(), it.value());
            m_project->make(ArtifactKind::Connection, QString::fromLatin1(name), body);
        };
        const auto detail = [this](const char *name) {
            auto *label = m_view->findChild<ElidedLabel *>(QStringLiteral("settings-detail-") + QString::fromLatin1(name));
            return label ? label->text() : QString();
        };
        reach("mine", R"({"local":true})");
        reach("priced", R"({"price":{"input":2.5,"output":10}})");
        reach("other", "{}");
        QTRY_VERIFY_WITH_TIMEOUT(detail("mine").endsWith(QStringLiteral("/v1   free")), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(detail("priced").endsWith(QStringLiteral("$2.5 in, $10 out for a million tokens")), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(detail("other").endsWith(QStringLiteral("/v1")), 30'000);
        QTest::qWait(600);
        UiFixture::shoot(m_view.get(), QStringLiteral("settings-connections"));
        QSignalSpy opened(m_view.get(), &SettingsView::openRequested);
        QTest::mouseClick(find<QWidget>(m_view.get(), "settings-open-cloud"), Qt::LeftButton);
        QCOMPARE(opened.size(), 1);
        QTest::mouseClick(find<QPushButton>(m_view.get(), "settings-new-connection"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 2, 30'000);
        QCOMPARE(m_project->body(opened.last().first().value<Location>().artifact).value(QStringLiteral("api")).toString(), QStringLiteral("openai_chat"));
    }

    void projectIsCheckedAndCompacted()
    {
        m_view->showSection(QStringLiteral("project"));
        QCOMPARE(find<QLabel>(m_view.get(), "project-path")->text(), m_project->session->project().path());
        QVERIFY(find<QLabel>(m_view.get(), "project-contents")->text().contains(QStringLiteral("2 datasets")));
        auto *result = find<InlineMessage>(m_view.get(), "project-result");
        QTest::mouseClick(find<QPushButton>(m_view.get(), "project-check"), Qt::LeftButton);
        QTRY_VERIFY2_WITH_TIMEOUT(result->severity() == Severity::Success, qPrintable(result->text()), 30'000);
        QVERIFY(result->text().contains(QStringLiteral("sound")));
        UiFixture::shoot(m_view.get(), QStringLiteral("settings-project"));
        QTest::mouseClick(find<QPushButton>(m_view.get(), "project-compact"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("before")), 30'000);
    }

    void keyboardAsksTheWindow()
    {
        QAction action(QStringLiteral("Do a thing"), m_view.get());
        action.setObjectName(QStringLiteral("do-it"));
        action.setShortcut(QKeySequence(Qt::CTRL | Qt::Key_J));
        m_view->showSection(QStringLiteral("keyboard"));
        auto *page = m_view->findChild<KeyboardPage *>();
        const auto shows = [page](const QString &text) {
            for (const QLabel *label : page->findChildren<QLabel *>()) {
                if (label->text() == text && label->isVisible())
                    return true;
            }
            return false;
        };
        QVERIFY(shows(QStringLiteral("Do a thing")));
        QVERIFY(shows(QStringLiteral("Restore into draft")));
        UiFixture::shoot(m_view.get(), QStringLiteral("settings-keyboard"));
        QTest::keyClicks(find<SearchField>(m_view.get(), "keyboard-filter"), QStringLiteral("restore"));
        QTRY_VERIFY_WITH_TIMEOUT(!shows(QStringLiteral("Do a thing")), 30'000);
        QVERIFY(shows(QStringLiteral("Restore into draft")));
    }

    void sectionsByKeysAreRemembered()
    {
        auto *sections = find<QListWidget>(m_view.get(), "settings-sections");
        sections->setFocus();
        QTest::keyClick(sections, Qt::Key_End);
        QVERIFY(m_view->findChild<QWidget *>(QStringLiteral("settings-about"))->isVisible());
        UiFixture::shoot(m_view.get(), QStringLiteral("settings-about"));
        SettingsView again(m_project->session.get(), UiFixture::theme());
        QCOMPARE(find<QListWidget>(&again, "settings-sections")->currentRow(), sections->count() - 1);
    }

private:
    std::unique_ptr<QTemporaryDir> m_settings;
};

QTEST_MAIN(TestSettingsView)
#include "tst_SettingsView.moc"
