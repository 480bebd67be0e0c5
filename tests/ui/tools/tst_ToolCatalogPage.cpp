// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolCatalogPage.h"

#include "core/design/ToolSpec.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/itemmodels/ToolCatalogModel.h"
#include "ui/widgets/SearchField.h"

#include <QAbstractItemModelTester>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

class TestToolCatalogPage : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<ToolCatalogPage> m_page;

    void open()
    {
        m_page = std::make_unique<ToolCatalogPage>(m_project->session.get(), UiFixture::theme());
        m_page->resize(1180, 760);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    }
    QListView *list() { return find<QListView>(m_page.get(), "tools-list"); }
    QStringList names()
    {
        QStringList found;
        for (int row = 0; row < list()->model()->rowCount(); ++row) {
            const QModelIndex index = list()->model()->index(row, 0);
            found.append(index.data(ToolCatalogModel::IsHeadRole).toBool() ? QStringLiteral("# ") + index.data().toString() : index.data().toString());
        }
        return found;
    }
    QModelIndex rowOf(const QString &name)
    {
        const int row = int(names().indexOf(name));
        return row < 0 ? QModelIndex() : list()->model()->index(row, 0);
    }
    ArtifactId tool(const QString &name) { return m_project->id(ArtifactKind::Tool, name); }

private Q_SLOTS:
    void init() { m_project = std::make_unique<UiFixture>(); }
    void cleanup()
    {
        m_page.reset();
        m_project.reset();
    }

    void groupsAndTheirTools()
    {
        ToolCatalogModel model(m_project->session.get());
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        open();
        const QStringList before = names();
        QVERIFY2(before.contains(QStringLiteral("calculator")) && before.contains(QStringLiteral("feedback_sql")), qPrintable(before.join(QStringLiteral(", "))));
        QVERIFY(before.indexOf(QStringLiteral("# Data")) + 1 == before.indexOf(QStringLiteral("feedback_sql")));
        // A new one takes its place in its group; another name and the bin are followed.
        m_project->make(ArtifactKind::Tool, QStringLiteral("notes"), toolType(QStringLiteral("files"))->defaultBody);
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("notes")).isValid(), 30'000);
        QCOMPARE(rowOf(QStringLiteral("notes")).data(ToolCatalogModel::ErrorsRole).toInt(), 1); // no folder
        QVERIFY(await(m_project->session->project().artifacts().rename(tool(QStringLiteral("notes")), QStringLiteral("papers"))).ok());
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("papers")).isValid(), 30'000);
        QVERIFY(await(m_project->session->project().artifacts().moveToBin(tool(QStringLiteral("papers")), true)).ok());
        QTRY_COMPARE_WITH_TIMEOUT(names(), before, 30'000);
        QCOMPARE(model.rowCount(), int(before.size()));
    }

    void usersAndUse()
    {
        open();
        QVERIFY(rowOf(QStringLiteral("feedback_sql")).data(ToolCatalogModel::UsersRole).toStringList().contains(QStringLiteral("analyst")));
        QCOMPARE(rowOf(QStringLiteral("feedback_sql")).data(ToolCatalogModel::CallsRole).toInt(), 0);
        RunRequest request;
        request.agent = QStringLiteral("analyst");
        request.input.text = QStringLiteral("How many negative reviews are about Export, and which product area has the lowest average rating?");
        const auto run = await(m_project->session->startRun(request));
        QVERIFY(run.ok());
        QVERIFY(await(m_project->session->finished(*run)).ok());
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("feedback_sql")).data(ToolCatalogModel::CallsRole).toInt() > 0, 30'000);
        UiFixture::shoot(m_page.get(), QStringLiteral("tool-catalogue"));
    }

    void filterAndKeys()
    {
        open();
        QSignalSpy opened(m_page.get(), &ToolCatalogPage::openRequested);
        list()->setFocus();
        QTest::keyClicks(list(), QStringLiteral("calc")); // typing in the list filters
        auto *search = find<SearchField>(m_page.get(), "tools-filter");
        QCOMPARE(search->text(), QStringLiteral("calc"));
        QTRY_COMPARE_WITH_TIMEOUT(names(), (QStringList{QStringLiteral("# Basics"), QStringLiteral("calculator")}), 30'000);
        QTest::keyClick(search, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 30'000);
        QCOMPARE(opened.first().first().value<Location>().artifact, tool(QStringLiteral("calculator")));
        search->setText(QStringLiteral("nothing such"));
        QTRY_VERIFY_WITH_TIMEOUT(!list()->isVisible(), 30'000);
        search->clear();
        QTRY_VERIFY_WITH_TIMEOUT(list()->isVisible(), 30'000);
        // By an agent's name: what it uses.
        search->setText(QStringLiteral("analyst"));
        QTRY_VERIFY_WITH_TIMEOUT(names().contains(QStringLiteral("feedback_sql")), 30'000);
    }

    void bin()
    {
        open();
        QSignalSpy binned(m_page.get(), &ToolCatalogPage::binned);
        list()->setFocus();
        list()->setCurrentIndex(rowOf(QStringLiteral("calculator")));
        QTest::keyClick(list(), Qt::Key_Delete);
        QTRY_COMPARE_WITH_TIMEOUT(binned.size(), 1, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!rowOf(QStringLiteral("calculator")).isValid(), 30'000);
    }

    void menu()
    {
        open();
        QSignalSpy opened(m_page.get(), &ToolCatalogPage::openRequested);
        Q_EMIT list()->customContextMenuRequested(list()->visualRect(rowOf(QStringLiteral("feedback_sql"))).center());
        auto *shown = m_page->findChild<QMenu *>(QStringLiteral("tools-menu"));
        QVERIFY(shown);
        for (QAction *action : shown->actions()) {
            if (action->text() == QLatin1String("Duplicate"))
                action->trigger();
        }
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(QStringLiteral("feedback_sql copy")).isValid(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, 30'000);
        QCOMPARE(m_project->body(tool(QStringLiteral("feedback_sql copy"))), m_project->body(tool(QStringLiteral("feedback_sql"))));
    }

    void dragging()
    {
        open();
        QVERIFY(!list()->dragEnabled());
        m_page->setMimeSource([](const QString &name) {
            auto *data = new QMimeData;
            data->setData(QStringLiteral("application/x-lathe-node"), name.toUtf8());
            return data;
        });
        QVERIFY(list()->dragEnabled());
        const std::unique_ptr<QMimeData> data(list()->model()->mimeData({rowOf(QStringLiteral("calculator"))}));
        QVERIFY(data);
        QCOMPARE(data->data(QStringLiteral("application/x-lathe-node")), QByteArray("calculator"));
    }

    void emptyProjectTeaches()
    {
        for (const ArtifactInfo &info : m_project->session->project().artifacts().list(ArtifactKind::Tool))
            QVERIFY(await(m_project->session->project().artifacts().moveToBin(info.id, true)).ok());
        open();
        auto *empty = m_page->findChild<QWidget *>(QStringLiteral("tools-empty"));
        QVERIFY(empty->isVisible());
        QVERIFY(!list()->isVisible());
        UiFixture::shoot(m_page.get(), QStringLiteral("tool-catalogue-empty"));
    }
};

QTEST_MAIN(TestToolCatalogPage)
#include "tst_ToolCatalogPage.moc"
