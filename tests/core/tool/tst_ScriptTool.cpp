// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ScriptTool.h"

#include "core/process/Sandbox.h"
#include "tests/core/tool/ToolTesting.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>

#include <array>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
ToolSpec script(const QString &code, QJsonObject config = {}, const char *language = "python")
{
    config.insert(QStringLiteral("language"), QString::fromLatin1(language));
    config.insert(QStringLiteral("code"), code);
    return toolSpec("script", config);
}

std::shared_ptr<Tool> made(const ToolSpec &spec)
{
    auto tool = makeScriptTool(QStringLiteral("s"), spec, ToolEnvironment());
    if (!tool)
        qFatal("%s", qPrintable(tool.error().message));
    return *tool;
}

ToolOutcome runScript(const ToolSpec &spec, const QJsonObject &arguments = {})
{
    const auto tool = made(spec);
    return callTool(*tool, arguments);
}

int scratchFolders()
{
    return int(QDir(QDir::tempPath()).entryList({QStringLiteral("lathe-script-*")}, QDir::Dirs).size());
}
}

class TestScriptTool : public QObject
{
    Q_OBJECT
    QTemporaryDir m_temporary; // of its own: other tests run scripts beside it
private Q_SLOTS:
    // What lies in its folder, which is its home, too, is not taken for a part of Python: a tool that writes files there could plant it.
    void nothingIsImportedFromTheFolder()
    {
        QTemporaryDir folder;
        const auto runIn = [&folder](const char *code) { return runScript(script(QString::fromUtf8(code), {{QStringLiteral("folder"), folder.path()}})); };
        if (::geteuid() == 0)
            QCOMPARE(::chown(qPrintable(folder.path()), nobodyId, nobodyId), 0);
        const ToolOutcome planted = runIn("import os, sys\n"
                                         "site = '.local/lib/python%d.%d/site-packages' % sys.version_info[:2]\n"
                                         "os.makedirs(site)\n"
                                         "for place in ('', site + '/'):\n"
                                         "  for name in ('planted', 'usercustomize', 'json'):\n"
                                         "    open(place + name + '.py', 'w').write('print(\"planted\")')\n"
                                         "print('ready')");
        QCOMPARE(planted.text, QStringLiteral("ready\n"));
        const ToolOutcome outcome = runIn("import json\n"
                                         "try:\n"
                                         "  import planted\n"
                                         "except ImportError:\n"
                                         "  print('fine')");
        QCOMPARE(outcome.text, QStringLiteral("fine\n"));
    }
    void initTestCase()
    {
        qputenv("TMPDIR", m_temporary.path().toUtf8());
        QFile::setPermissions(m_temporary.path(), QFile::permissions(m_temporary.path()) | QFile::ExeOther); // a root's scripts run as somebody else
    }
    void python();
    void shell();
    void argumentsByFile();
    void textOrData_data();
    void textOrData();
    void failures_data();
    void failures();
    void bounds();
    void cancelled();
    void severalAtOnce();
    void folder();
    void awayFromTheProject_data();
    void awayFromTheProject();
    void nothingIsLeft();
    void describesItself();
    void wrongConfiguration_data();
    void wrongConfiguration();
};

void TestScriptTool::python()
{
    const ToolOutcome outcome = runScript(script(QStringLiteral("import json,sys\n"
                                                              "a=json.load(sys.stdin)\n"
                                                              "print(json.dumps({'sum': a['x']+a['y'], 'name': a['name']}))")),
                                          {{QStringLiteral("x"), 2}, {QStringLiteral("y"), 3}, {QStringLiteral("name"), QStringLiteral("Jörg")}});
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("sum")).toInt(), 5);
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("name")).toString(), QStringLiteral("Jörg"));
}

