// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/Sandbox.h"

#include <QFile>
#include <QFileInfo>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr qint64 leastAddressSpace = 128LL * 1024 * 1024; // less and no interpreter starts; resident memory is what a smaller bound counts

void add(QStringList *list, std::initializer_list<QString> words)
{
    for (const QString &word : words)
        list->append(word);
}

// What programs need of /etc; the rest is nobody's business.
QStringList settings(bool network)
{
    QStringList files{QStringLiteral("/etc/alternatives"), QStringLiteral("/etc/ld.so.cache"),  QStringLiteral("/etc/ld.so.conf"),
                      QStringLiteral("/etc/ld.so.conf.d"), QStringLiteral("/etc/localtime"),    QStringLiteral("/etc/timezone"),
                      QStringLiteral("/etc/ssl/certs"),    QStringLiteral("/etc/ssl/openssl.cnf"), QStringLiteral("/etc/mime.types"),
                      QStringLiteral("/etc/locale.alias")};
    if (network) {
        files << QStringLiteral("/etc/resolv.conf") << QStringLiteral("/etc/hosts") << QStringLiteral("/etc/nsswitch.conf")
              << QStringLiteral("/etc/services") << QStringLiteral("/etc/protocols") << QStringLiteral("/etc/gai.conf");
    }
    return files;
}
} // namespace

