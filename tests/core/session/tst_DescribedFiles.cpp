// SPDX-License-Identifier: GPL-3.0-or-later
// What SQL tools tell models of files outside the project is as these are when a run starts.
#include "core/session/DescribedFiles.h"
#include "core/session/Session.h"
#include "core/sqlite/Database.h"
#include "tests/support/Await.h"
#include "tests/support/ProviderServers.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QString q(const char *text)
{
    return QString::fromUtf8(text);
}

QJsonObject sqlTool(const char *path)
{
    return QJsonObject{{q("type"), q("sql")},
                       {q("purpose"), q("Query the shop.")},
                       {q("config"), QJsonObject{{q("source"), q("file")}, {q("path"), q(path)}, {q("example_values"), true}}},
                       {q("approval"), q("always")}};
}

void write(const QString &path, const QByteArray &content, QIODevice::OpenMode mode = QIODevice::WriteOnly)
{
    QFile file(path);
    QVERIFY(file.open(mode));
    QCOMPARE(file.write(content), content.size());
}

// What the provider was told of the tool.
QString toldOf(const QString &tool, const SeenChat &chat)
{
    const QJsonArray tools = chat.body.value(q("tools")).toArray();
    for (const QJsonValue &item : tools) {
        const QJsonValue function = item[q("function")];
        if (function[q("name")].toString() == tool)
            return function[q("description")].toString();
    }
    return QString();
}
}

class TestDescribedFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void seesEveryChange_data()
    {
        QTest::addColumn<QString>("change");
        QTest::addColumn<bool>("unchanged");
        QTest::newRow("none") << q("") << true;
        QTest::newRow("another file") << q("other") << true;
        QTest::newRow("longer") << q("append") << false;
        QTest::newRow("as long") << q("overwrite") << false;
        QTest::newRow("replaced by an older one") << q("rename") << false;
        QTest::newRow("gone") << q("remove") << false;
        QTest::newRow("write-ahead log") << q("wal") << false;
        QTest::newRow("of a tool of an agent that is a tool") << q("inner") << false;
        QTest::newRow("come into being") << q("late") << false;
    }
    void seesEveryChange()
    {
        QFETCH(QString, change);
        QFETCH(bool, unchanged);
        QTemporaryDir folder;
        const auto at = [&folder](const char *name) { return folder.filePath(q(name)); };
        write(at("older.db"), "0");
        write(at("a.db"), "1");
        write(at("b.csv"), "x\n1\n");
        const QJsonObject inner{{q("agent"), QJsonObject{{q("name"), q("helper")}}},
                                {q("bodies"), QJsonObject{{q("tool:b"), QJsonObject{{q("name"), q("b")}, {q("body"), sqlTool("b.csv")}}},
                                                          {q("tool:c"), QJsonObject{{q("name"), q("c")}, {q("body"), sqlTool("late.db")}}}}}};
        const QJsonObject snapshot{
            {q("agent"), QJsonObject{{q("name"), q("desk")}}},
            {q("bodies"), QJsonObject{{q("tool:a"), QJsonObject{{q("name"), q("a")}, {q("body"), sqlTool(at("a.db").toUtf8().constData())}}},
                                      {q("delegate:helper"), QJsonObject{{q("body"), inner}}}}}};
        QTest::qWait(30); // file systems' clocks tick slowly
        const qint64 later = QDateTime::currentMSecsSinceEpoch() + 60'000; // the files have been at rest by then
        const DescribedFiles files(snapshot, folder.path(), later);
        QVERIFY(files.areUnchanged());
        if (change == q("other")) {
            write(at("c.db"), "3");
        } else if (change == q("append")) {
            write(at("a.db"), "2", QIODevice::Append);
        } else if (change == q("overwrite")) {
            write(at("a.db"), "2");
        } else if (change == q("rename")) {
            QVERIFY(QFile::remove(at("a.db")));
            QVERIFY(QFile::rename(at("older.db"), at("a.db")));
        } else if (change == q("remove")) {
            QVERIFY(QFile::remove(at("a.db")));
        } else if (change == q("wal")) {
            write(at("a.db-wal"), "4");
        } else if (change == q("inner")) {
            write(at("b.csv"), "2\n", QIODevice::Append);
        } else if (change == q("late")) {
            write(at("late.db"), "5");
        }
        QCOMPARE(files.areUnchanged(), unchanged);
    }

    void aFileChangedJustBeforeIsNotTrusted()
    {
        QTemporaryDir folder;
        write(folder.filePath(q("a.db")), "1");
        const QJsonObject snapshot{{q("bodies"), QJsonObject{{q("tool:a"), QJsonObject{{q("body"), sqlTool("a.db")}}}}}};
        // A change within the same tick of the file system's clock could not be told from this one.
        QVERIFY(!DescribedFiles(snapshot, folder.path(), QDateTime::currentMSecsSinceEpoch()).areUnchanged());
        QVERIFY(DescribedFiles(snapshot, folder.path(), QDateTime::currentMSecsSinceEpoch() + 60'000).areUnchanged());
        QVERIFY(DescribedFiles(QJsonObject(), folder.path(), QDateTime::currentMSecsSinceEpoch()).areUnchanged());
    }

    // A run tells of the tables as they are at its start, in all its requests, however they change meanwhile.
    void eachRunTellsOfTheTablesAsTheyAre()
    {
        QTemporaryDir folder;
        const QString shop = folder.filePath(q("shop.db"));
        const auto change = [&shop](const char *statements) {
            auto opened = Database::open(shop, Database::Mode::Create);
            QVERIFY(opened.ok());
            QVERIFY((*opened)->exec(statements));
        };
        change("CREATE TABLE orders (status TEXT); INSERT INTO orders VALUES ('open'), ('paid')");
        const QString path = folder.filePath(q("p.lathe"));
        QVERIFY(await(Session::createProject(path, QString())).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        ProviderServer server(WireFormat::OpenAiChat);
        qputenv("TEST_API_KEY", server.secret().toUtf8());
        QStringList told;
        std::mutex mutex;
        server.setResponder([&](const SeenChat &chat) {
            const std::scoped_lock lock(mutex);
            told.append(toldOf(q("shop"), chat));
            return chat.toolResults.isEmpty() ? ScriptedAnswer::call(q("shop"), q("{\"sql\":\"UPDATE orders SET status = 'sent'\"}"))
                                              : ScriptedAnswer::say(q("done"));
        });
        QJsonObject tool = sqlTool("shop.db");
        QJsonObject config = tool.value(q("config")).toObject();
        config.insert(q("mode"), q("write"));
        tool.insert(q("config"), config);
        const QJsonObject agent{{q("job"), q("Mind the shop.")},
                                {q("pattern"), q("tool_loop")},
                                {q("model"), QJsonObject{{q("connection"), q("test")}, {q("model"), q("test-model")}}},
                                {q("tools"), QJsonArray{QJsonObject{{q("tool"), q("shop")}, {q("approval"), q("always")}}}}};
        QVERIFY(await((*session)->createArtifact(ArtifactKind::Connection, q("test"), server.connectionSpec().toJson())).ok());
        QVERIFY(await((*session)->createArtifact(ArtifactKind::Tool, q("shop"), tool)).ok());
        QVERIFY(await((*session)->createArtifact(ArtifactKind::Agent, q("clerk"), agent)).ok());
        const auto tellsOf = [&]() -> QStringList {
            told.clear();
            RunRequest request;
            request.agent = q("clerk@draft");
            request.input.text = q("Go on.");
            const auto id = await((*session)->startRun(request));
            if (!id)
                return {id.error().message};
            const auto result = await((*session)->finished(*id));
            if (!result || result->status != RunStatus::Done)
                return {result && result->error ? result->error->message : q("not done")};
            return told;
        };
        const QString before = q("orders: status TEXT ('open', 'paid')"), after = q("orders: status TEXT ('sent')");
        const QStringList first = tellsOf();
        QCOMPARE(first.size(), 2);
        QVERIFY2(first[0].contains(before), qPrintable(first[0]));
        QCOMPARE(first[1], first[0]); // of the same run, though its own tool has changed the table
        const QStringList second = tellsOf();
        QVERIFY2(second.size() == 2 && second[0].contains(after), qPrintable(second.join(u'\n')));
        change("ALTER TABLE orders ADD COLUMN number INTEGER; CREATE TABLE customers (id INTEGER)"); // by another program
        const QStringList third = tellsOf();
        QVERIFY2(third.size() == 2 && third[0].contains(q("customers: id INTEGER")) && third[0].contains(q("number INTEGER")),
                 qPrintable(third.join(u'\n')));
    }
};

QTEST_GUILESS_MAIN(TestDescribedFiles)
#include "tst_DescribedFiles.moc"
