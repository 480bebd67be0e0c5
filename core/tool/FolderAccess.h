// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <vector>

namespace lathe {

// A file descriptor that closes itself.
class FileHandle
{
public:
    explicit FileHandle(int fd = -1) : m_fd(fd) {}
    FileHandle(FileHandle &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileHandle &operator=(FileHandle &&other) noexcept;
    ~FileHandle();
    int fd() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }
    int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
};

struct FolderEntry {
    enum class Kind { File, Folder, Link, Other };
    QString name;
    bool isUtf8 = true; // else the name cannot be written in a path
    Kind kind = Kind::File;
    qint64 size = 0;
};

// Reads and writes beneath one folder and nowhere else: no "..", no absolute path, no link or race
// leads out. Blocking, so for worker threads. Never opens devices, pipes or sockets. Errors say
// which path and why.
class FolderAccess
{
public:
    // How paths are walked: openat2 of Linux 5.6, or component by component, which follows no links
    // at all.
    enum class Walk { Kernel, Components };
    static Result<FolderAccess> open(const QString &folder, Walk walk = Walk::Kernel);

    // Entries sorted by name, at most `limit`; `more` says whether there are others.
    Result<std::vector<FolderEntry>> list(const QString &path, int limit, bool *more) const;
    // LimitReached when the file is larger.
    Result<QByteArray> read(const QString &path, qint64 maxBytes) const;
    // Replaces or makes the file as a whole; missing folders are made.
    Result<void> write(const QString &path, const QByteArray &content) const;
    // Calls `file` with the path and content of each regular text file up to `maxBytes` beneath
    // `path`, in order of names, until it returns false. Links are not followed. Returns how many
    // files were left out (binary, too large, unreadable).
    Result<int> visit(
        const QString &path, qint64 maxBytes,
        const std::function<bool(const QString &path, const QByteArray &content)> &file) const;

    // The path without "." and doubled slashes; InvalidInput or Denied for what leads out.
    static Result<QByteArray> cleanPath(const QString &path);

private:
    FolderAccess(FileHandle root, Walk walk) : m_root(std::move(root)), m_walk(walk) {}
    FileHandle openBeneath(const QByteArray &path, int flags) const; // invalid handle: see errno
    Result<FileHandle> openRegular(const QByteArray &path, qint64 *size) const;
    Result<FileHandle> openParent(const QByteArray &path) const;
    FileHandle m_root;
    Walk m_walk;
};

} // namespace lathe
