// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/Sandbox.h"

#include "tests/support/Await.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

using namespace lathe;
using lathe::test::await;

// Programs that try to get out of the sandbox, as far as a sandbox must hold them whoever wrote them.
class TestSandbox : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void works();
    void cannotBeTouched_data();
    void cannotBeTouched();
    void ownNamespacesSessionAndLimits();
    void noNetwork();
    void networkWhenAllowed();
    void otherProcessesAreOutOfSight();
    void forkBombIsBounded();
    void memoryBombIsBounded();
    void memoryOfManyIsBounded();
    void diskIsBounded();
    void outputFloodIsBounded();
    void timeIsBounded();
    void cancelled();
    void nothingOutlivesIt();
    void foldersOfRootAreRefused();
    void missingBubblewrap();

private:
    Result<ProcessRun> python(const QByteArray &code, RunBounds bounds = RunBounds(), CancelToken cancel = CancelToken());
    std::unique_ptr<QTemporaryDir> m_dir;
    SandboxSpec m_spec;
};

void TestSandbox::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_spec = SandboxSpec();
    m_spec.folder = m_dir->path();
    if (::geteuid() == 0)
        QCOMPARE(::chown(qPrintable(m_spec.folder), nobodyId, nobodyId), 0);
}

Result<ProcessRun> TestSandbox::python(const QByteArray &code, RunBounds bounds, CancelToken cancel)
{
    if (bounds.timeoutMs == 0)
        bounds.timeoutMs = 60'000;
    m_spec.program = QStringLiteral("/usr/bin/python3");
    m_spec.arguments = {QStringLiteral("-I"), QStringLiteral("-c"), QString::fromUtf8(code)};
    auto command = sandboxed(m_spec);
    if (!command)
        return command.error();
    return await(runProcess(*command, "input", bounds, cancel), 120'000);
}

void TestSandbox::works()
{
    QVERIFY(await(trySandbox(m_spec, CancelToken())).ok());
    const QByteArray gone = "/tmp/lathe-sandbox-" + QByteArray::number(QCoreApplication::applicationPid());
    const auto run = python("import sys,os\n"
                            "open('mine','w').write('kept')\n"
                            "open('" + gone + "','w').write('gone')\n"
                            "print(sys.stdin.read(), os.getcwd(), os.environ['HOME'], os.getuid())");
    QVERIFY(run.ok());
    QCOMPARE(run->errors, QByteArray());
    QCOMPARE(run->output, QByteArray("input /work /work 1000\n"));
    QFile mine(m_spec.folder + QStringLiteral("/mine"));
    QVERIFY(mine.open(QIODevice::ReadOnly));
    QCOMPARE(mine.readAll(), QByteArray("kept"));
    QVERIFY(!QFile::exists(QString::fromLatin1(gone)));
}

void TestSandbox::cannotBeTouched_data()
{
    QTest::addColumn<QByteArray>("code"); // prints "open" when the sandbox leaks
    const QByteArray home = QDir::homePath().toUtf8();
    QTest::newRow("home") << QByteArray("print('open' if os.path.exists('" + home + "') and os.listdir('" + home + "') else 'shut')");
    QTest::newRow("shadow") << QByteArray("print(open('/etc/shadow').read() and 'open')");
    QTest::newRow("passwd") << QByteArray("print(open('/etc/passwd').read() and 'open')");
    QTest::newRow("host's tmp") << QByteArray("print('open' if os.listdir('/tmp') else 'shut')");
    QTest::newRow("var") << QByteArray("print(os.listdir('/var') and 'open')");
    QTest::newRow("run") << QByteArray("print(os.listdir('/run') and 'open')");
    QTest::newRow("write /usr") << QByteArray("open('/usr/bin/x','w'); print('open')");
    QTest::newRow("write /") << QByteArray("open('/x','w'); print('open')");
    QTest::newRow("write /etc") << QByteArray("open('/etc/x','w'); print('open')");
    QTest::newRow("write /dev") << QByteArray("open('/dev/x','w'); print('open')");
    QTest::newRow("mkdir /") << QByteArray("os.mkdir('/d'); print('open')");
    QTest::newRow("link out of the folder") << QByteArray("os.symlink('/etc/shadow','l'); print(open('l').read() and 'open')");
    QTest::newRow("dot dot") << QByteArray("print('open' if os.path.exists('../etc/shadow') else 'shut')");
    QTest::newRow("sysctl") << QByteArray("open('/proc/sys/kernel/hostname','w').write('x'); print('open')");
    QTest::newRow("sysrq") << QByteArray("open('/proc/sysrq-trigger','w').write('h'); print('open')");
    QTest::newRow("kernel log") << QByteArray("os.open('/dev/kmsg', os.O_RDONLY); print('open')");
    QTest::newRow("disks") << QByteArray("print('open' if [d for d in os.listdir('/dev') if d[:2] in ('sd','vd','nv')] else 'shut')");
    QTest::newRow("mount") << QByteArray("import ctypes; l=ctypes.CDLL(None,use_errno=True)\n"
                                         "print('open' if l.mount(b'none',b'/work',b'tmpfs',0,None)==0 else 'shut')");
    QTest::newRow("own namespaces") << QByteArray("import ctypes; l=ctypes.CDLL(None,use_errno=True)\n"
                                                  "print('open' if l.unshare(0x10000000)==0 else 'shut')");
    QTest::newRow("chroot") << QByteArray("os.chroot('/work'); print('open')");
    QTest::newRow("setuid") << QByteArray("os.setuid(0); print('open')");
    QTest::newRow("capabilities") << QByteArray("s=open('/proc/self/status').read()\n"
                                                "print('shut' if 'CapEff:\\t0000000000000000' in s and 'NoNewPrivs:\\t1' in s else 'open')");
    QTest::newRow("terminal") << QByteArray("os.open('/dev/tty', os.O_RDWR); print('open')");
    QTest::newRow("variables") << QByteArray("print('open' if 'canary' in open('/proc/self/environ').read() + open('/proc/1/environ').read() else 'shut')");
    QTest::newRow("descriptors") << QByteArray("print('open' if [f for f in os.listdir('/proc/self/fd') if int(f)>3] else 'shut')");
    QTest::newRow("host's files by /proc/1/root") << QByteArray("print('open' if os.path.exists('/proc/1/root" + home + "') else 'shut')");
}

void TestSandbox::cannotBeTouched()
{
    QFETCH(QByteArray, code);
    qputenv("LATHE_TEST_KEY", "canary");
    const auto run = python("import os\n" + code);
    QVERIFY(run.ok());
    QVERIFY2(!run->output.contains("open"), run->output.constData());
    QVERIFY2(run->output == "shut\n" || run->errors.contains("Error"), run->errors.constData()); // it got that far
}

// What no attack above shows alone, for another guard stands behind it.
void TestSandbox::ownNamespacesSessionAndLimits()
{
    m_spec.cpuSeconds = 77;
    m_spec.openFiles = 99;
    const auto run = python("import os, json, resource as r\n"
                            "mounts=[l.split() for l in open('/proc/self/mountinfo')]\n"
                            "print(json.dumps({'ns': {n: os.readlink('/proc/self/ns/'+n) for n in ('ipc','mnt','net','pid','user','uts')},\n"
                            " 'session': os.getsid(0), 'groups': os.getgroups(),\n"
                            " 'writable': sorted(m[4] for m in mounts if 'rw' in m[5].split(',')),\n"
                            " 'cpu': r.getrlimit(r.RLIMIT_CPU), 'files': r.getrlimit(r.RLIMIT_NOFILE), 'core': r.getrlimit(r.RLIMIT_CORE)}))");
    QVERIFY(run.ok());
    const QJsonObject said = QJsonDocument::fromJson(run->output).object();
    QVERIFY2(!said.isEmpty(), run->errors.constData());
    const QJsonObject namespaces = said.value(QLatin1String("ns")).toObject();
    QCOMPARE(namespaces.size(), 6);
    for (auto it = namespaces.begin(); it != namespaces.end(); ++it) {
        char ours[256] = {};
        QVERIFY(::readlink(qPrintable(QStringLiteral("/proc/self/ns/") + it.key()), ours, sizeof ours - 1) > 0);
        QVERIFY2(it.value().toString() != QString::fromLatin1(ours), qPrintable(it.key()));
    }
    QVERIFY2(said.value(QLatin1String("session")).toInt() > 0, "the session is one of outside"); // 0: not of this namespace
    QVERIFY2(said.value(QLatin1String("groups")).toArray().size() <= 1, run->output.constData());
    for (const QJsonValue &place : said.value(QLatin1String("writable")).toArray()) {
        const QString path = place.toString(); // devices are mounted one by one
        QVERIFY2(path == QLatin1String("/work") || path == QLatin1String("/tmp") || path.startsWith(QLatin1String("/proc")) || path.startsWith(QLatin1String("/dev/")),
                 qPrintable(path));
    }
    QCOMPARE(said.value(QLatin1String("cpu")).toArray(), (QJsonArray{77, 77}));
    QCOMPARE(said.value(QLatin1String("files")).toArray(), (QJsonArray{99, 99}));
    QCOMPARE(said.value(QLatin1String("core")).toArray(), (QJsonArray{0, 0}));
}

namespace {
QByteArray connectTo(const QTcpServer &server)
{
    return "import socket\ns=socket.create_connection(('127.0.0.1'," + QByteArray::number(server.serverPort()) + "),5)\nprint('reached')";
}
}

void TestSandbox::noNetwork()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    const auto run = python(connectTo(server));
    QVERIFY(run.ok());
    QVERIFY(!run->exit.ok());
    QVERIFY2(run->errors.contains("refused"), run->errors.constData());
    QVERIFY(!server.hasPendingConnections());
    const auto names = python("print(open('/proc/net/dev').read())");
    QVERIFY(names.ok() && names->output.contains("lo:"));
    QCOMPARE(names->output.count(':'), 1);
}

