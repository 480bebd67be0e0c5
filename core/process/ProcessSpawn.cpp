// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/ProcessSpawn.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr unsigned closeOnExec = 1U << 2; // CLOSE_RANGE_CLOEXEC, which older headers lack

// What of starting a program failed, as the child reports it.
enum class Stage : int { Group, Limits, User, Folder, Run };
struct Failure {
    Stage stage;
    int number;
};

// All that the child needs between fork and exec, made before: it may not allocate there.
struct Plan {
    std::vector<QByteArray> texts; // own what the next two point to
    std::vector<char *> arguments, environment;
    QByteArray program, folder;
    std::array<int, 3> standard{}; // descriptors from 3 on
    int report = -1;
    const ProcessSpec *spec = nullptr;
    pid_t parent = 0;
};

struct Pipe {
    int read = -1, write = -1;
    ~Pipe()
    {
        for (const int fd : {read, write}) {
            if (fd >= 0)
                ::close(fd);
        }
    }
    // Both ends close on exec and lie above the standard descriptors, whatever was closed before.
    bool make()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return false;
        read = lifted(ends[0]);
        write = lifted(ends[1]);
        return read >= 0 && write >= 0;
    }
    static int lifted(int fd)
    {
        if (fd > 2)
            return fd;
        const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
        ::close(fd);
        return higher;
    }
};

[[noreturn]] void fail(const Plan &plan, Stage stage)
{
    const Failure failure{stage, errno};
    [[maybe_unused]] const ssize_t written = ::write(plan.report, &failure, sizeof failure);
    ::_exit(127);
}

// In the child. Only functions that are safe after fork in a program with threads.
[[noreturn]] void runChild(const Plan &plan)
{
    if (::setpgid(0, 0) != 0)
        fail(plan, Stage::Group);
    for (int fd = 0; fd < 3; ++fd) {
        if (::dup2(plan.standard[size_t(fd)], fd) < 0) // clears close-on-exec
            fail(plan, Stage::Run);
    }
    // Whatever other threads opened carelessly is not handed down.
    if (::syscall(SYS_close_range, 3U, ~0U, closeOnExec) != 0) {
        for (int fd = 3; fd < 4096; ++fd)
            ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    for (const auto &[resource, value] : plan.spec->limits) {
        rlimit now{};
        ::getrlimit(__rlimit_resource(resource), &now);
        rlimit wanted{};
        wanted.rlim_cur = wanted.rlim_max = std::min<rlim_t>(value, now.rlim_max);
        if (::setrlimit(__rlimit_resource(resource), &wanted) != 0)
            fail(plan, Stage::Limits);
    }
    if (plan.spec->runAs) {
        const auto [user, group] = *plan.spec->runAs;
        if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 || ::setresuid(user, user, user) != 0)
            fail(plan, Stage::User);
    }
    // After the change of user, which would undo it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent)
        ::_exit(127); // Lathe died meanwhile
    if (!plan.folder.isEmpty() && ::chdir(plan.folder.constData()) != 0)
        fail(plan, Stage::Folder);
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        ::sigaction(number, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execve(plan.program.constData(), plan.arguments.data(), plan.environment.data());
    fail(plan, Stage::Run);
}

Error startError(const QString &program, const ProcessSpec &spec, const Failure &failure)
{
    const QString why = QString::fromLocal8Bit(strerror(failure.number));
    switch (failure.stage) {
    case Stage::Folder:
        return Error(ErrorKind::NotFound,
                     QStringLiteral("The program %1 cannot be started in the folder %2 (%3); choose another folder.")
                         .arg(program, spec.folder, why));
    case Stage::User:
        return Error(ErrorKind::Denied, QStringLiteral("The program %1 cannot be started as another user (%2).").arg(program, why));
    case Stage::Group:
    case Stage::Limits:
        return Error(ErrorKind::Internal, QStringLiteral("The program %1 cannot be started under its limits (%2).").arg(program, why));
    case Stage::Run:
        break;
    }
    if (failure.number == ENOENT) {
        return Error(ErrorKind::NotFound,
                     QStringLiteral("The program %1 cannot be started: the interpreter that its first line names is not installed.").arg(program));
    }
    const ErrorKind kind = failure.number == EACCES || failure.number == EPERM || failure.number == ENOEXEC ? ErrorKind::Denied
                                                                                                            : ErrorKind::Internal;
    return Error(kind, QStringLiteral("The program %1 cannot be started (%2).").arg(program, why));
}

Error noResources(const QString &program)
{
    return Error(ErrorKind::Internal,
                 QStringLiteral("The program %1 cannot be started (%2); close other programs and try again.")
                     .arg(program, QString::fromLocal8Bit(strerror(errno))));
}

bool isRunnable(const QString &path)
{
    const QFileInfo info(path);
    return info.isFile() && info.isExecutable();
}
} // namespace

