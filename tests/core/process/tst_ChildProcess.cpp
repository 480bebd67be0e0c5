// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/ChildProcess.h"

#include "core/process/Sandbox.h"
#include "tests/support/Await.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;
using lathe::test::await;

namespace {
ProcessSpec shell(const char *script)
{
    ProcessSpec spec;
    spec.program = QStringLiteral("/bin/sh");
    spec.arguments = {QStringLiteral("-c"), QString::fromUtf8(script)};
    return spec;
}

std::unique_ptr<ChildProcess> started(const ProcessSpec &spec)
{
    auto process = ChildProcess::start(spec);
    if (!process)
        qFatal("%s", qPrintable(process.error().message));
    return std::move(*process);
}

QByteArray readAll(ChildProcess &process)
{
    QByteArray all;
    for (;;) {
        const QByteArray bytes = await(process.readOutput());
        if (bytes.isEmpty())
            return all;
        all += bytes;
    }
}

bool isAlive(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray stat = file.readAll();
    return stat.mid(stat.lastIndexOf(')') + 2, 1) != "Z";
}

void waitUntilGone(qint64 pid)
{
    QTRY_VERIFY_WITH_TIMEOUT(!isAlive(pid), 20'000);
}

bool hasChildren()
{
    return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}
}

class TestChildProcess : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void echo();
    void argumentsArriveAsTheyAre();
    void environmentIsExact();
    void noDescriptorLeaks();
    void startErrors_data();
    void startErrors();
    void exitCodes();
    void largeInputAndOutput();
    void slowReaderHoldsTheProgram();
    void readIsCancelled();
    void readEndsWithTheProgram();
    void writeToOneThatHasGone();
    void pendingInputIsBounded();
    void cancelledWrite();
    void stopIsOrderly();
    void stopKillsWhatDoesNotListen();
    void otherUser();
    void wholeGroupGoes();
    void destructorKills();
    void destroyedWhileAwaited();
    void diesWithItsParent();
    void limitsHold();
    void signalsAreReset();
};

void TestChildProcess::init()
{
    QVERIFY(!hasChildren());
}

void TestChildProcess::cleanup()
{
    QVERIFY2(!hasChildren(), "a zombie or a program was left behind");
}

void TestChildProcess::echo()
{
    const auto process = started(shell("cat; echo problem >&2"));
    QVERIFY(process->isRunning());
    QVERIFY(await(process->write("hello ")).ok());
    QCOMPARE(await(process->readOutput()), QByteArray("hello "));
    QVERIFY(await(process->write("world")).ok());
    process->closeInput();
    QCOMPARE(readAll(*process), QByteArray("world"));
    QCOMPARE(await(process->readErrors()), QByteArray("problem\n"));
    QCOMPARE(await(process->readErrors()), QByteArray());
    QCOMPARE(await(process->exited()).code, 0);
    QVERIFY(!process->isRunning());
    QCOMPARE(await(process->exited()).code, 0); // again
}

void TestChildProcess::argumentsArriveAsTheyAre()
{
    ProcessSpec spec;
    spec.program = QStringLiteral("printf");
    const QStringList words{QStringLiteral("a b"), QStringLiteral("; touch /tmp/pwned"), QStringLiteral("$(id)"), QStringLiteral("`id`"),
                            QStringLiteral("'\"\\"), QStringLiteral("|&><*?~"), QStringLiteral("--help"), QStringLiteral("grün\n2")};
    spec.arguments = QStringList{QStringLiteral("[%s]")} + words;
    const auto process = started(spec);
    QCOMPARE(QString::fromUtf8(readAll(*process)), u'[' + words.join(QStringLiteral("][")) + u']');
    await(process->exited());
}

void TestChildProcess::environmentIsExact()
{
    qputenv("LATHE_CANARY_TOKEN", "sk-canary");
    qputenv("OPENAI_API_KEY", "sk-canary");
    qputenv("LC_TIME", "C");
    ProcessSpec spec = shell("cat /proc/self/environ");
    spec.environment.insert(QStringLiteral("GIVEN"), QStringLiteral("yes=1"));
    const auto process = started(spec);
    const QByteArray environment = readAll(*process);
    await(process->exited());
    QVERIFY(!environment.contains("canary"));
    const auto variables = environment.split('\0');
    QVERIFY(variables.contains("GIVEN=yes=1"));
    QVERIFY(variables.contains("LC_TIME=C"));
    QVERIFY(variables.contains("PATH=" + qgetenv("PATH")));
    for (const QByteArray &variable : variables) {
        const QString name = QString::fromUtf8(variable.split('=').first());
        QVERIFY2(name.isEmpty() || spec.environment.contains(name) || name == QLatin1String("_") || name == QLatin1String("PWD"), qPrintable(name));
    }
}

