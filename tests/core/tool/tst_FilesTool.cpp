// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/FilesTool.h"
#include "core/tool/FolderAccess.h"
#include "tests/core/tool/ToolTesting.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace lathe;
using test::callTool;

namespace {
const char *const secret = "TOP SECRET";

QJsonObject args(const char *action, const QString &path, const QJsonObject &more = {})
{
    QJsonObject arguments = more;
    arguments.insert(QStringLiteral("action"), QLatin1String(action));
    if (!path.isNull())
        arguments.insert(QStringLiteral("path"), path);
    return arguments;
}

QJsonObject content(const QString &text)
{
    return QJsonObject{{QStringLiteral("content"), text}};
}
} // namespace

class TestFilesTool : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir>
        m_top; // holds "folder", which the tool may see, and "outside", which it may not
    ToolEnvironment m_environment;

    QString inside(const char *name = "") const
    {
        return m_top->filePath(QStringLiteral("folder/") + QLatin1String(name));
    }
    QString outside(const char *name = "") const
    {
        return m_top->filePath(QStringLiteral("outside/") + QLatin1String(name));
    }

    static void writeFile(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(path));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    static QByteArray readFile(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(no file)");
    }

    std::shared_ptr<Tool> make(bool writable = true, qint64 maxFileBytes = 1024 * 1024)
    {
        const auto spec =
            test::toolSpec("files", {{QStringLiteral("folder"), QStringLiteral("folder")},
                                     {QStringLiteral("writable"), writable},
                                     {QStringLiteral("max_file_bytes"), maxFileBytes}});
        auto tool = makeTool(QStringLiteral("Notes"), spec, m_environment);
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }

