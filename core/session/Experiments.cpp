// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExperimentsPrivate.h"

#include <QMetaMethod>
#include <QPointer>

namespace lathe {

namespace {
constexpr int frameMs = 16;
constexpr int settleMs = 120; // after an edit, before what depends on it is read anew
constexpr size_t piece = 500;
}

Experiments::Private::Private(Experiments *owner, Session *ofSession, const ExperimentServices &with)
    : q(owner), session(ofSession), services(with), variants(with.project, with.resolver), runner(with), loader(services, &variants)
{
    frame.setSingleShot(true);
    frame.setInterval(frameMs);
    frame.setTimerType(Qt::PreciseTimer);
    connect(&frame, &QTimer::timeout, this, &Private::flushChanges);
    settle.setSingleShot(true);
    settle.setInterval(settleMs);
    connect(&settle, &QTimer::timeout, this, &Private::reloadDirty);
    ArtifactRepository *artifacts = &services.project->artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &Private::artifactChanged);
    connect(artifacts, &ArtifactRepository::changed, this, &Private::artifactChanged);
    connect(artifacts, &ArtifactRepository::draftChanged, this, &Private::artifactChanged);
}

Experiments::Private::~Private()
{
    for (const auto &entry : std::as_const(loaded)) {
        entry->loading.cancel();
        if (entry->execution)
            entry->execution->stop();
    }
}

void Experiments::Private::note(ArtifactId experiment, CellId cell)
{
    const auto entry = find(experiment);
    if (!entry)
        return;
    entry->progressChanged = true;
    if (entry->changedKnown.insert({cell.variant, cell.example}).second)
        entry->changed.push_back(cell);
    if (!frame.isActive())
        frame.start();
}

void Experiments::Private::flushChanges()
{
    const QPointer<Private> self(this);
    const auto all = loaded; // a slot may load or unload
    for (auto it = all.begin(); it != all.end() && self; ++it) {
        Loaded &entry = **it;
        if (!entry.progressChanged)
            continue;
        entry.progressChanged = false;
        entry.changedKnown.clear();
        const std::vector<CellId> cells = std::exchange(entry.changed, {});
        Q_EMIT q->changed(it.key(), cells);
    }
}

void Experiments::Private::artifactChanged(ArtifactId)
{
    // What an experiment uses is not tracked one by one: reading it anew is cheap, and nothing changes when the designs are the same.
    if (loaded.isEmpty())
        return;
    for (const auto &entry : std::as_const(loaded))
        entry->dirtyAll = true;
    settle.start();
}

void Experiments::Private::reloadDirty()
{
    const auto all = loaded;
    for (auto it = all.begin(); it != all.end(); ++it) {
        if ((*it)->dirtyAll && !(*it)->execution) // one that runs follows when it ends
            reload(it.key());
    }
}

Task<> Experiments::Private::reload(ArtifactId experiment)
{
    const QPointer<Private> self(this);
    const auto entry = find(experiment);
    if (!entry)
        co_return;
    entry->dirtyAll = false;
    entry->loading.cancel();
    entry->loading = CancelSource();
    const CancelToken cancel = entry->loading.token();
    const QString reference = entry->matrix ? entry->matrix->reference : QString();
    auto made = co_await loader.load(experiment, reference, cancel);
    if (!self || cancel.isCancelled() || !made || entry->execution)
        co_return;
    const std::shared_ptr<ExperimentMatrix> matrix = *made;
    const auto before = entry->matrix;
    if (before && before->design == matrix->design && before->cells.size() == matrix->cells.size()) {
        // The same trials: only words, judges or bounds changed.
        matrix->cells = std::move(before->cells);
        matrix->verdicts = std::move(before->verdicts);
        matrix->state.notice = before->state.notice;
        matrix->state.mayStop = before->state.mayStop;
        matrix->state.stoppedEarly = before->state.stoppedEarly;
        const ExperimentProgress progress = before->state.progress;
        matrix->state.progress = progress;
        matrix->recount();
        const bool sameShape = before->state.spec.judges == matrix->state.spec.judges && before->state.spec.variants == matrix->state.spec.variants;
        entry->matrix = matrix;
        if (sameShape) {
            entry->progressChanged = true;
            if (!frame.isActive())
                frame.start();
        } else {
            Q_EMIT q->reloaded(experiment);
        }
        co_return;
    }
    const auto filled = co_await loader.fill(matrix, cancel);
    if (!self || cancel.isCancelled() || !filled || entry->execution)
        co_return;
    entry->matrix = matrix;
    entry->changed.clear();
    entry->changedKnown.clear();
    Q_EMIT q->reloaded(experiment);
    if (!self)
        co_return;
    recheck(experiment, entry, matrix);
}

