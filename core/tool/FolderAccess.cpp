// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/FolderAccess.h"

#include "core/tool/ToolText.h"

#include <QFile>
#include <QList>
#include <QRandomGenerator>

#include <linux/openat2.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr int maxWalkDepth = 32;
constexpr int maxWalkEntries = 50'000;
constexpr qsizetype maxPathBytes = 4000;

QString shown(const QByteArray &path)
{
    return path.isEmpty() ? QStringLiteral("the folder itself") : QString::fromUtf8(path).left(200);
}

Error failure(const QByteArray &path, int code)
{
    const QString name = shown(path);
    switch (code) {
    case ENOENT:
        return Error(
            ErrorKind::NotFound,
            QStringLiteral("There is no %1; list the folder to see what there is.").arg(name));
    case ENOTDIR:
        return Error(ErrorKind::NotFound,
                     QStringLiteral("A part of %1 is a file where a folder is needed.").arg(name));
    case EXDEV: // RESOLVE_BENEATH
    case ELOOP:
        return Error(
            ErrorKind::Denied,
            QStringLiteral("%1 is or goes through a link that leads out of the folder or cannot be "
                           "followed; use another path.")
                .arg(name));
    case EACCES:
    case EPERM:
        return Error(ErrorKind::Denied,
                     QStringLiteral("The system denies access to %1.").arg(name));
    case EISDIR:
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("%1 is a folder, not a file.").arg(name));
    case ENOSPC:
    case EDQUOT:
        return Error(ErrorKind::LimitReached,
                     QStringLiteral("%1 cannot be written: the disk is full.").arg(name));
    case EROFS:
        return Error(ErrorKind::Denied,
                     QStringLiteral("%1 cannot be written: the disk is read-only.").arg(name));
    case ENAMETOOLONG:
        return Error(ErrorKind::InvalidInput, QStringLiteral("The name %1 is too long.").arg(name));
    default:
        break;
    }
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("%1 cannot be used: %2.")
                     .arg(name, QString::fromLocal8Bit(std::strerror(code))));
}

Error notRegular(const QByteArray &path, mode_t mode)
{
    if (S_ISDIR(mode))
        return failure(path, EISDIR);
    if (S_ISLNK(mode))
        return failure(path, ELOOP);
    return Error(
        ErrorKind::InvalidInput,
        QStringLiteral("%1 is no regular file (a device, pipe or socket).").arg(shown(path)));
}

// -1 and ENOSYS where the kernel or a sandbox does not offer it.
int openat2Beneath(int root, const char *path, int flags)
{
    open_how how = {};
    how.flags = quint64(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 64; ++attempt) {
        const long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN) // EAGAIN: something was renamed meanwhile
            return int(fd);
    }
    return -1;
}

// The bytes of a regular file opened without blocking; nullopt with errno set on failure, more than
// maxBytes are cut.
std::optional<QByteArray> readUpTo(int fd, qint64 sizeHint, qint64 maxBytes)
{
    QByteArray bytes;
    bytes.reserve(qsizetype(std::min(sizeHint, maxBytes)) + 1);
    char buffer[64 * 1024];
    while (bytes.size() < maxBytes) {
        const ssize_t got =
            ::read(fd, buffer, size_t(std::min<qint64>(maxBytes - bytes.size(), sizeof buffer)));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        bytes.append(buffer, qsizetype(got));
    }
    return bytes;
}

bool writeAll(int fd, const QByteArray &bytes)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const ssize_t put = ::write(fd, bytes.constData() + at, size_t(bytes.size() - at));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        at += qsizetype(put);
    }
    return true;
}

struct RawEntry {
    QByteArray name;
    struct stat info;
};