void TestChildProcess::noDescriptorLeaks()
{
    const int careless = ::open("/etc/passwd", O_RDONLY); // no O_CLOEXEC
    const int high = ::fcntl(careless, F_DUPFD, 900);
    const auto other = started(shell("cat"));
    const auto process = started(shell("ls /proc/$$/fd"));
    const auto names = readAll(*process).split('\n');
    for (const QByteArray &name : names)
        QVERIFY2(name.isEmpty() || name.toInt() < 3 || name.toInt() == 10, name.constData()); // 10: sh itself may keep one
    await(process->exited());
    ::close(careless);
    ::close(high);
    await(other->stop());
}

void TestChildProcess::startErrors_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QString>("argument");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("says");
    const auto add = [](const char *name, const char *program, const QString &argument, const char *folder, ErrorKind kind, const char *says) {
        QTest::newRow(name) << QString::fromUtf8(program) << argument << QString::fromUtf8(folder) << int(kind) << QString::fromUtf8(says);
    };
    add("no such name", "lathe-no-such-program", {}, "", ErrorKind::NotFound, "lathe-no-such-program was not found; install it");
    add("no such path", "/nowhere/x", {}, "", ErrorKind::NotFound, "There is no program /nowhere/x");
    add("not executable", "/etc/passwd", {}, "", ErrorKind::Denied, "/etc/passwd is no program");
    add("a folder", "/usr", {}, "", ErrorKind::Denied, "/usr is no program");
    add("nothing", " ", {}, "", ErrorKind::InvalidInput, "No program");
    add("no folder", "true", {}, "/nowhere", ErrorKind::NotFound, "/nowhere");
    add("nul", "true", QString(QChar(u'\0')), "", ErrorKind::InvalidInput, "not allowed");
}

void TestChildProcess::startErrors()
{
    QFETCH(QString, program);
    QFETCH(QString, argument);
    QFETCH(QString, folder);
    QFETCH(int, kind);
    QFETCH(QString, says);
    ProcessSpec spec;
    spec.program = program;
    spec.folder = folder;
    if (!argument.isNull())
        spec.arguments << argument;
    const auto process = ChildProcess::start(spec);
    QVERIFY(!process);
    QCOMPARE(int(process.error().kind), kind);
    QVERIFY2(process.error().message.contains(says), qPrintable(process.error().message));
}

void TestChildProcess::exitCodes()
{
    const auto seven = started(shell("exit 7"));
    const ProcessExit code = await(seven->exited());
    QCOMPARE(code.code, 7);
    QCOMPARE(code.describe(), QStringLiteral("ended with code 7"));
    const auto killed = started(shell("kill -9 $$"));
    const ProcessExit signal = await(killed->exited());
    QCOMPARE(signal.signal, SIGKILL);
    QVERIFY(!signal.ok());
    QVERIFY(signal.describe().contains(QStringLiteral("signal 9")));
}

