// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ScriptTool.h"

#include "core/base/Json.h"
#include "core/base/WorkerThread.h"
#include "core/design/ToolPolicyRules.h"
#include "core/process/Sandbox.h"
#include "core/tool/ToolText.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <filesystem>
#include <unistd.h>

namespace lathe {

namespace {
constexpr qsizetype errorChars = 4000;
constexpr qsizetype maxCodeBytes = 1024 * 1024;

// What one call needs on disk, gone after it. As root all of it belongs to nobody, who the script runs as.
class Scratch
{
public:
    static Result<std::unique_ptr<Scratch>> make(const QByteArray &code, const QByteArray &arguments, const QString &folder)
    {
        auto scratch = std::make_unique<Scratch>();
        const QString root = scratch->m_dir.path();
        scratch->m_work = folder.isEmpty() ? root + QStringLiteral("/work") : folder;
        bool made = scratch->m_dir.isValid() && write(scratch->script(), code) && write(scratch->arguments(), arguments);
        quint32 user = nobodyId, group = nobodyId;
        if (folder.isEmpty()) {
            made = made && QDir().mkdir(scratch->m_work);
        } else {
            const QFileInfo info(folder);
            user = info.ownerId();
            group = info.groupId();
        }
        if (made && ::geteuid() == 0 && user != 0) {
            for (const QString &path : {root, scratch->script(), scratch->arguments(), root + QStringLiteral("/work")}) {
                if (QFileInfo::exists(path) && ::chown(QFile::encodeName(path).constData(), user, group) != 0)
                    made = false;
            }
        }
        if (made)
            return scratch;
        return Error(ErrorKind::LimitReached,
                     QStringLiteral("The script cannot be made ready in %1; check that the folder can be written and is not full.").arg(QDir::tempPath()));
    }
    QString script() const { return m_dir.path() + QStringLiteral("/script"); }
    QString arguments() const { return m_dir.path() + QStringLiteral("/arguments.json"); }
    QString work() const { return m_work; }
    // Takes long when the script left much. Any thread.
    void remove()
    {
        std::error_code failed; // links are removed, not followed
        std::filesystem::remove_all(QFile::encodeName(m_dir.path()).toStdString(), failed);
    }

private:
    static bool write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        return file.open(QIODevice::WriteOnly | QIODevice::NewOnly) && file.write(bytes) == bytes.size() && file.flush();
    }
    QTemporaryDir m_dir{QDir::tempPath() + QStringLiteral("/lathe-script-XXXXXX")};
    QString m_work;
};

QString cleanOutput(const QByteArray &bytes)
{
    return cleanText(json::fromUtf8Lossy(bytes));
}

// The project's file, or the link it was opened by, lies in the folder or in one beneath it. Its journal files lie beside it.
bool holdsProject(const QString &folder, const QString &projectFile)
{
    if (projectFile.isEmpty())
        return false;
    const QFileInfo project(projectFile);
    const QString start = folder + QLatin1Char('/');
    const QString link = QFileInfo(project.absolutePath()).canonicalFilePath() + QLatin1Char('/');
    return link.startsWith(start) || project.canonicalFilePath().startsWith(start);
}
} // namespace

struct ScriptTool::State {
    Setup setup;
    bool sandboxWorks = false;
    WorkerThread thread; // removes what calls leave

    SandboxSpec sandbox(const Scratch &scratch) const
    {
        SandboxSpec spec;
        spec.program = setup.isPython ? QStringLiteral("/usr/bin/python3") : QStringLiteral("/usr/bin/bash");
        if (setup.isPython)
            spec.arguments << QStringLiteral("-I"); // nothing from the folder is imported by accident
        spec.arguments << QStringLiteral("/lathe/script");
        spec.folder = scratch.work();
        spec.readOnly = {{scratch.script(), QStringLiteral("/lathe/script")}, {scratch.arguments(), QStringLiteral("/lathe/arguments.json")}};
        spec.network = setup.network;
        spec.memoryBytes = setup.memoryBytes;
        spec.fileBytes = setup.fileBytes;
        spec.processes = setup.processes;
        spec.cpuSeconds = int(std::ceil(setup.seconds)) + 1;
        return spec;
    }
    ToolOutcome outcomeOf(const ProcessRun &run) const;
};

