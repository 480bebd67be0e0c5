// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Project.h"
#include "core/project/Schema.h"
#include "tests/core/project/ExperimentSample.h"
#include "tests/core/project/RunLogSample.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QtEndian>

#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// A file system of its own; empty path when one may not be mounted here.
class Mounted
{
public:
    explicit Mounted(const QByteArray &options)
    {
        if (::geteuid() != 0 || !m_dir.isValid())
            return;
        const QString wanted = QString::fromLatin1(options);
        m_mounted = run({QStringLiteral("mount"), QStringLiteral("-t"), QStringLiteral("tmpfs"),
                         QStringLiteral("-o"), wanted, QStringLiteral("none"), m_dir.path()});
    }
    ~Mounted()
    {
        if (m_mounted)
            run({QStringLiteral("umount"), m_dir.path()});
    }
    bool ok() const { return m_mounted; }
    QString filePath(const QString &name) const { return m_dir.filePath(name); }
    bool remountReadOnly() const
    {
        return run({QStringLiteral("mount"), QStringLiteral("-o"), QStringLiteral("remount,ro"),
                    m_dir.path()});
    }

private:
    static bool run(QStringList command)
    {
        const QString program = command.takeFirst();
        return QProcess::execute(program, command) == 0;
    }
    QTemporaryDir m_dir;
    bool m_mounted = false;
};

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void overwrite(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("writing %s", qPrintable(path));
}
} // namespace

class TestProject : public QObject
{
    Q_OBJECT
    Files m_files;
    static QString dataFile(int version = 1)
    {
        return QStringLiteral(LATHE_TEST_DATA "/projects/v%1.lathe").arg(version);
    }

    Result<std::unique_ptr<Project>> tryOpen(const QString &path,
                                             Project::Mode mode = Project::Mode::ReadWrite)
    {
        return Project::open(path, mode, &m_files.clock);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString target = qEnvironmentVariable("LATHE_WRITE_TEST_DATA");
        if (target.isEmpty())
            return;
        QFile::remove(target);
        auto project = m_files.open(target, Project::Mode::Create);
        fillSample(*project);
        fillExperiments(*project);
        fillRunLog(*project);
        project.reset();
        sql(target, "VACUUM");
    }