void TestChildProcess::largeInputAndOutput()
{
    const auto process = started(shell("cat"));
    QByteArray sent;
    for (int i = 0; i < 400'000; ++i)
        sent += QByteArray::number(i) + '\n';
    bool written = false;
    const auto write = [&](ChildProcess *to) -> Task<> {
        const QByteArray copy = sent;
        const auto result = co_await to->write(copy);
        written = result.ok();
        to->closeInput();
    };
    const auto writing = write(process.get());
    QVERIFY(!written); // more than a pipe holds: it has to wait
    const QByteArray got = readAll(*process);
    QVERIFY(written);
    QCOMPARE(got.size(), sent.size());
    QVERIFY(got == sent);
    QVERIFY(await(process->exited()).ok());
}

void TestChildProcess::slowReaderHoldsTheProgram()
{
    // It counts what it could write; while nobody reads it stays at what a pipe holds.
    const auto process = started(shell("exec python3 -u -c 'import os,sys\n"
                                       "n=0\n"
                                       "while n < 4000000:\n"
                                       " n+=os.write(1,b\"x\"*4000)\n"
                                       " os.write(2,b\"%d \" % n)'"));
    int count = 0;
    const auto follow = [&count](ChildProcess *from) -> Task<> {
        for (;;) {
            const QByteArray bytes = co_await from->readErrors();
            if (bytes.isEmpty())
                co_return;
            count = bytes.trimmed().split(' ').last().toInt();
        }
    };
    const auto following = follow(process.get());
    QTRY_VERIFY_WITH_TIMEOUT(count >= 60'000, 20'000);
    QTest::qWait(200);
    QVERIFY2(count <= 200'000, "it went on although nobody read");
    QVERIFY(readAll(*process).size() >= 4'000'000);
    await(process->exited());
}

void TestChildProcess::readIsCancelled()
{
    const auto process = started(shell("read line; echo got $line"));
    CancelSource cancel;
    QTimer::singleShot(20, [&] { cancel.cancel(); });
    QCOMPARE(await(process->readOutput(cancel.token())), QByteArray());
    QCOMPARE(await(process->readOutput(cancel.token())), QByteArray()); // cancelled before
    QVERIFY(await(process->write("it\n")).ok());                        // the program knows nothing of it
    QCOMPARE(await(process->readOutput()), QByteArray("got it\n"));
    await(process->exited());
}

void TestChildProcess::readEndsWithTheProgram()
{
    // A grandchild in another session keeps the pipe open; the end of the program counts.
    const auto process = started(shell("setsid sleep 600 & echo $!; exit 0"));
    QByteArray output = await(process->readOutput());
    await(process->exited());
    output += readAll(*process);
    const qint64 grandchild = output.trimmed().toLongLong();
    QVERIFY(grandchild > 0);
    ::kill(pid_t(grandchild), SIGKILL);
}

void TestChildProcess::writeToOneThatHasGone()
{
    const auto process = started(shell("exec 0<&-; sleep 600"));
    Result<void> result;
    for (int i = 0; i < 1000 && result; ++i) {
        result = await(process->write(QByteArray(100'000, 'x')));
    }
    QVERIFY(!result);
    QCOMPARE(result.error().kind, ErrorKind::Unreachable);
    process->kill();
    await(process->exited());
    result = await(process->write("x"));
    QCOMPARE(result.error().kind, ErrorKind::Unreachable);
}

void TestChildProcess::pendingInputIsBounded()
{
    ProcessSpec spec = shell("sleep 600");
    spec.maxPendingInput = 1'000'000;
    const auto process = started(spec);
    const auto waiting = process->write(QByteArray(900'000, 'x'));
    const auto refused = await(process->write(QByteArray(900'000, 'x')));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::LimitReached);
    process->kill();
    await(process->exited());
}

void TestChildProcess::cancelledWrite()
{
    const auto process = started(shell("sleep 0.3; wc -c"));
    CancelSource cancel;
    const auto first = process->write(QByteArray(200'000, 'x')); // begun: it goes on
    auto second = process->write(QByteArray(5, 'y'), cancel.token());
    cancel.cancel();
    QCOMPARE(await(std::move(second)).error().kind, ErrorKind::Cancelled);
    process->closeInput();
    QCOMPARE(readAll(*process).trimmed(), QByteArray("200000"));
    await(process->exited());
}

void TestChildProcess::stopIsOrderly()
{
    const auto polite = started(shell("cat > /dev/null; echo bye; exit 5"));
    const ProcessExit how = await(polite->stop(60'000, 60'000));
    QCOMPARE(how.code, 5); // the end of the input was enough
    QCOMPARE(readAll(*polite), QByteArray("bye\n"));

    const auto needsTerm = started(shell("trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done"));
    QCOMPARE(await(needsTerm->readOutput()), QByteArray("ready\n"));
    QCOMPARE(await(needsTerm->stop(10, 60'000)).code, 6);
}

void TestChildProcess::stopKillsWhatDoesNotListen()
{
    const auto deaf = started(shell("trap '' TERM; echo ready; while :; do sleep 0.05; done"));
    QCOMPARE(await(deaf->readOutput()), QByteArray("ready\n"));
    QCOMPARE(await(deaf->stop(10, 10)).signal, SIGKILL);
    QCOMPARE(await(deaf->stop(10, 10)).signal, SIGKILL); // already
}

// Nothing of root's is left to it: neither user nor groups.
void TestChildProcess::otherUser()
{
    if (::geteuid() != 0)
        QSKIP("only root can become another user");
    const gid_t groups[]{0, 4, 27};
    QCOMPARE(::setgroups(3, groups), 0);
    ProcessSpec spec = shell("id -u; id -ru; id -g; id -G");
    spec.runAs = std::make_pair(quint32(nobodyId), quint32(nobodyId));
    const auto process = started(spec);
    const QByteArray nobody = QByteArray::number(quint32(nobodyId)) + '\n';
    QCOMPARE(readAll(*process), nobody.repeated(4));
}

void TestChildProcess::wholeGroupGoes()
{
    const auto process = started(shell("sleep 600 & echo $!; sleep 600 & echo $!; wait"));
    QByteArray output;
    while (output.count('\n') < 2)
        output += await(process->readOutput());
    process->kill();
    await(process->exited());
    for (const QByteArray &pid : output.trimmed().split('\n'))
        waitUntilGone(pid.toLongLong());

    // Also what a program leaves that ends by itself.
    const auto leaves = started(shell("sleep 600 & echo $!; exit 0"));
    const qint64 left = readAll(*leaves).trimmed().toLongLong();
    QVERIFY(left > 0);
    await(leaves->exited());
    waitUntilGone(left);
}

void TestChildProcess::destructorKills()
{
    auto process = started(shell("trap '' TERM; sleep 600 & echo $!; wait"));
    const qint64 grandchild = await(process->readOutput()).trimmed().toLongLong();
    const qint64 child = process->processId();
    process.reset();
    QVERIFY(!hasChildren());
    waitUntilGone(child);
    waitUntilGone(grandchild);
}

void TestChildProcess::destroyedWhileAwaited()
{
    auto process = started(shell("sleep 600"));
    auto reading = process->readOutput();
    auto errors = process->readErrors();
    auto writing = process->write(QByteArray(1'000'000, 'x'));
    auto exiting = process->exited();
    auto stopping = process->stop(60'000, 60'000);
    QTimer::singleShot(10, [&] { process.reset(); });
    QCOMPARE(await(std::move(reading)), QByteArray());
    QCOMPARE(await(std::move(errors)), QByteArray());
    QVERIFY(!await(std::move(writing)));
    QCOMPARE(await(std::move(exiting)).signal, SIGKILL);
    QCOMPARE(await(std::move(stopping)).signal, SIGKILL);
    QVERIFY(!process);
}

// A process in between starts one and is killed without a chance to clean up.
void TestChildProcess::diesWithItsParent()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    const pid_t between = ::fork();
    if (between == 0) {
        auto process = ChildProcess::start(shell("sleep 600"));
        const qint64 pid = process ? (*process)->processId() : -1;
        [[maybe_unused]] const auto written = ::write(ends[1], &pid, sizeof pid);
        ::pause();
        ::_exit(0);
    }
    qint64 pid = 0;
    QCOMPARE(::read(ends[0], &pid, sizeof pid), ssize_t(sizeof pid));
    QVERIFY(pid > 0 && isAlive(pid));
    ::kill(between, SIGKILL);
    ::waitpid(between, nullptr, 0);
    waitUntilGone(pid);
    ::close(ends[0]);
    ::close(ends[1]);
}

void TestChildProcess::limitsHold()
{
    ProcessSpec spec = shell("ulimit -n; ulimit -f");
    spec.limits = {{RLIMIT_NOFILE, 33}, {RLIMIT_FSIZE, 512 * 7}};
    const auto process = started(spec);
    QCOMPARE(readAll(*process), QByteArray("33\n7\n"));
    await(process->exited());
}

void TestChildProcess::signalsAreReset()
{
    // We ignore SIGPIPE; a program that we start must not, or `yes | head` never ends.
    const auto process = started(shell("grep -E '^Sig(Ign|Blk)' /proc/self/status"));
    const QByteArray status = readAll(*process).simplified();
    QCOMPARE(status, QByteArray("SigBlk: 0000000000000000 SigIgn: 0000000000000000"));
    await(process->exited());
}

QTEST_GUILESS_MAIN(TestChildProcess)
#include "tst_ChildProcess.moc"