Task<> Experiments::Private::recheck(ArtifactId experiment, std::shared_ptr<Loaded> entry, std::shared_ptr<ExperimentMatrix> matrix)
{
    const QPointer<Private> self(this);
    for (const CheckSpec &check : matrix->state.spec.checks) {
        const CheckTypeInfo *info = checkType(check.type);
        const bool free = info && (info->needs == CheckTypeInfo::Needs::Nothing || info->needs == CheckTypeInfo::Needs::Schema
                                   || info->needs == CheckTypeInfo::Needs::Expression);
        if (!free)
            co_return; // with the next start
    }
    const auto checks = std::make_shared<TrialChecks>(services, &runner, &variants);
    const CancelToken cancel = entry->loading.token();
    for (size_t i = 0; i < matrix->cells.size(); ++i) {
        if (!matrix->cells[i].answered || matrix->cells[i].checked)
            continue;
        const CellId cell = matrix->cellOf(i);
        const ExperimentExample example = matrix->example(cell.example);
        TrialView view = matrix->cells[i];
        const QString output = text(view.run);
        co_await checks->evaluate(matrix->state.spec.checks, example, output, &view, cancel);
        if (!self || cancel.isCancelled() || entry->execution || entry->matrix != matrix)
            co_return;
        if (!view.checked)
            continue;
        static_cast<TrialView &>(matrix->cells[i]) = view;
        TrialScore score;
        score.trial = view.id;
        score.checksHash = matrix->checksHash(example);
        score.result = TrialChecks::toJson(view);
        services.project->trials().keepScore(std::move(score));
        ++matrix->state.progress.done;
        matrix->state.progress.shared += view.shared;
        note(experiment, cell);
        if (i % piece == piece - 1) {
            const auto slept = co_await services.clock->sleep(0, cancel);
            if (!slept || !self)
                co_return;
        }
    }
}

QString Experiments::Private::text(RunId run) const
{
    const auto info = services.project->runs().run(run);
    return info ? info->output : QString();
}

Task<> Experiments::Private::execute(ArtifactId experiment, std::shared_ptr<Loaded> entry, int atOnce, bool judge)
{
    const QPointer<Private> self(this);
    const auto execution = entry->execution;
    co_await execution->run(atOnce, judge);
    if (!self)
        co_return;
    entry->execution.reset();
    entry->matrix->state.running = false;
    flushChanges();
    Q_EMIT q->ended(experiment);
    if (!self)
        co_return;
    for (const auto &waiter : std::exchange(entry->waiting, {}))
        waiter.complete(0);
    if (self && entry->dirtyAll)
        settle.start();
}

// --- The public face

Experiments::Experiments(Session *session, const ExperimentServices &services) : d(std::make_unique<Private>(this, session, services)) {}

Experiments::~Experiments() = default;

void Experiments::connectNotify(const QMetaMethod &)
{
    d->watched = isSignalConnected(QMetaMethod::fromSignal(&Experiments::changed));
}

Task<Result<void>> Experiments::load(ArtifactId experiment, ExperimentOptions options)
{
    const QPointer<Private> self(d.get());
    const auto known = d->find(experiment);
    if (known && (known->execution || (known->matrix && known->matrix->reference == options.reference && !known->dirtyAll)))
        co_return Result<void>();
    auto entry = known ? known : std::make_shared<Private::Loaded>();
    entry->loading.cancel();
    entry->loading = CancelSource();
    entry->dirtyAll = false;
    const CancelToken cancel = entry->loading.token();
    auto matrix = co_await self->loader.load(experiment, options.reference, cancel);
    if (!self)
        co_return Error::cancelled();
    if (!matrix)
        co_return matrix.error();
    const auto filled = co_await self->loader.fill(*matrix, cancel);
    if (!self)
        co_return Error::cancelled();
    if (!filled)
        co_return filled.error();
    if (entry->execution)
        co_return Result<void>();
    entry->matrix = *matrix;
    self->loaded.insert(experiment, entry);
    self->recheck(experiment, entry, *matrix);
    co_return Result<void>();
}