void TestScriptTool::shell()
{
    const ToolOutcome outcome = runScript(script(QStringLiteral("read -r line; list=(a b); echo \"${list[1]} $line\""), {}, "shell"),
                                          {{QStringLiteral("k"), QStringLiteral("v")}});
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.text, QStringLiteral("b {\"k\":\"v\"}\n"));
}

void TestScriptTool::argumentsByFile()
{
    const ToolOutcome outcome = runScript(script(QStringLiteral("print(open('/lathe/arguments.json').read())")), {{QStringLiteral("k"), 1}});
    QCOMPARE(outcome.structured.toObject().value(QLatin1String("k")).toInt(), 1);
}

void TestScriptTool::textOrData_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QJsonValue>("data");
    QTest::newRow("text") << QStringLiteral("print('hello')") << QStringLiteral("hello\n") << QJsonValue();
    QTest::newRow("number is text") << QStringLiteral("print(42)") << QStringLiteral("42\n") << QJsonValue();
    QTest::newRow("list") << QStringLiteral("print('[1,2]')") << QStringLiteral("[1,2]\n") << QJsonValue(QJsonArray{1, 2});
    QTest::newRow("broken JSON is text") << QStringLiteral("print('{1,2]')") << QStringLiteral("{1,2]\n") << QJsonValue();
    QTest::newRow("nothing") << QStringLiteral("pass") << QStringLiteral("(The script printed nothing.)") << QJsonValue();
    QTest::newRow("not UTF-8") << QStringLiteral("import os; os.write(1, b'a\\xff\\x00b')") << QStringLiteral("a\uFFFD\uFFFDb") << QJsonValue();
}

void TestScriptTool::textOrData()
{
    QFETCH(QString, code);
    QFETCH(QString, text);
    QFETCH(QJsonValue, data);
    const ToolOutcome outcome = runScript(script(code));
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QCOMPARE(outcome.text, text);
    QCOMPARE(outcome.structured, data);
}

void TestScriptTool::failures_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("says");
    QTest::newRow("exit code") << QStringLiteral("import sys; print('some'); sys.exit('bad luck')") << QStringLiteral("ended with code 1. It wrote: bad luck\nBefore that it printed: some");
    QTest::newRow("exception") << QStringLiteral("1/0") << QStringLiteral("ZeroDivisionError");
    QTest::newRow("syntax") << QStringLiteral("def") << QStringLiteral("SyntaxError");
    QTest::newRow("signal") << QStringLiteral("import os,signal; os.kill(os.getpid(), signal.SIGSEGV)") << QStringLiteral("The script ");
    QTest::newRow("long words") << QStringLiteral("import sys; sys.exit('x'*100000+'END')") << QStringLiteral("END");
}

void TestScriptTool::failures()
{
    QFETCH(QString, code);
    QFETCH(QString, says);
    const ToolOutcome outcome = runScript(script(code));
    QVERIFY(outcome.isError);
    QVERIFY2(outcome.text.contains(says), qPrintable(outcome.text.right(300)));
    QVERIFY(outcome.text.size() < 5000);
}

void TestScriptTool::bounds()
{
    ToolSpec slow = script(QStringLiteral("import time\ntime.sleep(600)"));
    slow.limits.seconds = 0.5;
    QVERIFY(runScript(slow).text.contains(QStringLiteral("longer than 0.5 seconds")));
    ToolSpec loud = script(QStringLiteral("while True: print('x'*1000)"));
    loud.limits.maxBytes = 10'000;
    QVERIFY(runScript(loud).text.contains(QStringLiteral("printed more than")));
    const ToolOutcome big = runScript(script(QStringLiteral("x=b'x'*400000000"), {{QStringLiteral("memory_mb"), 200}}));
    QVERIFY2(big.isError && big.text.contains(QStringLiteral("Memory")), qPrintable(big.text));
    const ToolOutcome many = runScript(script(QStringLiteral("import os,signal\n"
                                                           "n=0\n"
                                                           "try:\n"
                                                           " while n<1000:\n"
                                                           "  if os.fork()==0: signal.pause()\n"
                                                           "  n+=1\n"
                                                           "except OSError: pass\n"
                                                           "print(n)"),
                                              {{QStringLiteral("processes"), 10}}));
    QVERIFY2(many.text.toInt() >= 5 && many.text.toInt() <= 12, qPrintable(many.text));
}

