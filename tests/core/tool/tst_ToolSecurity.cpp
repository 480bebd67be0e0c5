// SPDX-License-Identifier: GPL-3.0-or-later
// What a model, or who tricks it, must not be able to do with the tools of this computer. Each test fails when its guard is removed.
#include "tests/core/tool/ToolTesting.h"

#include "core/sqlite/Database.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTemporaryDir>

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
std::shared_ptr<Tool> made(const char *type, const QJsonObject &config, double seconds = 30, const ToolEnvironment &environment = {})
{
    ToolSpec spec = toolSpec(type, config);
    spec.limits.seconds = seconds;
    auto tool = makeTool(QStringLiteral("t"), spec, environment);
    if (!tool)
        qFatal("%s", qPrintable(tool.error().message));
    return *tool;
}

bool writeFile(const QString &path, const QByteArray &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

ToolOutcome python(const QByteArray &code, const QJsonObject &arguments = {}, QJsonObject config = {}, double seconds = 60)
{
    config.insert(QStringLiteral("code"), QString::fromUtf8(code));
    return callTool(*made("script", config, seconds), arguments);
}
}

class TestToolSecurity : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    // files
    void pathsThatLeadOut_data();
    void pathsThatLeadOut();
    void linkSwappedUnderneath();
    void linkSwappedDuringSearch();
    void filesThatHang();
    // sql
    void sqlBeyondReading_data();
    void sqlBeyondReading();
    void sqlBombs_data();
    void sqlBombs();
    // scripts
    void shellInjection_data();
    void shellInjection();
    void environmentStaysHere();
    void noNetwork();
    void noHome();
    void noForeignProcesses();
    void noWritingOutside();
    void bombs();
    void neverWithoutSandbox();

private:
    QTemporaryDir m_dir, m_outside;
    QString m_folder, m_secret;
};

void TestToolSecurity::initTestCase()
{
    m_folder = m_dir.filePath(QStringLiteral("shared"));
    QVERIFY(QDir().mkpath(m_folder + QStringLiteral("/sub")));
    m_secret = m_outside.filePath(QStringLiteral("secret.txt"));
    QVERIFY(writeFile(m_secret, "top secret"));
    QVERIFY(writeFile(m_dir.filePath(QStringLiteral("beside.txt")), "top secret"));
    QVERIFY(writeFile(m_folder + QStringLiteral("/mine.txt"), "mine"));
    QVERIFY(QFile::link(m_secret, m_folder + QStringLiteral("/link")));
    QVERIFY(QFile::link(m_outside.path(), m_folder + QStringLiteral("/folder")));
    QVERIFY(QFile::link(QStringLiteral("../../beside.txt"), m_folder + QStringLiteral("/sub/up")));
}

void TestToolSecurity::pathsThatLeadOut_data()
{
    QTest::addColumn<QString>("path");
    const QString outside = QDir(m_outside.path()).dirName();
    for (const QString &path :
         {m_secret, QStringLiteral("../beside.txt"), QStringLiteral("sub/../../beside.txt"), QStringLiteral("./../beside.txt"), QStringLiteral("link"),
          QStringLiteral("folder/secret.txt"), QStringLiteral("sub/up"), QStringLiteral("//") + m_secret, QStringLiteral("..\\beside.txt"),
          QStringLiteral("sub/..//..//beside.txt"), QStringLiteral("/proc/self/root") + m_secret, QStringLiteral("../") + outside + QStringLiteral("/secret.txt"),
          QStringLiteral("~/secret"), QString(QStringLiteral("mine.txt") + QChar(u'\0') + QStringLiteral("/../beside.txt")), QStringLiteral("file://") + m_secret})
        QTest::newRow(qPrintable(path)) << path;
}

void TestToolSecurity::pathsThatLeadOut()
{
    QFETCH(QString, path);
    const auto tool = made("files", {{QStringLiteral("folder"), m_folder}, {QStringLiteral("writable"), true}});
    for (const char *action : {"read", "write", "list", "search"}) {
        const ToolOutcome outcome = callTool(*tool, {{QStringLiteral("action"), QLatin1String(action)},
                                                     {QStringLiteral("path"), path},
                                                     {QStringLiteral("content"), QStringLiteral("overwritten")},
                                                     {QStringLiteral("query"), QStringLiteral("top")}});
        QVERIFY2(!outcome.text.contains(QStringLiteral("top secret")), action);
    }
    QCOMPARE(readFile(m_secret), QByteArray("top secret"));
    QCOMPARE(readFile(m_dir.filePath(QStringLiteral("beside.txt"))), QByteArray("top secret"));
}