const ExperimentState *Experiments::state(ArtifactId experiment) const
{
    const auto entry = d->find(experiment);
    return entry && entry->matrix ? &entry->matrix->state : nullptr;
}

ExperimentExample Experiments::example(ArtifactId experiment, int index) const
{
    const auto entry = d->find(experiment);
    return entry && entry->matrix ? entry->matrix->example(index) : ExperimentExample();
}

std::vector<TrialView> Experiments::trials(ArtifactId experiment, CellId cell) const
{
    std::vector<TrialView> views;
    const auto entry = d->find(experiment);
    if (!entry || !entry->matrix || !entry->matrix->holds(cell))
        return views;
    for (int repetition = 0; repetition < entry->matrix->repetitions(); ++repetition)
        views.push_back(entry->matrix->cells[entry->matrix->index(cell.variant, cell.example, repetition)]);
    return views;
}

QString Experiments::output(RunId run) const
{
    return d->text(run);
}

void Experiments::unload(ArtifactId experiment)
{
    const auto entry = d->find(experiment);
    if (!entry || entry->execution)
        return;
    entry->loading.cancel();
    d->loaded.remove(experiment);
}

Task<Result<void>> Experiments::start(ArtifactId experiment, ExperimentOptions options)
{
    const QPointer<Private> self(d.get());
    if (d->services.project->isReadOnly())
        co_return Error(ErrorKind::ProjectFile, d->services.project->readOnlyReason());
    if (running(experiment))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The experiment is running already."));
    if (const auto entry = d->find(experiment))
        entry->dirtyAll = true; // another program may have changed what it uses, or have executed some of it
    const auto read = co_await load(experiment, options);
    if (!self)
        co_return Error::cancelled();
    if (!read)
        co_return read.error();
    const auto entry = self->find(experiment);
    if (entry->execution)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The experiment is running already."));
    ExperimentState &state = entry->matrix->state;
    if (state.problem)
        co_return Error(*state.problem);
    if (state.variants.empty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The experiment has no variants; add at least one."));
    entry->loading.cancel(); // a recheck goes on as part of the sitting
    entry->loading = CancelSource();
    state.running = true;
    state.stoppedEarly = false;
    state.mayStop = false;
    state.notice.clear();
    ExperimentExecution::Hooks hooks;
    hooks.watched = self->watched;
    hooks.changed = [self, experiment](CellId cell) {
        if (self)
            self->note(experiment, cell);
    };
    hooks.verdicts = [self, experiment] {
        if (self)
            Q_EMIT self->q->verdictsChanged(experiment);
    };
    entry->execution = std::make_shared<ExperimentExecution>(self->services, &self->variants, &self->runner, entry->matrix, std::move(hooks));
    const int atOnce = options.atOnce > 0 ? options.atOnce : state.spec.atOnce;
    self->execute(experiment, entry, atOnce, options.judge);
    co_return Result<void>();
}

void Experiments::stop(ArtifactId experiment)
{
    const auto entry = d->find(experiment);
    if (entry && entry->execution)
        entry->execution->stop();
}

bool Experiments::running(ArtifactId experiment) const
{
    const auto entry = d->find(experiment);
    return entry && entry->execution;
}

Task<> Experiments::finished(ArtifactId experiment)
{
    const auto entry = d->find(experiment);
    if (!entry || !entry->execution)
        co_return;
    Completion<int> over;
    entry->waiting.push_back(over);
    co_await over;
}

Task<> Experiments::close()
{
    const auto ids = d->loaded.keys();
    for (const ArtifactId id : ids)
        stop(id);
    for (const ArtifactId id : ids)
        co_await finished(id);
}

} // namespace lathe