private Q_SLOTS:
    void init()
    {
        m_top = std::make_unique<QTemporaryDir>();
        m_environment = ToolEnvironment();
        m_environment.projectFolder = m_top->path();
        QDir(m_top->path()).mkpath(QStringLiteral("folder/sub/deep"));
        QDir(m_top->path()).mkpath(QStringLiteral("outside"));
        writeFile(inside("a.txt"), "first\nsecond line\nthird\n");
        writeFile(inside("sub/b.md"), "A needle here\nnothing\nNEEDLE again");
        writeFile(outside("secret.txt"), secret);
    }

    void listsReadsAndSearches()
    {
        const auto tool = make();
        QCOMPARE(callTool(*tool, args("list", QString())).text,
                 QStringLiteral("a.txt  (24 bytes)\nsub/\n"));
        QCOMPARE(callTool(*tool, args("list", QStringLiteral("./sub//"))).text,
                 QStringLiteral("b.md  (34 bytes)\ndeep/\n"));
        QCOMPARE(callTool(*tool, args("list", QStringLiteral("sub/deep"))).text,
                 QStringLiteral("The folder is empty."));
        QCOMPARE(callTool(*tool, args("read", QStringLiteral("a.txt"))).text,
                 QStringLiteral("first\nsecond line\nthird\n"));
        QCOMPARE(callTool(*tool, args("read", QStringLiteral("a.txt"),
                                      {{QStringLiteral("from_line"), 2},
                                       {QStringLiteral("line_count"), 1}}))
                     .text,
                 QStringLiteral("(lines 2 to 2 of 4)\nsecond line"));
        const auto found =
            callTool(*tool, args("search", QString(),
                                 {{QStringLiteral("query"), QStringLiteral("needle")}}));
        QCOMPARE(found.text,
                 QStringLiteral("sub/b.md:1: A needle here\nsub/b.md:3: NEEDLE again\n"));
        QCOMPARE(found.structured.toObject().value(QLatin1String("matches")).toArray().size(), 2);
        const QJsonObject onlyText{{QStringLiteral("query"), QStringLiteral("needle")},
                                   {QStringLiteral("name_pattern"), QStringLiteral("*.txt")}};
        QVERIFY(callTool(*tool, args("search", QString(), onlyText))
                    .text.startsWith(QLatin1String("Nothing found")));
        QVERIFY(callTool(*tool, args("search", QStringLiteral("sub/b.md"),
                                     {{QStringLiteral("query"), QStringLiteral("again")}}))
                    .text.contains(QLatin1String("b.md:3")));
    }

    void writesAtomically()
    {
        const auto tool = make();
        QVERIFY(::chmod(QFile::encodeName(inside("a.txt")).constData(), 0640) == 0);
        const auto outcome =
            callTool(*tool, args("write", QStringLiteral("a.txt"), content(QStringLiteral("new"))));
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        QCOMPARE(readFile(inside("a.txt")), QByteArray("new"));
        struct stat info = {};
        QVERIFY(::stat(QFile::encodeName(inside("a.txt")).constData(), &info) == 0);
        QCOMPARE(int(info.st_mode & 07777), 0640);
        QVERIFY(!callTool(*tool, args("write", QStringLiteral("new/folders/c.txt"),
                                      content(QStringLiteral("deep"))))
                     .isError);
        QCOMPARE(readFile(inside("new/folders/c.txt")), QByteArray("deep"));
        QCOMPARE(QDir(inside()).entryList(QDir::Files | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{QStringLiteral("a.txt")}); // no temporary file is left
    }

    void writingNeedsPermission()
    {
        const auto tool = make(false);
        const auto outcome =
            callTool(*tool, args("write", QStringLiteral("a.txt"), content(QStringLiteral("new"))));
        QVERIFY(outcome.isError);
        QVERIFY(readFile(inside("a.txt")).startsWith("first"));
        QVERIFY(!json::compactString(tool->schema()).contains(QLatin1String("write")));
        QCOMPARE(tool->sideEffect(args("read", QStringLiteral("a"))), SideEffect::Read);
        QCOMPARE(make()->sideEffect(args("write", QStringLiteral("a"))), SideEffect::Write);
    }

    // A project keeps what its runs did; no model may write that anew.
    void projectsAreNotWritten()
    {
        const auto tool = make();
        QByteArray head("SQLite format 3", 16);
        head += QByteArray(52, '\1') + "LATH" + QByteArray(400, '\2');
        writeFile(inside("p.lathe"), head);
        for (const char *name : {"p.lathe", "sub/../p.lathe", "./p.lathe", "p.lathe-wal", "p.lathe-journal"}) {
            QVERIFY2(callTool(*tool, args("write", QString::fromLatin1(name), content(QStringLiteral("new")))).isError, name);
            QCOMPARE(readFile(inside("p.lathe")), head);
        }
        QVERIFY(!QFile::exists(inside("p.lathe-wal")));
        QVERIFY(!callTool(*tool, args("write", QStringLiteral("q-wal"), content(QStringLiteral("new")))).isError);
    }

    void escapes_data()
    {
        QTest::addColumn<QString>("path");
        const char *const paths[] = {"../outside/secret.txt",
                                     "..",
                                     "sub/../../outside/secret.txt",
                                     "./../outside/secret.txt",
                                     "sub/deep/../../../outside/secret.txt",
                                     "/etc/passwd",
                                     "//etc/passwd",
                                     "link",
                                     "link/secret.txt",
                                     "filelink",
                                     "sub/uplink/outside/secret.txt",
                                     "sub/chain",
                                     "absolute",
                                     "/proc/self/root/etc/passwd",
                                     "procroot/etc/passwd",
                                     "sub/./../..//outside/secret.txt",
                                     "dirchain/secret.txt"};
        for (const char *path : paths)
            QTest::newRow(path) << QString::fromUtf8(path);
        QTest::newRow("NUL") << QStringLiteral("a.txt") + QChar(0)
                                    + QStringLiteral("/../../outside/secret.txt");
        QTest::newRow("absolute inside too") << QStringLiteral("ABSOLUTE");
    }
    void escapes()
    {
        QFETCH(QString, path);
        if (path == QLatin1String("ABSOLUTE"))
            path = outside("secret.txt");
        QVERIFY(QFile::link(outside(), inside("link")));
        QVERIFY(QFile::link(QStringLiteral("../outside/secret.txt"), inside("filelink")));
        QVERIFY(QFile::link(QStringLiteral("../.."), inside("sub/uplink")));
        QVERIFY(QFile::link(QStringLiteral("../filelink"), inside("sub/chain")));
        QVERIFY(QFile::link(outside("secret.txt"), inside("absolute")));
        QVERIFY(QFile::link(QStringLiteral("/proc/self/root"), inside("procroot")));
        QVERIFY(QFile::link(QStringLiteral("link"), inside("dirchain")));
        for (const auto walk : {FolderAccess::Walk::Kernel, FolderAccess::Walk::Components}) {
            const auto folder = FolderAccess::open(inside(), walk);
            QVERIFY(folder.ok());
            const auto bytes = folder->read(path, 10000);
            QVERIFY2(!bytes.ok(), bytes ? bytes->constData() : "");
            const auto written = folder->write(path, "overwritten");
            QVERIFY(readFile(outside("secret.txt")) == secret);
            QVERIFY(!written.ok());
            bool more = false;
            if (path == QLatin1String("link") || path == QLatin1String(".."))
                QVERIFY(!folder->list(path, 100, &more).ok());
        }
        QCOMPARE(QDir(outside()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{QStringLiteral("secret.txt")});
        const auto tool = make();
        QVERIFY(callTool(*tool, args("read", path)).isError);
        const auto found =
            callTool(*tool, args("search", QString(),
                                 {{QStringLiteral("query"), QStringLiteral("SECRET")}}));
        QVERIFY2(!found.text.contains(QLatin1String("TOP")), qPrintable(found.text));
    }

    void linksInsideMayBeRead()
    {
        QVERIFY(QFile::link(QStringLiteral("sub/b.md"), inside("alias")));
        const auto kernel = FolderAccess::open(inside(), FolderAccess::Walk::Kernel);
        const auto byHand = FolderAccess::open(inside(), FolderAccess::Walk::Components);
        const bool follows = kernel->read(QStringLiteral("alias"), 1000).ok();
        if (!follows)
            QSKIP("openat2 is not offered here");
        QVERIFY(!byHand->read(QStringLiteral("alias"), 1000).ok()); // stricter
        QVERIFY(callTool(*make(), args("list", QString()))
                    .text.contains(QLatin1String("alias  (link)")));
        // Writing does not go through a link.
        QVERIFY(!kernel->write(QStringLiteral("alias"), "x").ok());
        QVERIFY(readFile(inside("sub/b.md")).startsWith("A needle"));
    }

    // While one thread swaps a folder and a file for links that lead out, nothing may be read or
    // written outside.
    void races_data()
    {
        QTest::addColumn<bool>("kernel");
        QTest::newRow("openat2") << true;
        QTest::newRow("by components") << false;
    }
    void races()
    {
        QFETCH(bool, kernel);
        const auto folder = FolderAccess::open(inside(), kernel ? FolderAccess::Walk::Kernel
                                                                : FolderAccess::Walk::Components);
        QVERIFY(folder.ok());
        QDir(inside()).mkdir(QStringLiteral("real"));
        writeFile(inside("real/secret.txt"), "harmless");
        QVERIFY(QFile::link(outside(), inside("evil")));
        QVERIFY(::rename(QFile::encodeName(inside("real")).constData(),
                         QFile::encodeName(inside("swap")).constData())
                == 0);
        const QByteArray evil = QFile::encodeName(inside("evil")),
                         swap = QFile::encodeName(inside("swap"));
        // Exchanged as one, so that there always is a "swap": now the folder, now the link.
        const auto exchange = [&] {
            return ::syscall(SYS_renameat2, AT_FDCWD, swap.constData(), AT_FDCWD, evil.constData(),
                             RENAME_EXCHANGE)
                   == 0;
        };
        if (!exchange())
            QSKIP("this file system cannot exchange two names");
        std::atomic<bool> stop{false};
        std::atomic<int> swaps{0};
        std::thread attacker([&] {
            while (!stop)
                swaps += exchange();
        });
        int good = 0, refused = 0, leaked = 0;
        QElapsedTimer timer;
        timer.start();
        const auto tookPlace = [&] { return good > 0 && refused > 0 && swaps > 100; };
        while (timer.elapsed() < 700 || (!tookPlace() && timer.elapsed() < 60'000)) {
            const auto read = folder->read(QStringLiteral("swap/secret.txt"), 1000);
            if (!read)
                ++refused;
            else if (*read == "harmless" || *read == "mine")
                ++good;
            else
                ++leaked;
            (void)folder->visit(QString(), 1000,
                                [&leaked](const QString &, const QByteArray &bytes) {
                                    leaked += bytes == secret;
                                    return true;
                                });
            (void)folder->write(QStringLiteral("swap/secret.txt"), "mine");
            (void)folder->write(QStringLiteral("swap/new.txt"), "mine");
        }
        stop = true;
        attacker.join();
        QCOMPARE(leaked, 0);
        QCOMPARE(readFile(outside("secret.txt")), QByteArray(secret));
        QCOMPARE(QDir(outside()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{QStringLiteral("secret.txt")});
        QVERIFY2(tookPlace(), "the race did not take place");
    }

    void specialFilesDoNotHang()
    {
        QVERIFY(::mkfifo(QFile::encodeName(inside("pipe")).constData(), 0600) == 0);
        const bool device =
            ::mknod(QFile::encodeName(inside("zero")).constData(), S_IFCHR | 0600, makedev(1, 5))
            == 0;
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        const QByteArray socketPath = QFile::encodeName(inside("sock"));
        QVERIFY(size_t(socketPath.size()) < sizeof address.sun_path);
        memcpy(address.sun_path, socketPath.constData(), size_t(socketPath.size()));
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        QVERIFY(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
        const auto tool = make();
        QElapsedTimer timer;
        timer.start();
        for (const char *name : {"pipe", "zero", "sock"}) {
            if (!device && QByteArrayView(name) == "zero")
                continue;
            for (const char *action : {"read", "write"}) {
                const auto outcome = callTool(
                    *tool, args(action, QLatin1String(name), content(QStringLiteral("x"))));
                QVERIFY(outcome.isError);
                QVERIFY2(outcome.text.contains(QLatin1String("no regular file")),
                         qPrintable(outcome.text));
            }
        }
        const auto found =
            callTool(*tool, args("search", QString(),
                                 {{QStringLiteral("query"), QStringLiteral("needle")}}));
        QVERIFY(!found.isError);
        QVERIFY(callTool(*tool, args("list", QString()))
                    .text.contains(QLatin1String("pipe  (no regular file)")));
        ::close(fd);
        QVERIFY2(timer.elapsed() < 120'000, "something waited for a pipe");
    }

    void namesThatAreNotUtf8()
    {
        const QByteArray name = QFile::encodeName(inside()) + "bad\xff\xfename.txt";
        FILE *file = fopen(name.constData(), "w");
        QVERIFY(file);
        fputs("needle in bad name", file);
        fclose(file);
        const auto tool = make();
        const auto listed = callTool(*tool, args("list", QString()));
        QVERIFY2(listed.text.contains(QLatin1String("not valid UTF-8")), qPrintable(listed.text));
        const QString shown = listed.text.section(u'\n', 1, 1).section(u' ', 0, 0);
        QVERIFY(callTool(*tool, args("read", shown)).isError);
        const auto found =
            callTool(*tool, args("search", QString(),
                                 {{QStringLiteral("query"), QStringLiteral("needle in bad")}}));
        QVERIFY(!found.isError);
        QCOMPARE(found.text, QString::fromUtf8(found.text.toUtf8()));
        QVERIFY(::unlink(name.constData()) == 0); // QTemporaryDir cannot
    }

    void sizeLimits()
    {
        const auto tool = make(true, 1000);
        writeFile(inside("big.txt"), QByteArray(1001, 'x'));
        writeFile(inside("fits.txt"), QByteArray(1000, 'x'));
        const auto big = callTool(*tool, args("read", QStringLiteral("big.txt")));
        QVERIFY(big.isError);
        QVERIFY2(big.text.contains(QLatin1String("more than the limit")), qPrintable(big.text));
        QCOMPARE(callTool(*tool, args("read", QStringLiteral("fits.txt"))).text.size(), 1000);
        QVERIFY(
            callTool(*tool, args("write", QStringLiteral("w.txt"), content(QString(1001, u'x'))))
                .isError);
        QVERIFY(!QFile::exists(inside("w.txt")));
        // A file that claims a terabyte must not be allocated.
        QFile sparse(inside("sparse.txt"));
        QVERIFY(sparse.open(QIODevice::WriteOnly));
        if (sparse.resize(qint64(1) << 40))
            QVERIFY(callTool(*tool, args("read", QStringLiteral("sparse.txt"))).isError);
        QVERIFY(callTool(*tool, args("search", QString(),
                                     {{QStringLiteral("query"), QStringLiteral("x")}}))
                    .text.contains(QLatin1String("left out")));
    }

    void binaryFilesAreNotShown()
    {
        writeFile(inside("image.png"), QByteArray("\x89PNG\r\n\x1a\n\0\0\0", 11));
        writeFile(inside("latin1.txt"), "caf\xe9 needle");
        const auto tool = make();
        const auto image = callTool(*tool, args("read", QStringLiteral("image.png")));
        QVERIFY(image.isError);
        QVERIFY(image.text.contains(QLatin1String("binary")));
        QCOMPARE(callTool(*tool, args("read", QStringLiteral("latin1.txt"))).text,
                 QStringLiteral("caf") + QChar(QChar::ReplacementCharacter)
                     + QStringLiteral(" needle"));
    }

    void manyMatchesAreBounded()
    {
        QByteArray lines;
        for (int i = 0; i < 3000; ++i)
            lines += "needle " + QByteArray(2000, 'x') + '\n';
        writeFile(inside("many.txt"), lines);
        const auto found = callTool(
            *make(true, 100 << 20),
            args("search", QString(), {{QStringLiteral("query"), QStringLiteral("needle")}}));
        QVERIFY(found.truncated);
        QCOMPARE(found.structured.toObject().value(QLatin1String("matches")).toArray().size(), 200);
        QVERIFY(found.text.size() < 100000);
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<QString>("action");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("expected");
        QTest::newRow("missing") << "read"
                                 << "none.txt"
                                 << "There is no none.txt";
        QTest::newRow("folder") << "read"
                                << "sub"
                                << "is a folder";
        QTest::newRow("through a file") << "read"
                                        << "a.txt/x"
                                        << "is a file where a folder is needed";
        QTest::newRow("no path") << "read"
                                 << ""
                                 << "needs \"path\"";
        QTest::newRow("no query") << "search"
                                  << ""
                                  << "needs \"query\"";
        QTest::newRow("no content") << "write"
                                    << "x.txt"
                                    << "needs \"content\"";
        QTest::newRow("list a file") << "list"
                                     << "a.txt"
                                     << "is a file where a folder is needed";
        QTest::newRow("unknown action") << "delete"
                                        << "a.txt"
                                        << "is unknown";
        QTest::newRow("long name") << "read" << QString(300, u'n') << "too long";
    }
    void mistakesAreNamed()
    {
        QFETCH(QString, action);
        QFETCH(QString, path);
        QFETCH(QString, expected);
        const auto outcome = callTool(*make(), args(qPrintable(action), path));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(expected), qPrintable(outcome.text));
    }

    void writeMistakes()
    {
        const auto tool = make();
        QVERIFY(callTool(*tool, args("write", QStringLiteral("sub"), content(QStringLiteral("x"))))
                    .isError);
        QVERIFY(
            callTool(*tool, args("write", QStringLiteral("a.txt/x"), content(QStringLiteral("x"))))
                .isError);
        QVERIFY(callTool(*tool, args("write", QStringLiteral("new/"), content(QStringLiteral("x"))))
                    .isError);
        QVERIFY(
            callTool(*tool, args("write", QStringLiteral("../x.txt"), content(QStringLiteral("x"))))
                .isError);
        QVERIFY(!QFile::exists(m_top->filePath(QStringLiteral("x.txt"))));
    }

    void cancelledSearch()
    {
        for (int i = 0; i < 400; ++i)
            writeFile(inside("sub/deep/") + QStringLiteral("f%1.txt").arg(i),
                      QByteArray(200000, 'y'));
        const auto tool = make();
        CancelSource source;
        test::LaterOutcome later;
        later.start(tool->call(
            args("search", QString(), {{QStringLiteral("query"), QStringLiteral("zzz")}}),
            source.token()));
        source.cancel();
        QVERIFY(later.isDone());
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!callTool(*tool, args("read", QStringLiteral("a.txt"))).isError);
        QVERIFY2(timer.elapsed() < 120'000, "the search went on");
    }

    void alreadyCancelled()
    {
        CancelSource source;
        source.cancel();
        QCOMPARE(test::await(make()->call(args("list", QString()), source.token())).error().kind,
                 ErrorKind::Cancelled);
    }

    void destroyedDuringASearch()
    {
        for (int i = 0; i < 100; ++i)
            writeFile(inside("sub/deep/") + QStringLiteral("f%1.txt").arg(i),
                      QByteArray(200000, 'y'));
        test::LaterOutcome later;
        later.start(make()->call(
            args("search", QString(), {{QStringLiteral("query"), QStringLiteral("zzz")}}), {}));
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000); // the call keeps what it needs
        QVERIFY(later->ok());
    }

    void folderThatVanishes()
    {
        const auto tool = make();
        QVERIFY(QDir(inside()).removeRecursively());
        const auto outcome = callTool(*tool, args("list", QString()));
        QVERIFY(outcome.isError);
        QVERIFY(outcome.text.contains(QLatin1String("cannot be opened")));
    }

    void badConfigurations()
    {
        auto spec = test::toolSpec("files", {});
        QCOMPARE(makeTool(QStringLiteral("F"), spec, m_environment).error().kind,
                 ErrorKind::InvalidInput);
        spec.config.insert(QStringLiteral("folder"), QStringLiteral("none"));
        QCOMPARE(makeTool(QStringLiteral("F"), spec, m_environment).error().kind,
                 ErrorKind::NotFound);
        spec.config.insert(QStringLiteral("folder"), QStringLiteral("folder/a.txt"));
        QCOMPARE(makeTool(QStringLiteral("F"), spec, m_environment).error().kind,
                 ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestFilesTool)
#include "tst_FilesTool.moc"
