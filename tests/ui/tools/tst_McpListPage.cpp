// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpListPage.h"

#include "tests/ui/design/UiFixture.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"

#include <QListView>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
struct Item {
    QString id, title;
};

// What a server lists, given by the test: each load waits until it is answered.
struct Server {
    std::vector<std::pair<std::shared_ptr<Completion<Result<std::vector<Item>>>>, CancelToken>> loads;
    void answer(size_t load, Result<std::vector<Item>> with) { loads[load].first->complete(std::move(with)); }
};
Server *server = nullptr;

Task<Result<std::vector<Item>>> listItems(McpHub *, QString, QJsonObject, CancelToken token)
{
    auto completion = std::make_shared<Completion<Result<std::vector<Item>>>>();
    server->loads.emplace_back(completion, token);
    auto result = co_await *completion;
    co_return result;
}

class ListPage : public McpListPage
{
public:
    ListPage(Session *session, Theme *theme)
        : McpListPage(session, theme, {QStringLiteral("things"), QStringLiteral("tool"), QStringLiteral("Search things"), QStringLiteral("Connect to see."),
                                       QStringLiteral("It has none.")},
                      nullptr)
    {
        buildDetail({});
        addPane(m_detail, 200, 200);
    }
    void load() override
    {
        loadList(&listItems, &items, &Item::id, [](const Item &item) {
            Row row;
            row.title = item.title;
            row.words = item.id;
            return row;
        });
    }
    using McpListPage::currentRow;
    using McpListPage::newRequest;
    using McpListPage::request;
    using McpListPage::requestNumber;
    using McpListPage::stopRequest;
    std::vector<Item> items;
    QStringList shown, activated;
    InlineMessage *message() { return m_message; }

protected:
    void showCurrent() override
    {
        const int row = currentRow();
        shown.append(row < 0 ? QString() : items[size_t(row)].id);
        if (row >= 0)
            showTitle(items[size_t(row)].title, QString());
    }
    void activate() override { activated.append(items[size_t(currentRow())].id); }
};

std::vector<Item> three()
{
    return {{QStringLiteral("a"), QStringLiteral("Apples")}, {QStringLiteral("b"), QStringLiteral("Bread")}, {QStringLiteral("c"), QStringLiteral("Cheese")}};
}
}

// The list of what a server has, and one request at a time.
class TestMcpListPage : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<Server> m_server;
    std::unique_ptr<ListPage> m_page;

    QListView *list() { return find<QListView>(m_page.get(), "mcp-things-list"); }
    EmptyState *empty() { return m_page->findChild<EmptyState *>(); }