Result<ProcessSpec> sandboxed(const SandboxSpec &spec)
{
    ProcessSpec process;
    const auto bwrap = findProgram(QStringLiteral("bwrap"), process.environment);
    if (!bwrap) {
        return Error(ErrorKind::NotFound,
                     QStringLiteral("Scripts run in a sandbox, and the program for it is missing: install bubblewrap "
                                    "(Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)."));
    }
    struct stat folder {};
    const QByteArray path = QFile::encodeName(spec.folder);
    if (spec.folder.isEmpty() || ::stat(path.constData(), &folder) != 0 || !S_ISDIR(folder.st_mode))
        return Error(ErrorKind::NotFound, QStringLiteral("The folder %1 of the script does not exist; make it or choose another.").arg(spec.folder));
    if (::geteuid() == 0) {
        if (folder.st_uid == 0) {
            return Error(ErrorKind::Denied,
                         QStringLiteral("Lathe runs as root, so a script runs as the owner of its folder, but %1 belongs to root; give it to "
                                        "another user (chown), or choose no folder.")
                             .arg(spec.folder));
        }
        process.runAs = std::make_pair(quint32(folder.st_uid), quint32(folder.st_gid));
    }

    QStringList words;
    add(&words, {QStringLiteral("--unshare-user"), QStringLiteral("--unshare-ipc"), QStringLiteral("--unshare-pid"), QStringLiteral("--unshare-uts"),
                 QStringLiteral("--unshare-cgroup-try"), QStringLiteral("--disable-userns"), QStringLiteral("--die-with-parent"),
                 QStringLiteral("--new-session"), QStringLiteral("--cap-drop"), QStringLiteral("ALL"), QStringLiteral("--hostname"),
                 QStringLiteral("sandbox"), QStringLiteral("--uid"), QStringLiteral("1000"), QStringLiteral("--gid"), QStringLiteral("1000")});
    if (!spec.network)
        words << QStringLiteral("--unshare-net");
    add(&words, {QStringLiteral("--ro-bind"), QStringLiteral("/usr"), QStringLiteral("/usr")});
    for (const char *name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
        const QString place = QLatin1String(name);
        const QFileInfo info(place);
        if (info.isSymLink())
            add(&words, {QStringLiteral("--symlink"), QFile::symLinkTarget(place).mid(1), place});
        else if (info.isDir())
            add(&words, {QStringLiteral("--ro-bind"), place, place});
    }
    for (const QString &file : settings(spec.network))
        add(&words, {QStringLiteral("--ro-bind-try"), file, file});
    const QString temporary = QString::number(spec.temporaryBytes);
    add(&words, {QStringLiteral("--proc"), QStringLiteral("/proc"), QStringLiteral("--dev"), QStringLiteral("/dev"), QStringLiteral("--size"), temporary,
                 QStringLiteral("--tmpfs"), QStringLiteral("/dev/shm"), QStringLiteral("--remount-ro"), QStringLiteral("/dev"),
                 QStringLiteral("--size"), temporary, QStringLiteral("--tmpfs"), QStringLiteral("/tmp"), QStringLiteral("--bind"), spec.folder,
                 QStringLiteral("/work")});
    for (const auto &[ours, its] : spec.readOnly)
        add(&words, {QStringLiteral("--ro-bind"), ours, its});
    // The root itself is memory: nothing may grow there.
    add(&words, {QStringLiteral("--remount-ro"), QStringLiteral("/"), QStringLiteral("--chdir"), QStringLiteral("/work"), QStringLiteral("--clearenv")});
    ProcessEnvironment environment{{QStringLiteral("PATH"), QStringLiteral("/usr/local/bin:/usr/bin:/bin")},
                                   {QStringLiteral("HOME"), QStringLiteral("/work")},
                                   {QStringLiteral("TMPDIR"), QStringLiteral("/tmp")},
                                   {QStringLiteral("LANG"), QStringLiteral("C.UTF-8")}};
    environment.insert(spec.environment);
    for (auto it = environment.begin(); it != environment.end(); ++it)
        add(&words, {QStringLiteral("--setenv"), it.key(), it.value()});
    // The number of processes is set within: there it counts those of the sandbox alone.
    const QString processes = QString::number(spec.processes);
    add(&words, {QStringLiteral("--"), QStringLiteral("/usr/bin/prlimit"), QStringLiteral("--nproc=") + processes + u':' + processes,
                 QStringLiteral("--"), spec.program});
    words += spec.arguments;

    process.program = *bwrap;
    process.arguments = words;
    process.folder = QStringLiteral("/");
    process.environment = ProcessEnvironment{{QStringLiteral("PATH"), QStringLiteral("/usr/bin:/bin")}};
    process.limits = {{RLIMIT_AS, quint64(std::max(spec.memoryBytes, leastAddressSpace))},
                      {RLIMIT_FSIZE, quint64(spec.fileBytes)},
                      {RLIMIT_CPU, quint64(spec.cpuSeconds)},
                      {RLIMIT_NOFILE, quint64(spec.openFiles)},
                      {RLIMIT_CORE, 0},
                      {RLIMIT_MSGQUEUE, 0}};
    return process;
}

Task<Result<void>> trySandbox(SandboxSpec spec, CancelToken cancel)
{
    spec.program = QStringLiteral("/usr/bin/true");
    spec.arguments.clear();
    auto command = sandboxed(spec);
    if (!command)
        co_return command.error();
    RunBounds bounds;
    bounds.timeoutMs = 30'000;
    bounds.maxErrors = 2000;
    ProcessSpec process = std::move(*command);
    auto run = co_await runProcess(std::move(process), QByteArray(), bounds, std::move(cancel));
    if (!run)
        co_return run.error();
    if (run->end == ProcessRun::End::Exited && run->exit.ok())
        co_return Result<void>();
    const QString words = QString::fromUtf8(run->errors).trimmed();
    QString message = QStringLiteral("No sandbox for scripts can be made on this computer");
    if (!words.isEmpty())
        message += QStringLiteral(" (%1)").arg(words.left(300));
    if (words.contains(QLatin1String("namespace"), Qt::CaseInsensitive) || words.contains(QLatin1String("uid map"), Qt::CaseInsensitive))
        message += QStringLiteral("; allow users to make namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap)");
    co_return Error(ErrorKind::Denied, message + u'.', QStringLiteral("bwrap ") + run->exit.describe());
}

} // namespace lathe