// All entries of an open folder, sorted; takes the handle.
std::vector<RawEntry> entriesOf(FileHandle folder)
{
    std::vector<RawEntry> entries;
    DIR *dir = fdopendir(folder.fd());
    if (!dir)
        return entries;
    folder.release(); // closedir closes it
    while (const dirent *entry = readdir(dir)) {
        const QByteArray name(entry->d_name);
        RawEntry raw{name, {}};
        if (name == "." || name == ".."
            || fstatat(dirfd(dir), name.constData(), &raw.info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        entries.push_back(std::move(raw));
        if (entries.size() >= size_t(maxWalkEntries))
            break;
    }
    closedir(dir);
    std::sort(entries.begin(), entries.end(),
              [](const RawEntry &a, const RawEntry &b) { return a.name < b.name; });
    return entries;
}

bool isUtf8(const QByteArray &bytes)
{
    return QString::fromUtf8(bytes).toUtf8() == bytes;
}
} // namespace

FileHandle &FileHandle::operator=(FileHandle &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

FileHandle::~FileHandle()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<QByteArray> FolderAccess::cleanPath(const QString &path)
{
    if (path.contains(QChar(0)) || path.size() > maxPathBytes)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The path is not valid."));
    const QByteArray bytes = path.toUtf8();
    if (bytes.startsWith('/')) {
        return Error(ErrorKind::Denied,
                     QStringLiteral("%1 is an absolute path; write a path relative to the folder.")
                         .arg(shown(bytes)));
    }
    QByteArrayList parts;
    for (const QByteArray &part : bytes.split('/')) {
        if (part.isEmpty() || part == ".")
            continue;
        if (part == "..")
            return Error(ErrorKind::Denied,
                         QStringLiteral("%1 leads upwards with \"..\", which is not allowed.")
                             .arg(shown(bytes)));
        parts += part;
    }
    return parts.join('/');
}

Result<FolderAccess> FolderAccess::open(const QString &folder, Walk walk)
{
    FileHandle root(
        ::open(QFile::encodeName(folder).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) {
        return Error(
            ErrorKind::NotFound,
            QStringLiteral(
                "The folder %1 cannot be opened (%2); choose another in the tool's settings.")
                .arg(folder, QString::fromLocal8Bit(std::strerror(errno))));
    }
    return FolderAccess(std::move(root), walk);
}

FileHandle FolderAccess::openBeneath(const QByteArray &path, int flags) const
{
    const QByteArray name = path.isEmpty() ? QByteArrayLiteral(".") : path;
    if (m_walk == Walk::Kernel) {
        const int fd = openat2Beneath(m_root.fd(), name.constData(), flags);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
            return FileHandle(fd);
        // An old kernel, or a sandbox that forbids the call: walk ourselves.
    }
    FileHandle at(::openat(m_root.fd(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const QList<QByteArray> parts = name.split('/');
    for (qsizetype i = 0; at && i + 1 < parts.size(); ++i)
        at = FileHandle(
            ::openat(at.fd(), parts[i].constData(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!at)
        return at;
    return FileHandle(::openat(at.fd(), parts.last().constData(), flags | O_NOFOLLOW | O_CLOEXEC));
}

Result<FileHandle> FolderAccess::openRegular(const QByteArray &path, qint64 *size) const
{
    // O_PATH touches neither pipes nor devices; what it found is then opened itself, whatever was
    // swapped meanwhile.
    const FileHandle found = openBeneath(path, O_PATH);
    struct stat info = {};
    if (!found || fstat(found.fd(), &info) != 0)
        return failure(path, errno);
    if (!S_ISREG(info.st_mode))
        return notRegular(path, info.st_mode);
    const QByteArray self = "/proc/self/fd/" + QByteArray::number(found.fd());
    FileHandle file(::open(self.constData(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ENOENT) // no /proc here
        file = openBeneath(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat opened = {};
    if (!file || fstat(file.fd(), &opened) != 0)
        return failure(path, errno);
    if (opened.st_ino != info.st_ino || opened.st_dev != info.st_dev)
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("%1 was replaced while it was read; try again.").arg(shown(path)));
    *size = info.st_size;
    return file;
}

Result<std::vector<FolderEntry>> FolderAccess::list(const QString &path, int limit,
                                                    bool *more) const
{
    const auto clean = cleanPath(path);
    if (!clean)
        return clean.error();
    FileHandle folder = openBeneath(*clean, O_RDONLY | O_DIRECTORY);
    if (!folder)
        return failure(*clean, errno);
    std::vector<FolderEntry> entries;
    *more = false;
    for (const RawEntry &raw : entriesOf(std::move(folder))) {
        if (int(entries.size()) >= limit) {
            *more = true;
            break;
        }
        FolderEntry entry;
        entry.name = QString::fromUtf8(raw.name);
        entry.isUtf8 = isUtf8(raw.name);
        entry.size = raw.info.st_size;
        entry.kind = S_ISREG(raw.info.st_mode)   ? FolderEntry::Kind::File
                     : S_ISDIR(raw.info.st_mode) ? FolderEntry::Kind::Folder
                     : S_ISLNK(raw.info.st_mode) ? FolderEntry::Kind::Link
                                                 : FolderEntry::Kind::Other;
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<QByteArray> FolderAccess::read(const QString &path, qint64 maxBytes) const
{
    const auto clean = cleanPath(path);
    if (!clean)
        return clean.error();
    qint64 size = 0;
    const auto file = openRegular(*clean, &size);
    if (!file)
        return file.error();
    const auto bytes = readUpTo(file->fd(), size, maxBytes + 1);
    if (!bytes)
        return failure(*clean, errno);
    if (bytes->size() > maxBytes) {
        return Error(
            ErrorKind::LimitReached,
            QStringLiteral("%1 has %2, more than the limit of %3; search in it instead.")
                .arg(shown(*clean), sizeText(std::max(size, maxBytes + 1)), sizeText(maxBytes)));
    }
    return *bytes;
}

// The folder that holds the path's last part; missing ones are made.
Result<FileHandle> FolderAccess::openParent(const QByteArray &path) const
{
    const QByteArray parent = path.contains('/') ? path.left(path.lastIndexOf('/')) : QByteArray();
    FileHandle found = openBeneath(parent, O_PATH | O_DIRECTORY);
    if (found)
        return found;
    if (errno != ENOENT)
        return failure(parent, errno);
    const QByteArrayList parts = parent.split('/');
    QByteArray upTo;
    for (const QByteArray &part : parts) {
        const FileHandle above = openBeneath(upTo, O_PATH | O_DIRECTORY);
        if (!above || (::mkdirat(above.fd(), part.constData(), 0777) != 0 && errno != EEXIST))
            return failure(parent, errno);
        upTo += (upTo.isEmpty() ? "" : "/") + part;
    }
    found = openBeneath(parent, O_PATH | O_DIRECTORY);
    if (!found)
        return failure(parent, errno);
    return found;
}

Result<void> FolderAccess::write(const QString &path, const QByteArray &content) const
{
    const auto clean = cleanPath(path);
    if (!clean)
        return clean.error();
    if (clean->isEmpty() || path.endsWith(u'/'))
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The name of the file to write is missing."));
    const auto parent = openParent(*clean);
    if (!parent)
        return parent.error();
    const QByteArray name = clean->mid(clean->lastIndexOf('/') + 1);
    struct stat before = {};
    const bool exists = fstatat(parent->fd(), name.constData(), &before, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && !S_ISREG(before.st_mode))
        return notRegular(*clean, before.st_mode);
    const QByteArray temporary =
        ".lathe-" + QByteArray::number(QRandomGenerator::global()->generate64(), 36) + ".tmp";
    FileHandle file(::openat(parent->fd(), temporary.constData(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file)
        return failure(*clean, errno);
    bool ok = writeAll(file.fd(), content) && ::fsync(file.fd()) == 0;
    if (ok && exists)
        ok = ::fchmod(file.fd(), before.st_mode & 07777) == 0;
    ok = ok && ::renameat(parent->fd(), temporary.constData(), parent->fd(), name.constData()) == 0;
    if (!ok) {
        const int code = errno;
        ::unlinkat(parent->fd(), temporary.constData(), 0);
        return failure(*clean, code);
    }
    return {};
}

Result<int> FolderAccess::visit(
    const QString &path, qint64 maxBytes,
    const std::function<bool(const QString &path, const QByteArray &content)> &file) const
{
    const auto clean = cleanPath(path);
    if (!clean)
        return clean.error();
    FileHandle top = openBeneath(*clean, O_RDONLY | O_DIRECTORY);
    if (!top && errno == ENOTDIR) { // one file
        const auto bytes = read(path, maxBytes);
        if (!bytes)
            return bytes.error();
        if (!looksBinary(*bytes))
            file(QString::fromUtf8(*clean), *bytes);
        return 0;
    }
    if (!top)
        return failure(*clean, errno);

    struct Level {
        FileHandle folder;
        QByteArray path;
        std::vector<RawEntry> entries;
        size_t next = 0;
    };
    const auto level = [](FileHandle folder, QByteArray name) {
        FileHandle forList(::openat(folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        auto entries = forList ? entriesOf(std::move(forList)) : std::vector<RawEntry>();
        return Level{std::move(folder), std::move(name), std::move(entries), 0};
    };
    std::vector<Level> stack;
    stack.push_back(level(std::move(top), *clean));
    int left = 0, seen = 0;
    while (!stack.empty()) {
        Level &here = stack.back();
        if (here.next >= here.entries.size()) {
            stack.pop_back();
            continue;
        }
        const RawEntry &entry = here.entries[here.next++];
        const QByteArray name = here.path.isEmpty() ? entry.name : here.path + '/' + entry.name;
        if (++seen > maxWalkEntries)
            return left + 1;
        if (S_ISDIR(entry.info.st_mode)) {
            FileHandle folder(::openat(here.folder.fd(), entry.name.constData(),
                                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (folder && stack.size() < size_t(maxWalkDepth))
                stack.push_back(level(std::move(folder), name)); // `here` and `entry` are gone
            else
                ++left;
            continue;
        }
        if (!S_ISREG(entry.info.st_mode))
            continue;
        // Not blocking, should a pipe have been put in its place.
        const FileHandle opened(
            ::openat(here.folder.fd(), entry.name.constData(),
                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat info = {};
        if (!opened || fstat(opened.fd(), &info) != 0 || !S_ISREG(info.st_mode)
            || info.st_size > maxBytes) {
            ++left;
            continue;
        }
        const auto bytes = readUpTo(opened.fd(), info.st_size, maxBytes);
        if (!bytes || looksBinary(*bytes)) {
            ++left;
            continue;
        }
        if (!file(QString::fromUtf8(name), *bytes))
            return left;
    }
    return left;
}

} // namespace lathe