// Somebody swaps a file for a link again and again while it is read and written.
void TestToolSecurity::linkSwappedUnderneath()
{
    const QString path = m_folder + QStringLiteral("/swapped");
    const QByteArray name = QFile::encodeName(path), target = QFile::encodeName(m_secret), spare = name + ".spare";
    std::atomic<bool> stop{false};
    std::thread swapper([&] {
        while (!stop) {
            const int fd = ::open(spare.constData(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
            [[maybe_unused]] const auto written = ::write(fd, "harmless", 8);
            ::close(fd);
            ::rename(spare.constData(), name.constData());
            [[maybe_unused]] const int linked = ::symlink(target.constData(), spare.constData());
            ::rename(spare.constData(), name.constData());
        }
    });
    const auto tool = made("files", {{QStringLiteral("folder"), m_folder}, {QStringLiteral("writable"), true}});
    bool leaked = false;
    for (int i = 0; i < 400; ++i) {
        const QString action = i % 2 ? QStringLiteral("read") : QStringLiteral("write");
        const ToolOutcome outcome = callTool(*tool, {{QStringLiteral("action"), action},
                                                     {QStringLiteral("path"), QStringLiteral("swapped")},
                                                     {QStringLiteral("content"), QStringLiteral("overwritten")}});
        leaked = leaked || outcome.text.contains(QStringLiteral("top secret"));
    }
    stop = true;
    swapper.join();
    QFile::remove(path);
    QVERIFY(!leaked);
    QCOMPARE(readFile(m_secret), QByteArray("top secret"));
}

// The same while a folder is searched: what was a file or a folder when it was listed may be a link when it is opened.
void TestToolSecurity::linkSwappedDuringSearch()
{
    const QString folder = m_folder + QStringLiteral("/searched");
    QVERIFY(QDir().mkpath(folder));
    for (int i = 0; i < 300; ++i) // before the others in order: time between listing and opening
        QVERIFY(writeFile(folder + QStringLiteral("/a%1").arg(i), "harmless"));
    const QByteArray base = QFile::encodeName(folder), file = base + "/file", dir = base + "/folder", spareDir = base + "/spare-folder", spareLink = base + "/spare-link";
    const QByteArray target = QFile::encodeName(m_secret), targetDir = QFile::encodeName(m_outside.path());
    QVERIFY(::mkdir(spareDir.constData(), 0700) == 0 && ::symlink(targetDir.constData(), spareLink.constData()) == 0);
    std::atomic<bool> stop{false};
    std::thread swapper([&] {
        while (!stop) {
            const int fd = ::open((file + ".spare").constData(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
            ::close(fd);
            ::rename((file + ".spare").constData(), file.constData());
            ::rename(spareDir.constData(), dir.constData());
            std::this_thread::sleep_for(std::chrono::microseconds(300));
            [[maybe_unused]] const int linked = ::symlink(target.constData(), (file + ".spare").constData());
            ::rename((file + ".spare").constData(), file.constData());
            ::rename(dir.constData(), spareDir.constData());
            ::rename(spareLink.constData(), dir.constData());
            std::this_thread::sleep_for(std::chrono::microseconds(300));
            ::rename(dir.constData(), spareLink.constData());
        }
    });
    const auto tool = made("files", {{QStringLiteral("folder"), m_folder}});
    bool leaked = false;
    for (int i = 0; i < 150; ++i) {
        const ToolOutcome outcome = callTool(*tool, {{QStringLiteral("action"), QStringLiteral("search")}, {QStringLiteral("path"), QStringLiteral("searched")},
                                                     {QStringLiteral("query"), QStringLiteral("top secret")}});
        leaked = leaked || outcome.structured.toObject().value(QLatin1String("matches")).toArray().size() > 0;
    }
    stop = true;
    swapper.join();
    QDir(folder).removeRecursively();
    QVERIFY(!leaked);
}

void TestToolSecurity::filesThatHang()
{
    const QString pipe = m_folder + QStringLiteral("/pipe");
    QCOMPARE(::mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
    const auto tool = made("files", {{QStringLiteral("folder"), m_folder}});
    QVERIFY(callTool(*tool, {{QStringLiteral("action"), QStringLiteral("read")}, {QStringLiteral("path"), QStringLiteral("pipe")}}).isError);
    callTool(*tool, {{QStringLiteral("action"), QStringLiteral("search")}, {QStringLiteral("path"), QString()}, {QStringLiteral("query"), QStringLiteral("x")}});
    QFile::remove(pipe);
}

void TestToolSecurity::sqlBeyondReading_data()
{
    QTest::addColumn<QString>("sql");
    for (const char *sql :
         {"PRAGMA writable_schema=ON", "PRAGMA query_only=OFF", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_list",
          "ATTACH '/tmp/lathe-evil.db' AS e", "/**/ATTACH/**/DATABASE '/tmp/lathe-evil.db' AS e", "INSERT INTO t VALUES (9)", "--x\nDELETE FROM t",
          "SELECT 1; DELETE FROM t", "SELECT 1;--\nDELETE FROM t", "WITH a AS (SELECT 1) DELETE FROM t", "DELETE FROM t RETURNING 1", "REPLACE INTO t VALUES (1)",
          "CREATE TEMP TABLE x(a)", "CREATE TEMP VIEW x AS SELECT 1", "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END", "DROP TABLE t", "VACUUM",
          "VACUUM INTO '/tmp/lathe-evil.db'", "REINDEX", "ANALYZE", "BEGIN EXCLUSIVE", "UPDATE sqlite_schema SET sql=''", "SELECT load_extension('/tmp/evil.so')",
          "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/lathe-evil.db', 'x')", "SELECT fts3_tokenizer('simple', x'00')", "EXPLAIN DELETE FROM t; DELETE FROM t"})
        QTest::newRow(sql) << QString::fromUtf8(sql);
}

void TestToolSecurity::sqlBeyondReading()
{
    QFETCH(QString, sql);
    const QString path = m_dir.filePath(QStringLiteral("data.sqlite"));
    QFile::remove(path);
    {
        auto db = Database::open(path, Database::Mode::Create);
        QVERIFY(db.ok() && (*db)->exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)").ok());
    }
    const QByteArray before = readFile(path);
    const ToolOutcome outcome = callTool(*made("sql", {{QStringLiteral("path"), path}}), {{QStringLiteral("sql"), sql}});
    QVERIFY2(outcome.isError, qPrintable(outcome.text));
    QCOMPARE(readFile(path), before);
    QVERIFY(!QFile::exists(QStringLiteral("/tmp/lathe-evil.db")));
}

void TestToolSecurity::sqlBombs_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("fails"); // else it may give a little
    QTest::newRow("endless") << QStringLiteral("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r) SELECT count(*) FROM r") << true;
    QTest::newRow("cross join") << QStringLiteral("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r LIMIT 10000) SELECT count(*) FROM r a, r b, r c, r d") << true;
    QTest::newRow("memory") << QStringLiteral("WITH RECURSIVE r(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n+1, s||s FROM r) SELECT max(length(s)) FROM r") << true;
    QTest::newRow("blob") << QStringLiteral("SELECT zeroblob(2000000000)") << true;
    QTest::newRow("printf") << QStringLiteral("SELECT printf('%2000000000d', 1)") << false;
    QTest::newRow("like") << QStringLiteral("WITH RECURSIVE r(n, s) AS (SELECT 1, 'a' UNION ALL SELECT n+1, s||s FROM r WHERE n<20) SELECT s LIKE '%a%a%a%a%a%a%a%a%b' FROM r") << false;
}

void TestToolSecurity::sqlBombs()
{
    QFETCH(QString, sql);
    QFETCH(bool, fails);
    const QString path = m_dir.filePath(QStringLiteral("bomb.sqlite"));
    {
        auto db = Database::open(path, Database::Mode::Create);
        QVERIFY(db.ok() && (*db)->exec("CREATE TABLE IF NOT EXISTS t(a)").ok());
    }
    QElapsedTimer time;
    time.start();
    const ToolOutcome outcome = callTool(*made("sql", {{QStringLiteral("path"), path}}, 0.5), {{QStringLiteral("sql"), sql}});
    QVERIFY(outcome.isError || (!fails && outcome.text.size() < 10'000));
    QVERIFY(time.elapsed() < 120'000); // against a hang
}

void TestToolSecurity::shellInjection_data()
{
    QTest::addColumn<QString>("value");
    for (const char *value : {"; touch /work/pwned", "$(touch /work/pwned)", "`touch /work/pwned`", "' ; touch /work/pwned ; '", "\" ; touch /work/pwned ; \"",
                              "\n touch /work/pwned \n", "| touch /work/pwned", "${IFS}touch", "--help", "\\", "a\tb"})
        QTest::newRow(value) << QString::fromUtf8(value);
}

// Arguments are data on standard input and in a file: nothing of them is ever part of a command line.
void TestToolSecurity::shellInjection()
{
    QFETCH(QString, value);
    const QString code = QStringLiteral("cat > got; cmp got /lathe/arguments.json || echo differ; ls /work; cat got");
    const auto tool = made("script", {{QStringLiteral("language"), QStringLiteral("shell")}, {QStringLiteral("code"), code}});
    const QJsonObject arguments{{QStringLiteral("v"), value}};
    const ToolOutcome outcome = callTool(*tool, arguments);
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.text, QStringLiteral("got\n") + QString::fromUtf8(lathe::json::compact(arguments)));
}

void TestToolSecurity::environmentStaysHere()
{
    qputenv("LATHE_CANARY", "canary-value");
    qputenv("OPENAI_API_KEY", "sk-canary-value");
    const ToolOutcome outcome = python("import glob\n"
                                       "seen=b''\n"
                                       "for p in glob.glob('/proc/[0-9]*/environ'):\n"
                                       " try: seen+=open(p,'rb').read()\n"
                                       " except OSError: pass\n"
                                       "print('canary' if b'canary-value' in seen else 'clean', b'PATH=' in seen)");
    QCOMPARE(outcome.text, QStringLiteral("clean True\n"));
    // Nor does a failing script's error tell it.
    QVERIFY(!python("import os; raise Exception(str(os.environ))").text.contains(QStringLiteral("canary-value")));
}

void TestToolSecurity::noNetwork()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const QByteArray code = "import socket\n"
                            "for where in (('127.0.0.1'," + QByteArray::number(server.serverPort()) + "),('1.1.1.1',53)):\n"
                            " try:\n  socket.create_connection(where,3)\n  print('reached')\n"
                            " except OSError as e: print('no')\n"
                            "try:\n s=socket.socket(socket.AF_UNIX)\n s.connect('/run/dbus/system_bus_socket')\n print('reached')\n"
                            "except OSError: print('no')";
    QCOMPARE(python(code).text, QStringLiteral("no\nno\nno\n"));
    QVERIFY(!server.hasPendingConnections());
}

void TestToolSecurity::noHome()
{
    const ToolOutcome outcome = python("import os\n"
                                       "print([p for p in ['" + QDir::homePath().toUtf8() + "','/home','/root','/var','/run','/srv','/mnt','/opt','/etc/shadow',"
                                       "'/etc/passwd','/sys','/boot','" + m_secret.toUtf8() + "','" + m_folder.toUtf8() + "'] if os.path.exists(p)])");
    QCOMPARE(outcome.text, QStringLiteral("[]\n"));
}

void TestToolSecurity::noForeignProcesses()
{
    QProcess victim;
    victim.start(QStringLiteral("sleep"), {QStringLiteral("600")});
    QVERIFY(victim.waitForStarted());
    const ToolOutcome outcome = python("import os,signal\n"
                                       "pids=[int(p) for p in os.listdir('/proc') if p.isdigit()]\n"
                                       "print(any(b'sleep' in open('/proc/%d/cmdline' % p,'rb').read() for p in pids))\n"
                                       "for p in (" + QByteArray::number(victim.processId()) + "," + QByteArray::number(::getpid()) + "):\n"
                                       " try: os.kill(p, signal.SIGKILL)\n"
                                       " except OSError: pass\n"
                                       "try: os.kill(-1, signal.SIGTERM)\n"
                                       "except OSError: pass");
    QVERIFY2(outcome.text.startsWith(QStringLiteral("False")), qPrintable(outcome.text));
    QCOMPARE(victim.state(), QProcess::Running);
    QVERIFY(!victim.waitForFinished(200));
    victim.kill();
    victim.waitForFinished();
}

void TestToolSecurity::noWritingOutside()
{
    const QString marker = QDir::tempPath() + QStringLiteral("/lathe-escaped");
    const ToolOutcome outcome = python("import os\n"
                                       "for p in ['/x','/usr/x','/etc/x','/dev/x','/lathe/script','/lathe/arguments.json','/proc/sys/kernel/core_pattern','/work/../x']:\n"
                                       " try:\n  open(p,'w').write('x')\n  print('wrote',p)\n"
                                       " except OSError: pass\n"
                                       "open('/tmp/lathe-escaped','w').write('x')\n"
                                       "os.symlink('" + m_folder.toUtf8() + "','/work/out')\n"
                                       "try: open('/work/out/escaped','w'); print('wrote out')\n"
                                       "except OSError: print('done')");
    QCOMPARE(outcome.text, QStringLiteral("done\n"));
    QVERIFY(!QFile::exists(marker)); // its /tmp is not ours
    QVERIFY(!QFile::exists(m_folder + QStringLiteral("/escaped")));
}

void TestToolSecurity::bombs()
{
    // Each ends by its own bound, not by the time limit.
    const ToolOutcome forks = python("import os,signal\n"
                                     "n=0\n"
                                     "try:\n"
                                     " while n<5000:\n"
                                     "  if os.fork()==0: signal.pause()\n"
                                     "  n+=1\n"
                                     "except OSError: pass\n"
                                     "print(n)");
    QVERIFY2(!forks.isError && forks.text.toInt() < 40, qPrintable(forks.text));
    const ToolOutcome memory = python("x=[]\nwhile True: x.append(b'x'*10000000)", {}, {{QStringLiteral("memory_mb"), 256}});
    QVERIFY2(memory.isError && (memory.text.contains(QStringLiteral("MemoryError")) || memory.text.contains(QStringLiteral("used more"))), qPrintable(memory.text));
    const ToolOutcome shared = python("import os,time\n"
                                      "for i in range(20):\n"
                                      " if os.fork()==0:\n  x=b'x'*100000000\n  time.sleep(600)\n"
                                      "time.sleep(600)",
                                      {}, {{QStringLiteral("memory_mb"), 256}});
    QVERIFY2(shared.isError && shared.text.contains(QStringLiteral("used more")), qPrintable(shared.text));
    const ToolOutcome flood = python("while True: print('x'*100000)");
    QVERIFY2(flood.isError && flood.text.contains(QStringLiteral("printed more")) && flood.text.size() < 10'000, qPrintable(flood.text.left(200)));
    const ToolOutcome errors = python("import sys\nfor i in range(300): sys.stderr.write('e'*100000)\nsys.exit(1)");
    QVERIFY(errors.isError && errors.text.size() < 10'000);
    const ToolOutcome file = python("f=open('big','wb')\nwhile True: f.write(b'x'*1000000)", {}, {{QStringLiteral("file_mb"), 2}});
    QVERIFY(file.isError);
}

void TestToolSecurity::neverWithoutSandbox()
{
    const QByteArray path = qgetenv("PATH");
    QTemporaryDir empty;
    qputenv("PATH", empty.path().toUtf8());
    const ToolOutcome missing = python("open('/tmp/lathe-unsandboxed','w')");
    // One that cannot make a sandbox.
    const QString fake = empty.filePath(QStringLiteral("bwrap"));
    QVERIFY(writeFile(fake, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"));
    ::chmod(QFile::encodeName(fake).constData(), 0755);
    ::chmod(QFile::encodeName(empty.path()).constData(), 0755);
    const ToolOutcome broken = python("open('/tmp/lathe-unsandboxed','w')");
    qputenv("PATH", path);
    QVERIFY(missing.isError);
    QVERIFY2(missing.text.contains(QStringLiteral("install bubblewrap")), qPrintable(missing.text));
    QVERIFY(broken.isError);
    QVERIFY2(broken.text.contains(QStringLiteral("No permissions to create new namespace")) && broken.text.contains(QStringLiteral("allow users")),
             qPrintable(broken.text));
    QVERIFY(!QFile::exists(QStringLiteral("/tmp/lathe-unsandboxed")));
}

QTEST_GUILESS_MAIN(TestToolSecurity)
#include "tst_ToolSecurity.moc"
