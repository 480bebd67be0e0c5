// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Project.h"

#include "core/base/Mailbox.h"
#include "core/project/Doctor.h"
#include "core/project/OtherPrograms.h"
#include "core/project/Payload.h"
#include "core/project/RunUpkeep.h"
#include "core/project/Schema.h"
#include "core/project/Sql.h"

#include <QFile>
#include <QFileInfo>
#include <QThreadPool>
#include <QTimer>

#include <atomic>

namespace lathe {

namespace {
constexpr int lookEveryMs = 500; // for what other programs did to the file
}

class Project::Private
{
public:
    QString readOnlyReason;
    std::unique_ptr<SqliteStore> store;
    // Destroyed before the store, to which they still give what they held back.
    std::unique_ptr<ArtifactRepository> artifacts;
    std::unique_ptr<RunRepository> runs;
    std::unique_ptr<RatingRepository> ratings;
    std::unique_ptr<TrialRepository> trials;
    std::unique_ptr<ExperimentRepository> experiments;
    std::unique_ptr<ViewRepository> views;
    // Settings set in this program.
    QHash<QString, QJsonValue> settings;
    // dataVersion(): what the reader saw last, and what the writer, which knows its own changes, says of others'.
    qint64 readerVersion = -1;
    std::shared_ptr<std::atomic<qint64>> foreignVersion = std::make_shared<std::atomic<qint64>>(0);
    std::unique_ptr<OtherPrograms> others;
    QTimer watch; // asks dataVersion()
    std::shared_ptr<bool> alive = std::make_shared<bool>(true); // coroutines hold it weakly