void TestSandbox::networkWhenAllowed()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    m_spec.network = true;
    const auto run = python(connectTo(server));
    QVERIFY(run.ok());
    QCOMPARE(run->output, QByteArray("reached\n"));
}

void TestSandbox::otherProcessesAreOutOfSight()
{
    const auto run = python("import os,signal\n"
                            "print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit())[-1] < 20)\n"
                            "try:\n os.kill(" + QByteArray::number(::getpid()) + ", signal.SIGKILL)\n print('killed')\n"
                            "except ProcessLookupError: print('no such')");
    QVERIFY(run.ok());
    QCOMPARE(run->output, QByteArray("True\nno such\n"));
}

void TestSandbox::forkBombIsBounded()
{
    m_spec.processes = 20;
    const auto run = python("import os,signal,time\n"
                            "n=0\n"
                            "try:\n"
                            " while True:\n"
                            "  if os.fork()==0:\n   signal.pause()\n"
                            "  n+=1\n"
                            "except OSError: print(n)");
    QVERIFY(run.ok());
    QVERIFY2(run->output.toInt() > 5 && run->output.toInt() < 20, run->output.constData());
}

void TestSandbox::memoryBombIsBounded()
{
    m_spec.memoryBytes = 200'000'000;
    const auto run = python("x=[]\n"
                            "try:\n"
                            " while True: x.append(b'x'*10000000)\n"
                            "except MemoryError: print(len(x))");
    QVERIFY(run.ok());
    QVERIFY2(run->output.toInt() > 2 && run->output.toInt() < 20, run->output.constData());
}