    void everyTableComesBack()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        QVERIFY(!project->isReadOnly());
        QVERIFY(project->readOnlyReason().isEmpty());
        fillSample(*project);
        checkSample(*project);
        QCOMPARE(project->path(), path);
        QCOMPARE(project->title(), QFileInfo(path).completeBaseName());
        project.reset();
        QCOMPARE(QDir(QFileInfo(path).path())
                     .entryList({QFileInfo(path).fileName() + QLatin1Char('*')}, QDir::Files)
                     .size(),
                 1);
        project = m_files.open(path);
        checkSample(*project);
    }

    void fileSaysWhatItIs()
    {
        const QByteArray head = contents(m_files.newFile()).left(100);
        QCOMPARE(qFromBigEndian<quint32>(head.constData() + 68), 0x4C415448u);
        QCOMPARE(qFromBigEndian<quint32>(head.constData() + 60), quint32(Project::schemaVersion));
    }

    // The words of the architecture, with plain SQL.
    void readableWithSqlite()
    {
        const QString path = m_files.newFile();
        {
            auto project = m_files.open(path);
            fillSample(*project);
        }
        auto db = Database::open(path, Database::Mode::ReadOnly);
        QVERIFY(db);
        const auto value = [&](const char *text) {
            auto row = (*db)->prepare(text);
            if (!row || !row->step().valueOr(false))
                return QStringLiteral("no row: ") + QString::fromUtf8(text);
            return row->text(0);
        };
        QCOMPARE(value("SELECT body ->> 'job' FROM revisions JOIN artifacts a ON a.id = artifact "
                       "WHERE a.name = 'triage'"),
                 QStringLiteral("sort feedback"));
        QCOMPARE(value("SELECT status || ' ' || input || ' -> ' || output FROM runs"),
                 QStringLiteral("done slow exports -> area: exports"));
        QCOMPARE(value("SELECT attributes ->> '$.\"gen_ai.usage.output_tokens\"' FROM steps WHERE "
                       "kind = 'model'"),
                 QStringLiteral("34"));
        QCOMPARE(value("SELECT request FROM journal"),
                 QStringLiteral("{\"model\":\"extractive\"}"));
        QCOMPARE(value("SELECT typeof(outcome) FROM journal"),
                 QStringLiteral("blob")); // large: one zstd frame
        QCOMPARE(value("SELECT name || '@' || number FROM labels"), QStringLiteral("production@1"));
        QCOMPARE(value("SELECT value || note FROM ratings"), QStringLiteral("4.0nearly"));
        QCOMPARE(value("SELECT rowid FROM run_search WHERE run_search MATCH 'exports'"),
                 value("SELECT id FROM runs"));
        QCOMPARE(value("SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND type = 'table' "
                       "AND schema = 'main' AND name NOT LIKE 'sqlite_%'"),
                 QStringLiteral("0"));
        if (QStandardPaths::findExecutable(QStringLiteral("zstd")).isEmpty())
            return;
        auto row = (*db)->prepare("SELECT outcome FROM journal");
        QVERIFY(row && row->step().valueOr(false));
        QProcess zstd;
        zstd.start(QStringLiteral("zstd"), {QStringLiteral("-dc")});
        zstd.write(row->bytes(0));
        zstd.closeWriteChannel();
        QVERIFY(zstd.waitForFinished());
        QVERIFY(
            json::parseObject(zstd.readAllStandardOutput())->contains(QStringLiteral("response")));
    }

    void formerVersionsStillOpen_data()
    {
        QTest::addColumn<int>("version");
        for (int version = 1; version <= Project::schemaVersion; ++version)
            QTest::addRow("version %d", version) << version;
    }

    void formerVersionsStillOpen()
    {
        QFETCH(int, version);
        const QString path = m_files.filePath(QStringLiteral("old%1.lathe").arg(version));
        QVERIFY(QFile::copy(dataFile(version), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        {
            auto readOnly = m_files.open(path, Project::Mode::ReadOnly);
            checkSample(*readOnly);
            const auto fork = readOnly->runs().forkOf(readOnly->runs().newest());
            QVERIFY(fork);
            QVERIFY(!*fork);
        }
        auto project = m_files.open(path);
        checkSample(*project);
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
        Player player(*project, someRun(QStringLiteral("new")));
        QVERIFY(player.run > project->runs().newest() || player.run == project->runs().newest());
        player.ended(RunStatus::Done, QString());
        QCOMPARE(project->runs().count(), 2);
    }

    void migrations()
    {
        const QString path = m_files.filePath(QStringLiteral("migrated.lathe"));
        QVERIFY(QFile::copy(dataFile(), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        auto steps = projectMigrations();
        steps.push_back({Project::schemaVersion + 1, "colours", [](Database &db) {
                             return db.exec("ALTER TABLE artifacts ADD COLUMN colour TEXT");
                         }});
        auto broken = steps;
        broken.push_back({Project::schemaVersion + 2, "broken",
                          [](Database &db) { return db.exec("ALTER TABLE nothing RENAME TO x"); }});
        {
            auto db = Database::open(path, Database::Mode::ReadWrite);
            QVERIFY(db);
            const auto failed = prepareSchema(**db, broken);
            QVERIFY(!failed);
            QVERIFY2(failed.error().cause.contains(QStringLiteral("migration %1 (broken)").arg(Project::schemaVersion + 2)),
                     qPrintable(failed.error().cause));
            QVERIFY(!(*db)->prepare("SELECT colour FROM artifacts")); // nothing of it stays
        }
        checkSample(*m_files.open(path));
        {
            auto db = Database::open(path, Database::Mode::ReadWrite);
            QVERIFY(prepareSchema(**db, steps));
            QVERIFY((*db)->prepare("SELECT colour FROM artifacts"));
            QVERIFY(prepareSchema(**db, steps)); // nothing to do
            const auto newer = prepareSchema(**db, projectMigrations());
            QVERIFY(!newer);
            QCOMPARE(newer.error().kind, ErrorKind::NewerFile);
        }
        auto project = m_files.open(path);
        QVERIFY(project->isReadOnly());
        checkSample(*project);
    }

    void newerFileOpensForReading()
    {
        const QString path = m_files.newFile();
        {
            auto project = m_files.open(path);
            fillSample(*project);
        }
        sql(path, "PRAGMA user_version=77");
        const QByteArray before = contents(path);
        auto project = m_files.open(path);
        QVERIFY(project->isReadOnly());
        QVERIFY2(project->readOnlyReason().contains(
                     QStringLiteral("newer version of Lathe (format 77, this one knows %1)").arg(Project::schemaVersion)),
                 qPrintable(project->readOnlyReason()));
        checkSample(*project);
        const auto refused = await(project->putBlob("x"));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::ProjectFile);
        project->setSetting(QStringLiteral("k"), 1); // kept while it is open
        QCOMPARE(project->setting(QStringLiteral("k")).toInt(), 1);
        project.reset();
        QVERIFY(contents(path) == before);
    }

    void badFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const QByteArray good = contents(dataFile());
        QVERIFY(good.size() > 10'000);
        const auto with = [&good](int offset, const QByteArray &patch) {
            QByteArray bytes = good;
            bytes.replace(offset, patch.size(), patch);
            return bytes;
        };
        QTest::newRow("empty") << QByteArray("") << "is empty, not a Lathe project";
        QTest::newRow("text") << QByteArray("Dear diary, ").repeated(1000)
                              << "is not a Lathe project";
        QTest::newRow("short text") << QByteArray("hi") << "is not a Lathe project";
        QTest::newRow("zeros") << QByteArray(8192, '\0') << "is not a Lathe project";
        QTest::newRow("begin of a header") << good.left(10) << "cut off after 10 bytes";
        QTest::newRow("header only") << good.left(100) << "cut off: 100 of its";
        QTest::newRow("one page") << good.left(4096) << "cut off: 4096 of its";
        QTest::newRow("last page missing") << good.left(good.size() - 4096) << "cut off";
        QTest::newRow("other program")
            << with(68, QByteArray("\x0f\x05\x51\x12", 4)) << "database of another program";
        QTest::newRow("no program")
            << with(68, QByteArray(4, '\0')) << "database of another program";
        QTest::newRow("no version") << with(60, QByteArray(4, '\0')) << "has no format number";
        QTest::newRow("negative version")
            << with(60, QByteArray(4, '\xff')) << "has no format number";
        QTest::newRow("damaged schema page") << with(100, QByteArray(3000, '\xa5')) << "damaged";
    }

    void badFiles()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, says);
        const QString path = m_files.filePath(QStringLiteral("bad file.lathe"));
        overwrite(path, bytes);
        for (const Project::Mode mode : {Project::Mode::ReadWrite, Project::Mode::ReadOnly}) {
            const auto opened = tryOpen(path, mode);
            QVERIFY(!opened);
            QCOMPARE(opened.error().kind, ErrorKind::ProjectFile);
            QVERIFY2(opened.error().message.contains(says), qPrintable(opened.error().message));
            QVERIFY2(opened.error().message.contains(path), qPrintable(opened.error().message));
            QVERIFY(opened.error().message.endsWith(QLatin1Char('.')));
            QVERIFY(contents(path) == bytes); // nothing was changed
            QCOMPARE(QFileInfo(path + QStringLiteral("-wal")).size(), 0);
        }
    }

    // Whatever a byte of the file is changed to, opening and reading end in order.
    void damagedAnywhere()
    {
        const QByteArray good = contents(dataFile());
        const QString path = m_files.filePath(QStringLiteral("damaged.lathe"));
        QRandomGenerator random(7);
        for (int i = 0; i < 150; ++i) {
            QByteArray bytes = good;
            for (int k = 0; k < 1 + i % 20; ++k)
                bytes[random.bounded(int(bytes.size()))] = char(random.bounded(256));
            overwrite(path, bytes);
            auto project = tryOpen(path);
            if (!project) {
                QVERIFY(project.error().message.endsWith(QLatin1Char('.')));
                continue;
            }
            static_cast<void>((*project)->artifacts().list(std::nullopt, true));
            static_cast<void>((*project)->artifacts().resolve(ArtifactKind::Agent,
                                                              QStringLiteral("triage@draft")));
            static_cast<void>(await((*project)->runs().query(RunQuery(), CancelToken())));
            static_cast<void>(await((*project)->runs().load(RunId{1}, CancelToken())));
            static_cast<void>((*project)->ratings().ratings(RunId{1}));
            static_cast<void>(await((*project)->doctor(i % 3 == 0)));
        }
    }

    void missingFileFolderAndNames()
    {
        auto opened = tryOpen(m_files.filePath(QStringLiteral("nothing.lathe")));
        QVERIFY(!opened);
        QCOMPARE(opened.error().kind, ErrorKind::NotFound);
        opened = tryOpen(m_files.filePath(QString()));
        QVERIFY(!opened);
        QVERIFY(opened.error().message.contains(QStringLiteral("is a folder")));
        opened = tryOpen(QString());
        QVERIFY(!opened);
        QCOMPARE(opened.error().kind, ErrorKind::InvalidInput);
        opened = tryOpen(QStringLiteral("/nowhere/at/all.lathe"), Project::Mode::Create);
        QVERIFY(!opened);
        QVERIFY2(opened.error().message.contains(QStringLiteral("/nowhere/at does not exist")),
                 qPrintable(opened.error().message));
        const QString existing = m_files.newFile();
        opened = tryOpen(existing, Project::Mode::Create);
        QVERIFY(!opened);
        QVERIFY(opened.error().message.contains(QStringLiteral("There already is")));
        const QString odd =
            m_files.filePath(QStringLiteral("Projekt \"ä\" 项目 🙂 100% ?#.lathe"));
        opened = tryOpen(odd, Project::Mode::Create);
        QVERIFY(opened);
        fillSample(**opened);
        opened->reset();
        checkSample(*m_files.open(odd, Project::Mode::ReadOnly));
    }

    void readOnlyFileSystem()
    {
        const Mounted disk("size=8m");
        if (!disk.ok())
            QSKIP("needs the right to mount");
        const QString path = disk.filePath(QStringLiteral("p.lathe"));
        {
            auto project = m_files.open(path, Project::Mode::Create);
            fillSample(*project);
        }
        QVERIFY(disk.remountReadOnly());
        auto project = m_files.open(path);
        QVERIFY(project->isReadOnly());
        QVERIFY2(project->readOnlyReason().contains(QStringLiteral("read-only")),
                 qPrintable(project->readOnlyReason()));
        checkSample(*project);
        const auto created =
            tryOpen(disk.filePath(QStringLiteral("new.lathe")), Project::Mode::Create);
        QVERIFY(!created);
        QVERIFY2(created.error().message.endsWith(QLatin1Char('.')),
                 qPrintable(created.error().message));
    }

    void fullFileSystem()
    {
        const Mounted tiny("size=40k");
        if (!tiny.ok())
            QSKIP("needs the right to mount");
        const QString path = tiny.filePath(QStringLiteral("p.lathe"));
        const auto created = tryOpen(path, Project::Mode::Create);
        QVERIFY(!created);
        QVERIFY2(created.error().message.contains(QStringLiteral("full")),
                 qPrintable(created.error().message));
        QVERIFY(!QFileInfo::exists(path));

        const Mounted disk("size=2m");
        const QString filling = disk.filePath(QStringLiteral("p.lathe"));
        auto project = m_files.open(filling, Project::Mode::Create);
        std::vector<Error> handled;
        project->setErrorHandler([&handled](const Error &error) { handled.push_back(error); });
        std::vector<QByteArray> kept;
        Error failure;
        for (int i = 0; i < 200 && failure.message.isEmpty(); ++i) {
            QByteArray noise(20'000, Qt::Uninitialized);
            for (char &c : noise)
                c = char(QRandomGenerator::global()->bounded(256));
            const auto hash = await(project->putBlob(noise));
            if (hash)
                kept.push_back(*hash);
            else
                failure = hash.error();
        }
        QVERIFY2(failure.message.contains(QStringLiteral("full")), qPrintable(failure.message));
        QVERIFY(kept.size() > 10);
        // A write nobody waits for is not lost silently, and the program goes on.
        project->setSetting(QStringLiteral("big"), QString(500'000, QLatin1Char('x')));
        QTRY_VERIFY_WITH_TIMEOUT(!handled.empty(), 30'000);
        QVERIFY(handled[0].message.contains(QStringLiteral("full")));
        for (const QByteArray &hash : kept)
            QVERIFY(project->blob(hash));
        project.reset();
        project = m_files.open(filling);
        for (const QByteArray &hash : kept)
            QVERIFY(project->blob(hash));
    }

    // What a backup program or a person in a file manager does.
    void copiedWhileOpen()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        const RunId run = fillSample(*project);
        QVERIFY(QFileInfo(path + QStringLiteral("-wal")).size() > 0);
        const QString whole = m_files.filePath(QStringLiteral("copy with log.lathe"));
        QVERIFY(QFile::copy(path, whole));
        QVERIFY(QFile::copy(path + QStringLiteral("-wal"), whole + QStringLiteral("-wal")));
        checkSample(*m_files.open(whole));
        // The main file alone is an earlier state, or a clear message; never a crash or nonsense.
        const QString alone = m_files.filePath(QStringLiteral("copy alone.lathe"));
        QVERIFY(QFile::copy(path, alone));
        auto opened = tryOpen(alone);
        if (opened) {
            const auto report = await((*opened)->doctor(false));
            QVERIFY(report && report->ok);
        } else {
            QVERIFY(opened.error().message.endsWith(QLatin1Char('.')));
        }
        checkSample(*project);
        QCOMPARE(load(*project, run).journal.size(), 1u);
    }

    void settingsAndBlobs()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        QVERIFY(project->setting(QStringLiteral("none")).isUndefined());
        project->setSetting(QStringLiteral("text"), QStringLiteral("ä"));
        project->setSetting(QStringLiteral("runs.next"), 1); // not the counter of the same name
        project->setSetting(QStringLiteral("gone"), 5);
        project->setSetting(QStringLiteral("gone"), QJsonValue(QJsonValue::Undefined));
        QCOMPARE(project->setting(QStringLiteral("text")).toString(),
                 QStringLiteral("ä")); // at once
        const QByteArray bytes(5'000'000, 'z');
        const auto hash = await(project->putBlob(bytes));
        QVERIFY(hash);
        QCOMPARE(*hash, json::sha256(bytes));
        QCOMPARE(*await(project->putBlob(bytes)), *hash);
        QCOMPARE(*await(project->putBlob("")), json::sha256(""));
        project.reset();
        QVERIFY(QFileInfo(path).size() < 500'000);
        project = m_files.open(path);
        QCOMPARE(project->setting(QStringLiteral("text")).toString(), QStringLiteral("ä"));
        QCOMPARE(project->setting(QStringLiteral("runs.next")).toInt(), 1);
        QVERIFY(project->setting(QStringLiteral("gone")).isUndefined());
        QCOMPARE(*project->blob(*hash), bytes);
        QCOMPARE(project->blob(json::sha256(""))->size(), 0);
        const auto none = project->blob("0123");
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    void hostileBlobs()
    {
        const QString path = m_files.newFile();
        QByteArray hash;
        {
            auto project = m_files.open(path);
            hash = *await(project->putBlob(QByteArray(1000, 'x')));
        }
        // A size that lies, a frame that claims 2^60 bytes, a frame that is cut.
        for (const char *text :
             {"UPDATE blobs SET size=1152921504606846976", "UPDATE blobs SET size=10",
              "UPDATE blobs SET size=-1, bytes=x'28b52ffd00'",
              "UPDATE blobs SET size=1152921504606846976, bytes=x'28b52ffde0000000000000001001'",
              "UPDATE blobs SET size=4, bytes=x''"}) {
            sql(path, text);
            auto project = m_files.open(path);
            const auto read = project->blob(hash);
            QVERIFY2(!read, text);
            QCOMPARE(read.error().kind, ErrorKind::ProjectFile);
        }
    }

    void dataVersionTellsOfOthersOnly()
    {
        const QString path = m_files.newFile();
        auto mine = m_files.open(path);
        auto other = m_files.open(path);
        const qint64 before = mine->dataVersion();
        for (int i = 0; i < 5; ++i) {
            QVERIFY(await(mine->putBlob(QByteArray::number(i))));
            QCOMPARE(mine->dataVersion(), before);
            QVERIFY(await(mine->flush()));
            QCOMPARE(mine->dataVersion(), before);
        }
        QVERIFY(await(other->putBlob("from elsewhere")));
        QTRY_VERIFY_WITH_TIMEOUT(mine->dataVersion() != before, 30'000);
        const qint64 after = mine->dataVersion();
        QTest::qWait(20);
        QCOMPARE(mine->dataVersion(), after);
    }
};

QTEST_GUILESS_MAIN(TestProject)
#include "tst_Project.moc"