    void make(Project *project, Clock *clock)
    {
        artifacts = std::make_unique<ArtifactRepository>(store.get(), clock);
        runs = std::make_unique<RunRepository>(store.get(), clock);
        ratings = std::make_unique<RatingRepository>(store.get(), clock);
        trials = std::make_unique<TrialRepository>(store.get());
        experiments = std::make_unique<ExperimentRepository>(store.get(), clock);
        views = std::make_unique<ViewRepository>(store.get());
        readerVersion =
            queryInt(store->reader(), QByteArrayLiteral("PRAGMA data_version")).valueOr(-1);
        others = std::make_unique<OtherPrograms>(store.get(), artifacts.get(), runs.get());
        watch.setInterval(lookEveryMs);
        QObject::connect(&watch, &QTimer::timeout, others.get(), [this, project, last = project->dataVersion()]() mutable {
            const qint64 now = project->dataVersion();
            if (std::exchange(last, now) != now)
                QTimer::singleShot(0, others.get(), &OtherPrograms::look); // whoever hears of it may close the project
        });
        watch.start();
    }
};

namespace {
// Beside -wal and -shm, what a failed creation leaves.
void removeNew(const QString &path)
{
    for (const char *suffix : {"", "-wal", "-shm", "-journal"})
        QFile::remove(path + QLatin1String(suffix));
}

Result<void> readVersion(Database &db, std::atomic<qint64> *version)
{
    const auto read = queryInt(db, QByteArrayLiteral("PRAGMA data_version"));
    if (!read)
        return read.error();
    version->store(*read);
    return {};
}

Result<std::unique_ptr<SqliteStore>> openStore(const QString &path, Database::Mode mode,
                                               std::atomic<qint64> *version)
{
    return SqliteStore::open(path, mode, [version](Database &db) -> Result<void> {
        if (auto ready = prepareSchema(db, projectMigrations()); !ready)
            return ready;
        if (auto read = readVersion(db, version); !read)
            return read;
        // Pages that many runs share reach the file once per 16 MB of log instead of once per 4 MB.
        if (auto set = db.exec("PRAGMA wal_autocheckpoint=4000"); !set)
            return set;
        // What a crash left is put right before anybody looks.
        const auto waiting =
            queryInt(db, QByteArrayLiteral("SELECT EXISTS (SELECT 1 FROM runs WHERE indexed=0)"));
        if (!waiting)
            return waiting.error();
        if (!*waiting)
            return {};
        Transaction transaction(db);
        if (auto begun = transaction.begin(); !begun)
            return begun;
        if (const auto marked = markInterruptedRuns(db); !marked)
            return marked.error();
        const auto ended = unindexedRuns(db);
        if (!ended)
            return ended.error();
        if (auto indexed = indexRuns(db, *ended); !indexed)
            return indexed;
        return transaction.commit();
    });
}

// On a pool thread, because it rewrites the whole file.
Task<Result<void>> compact(QString path)
{
    Mailbox mailbox; // here as long as the coroutine, which waits for its one post
    Mailbox *const back = &mailbox;
    Completion<Result<void>> done;
    QThreadPool::globalInstance()->start([path, back, done] {
        Result<void> outcome;
        if (auto db = Database::open(path, Database::Mode::ReadWrite); !db) {
            outcome = db.error();
        } else {
            outcome = (*db)->exec("VACUUM");
            if (outcome)
                outcome = (*db)->exec("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        back->post([done, outcome] { done.complete(outcome); });
    });
    Result<void> result = co_await done;
    co_return result;
}

qint64 sizeOnDisk(const QString &path)
{
    return QFileInfo(path).size() + QFileInfo(path + QStringLiteral("-wal")).size();
}
} // namespace

Project::Project() : d(std::make_unique<Private>()) {}

Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::open(const QString &path, Mode mode, Clock *clock)
{
    std::unique_ptr<Project> project(new Project);
    Private *d = project->d.get();
    if (path.isEmpty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The name of a project file is missing; choose a file."));
    if (mode == Mode::Create) {
        const QFileInfo info(path);
        if (info.exists() && (info.isDir() || info.size() > 0))
            return Error(
                ErrorKind::ProjectFile,
                QStringLiteral(
                    "There already is %1; open it, or choose another name for the new project.")
                    .arg(path));
        const bool existed = info.exists();
        auto store = openStore(path, Database::Mode::Create, d->foreignVersion.get());
        if (!store) {
            if (!existed)
                removeNew(path);
            return store.error();
        }
        d->store = std::move(*store);
        d->make(project.get(), clock);
        return project;
    }

    const auto look = lookAtProject(path, schemaVersion);
    if (!look)
        return look.error();
    if (look->isNewer) {
        d->readOnlyReason = QStringLiteral("%1 was written by a newer version of Lathe (format %2, "
                                           "this one knows %3). It is open for "
                                           "reading only; update Lathe to change it.")
                                .arg(path)
                                .arg(look->version)
                                .arg(schemaVersion);
    } else if (mode == Mode::ReadOnly) {
        d->readOnlyReason = QStringLiteral("%1 was opened for reading only.").arg(path);
    } else {
        auto store = openStore(path, Database::Mode::ReadWrite, d->foreignVersion.get());
        const QFileInfo info(path);
        const bool closed = !info.isWritable() || !QFileInfo(info.absolutePath()).isWritable();
        if (!store && !closed)
            return store.error();
        if (store)
            d->store = std::move(*store);
        else
            d->readOnlyReason = QStringLiteral("%1 or its folder is read-only, so nothing can be "
                                               "changed in it. Make it writable, or save a "
                                               "copy to change it.")
                                    .arg(path);
    }
    if (!d->store) {
        auto store = SqliteStore::open(path, Database::Mode::ReadOnly, nullptr);
        if (!store)
            return store.error();
        d->store = std::move(*store);
    }
    d->make(project.get(), clock);
    return project;
}

QString Project::path() const
{
    return d->store->path();
}

QString Project::title() const
{
    return QFileInfo(path()).completeBaseName();
}

bool Project::isReadOnly() const
{
    return d->store->isReadOnly();
}

QString Project::readOnlyReason() const
{
    return d->readOnlyReason;
}

ArtifactRepository &Project::artifacts()
{
    return *d->artifacts;
}

RunRepository &Project::runs()
{
    return *d->runs;
}

RatingRepository &Project::ratings()
{
    return *d->ratings;
}

TrialRepository &Project::trials()
{
    return *d->trials;
}

ExperimentRepository &Project::experiments()
{
    return *d->experiments;
}

ViewRepository &Project::views()
{
    return *d->views;
}

QJsonValue Project::setting(const QString &key) const
{
    const auto known = d->settings.constFind(key);
    if (known != d->settings.constEnd())
        return *known;
    QJsonValue value(QJsonValue::Undefined);
    const auto read = eachRow(
        d->store->reader(), QByteArrayLiteral("SELECT value FROM settings WHERE key=?"),
        [&](Statement &row) {
            value = json::parse(row.bytes(0)).valueOr(QJsonValue(QJsonValue::Undefined));
        },
        Text(QStringLiteral("window.") + key));
    if (!read)
        qWarning("Reading a setting failed: %s", qPrintable(read.error().message));
    return value;
}

void Project::setSetting(const QString &key, const QJsonValue &value)
{
    d->settings.insert(key, value);
    if (isReadOnly())
        return; // kept until it is closed
    const QString name = QStringLiteral("window.") + key;
    d->store->post([name, value](Database &db) {
        if (value.isUndefined())
            return execute(db, QByteArrayLiteral("DELETE FROM settings WHERE key=?"), Text(name));
        return execute(db,
                       QByteArrayLiteral("INSERT OR REPLACE INTO settings(key, value) VALUES(?,?)"),
                       Text(name), Text(json::compact(value)));
    });
}

Task<Result<QByteArray>> Project::putBlob(QByteArray bytes)
{
    const auto store = d->store.get();
    const auto hash = std::make_shared<QByteArray>();
    SqliteStore::Work work = [bytes, hash](Database &db) {
        *hash = json::sha256(bytes);
        return storeBlob(db, *hash, [&] { return bytes; });
    };
    const auto written = co_await store->write(std::move(work));
    if (!written)
        co_return written.error();
    co_return *hash;
}

Result<QByteArray> Project::blob(const QByteArray &hash) const
{
    return readBlob(d->store->reader(), hash);
}

qint64 Project::dataVersion() const
{
    const qint64 seen = queryInt(d->store->reader(), QByteArrayLiteral("PRAGMA data_version"))
                            .valueOr(d->readerVersion);
    if (isReadOnly())
        return seen;
    // The reader counts our own changes too. The writer counts those of others only; it is asked when there were any, and its
    // answer is seen with the next poll.
    if (std::exchange(d->readerVersion, seen) != seen) {
        const auto answer = d->foreignVersion;
        d->store->post([answer](Database &db) { return readVersion(db, answer.get()); });
    }
    return d->foreignVersion->load();
}

Task<Result<void>> Project::flush()
{
    d->trials->writeQueued();
    auto flushed = co_await d->runs->flush();
    co_return flushed;
}

void Project::setErrorHandler(std::function<void(const Error &)> handler)
{
    d->store->setErrorHandler(std::move(handler));
}

Task<Result<DoctorReport>> Project::doctor(bool repairIt)
{
    const auto store = d->store.get();
    const std::weak_ptr<bool> alive = d->alive; // as long as the store is there
    const QString file = path();
    if (repairIt && isReadOnly())
        co_return Error(
            ErrorKind::ProjectFile,
            QStringLiteral("%1 is open for reading only and cannot be repaired; repair a copy.")
                .arg(file));
    const auto report = std::make_shared<DoctorReport>();
    const auto unreferenced = std::make_shared<std::vector<QByteArray>>();
    auto flushed = co_await flush();
    if (!flushed)
        co_return flushed.error();
    if (alive.expired())
        co_return Error::cancelled();
    report->bytesBefore = sizeOnDisk(file);

    const SqliteStore::Work look = [report, unreferenced](Database &db) {
        return examine(db, report.get(), unreferenced.get());
    };
    const SqliteStore::Work lookAtSearch = [report](Database &db) {
        return examineSearch(db, report.get());
    };
    auto looked = co_await store->read(look, CancelToken());
    if (looked && !alive.expired() && !store->isReadOnly())
        looked = co_await store->write(lookAtSearch);
    if (!looked)
        co_return looked.error();
    if (alive.expired())
        co_return Error::cancelled();
    report->ok = report->findings.isEmpty();
    if (repairIt) {
        const SqliteStore::Work mend = [report, unreferenced](Database &db) {
            return repair(db, *unreferenced, report.get());
        };
        const auto mended = co_await store->write(mend);
        if (!mended)
            co_return mended.error();
        if (alive.expired())
            co_return Error::cancelled();
        const auto compacted = co_await compact(file);
        if (!compacted)
            co_return compacted.error();
        report->repairs.append(QStringLiteral("Compacted the file."));
        if (alive.expired())
            co_return Error::cancelled();
        // What is still wrong now stays wrong.
        const auto after = std::make_shared<DoctorReport>();
        const SqliteStore::Work again = [after, unreferenced](Database &db) {
            return examine(db, after.get(), unreferenced.get());
        };
        const auto checked = co_await store->read(again, CancelToken());
        if (!checked)
            co_return checked.error();
        report->ok = after->findings.isEmpty();
        report->runs = after->runs;
        report->steps = after->steps;
    }
    report->bytesAfter = sizeOnDisk(file);
    co_return *report;
}

} // namespace lathe