ScriptTool::ScriptTool(Setup setup) : m_state(std::make_shared<State>())
{
    m_state->setup = std::move(setup);
}

QString ScriptTool::name() const
{
    return m_state->setup.name;
}

QString ScriptTool::description() const
{
    return cleanText(m_state->setup.purpose);
}

QJsonObject ScriptTool::schema() const
{
    return m_state->setup.parameters;
}

SideEffect ScriptTool::sideEffect(const QJsonObject &) const
{
    if (m_state->setup.network)
        return SideEffect::External;
    return m_state->setup.folder.isEmpty() ? SideEffect::Read : SideEffect::Write;
}

bool ScriptTool::idempotent(const QJsonObject &arguments) const
{
    return m_state->setup.isIdempotent.value_or(sideEffect(arguments) == SideEffect::Read);
}

Task<Result<ToolOutcome>> ScriptTool::call(QJsonObject arguments, CancelToken cancel)
{
    return run(m_state, std::move(arguments), std::move(cancel));
}

ToolOutcome ScriptTool::State::outcomeOf(const ProcessRun &run) const
{
    using End = ProcessRun::End;
    QString errors = cleanOutput(run.errors).trimmed();
    if (errors.size() > errorChars)
        errors = QStringLiteral("…") + errors.right(errorChars);
    QString printed = cleanOutput(run.output.right(4 * errorChars)).trimmed();
    if (printed.size() > errorChars)
        printed = QStringLiteral("…") + printed.right(errorChars);
    const auto failure = [&](QString what) {
        if (!errors.isEmpty())
            what += QStringLiteral(" It wrote: ") + errors;
        if (!printed.isEmpty())
            what += QStringLiteral("\nBefore that it printed: ") + printed;
        return ToolOutcome::failure(what);
    };
    switch (run.end) {
    case End::Timeout:
        return failure(QStringLiteral("The script was stopped: it took longer than %1 seconds.").arg(setup.seconds));
    case End::Memory:
        return failure(QStringLiteral("The script was stopped: it used more than %1.").arg(sizeText(setup.memoryBytes)));
    case End::Output:
        return failure(QStringLiteral("The script was stopped: it printed more than %1.").arg(sizeText(setup.maxBytes)));
    case End::Exited:
        break;
    }
    if (!run.exit.ok())
        return failure(QStringLiteral("The script %1.").arg(run.exit.describe()));
    ToolOutcome outcome;
    outcome.text = cleanOutput(run.output);
    const QByteArray trimmed = run.output.trimmed();
    if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
        if (auto value = json::parse(trimmed))
            outcome.structured = *value;
    }
    if (outcome.text.trimmed().isEmpty())
        outcome.text = QStringLiteral("(The script printed nothing.)");
    return outcome;
}

Task<Result<ToolOutcome>> ScriptTool::run(std::shared_ptr<State> state, QJsonObject arguments, CancelToken cancel)
{
    const QByteArray input = json::compact(arguments);
    auto made = Scratch::make(state->setup.code, input, state->setup.folder);
    if (!made)
        co_return ToolOutcome::failure(made.error().message);
    const std::shared_ptr<Scratch> scratch = std::move(*made);
    const SandboxSpec sandbox = state->sandbox(*scratch);
    Result<void> works;
    if (!state->sandboxWorks)
        works = co_await trySandbox(sandbox, cancel);
    if (!works) {
        if (works.error().kind == ErrorKind::Cancelled)
            co_return Error::cancelled();
        co_return ToolOutcome::failure(works.error().message);
    }
    state->sandboxWorks = true;
    auto command = sandboxed(sandbox);
    if (!command)
        co_return ToolOutcome::failure(command.error().message);
    RunBounds bounds;
    bounds.timeoutMs = std::clamp<qint64>(qint64(state->setup.seconds * 1000), 1, 24 * 3600 * 1000LL);
    bounds.maxOutput = state->setup.maxBytes;
    bounds.maxErrors = 4 * errorChars;
    bounds.maxMemory = state->setup.memoryBytes;
    ProcessSpec process = std::move(*command);
    const auto ran = co_await runProcess(std::move(process), input, bounds, cancel);
    std::function<Result<bool>(const CancelToken &)> remove = [scratch](const CancelToken &) -> Result<bool> {
        scratch->remove();
        return true;
    };
    [[maybe_unused]] const auto removed = co_await runOnWorker<bool>(&state->thread, std::move(remove), CancelToken());
    if (!ran) {
        if (ran.error().kind == ErrorKind::Cancelled)
            co_return ran.error();
        co_return ToolOutcome::failure(ran.error().message);
    }
    co_return state->outcomeOf(*ran);
}