void TestScriptTool::cancelled()
{
    const auto tool = made(script(QStringLiteral("import time\ntime.sleep(600)")));
    CancelSource cancel;
    QTimer::singleShot(200, [&] { cancel.cancel(); });
    const auto result = await(tool->call({}, cancel.token()));
    QVERIFY(!result);
    QCOMPARE(result.error().kind, ErrorKind::Cancelled);
    const auto again = await(tool->call({}, cancel.token()));
    QVERIFY(!again && again.error().kind == ErrorKind::Cancelled);
}

void TestScriptTool::severalAtOnce()
{
    auto tool = made(script(QStringLiteral("import json,sys,time\nn=json.load(sys.stdin)['n']\nopen('f','w').write(str(n))\ntime.sleep(0.2)\nprint(open('f').read())")));
    std::array<LaterOutcome, 4> calls;
    for (size_t i = 0; i < calls.size(); ++i)
        calls[i].start(tool->call({{QStringLiteral("n"), int(i)}}, CancelToken()));
    tool.reset(); // calls under way go on
    for (size_t i = 0; i < calls.size(); ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(calls[i].isDone(), 30'000);
        QVERIFY(calls[i]->ok());
        QCOMPARE((*calls[i])->text.trimmed(), QString::number(i));
    }
}

void TestScriptTool::folder()
{
    QTemporaryDir dir;
    QFile file(dir.filePath(QStringLiteral("in.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("data") == 4);
    file.close();
    const ToolSpec spec = script(QStringLiteral("print(open('in.txt').read()); open('out.txt','w').write('made')"),
                                 {{QStringLiteral("folder"), dir.path()}});
    if (::geteuid() == 0) {
        QVERIFY(runScript(spec).text.contains(QStringLiteral("belongs to root")));
        QCOMPARE(::chown(qPrintable(dir.path()), 65534, 65534), 0);
    }
    QCOMPARE(runScript(spec).text, QStringLiteral("data\n"));
    QVERIFY(QFile::exists(dir.filePath(QStringLiteral("out.txt"))));
}

// A script may write in its folder, so the project must not be in it: not as it is, not beneath, not by a link.
void TestScriptTool::awayFromTheProject_data()
{
    QTest::addColumn<QString>("project");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("the same folder") << "a/p.lathe" << "a" << false;
    QTest::newRow("relative") << "a/p.lathe" << "." << false;
    QTest::newRow("above it") << "a/deep/er/p.lathe" << "a" << false;
    QTest::newRow("by a link to the folder") << "a/p.lathe" << "link" << false;
    QTest::newRow("the project is a link") << "p-link.lathe" << "a" << false;
    QTest::newRow("beneath") << "a/p.lathe" << "a/work" << true;
    QTest::newRow("beside") << "a/p.lathe" << "ab" << true;
    QTest::newRow("no project") << "" << "a" << true;
}

void TestScriptTool::awayFromTheProject()
{
    QFETCH(QString, project);
    QFETCH(QString, folder);
    QFETCH(bool, allowed);
    QTemporaryDir dir;
    const QDir root(dir.path());
    for (const char *made : {"a/deep/er", "a/work", "ab"})
        QVERIFY(root.mkpath(QLatin1String(made)));
    QVERIFY(QFile::link(root.filePath(QStringLiteral("a")), root.filePath(QStringLiteral("link"))));
    QFile real(root.filePath(QStringLiteral("a/p.lathe")));
    QVERIFY(real.open(QIODevice::WriteOnly));
    QVERIFY(QFile::link(real.fileName(), root.filePath(QStringLiteral("p-link.lathe"))));
    if (!project.isEmpty() && !root.exists(project)) {
        QFile other(root.filePath(project));
        QVERIFY(other.open(QIODevice::WriteOnly));
    }
    ToolEnvironment environment;
    if (!project.isEmpty()) {
        environment.projectFile = root.filePath(project);
        environment.projectFolder = QFileInfo(environment.projectFile).absolutePath();
    }
    const QString chosen = folder == QLatin1String(".") ? folder : root.filePath(folder);
    const auto tool = makeScriptTool(QStringLiteral("s"), script(QStringLiteral("pass"), {{QStringLiteral("folder"), chosen}}), environment);
    QCOMPARE(tool.ok(), allowed);
    if (!allowed) {
        QCOMPARE(tool.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(tool.error().message.contains(QStringLiteral("project")), qPrintable(tool.error().message));
    }
}

void TestScriptTool::nothingIsLeft()
{
    const int before = scratchFolders();
    QVERIFY(!runScript(script(QStringLiteral("import os\nfor i in range(50): os.makedirs('a/b/c%d' % i); open('a/%d' % i,'w')\nos.symlink('/etc','l')"))).isError);
    QVERIFY(runScript(script(QStringLiteral("1/0"))).isError);
    QCOMPARE(scratchFolders(), before);
    QVERIFY(QFile::exists(QStringLiteral("/etc/hostname")) || QFile::exists(QStringLiteral("/etc/passwd")));
}

void TestScriptTool::describesItself()
{
    const QJsonObject parameters = object("{\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}");
    const auto plain = made(script(QStringLiteral("pass"), {{QStringLiteral("parameters"), parameters}}));
    QCOMPARE(plain->schema().value(QLatin1String("type")).toString(), QStringLiteral("object"));
    QCOMPARE(plain->schema().value(QLatin1String("required")), parameters.value(QLatin1String("required")));
    QCOMPARE(plain->sideEffect({}), SideEffect::Read);
    QVERIFY(plain->idempotent({}));
    QTemporaryDir dir;
    const auto writing = made(script(QStringLiteral("pass"), {{QStringLiteral("folder"), dir.path()}}));
    QCOMPARE(writing->sideEffect({}), SideEffect::Write);
    QVERIFY(!writing->idempotent({}));
    const auto networked = made(script(QStringLiteral("pass"), {{QStringLiteral("network"), true}}));
    QCOMPARE(networked->sideEffect({}), SideEffect::External);
}

void TestScriptTool::wrongConfiguration_data()
{
    QTest::addColumn<QJsonObject>("config");
    QTest::addColumn<QString>("says");
    QTest::newRow("no code") << object("{\"code\":\" \"}") << QStringLiteral("there is none");
    QTest::newRow("language") << object("{\"code\":\"x\",\"language\":\"perl\"}") << QStringLiteral("perl");
    QTest::newRow("folder") << object("{\"code\":\"x\",\"folder\":\"/nowhere/at/all\"}") << QStringLiteral("/nowhere/at/all");
    QTest::newRow("home") << QJsonObject{{QStringLiteral("code"), QStringLiteral("x")}, {QStringLiteral("folder"), QDir::homePath()}} << QDir::homePath();
    QTest::newRow("root") << object("{\"code\":\"x\",\"folder\":\"/\"}") << QStringLiteral("may not work in /");
}

void TestScriptTool::wrongConfiguration()
{
    QFETCH(QJsonObject, config);
    QFETCH(QString, says);
    const auto tool = makeScriptTool(QStringLiteral("s"), toolSpec("script", config), ToolEnvironment());
    QVERIFY(!tool);
    QVERIFY2(tool.error().message.contains(says), qPrintable(tool.error().message));
}

QTEST_GUILESS_MAIN(TestScriptTool)
#include "tst_ScriptTool.moc"