void TestSandbox::memoryOfManyIsBounded()
{
    RunBounds bounds;
    bounds.maxMemory = 300'000'000;
    const auto run = python("import os,time\n"
                            "for i in range(8):\n"
                            " if os.fork()==0:\n  x=b'x'*100000000\n  time.sleep(600)\n"
                            "time.sleep(600)",
                            bounds);
    QVERIFY(run.ok());
    QCOMPARE(run->end, ProcessRun::End::Memory);
}

void TestSandbox::diskIsBounded()
{
    m_spec.fileBytes = 1'000'000;
    m_spec.temporaryBytes = 2'000'000;
    const auto run = python("import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
                            "def fill(p, n):\n"
                            " w=0\n"
                            " try:\n"
                            "  for i in range(n):\n"
                            "   f=open(p+str(i),'wb',0)\n"
                            "   for k in range(200): w+=f.write(b'x'*10000)\n"
                            " except OSError as e: pass\n"
                            " return w\n"
                            "def many(p):\n"
                            " w=0\n"
                            " for i in range(8):\n"
                            "  try:\n"
                            "   f=open(p+str(i),'wb',0)\n"
                            "   for k in range(90): w+=f.write(b'x'*10000)\n"
                            "  except OSError: pass\n"
                            " return w\n"
                            "print(fill('/work/a',1), many('/tmp/a'), many('/dev/shm/a'))");
    QVERIFY(run.ok());
    const auto written = run->output.trimmed().split(' ');
    QCOMPARE(written.size(), 3);
    QVERIFY(written[0].toInt() <= 1'000'000 && written[0].toInt() > 900'000);
    for (int i : {1, 2})
        QVERIFY2(written[i].toInt() <= 2'100'000 && written[i].toInt() > 1'000'000, run->output.constData());
}

void TestSandbox::outputFloodIsBounded()
{
    RunBounds bounds;
    bounds.maxOutput = 100'000;
    bounds.maxErrors = 1000;
    const auto run = python("import sys\n"
                            "sys.stderr.write('e'*1000000+'END')\n"
                            "while True: print('x'*1000)",
                            bounds);
    QVERIFY(run.ok());
    QCOMPARE(run->end, ProcessRun::End::Output);
    QCOMPARE(run->output.size(), 100'000);
    QVERIFY(run->errors.size() <= 1000);
    QVERIFY(run->errors.endsWith("END"));
}

void TestSandbox::timeIsBounded()
{
    RunBounds bounds;
    bounds.timeoutMs = 300;
    const auto run = python("import signal,time\n"
                            "for s in range(1,30):\n"
                            " try: signal.signal(s, signal.SIG_IGN)\n"
                            " except OSError: pass\n"
                            "while True: time.sleep(1)",
                            bounds);
    QVERIFY(run.ok());
    QCOMPARE(run->end, ProcessRun::End::Timeout);
}

void TestSandbox::cancelled()
{
    CancelSource cancel;
    QTimer::singleShot(100, [&] { cancel.cancel(); });
    const auto run = python("import time\ntime.sleep(600)", RunBounds(), cancel.token());
    QVERIFY(!run);
    QCOMPARE(run.error().kind, ErrorKind::Cancelled);
    const auto again = python("print(1)", RunBounds(), cancel.token()); // before it began
    QVERIFY(!again);
}

void TestSandbox::nothingOutlivesIt()
{
    // A daemon of its own session; it would write as long as it lives.
    const auto run = python("import os,time\n"
                            "if os.fork()==0:\n"
                            " os.setsid()\n"
                            " if os.fork()==0:\n"
                            "  os.close(0);os.close(1);os.close(2)\n"
                            "  while True:\n"
                            "   open('/work/beat','a').write('x')\n   time.sleep(0.01)\n"
                            " os._exit(0)\n"
                            "while not os.path.exists('/work/beat'): time.sleep(0.01)\n"
                            "print('left')");
    QVERIFY(run.ok());
    QCOMPARE(run->output, QByteArray("left\n"));
    const QString beat = m_spec.folder + QStringLiteral("/beat");
    qint64 before = -1;
    QTRY_VERIFY_WITH_TIMEOUT(std::exchange(before, QFileInfo(beat).size()) == QFileInfo(beat).size() && (QTest::qWait(200), before == QFileInfo(beat).size()),
                             20'000);
}

void TestSandbox::foldersOfRootAreRefused()
{
    if (::geteuid() != 0)
        QSKIP("only root is not bound by the limits");
    QCOMPARE(::chown(qPrintable(m_spec.folder), 0, 0), 0);
    const auto run = python("print(1)");
    QVERIFY(!run);
    QCOMPARE(run.error().kind, ErrorKind::Denied);
    QVERIFY(run.error().message.contains(m_spec.folder));
}

void TestSandbox::missingBubblewrap()
{
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nowhere");
    const auto run = python("print(1)");
    qputenv("PATH", path);
    QVERIFY(!run);
    QCOMPARE(run.error().kind, ErrorKind::NotFound);
    QVERIFY(run.error().message.contains(QStringLiteral("install bubblewrap")));
    m_spec.folder = QStringLiteral("/nowhere");
    QCOMPARE(python("print(1)").error().kind, ErrorKind::NotFound);
}

QTEST_GUILESS_MAIN(TestSandbox)
#include "tst_Sandbox.moc"