Result<std::shared_ptr<Tool>> makeScriptTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const QJsonObject &config = spec.config;
    const auto invalid = [&](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot run its script: %2").arg(name, what));
    };
    ScriptTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose.trimmed().isEmpty() ? QStringLiteral("Runs a script.") : spec.purpose;
    const QString language = config.value(QLatin1String("language")).toString(QStringLiteral("python"));
    if (language != QLatin1String("python") && language != QLatin1String("shell"))
        return invalid(QStringLiteral("\"%1\" is no language that can be run here; use python or shell.").arg(language.left(60)));
    setup.isPython = language == QLatin1String("python");
    setup.code = config.value(QLatin1String("code")).toString().toUtf8();
    if (setup.code.trimmed().isEmpty())
        return invalid(QStringLiteral("there is none; write it in the tool's settings."));
    if (setup.code.size() > maxCodeBytes)
        return invalid(QStringLiteral("it is longer than 1 MB."));
    setup.parameters = config.value(QLatin1String("parameters")).toObject();
    if (!setup.parameters.contains(QLatin1String("type")))
        setup.parameters.insert(QStringLiteral("type"), QStringLiteral("object"));
    const QString folder = config.value(QLatin1String("folder")).toString().trimmed();
    if (!folder.isEmpty()) {
        const QFileInfo info(QDir(environment.projectFolder), folder);
        if (!info.isDir())
            return Error(ErrorKind::NotFound,
                         QStringLiteral("The folder %1 of the tool %2 does not exist; make it or choose another.").arg(info.absoluteFilePath(), name));
        setup.folder = info.canonicalFilePath();
        const QString home = QDir(QDir::homePath()).canonicalPath();
        if (setup.folder == QDir::rootPath() || setup.folder == home || home.startsWith(setup.folder + QLatin1Char('/')))
            return invalid(QStringLiteral("it may not work in %1; choose a folder made for it.").arg(setup.folder));
        if (holdsProject(setup.folder, environment.projectFile)) {
            return invalid(QStringLiteral("it may not work in %1, for this project is kept there and a script could change or remove it; choose a folder "
                                          "made for it, for example one beneath that.")
                               .arg(setup.folder));
        }
    }
    constexpr qint64 megabyte = 1024 * 1024;
    setup.network = config.value(QLatin1String("network")).toBool();
    setup.memoryBytes = std::clamp<qint64>(config.value(QLatin1String("memory_mb")).toInteger(512), 16, 65536) * megabyte;
    setup.fileBytes = std::clamp<qint64>(config.value(QLatin1String("file_mb")).toInteger(64), 1, 65536) * megabyte;
    setup.processes = int(std::clamp<qint64>(config.value(QLatin1String("processes")).toInteger(32), 1, 4096)) + 2; // bwrap's own
    setup.seconds = std::min(keptLimits(spec.limits).seconds, 24 * 3600.0);
    setup.maxBytes = keptLimits(spec.limits).maxBytes;
    setup.isIdempotent = spec.idempotent;
    return std::shared_ptr<Tool>(std::make_shared<ScriptTool>(std::move(setup)));
}

} // namespace lathe