ProcessEnvironment basicEnvironment()
{
    static const QStringList names{
        QStringLiteral("PATH"), QStringLiteral("HOME"), QStringLiteral("USER"),     QStringLiteral("LOGNAME"), QStringLiteral("SHELL"),
        QStringLiteral("TERM"), QStringLiteral("LANG"), QStringLiteral("LANGUAGE"), QStringLiteral("TZ"),      QStringLiteral("TMPDIR"),
        QStringLiteral("XDG_RUNTIME_DIR")};
    ProcessEnvironment environment;
    for (char **entry = environ; entry && *entry; ++entry) {
        const char *equals = std::strchr(*entry, '=');
        if (!equals)
            continue;
        const QString name = QString::fromLocal8Bit(*entry, equals - *entry);
        if (names.contains(name) || name.startsWith(QLatin1String("LC_")))
            environment.insert(name, QString::fromLocal8Bit(equals + 1));
    }
    if (!environment.contains(QStringLiteral("PATH")))
        environment.insert(QStringLiteral("PATH"), QStringLiteral("/usr/local/bin:/usr/bin:/bin"));
    return environment;
}

Result<QString> findProgram(const QString &program, const ProcessEnvironment &environment, const QString &folder)
{
    if (program.trimmed().isEmpty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("No program is named."));
    if (program.contains(QChar(u'/'))) {
        const QString path = QDir(folder.isEmpty() ? QDir::currentPath() : folder).absoluteFilePath(program);
        if (isRunnable(path))
            return path;
        return Error(QFileInfo::exists(path) ? ErrorKind::Denied : ErrorKind::NotFound,
                     QFileInfo::exists(path)
                         ? QStringLiteral("%1 is no program that may be run; make it executable or choose another.").arg(path)
                         : QStringLiteral("There is no program %1; install it or correct the path.").arg(path));
    }
    const QString path = environment.value(QStringLiteral("PATH"));
    for (const QString &place : path.split(QChar(u':'), Qt::SkipEmptyParts)) {
        const QString candidate = QDir(place).absoluteFilePath(program);
        if (isRunnable(candidate))
            return candidate;
    }
    return Error(ErrorKind::NotFound,
                 QStringLiteral("The program %1 was not found; install it, or write its whole path.").arg(program), QStringLiteral("PATH=") + path);
}

Result<SpawnedProcess> spawnProcess(const ProcessSpec &spec)
{
    const auto program = findProgram(spec.program, spec.environment, spec.folder);
    if (!program)
        return program.error();
    Plan plan;
    plan.spec = &spec;
    plan.parent = ::getpid();
    plan.program = QFile::encodeName(*program);
    plan.folder = QFile::encodeName(spec.folder);
    const auto hasNul = [](const QString &text) { return text.contains(QChar(u'\0')); };
    bool broken = hasNul(spec.folder) || hasNul(*program);
    plan.texts.reserve(size_t(spec.arguments.size() + spec.environment.size()) + 1); // pointers into it stay good
    const auto add = [&](std::vector<char *> *list, const QString &text) {
        broken = broken || hasNul(text);
        plan.texts.push_back(text.toUtf8());
        list->push_back(plan.texts.back().data());
    };
    add(&plan.arguments, spec.program);
    for (const QString &argument : spec.arguments)
        add(&plan.arguments, argument);
    plan.arguments.push_back(nullptr);
    for (auto it = spec.environment.begin(); it != spec.environment.end(); ++it) {
        broken = broken || it.key().isEmpty() || it.key().contains(QChar(u'='));
        add(&plan.environment, it.key() + QChar(u'=') + it.value());
    }
    plan.environment.push_back(nullptr);
    if (broken) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The program %1 cannot be started: an argument or a variable holds a character that is not allowed there.")
                         .arg(spec.program.left(200)));
    }

    Pipe input, output, errors, report;
    if (!input.make() || !output.make() || !report.make() || (!spec.mergeErrors && !errors.make()))
        return noResources(*program);
    plan.standard = {input.read, output.write, spec.mergeErrors ? output.write : errors.write};
    plan.report = report.write;
    for (const int ours : {input.write, output.read, errors.read}) {
        if (ours >= 0)
            ::fcntl(ours, F_SETFL, ::fcntl(ours, F_GETFL) | O_NONBLOCK);
    }
    // No handler of ours may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0)
        runChild(plan);
    const int forkError = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) {
        errno = forkError;
        return noResources(*program);
    }
    ::setpgid(pid, pid); // also here: the group is there when this returns
    ::close(std::exchange(report.write, -1));
    Failure failure{};
    ssize_t got = 0;
    do {
        got = ::read(report.read, &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == ssize_t(sizeof failure)) {
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
        return startError(*program, spec, failure);
    }
    SpawnedProcess spawned;
    spawned.pid = pid;
    spawned.input = std::exchange(input.write, -1);
    spawned.output = std::exchange(output.read, -1);
    spawned.errors = std::exchange(errors.read, -1);
    return spawned;
}

} // namespace lathe