private Q_SLOTS:
    void init()
    {
        m_project = std::make_unique<UiFixture>();
        m_server = std::make_unique<Server>();
        server = m_server.get();
        m_page = std::make_unique<ListPage>(m_project->session.get(), UiFixture::theme());
        m_page->resize(400, 500);
        m_page->show();
    }
    void cleanup()
    {
        m_page.reset();
        m_server.reset();
        m_project.reset();
    }

    void invitesListsAndSaysNothingIsThere()
    {
        QSignalSpy counted(m_page.get(), &McpListPage::countChanged), asked(m_page.get(), &McpListPage::connectRequested);
        QVERIFY(!m_page->isLoaded() && empty()->isVisible());
        empty()->findChild<QAbstractButton *>()->click();
        QCOMPARE(asked.size(), 1);
        m_page->load();
        QVERIFY(empty()->isVisible()); // until it answers
        m_server->answer(0, three());
        QTRY_COMPARE_WITH_TIMEOUT(counted.size(), 1, 30'000);
        QCOMPARE(m_page->count(), 3);
        QVERIFY(m_page->isLoaded() && list()->isVisible());
        QCOMPARE(m_page->shown.last(), QStringLiteral("a"));
        m_page->load();
        m_server->answer(1, std::vector<Item>());
        QTRY_COMPARE_WITH_TIMEOUT(counted.size(), 2, 30'000);
        QVERIFY(empty()->isVisible() && !list()->isVisible());
        m_page->clear();
        QVERIFY(!m_page->isLoaded());
    }

    // Listed again in another order: what one looked at stays current, by its key.
    void theCurrentOneStays()
    {
        m_page->load();
        m_server->answer(0, three());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 3, 30'000);
        list()->setCurrentIndex(list()->model()->index(1, 0));
        QCOMPARE(m_page->shown.last(), QStringLiteral("b"));
        m_page->load();
        m_server->answer(1, std::vector<Item>{{QStringLiteral("z"), QStringLiteral("Zest")}, {QStringLiteral("c"), QStringLiteral("Cheese")},
                                              {QStringLiteral("x"), QStringLiteral("Xigua")}, {QStringLiteral("b"), QStringLiteral("Rye bread")}});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 4, 30'000);
        QCOMPARE(m_page->shown.last(), QStringLiteral("b"));
        QCOMPARE(m_page->currentRow(), 3);
        m_page->load(); // and without it: the first
        m_server->answer(2, three());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 3, 30'000);
        m_page->load();
        m_server->answer(3, std::vector<Item>{{QStringLiteral("n"), QStringLiteral("New")}});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 1, 30'000);
        QCOMPARE(m_page->shown.last(), QStringLiteral("n"));
    }

    // What is filtered is chosen by its own row, not by where it stands; found by its other words, too.
    void filteredRowsAreTheirOwn()
    {
        m_page->load();
        m_server->answer(0, three());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 3, 30'000);
        auto *field = m_page->findChild<FilterableList *>()->field();
        field->setFocus();
        QTest::keyClicks(field, QStringLiteral("chee"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(m_page->activated, QStringList{QStringLiteral("c")});
    }

    void aFailureIsSaidAndTheOldStays()
    {
        m_page->load();
        m_server->answer(0, three());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 3, 30'000);
        m_page->load();
        m_server->answer(1, Error(ErrorKind::Unreachable, QStringLiteral("The server went away.")));
        QTRY_VERIFY_WITH_TIMEOUT(m_page->message()->isVisible(), 30'000);
        QCOMPARE(m_page->count(), 3);
        QVERIFY(m_page->isLoaded());
        m_page->message()->hide();
        m_page->load();
        m_server->answer(2, Error(ErrorKind::Cancelled, QStringLiteral("Cancelled."))); // a person's own doing
        QTest::qWait(50);
        QVERIFY(!m_page->message()->isVisible());
    }

    // Loading again, clearing and closing cancel what is under way.
    void loadsAreCancelled()
    {
        m_page->load();
        QVERIFY(!m_server->loads[0].second.isCancelled());
        m_page->load();
        QVERIFY(m_server->loads[0].second.isCancelled());
        m_page->clear();
        QVERIFY(m_server->loads[1].second.isCancelled());
        m_page->load();
        m_page.reset();
        QVERIFY(m_server->loads[2].second.isCancelled());
        for (size_t load = 0; load < 3; ++load)
            m_server->answer(load, three()); // nobody is there any more
        QTest::qWait(50);
    }

    // The answer of a request that was followed by another no longer counts, whether it is one or an error.
    void onlyTheLastRequestCounts()
    {
        m_page->load();
        m_server->answer(0, three());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->count(), 3, 30'000);
        QStringList got;
        const auto ask = [&](const QString &name) {
            const CancelToken token = m_page->newRequest();
            m_page->request(listItems(nullptr, QString(), {}, token), [&got, name](std::vector<Item>) { got.append(name); });
            return token;
        };
        const CancelToken first = ask(QStringLiteral("first"));
        const CancelToken second = ask(QStringLiteral("second"));
        QVERIFY(first.isCancelled() && !second.isCancelled());
        m_server->answer(1, three());
        m_server->answer(2, three());
        QTRY_COMPARE_WITH_TIMEOUT(got, QStringList{QStringLiteral("second")}, 30'000);
        ask(QStringLiteral("third"));
        m_page->stopRequest();
        m_server->answer(3, Error(ErrorKind::Unreachable, QStringLiteral("too late")));
        QTest::qWait(50);
        QVERIFY(!m_page->message()->isVisible());
        QCOMPARE(got.size(), 1);
    }
};

QTEST_MAIN(TestMcpListPage)
#include "tst_McpListPage.moc"
