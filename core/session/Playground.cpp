// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/PlaygroundPrivate.h"

#include <QPointer>
#include <QRandomGenerator>

#include <algorithm>
#include <numeric>

namespace lathe {

namespace {
const QString stateKey = QStringLiteral("playground");
constexpr int frameMs = 16;
constexpr int saveMs = 400;
constexpr int answersKept = 100; // of a cell, in the project's settings

QJsonArray variantsToJson(const std::vector<PlaygroundColumn> &columns)
{
    ExperimentSpec spec;
    for (const PlaygroundColumn &column : columns)
        spec.variants.push_back(column.variant);
    return spec.toJson().value(QLatin1String("variants")).toArray();
}

std::vector<VariantSpec> variantsFromJson(const QJsonArray &list)
{
    const auto spec = ExperimentSpec::fromJson(QJsonObject{{QStringLiteral("variants"), list}});
    return spec ? spec->variants : std::vector<VariantSpec>();
}
}

Playground::Private::Private(Playground *owner, Session *ofSession, const ExperimentServices &with)
    : q(owner), session(ofSession), services(with), variants(with.project, with.resolver)
{
    frame.setSingleShot(true);
    frame.setInterval(frameMs);
    frame.setTimerType(Qt::PreciseTimer);
    connect(&frame, &QTimer::timeout, this, &Private::flush);
    saving.setSingleShot(true);
    saving.setInterval(saveMs);
    connect(&saving, &QTimer::timeout, this, &Private::save);
    restore();
}

Playground::Private::~Private()
{
    if (saving.isActive())
        save();
    const auto all = cancels;
    for (CancelSource source : all)
        source.cancel();
}

// --- What is kept in the project

QJsonObject Playground::Private::toJson() const
{
    QJsonArray rowList;
    for (const PlaygroundRow &row : rows) {
        QJsonObject item{{QStringLiteral("input"), row.input}};
        if (!row.variables.isEmpty())
            item.insert(QStringLiteral("variables"), row.variables);
        if (row.datasetRow >= 0)
            item.insert(QStringLiteral("row"), row.datasetRow);
        rowList.append(item);
    }
    QJsonArray laneList;
    for (const Lane &lane : lanes) {
        QJsonArray cellList;
        for (const Cell &kept : lane.cells) {
            QJsonArray answerList;
            const size_t from = kept.answers.size() > size_t(answersKept) ? kept.answers.size() - answersKept : 0;
            for (size_t i = from; i < kept.answers.size(); ++i) {
                const PlaygroundAnswer &answer = kept.answers[i];
                if (!answer.run.isValid())
                    continue;
                answerList.append(QJsonObject{{QStringLiteral("run"), answer.run.value},
                                              {QStringLiteral("said"), answer.said},
                                              {QStringLiteral("turn"), answer.turn},
                                              {QStringLiteral("first_token_us"), answer.firstTokenUs},
                                              {QStringLiteral("prompt"), answer.prompt},
                                              {QStringLiteral("stars"), answer.stars}});
            }
            cellList.append(answerList);
        }
        laneList.append(cellList);
    }
    QJsonObject chosen;
    for (auto it = choices.begin(); it != choices.end(); ++it)
        chosen.insert(QString::number(it.key()), it.value());
    return {{QStringLiteral("columns"), variantsToJson(columns)},
            {QStringLiteral("rows"), rowList},
            {QStringLiteral("dataset"), dataset},
            {QStringLiteral("rows_text"), rowsText},
            {QStringLiteral("input_column"), inputColumn},
            {QStringLiteral("conversation"), conversation},
            {QStringLiteral("blind"), blind},
            {QStringLiteral("seed"), QString::number(seed)},
            {QStringLiteral("choices"), chosen},
            {QStringLiteral("answers"), laneList}};
}

void Playground::Private::save()
{
    saving.stop();
    services.project->setSetting(stateKey, toJson());
}

void Playground::Private::restore()
{
    const QJsonObject json = services.project->setting(stateKey).toObject();
    for (const VariantSpec &variant : variantsFromJson(json.value(QLatin1String("columns")).toArray())) {
        if (columns.size() < size_t(columnsMax))
            columns.push_back(PlaygroundColumn{variant, QString()});
    }
    if (json.isEmpty()) {
        const auto prompts = services.project->artifacts().list(ArtifactKind::Prompt);
        if (!prompts.empty()) {
            VariantSpec first;
            first.id = QStringLiteral("a");
            first.prompt = prompts.front().name;
            columns.push_back(PlaygroundColumn{first, QString()});
        }
    }
    rename();
    const QJsonArray rowList = json.value(QLatin1String("rows")).toArray();
    if (!rowList.isEmpty())
        rows.clear();
    for (const QJsonValue &value : rowList) {
        PlaygroundRow row;
        row.input = value[QLatin1String("input")].toString();
        row.variables = value[QLatin1String("variables")].toObject();
        row.datasetRow = value[QLatin1String("row")].toInt(-1);
        if (rows.size() < size_t(rowsMax))
            rows.push_back(std::move(row));
    }
    dataset = json.value(QLatin1String("dataset")).toString();
    rowsText = json.value(QLatin1String("rows_text")).toString();
    inputColumn = json.value(QLatin1String("input_column")).toString();
    conversation = json.value(QLatin1String("conversation")).toBool();
    blind = json.value(QLatin1String("blind")).toBool();
    seed = json.value(QLatin1String("seed")).toString().toULongLong();
    const QJsonObject chosen = json.value(QLatin1String("choices")).toObject();
    for (auto it = chosen.begin(); it != chosen.end(); ++it)
        choices.insert(it.key().toInt(), it->toInt());
    lanes.assign(columns.size(), Lane());
    const QJsonArray laneList = json.value(QLatin1String("answers")).toArray();
    for (size_t c = 0; c < lanes.size(); ++c) {
        lanes[c].cells.resize(rows.size());
        const QJsonArray cellList = laneList.at(qsizetype(c)).toArray();
        for (size_t r = 0; r < rows.size(); ++r) {
            const QJsonArray answerList = cellList.at(qsizetype(r)).toArray();
            for (const QJsonValue &value : answerList) {
                PlaygroundAnswer answer;
                answer.run = RunId{value[QLatin1String("run")].toInteger()};
                const auto info = services.project->runs().run(answer.run);
                if (!info)
                    continue;
                answer.status = info->status == RunStatus::Running ? RunStatus::Interrupted : info->status;
                answer.said = value[QLatin1String("said")].toString();
                answer.output = info->output;
                answer.error = info->error;
                answer.totalUs = info->endUs > info->startUs ? info->endUs - info->startUs : 0;
                answer.firstTokenUs = value[QLatin1String("first_token_us")].toInteger(-1);
                answer.usage = info->usage;
                answer.stars = value[QLatin1String("stars")].toInt();
                answer.turn = value[QLatin1String("turn")].toInt();
                answer.prompt = value[QLatin1String("prompt")].toString();
                lanes[c].cells[r].answers.push_back(std::move(answer));
                lanes[c].cells[r].serials.push_back(nextSerial++);
            }
        }
    }
}

// --- Parts

void Playground::Private::rename()
{
    for (PlaygroundColumn &column : columns)
        column.name = variants.nameOf(column.variant);
}

Playground::Private::Cell *Playground::Private::cell(int column, int row)
{
    if (column < 0 || column >= int(lanes.size()) || row < 0 || row >= int(rows.size()))
        return nullptr;
    Lane &lane = lanes[size_t(column)];
    if (lane.cells.size() < rows.size())
        lane.cells.resize(rows.size());
    return &lane.cells[size_t(row)];
}

PlaygroundAnswer *Playground::Private::find(quint64 serial, int *column, int *row)
{
    for (size_t c = 0; c < lanes.size(); ++c) {
        for (size_t r = 0; r < lanes[c].cells.size(); ++r) {
            Cell &kept = lanes[c].cells[r];
            const auto at = std::find(kept.serials.begin(), kept.serials.end(), serial);
            if (at == kept.serials.end())
                continue;
            *column = int(c);
            *row = int(r);
            return &kept.answers[size_t(at - kept.serials.begin())];
        }
    }
    return nullptr;
}

void Playground::Private::note(int column, int row)
{
    changed.insert({column, row});
    if (!frame.isActive())
        frame.start();
    if (!saving.isActive())
        saving.start();
}

void Playground::Private::flush()
{
    std::vector<CellId> cells;
    for (const auto &[column, row] : std::exchange(changed, {})) {
        if (column < int(columns.size()) && row < int(rows.size()))
            cells.push_back(CellId{column, row});
    }
    if (!cells.empty())
        Q_EMIT q->answersChanged(cells);
}

void Playground::Private::clearAnswers(int column)
{
    for (size_t r = 0; r < rows.size(); ++r) {
        Cell *kept = cell(column, int(r));
        for (const quint64 serial : kept->serials) {
            if (cancels.contains(serial))
                CancelSource(cancels.value(serial)).cancel();
        }
        kept->answers.clear();
        kept->serials.clear();
        note(column, int(r));
    }
}

std::vector<Message> Playground::Private::historyOf(const Cell &from, int beforeTurn) const
{
    std::vector<Message> history;
    for (int turn = 0; turn < beforeTurn; ++turn) {
        const PlaygroundAnswer *newest = nullptr; // of the turn's repeats
        for (const PlaygroundAnswer &answer : from.answers) {
            if (answer.turn == turn && answer.status == RunStatus::Done)
                newest = &answer;
        }
        if (!newest)
            continue;
        history.emplace_back(Role::User, newest->said);
        history.emplace_back(Role::Assistant, newest->output);
    }
    return history;
}

void Playground::Private::ask(int column, int row, const QString &said, int turn)
{
    Cell *kept = cell(column, row);
    if (!kept)
        return;
    Asked asked;
    asked.serial = nextSerial++;
    asked.variant = columns[size_t(column)].variant;
    asked.said = said;
    asked.variables = rows[size_t(row)].variables;
    asked.history = historyOf(*kept, turn);
    PlaygroundAnswer answer;
    answer.said = said;
    answer.turn = turn;
    answer.prompt = asked.variant.prompt.isEmpty() ? asked.variant.agent : asked.variant.prompt;
    kept->answers.push_back(std::move(answer));
    kept->serials.push_back(asked.serial);
    cancels.insert(asked.serial, CancelSource());
    if (++underWay == 1)
        Q_EMIT q->runningChanged();
    note(column, row);
    execute(std::move(asked));
}

void Playground::Private::over()
{
    if (--underWay > 0)
        return;
    save();
    Q_EMIT q->runningChanged();
    for (const auto &waiter : std::exchange(waiting, {}))
        waiter.complete(0);
}

Task<> Playground::Private::execute(Asked asked)
{
    const QPointer<Private> self(this);
    const quint64 serial = asked.serial;
    const CancelToken cancel = cancels.value(serial).token();
    RunService *const runs = services.runs;
    const auto update = [self, serial](const std::function<void(PlaygroundAnswer &)> &change) {
        int column = 0, row = 0;
        PlaygroundAnswer *answer = self ? self->find(serial, &column, &row) : nullptr;
        if (!answer)
            return;
        change(*answer);
        self->note(column, row);
    };
    Result<RunResult> result = Error::cancelled();
    {
        const auto permit = co_await lanesOpen.acquire();
        if (!self)
            co_return;
        Result<ResolvedVariant> variant = Error::cancelled();
        if (!cancel.isCancelled())
            variant = co_await variants.resolve(asked.variant);
        if (!self)
            co_return;
        Result<RunId> run = Error::cancelled();
        if (!variant) {
            run = variant.error();
        } else if (!cancel.isCancelled()) {
            const QString uses = variant->uses;
            RunRequest request;
            request.blueprint = variant->blueprint;
            request.input = variant->input(asked.said, asked.variables);
            request.input.history = std::move(asked.history);
            const auto startUs = std::make_shared<qint64>(services.clock->nowUs());
            request.begun = [update, uses](RunId id) {
                update([&](PlaygroundAnswer &answer) {
                    answer.run = id;
                    answer.prompt = uses;
                });
            };
            request.sink = [update, startUs](const RunEvent &event) {
                if (event.kind == RunEventKind::RunStarted)
                    *startUs = event.timeUs;
                if (event.kind != RunEventKind::StepDelta || event.channel != DeltaChannel::Text)
                    return;
                update([&](PlaygroundAnswer &answer) {
                    if (answer.firstTokenUs < 0)
                        answer.firstTokenUs = std::max<qint64>(0, event.timeUs - *startUs);
                    answer.output += event.text;
                });
            };
            run = co_await runs->start(std::move(request));
        }
        if (run) {
            const RunId id = *run;
            const auto registration = cancel.onCancelled([runs, id] { runs->stop(id); });
            result = co_await runs->finished(id);
        } else {
            result = run.error();
        }
    }
    if (!self)
        co_return;
    update([&](PlaygroundAnswer &answer) {
        if (result) {
            answer.status = result->status;
            answer.output = result->status == RunStatus::Done ? result->output : answer.output;
            answer.error = result->error;
            answer.usage = result->usage;
            answer.totalUs = result->durationUs;
        } else {
            answer.status = result.error().kind == ErrorKind::Cancelled ? RunStatus::Cancelled : RunStatus::Failed;
            answer.error = result.error();
        }
    });
    cancels.remove(serial);
    over();
}

// --- Columns and rows

Playground::Playground(Session *session, const ExperimentServices &services) : d(std::make_unique<Private>(this, session, services)) {}

Playground::~Playground() = default;

const std::vector<PlaygroundColumn> &Playground::columns() const
{
    return d->columns;
}

Result<void> Playground::addColumn(VariantSpec variant)
{
    if (d->columns.size() >= size_t(columnsMax))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The playground has %1 columns already; remove one first.").arg(columnsMax));
    for (char letter = 'a'; variant.id.isEmpty() && letter <= 'z'; ++letter) {
        const QString id = QString(QLatin1Char(letter));
        if (std::none_of(d->columns.begin(), d->columns.end(), [&](const auto &column) { return column.variant.id == id; }))
            variant.id = id;
    }
    d->columns.push_back(PlaygroundColumn{std::move(variant), QString()});
    d->lanes.emplace_back();
    d->choices.clear();
    d->rename();
    d->saving.start();
    Q_EMIT columnsChanged();
    return {};
}

Result<void> Playground::setColumn(int column, VariantSpec variant)
{
    if (column < 0 || column >= int(d->columns.size()))
        return Error(ErrorKind::NotFound, QStringLiteral("There is no column %1.").arg(column + 1));
    if (variant.id.isEmpty())
        variant.id = d->columns[size_t(column)].variant.id;
    if (d->columns[size_t(column)].variant == variant)
        return {};
    d->columns[size_t(column)].variant = std::move(variant);
    d->rename();
    d->saving.start();
    Q_EMIT columnsChanged();
    return {};
}

void Playground::removeColumn(int column)
{
    if (column < 0 || column >= int(d->columns.size()))
        return;
    d->clearAnswers(column);
    d->columns.erase(d->columns.begin() + column);
    d->lanes.erase(d->lanes.begin() + column);
    d->choices.clear();
    d->changed.clear();
    d->saving.start();
    Q_EMIT columnsChanged();
}

void Playground::moveColumn(int from, int to)
{
    const int count = int(d->columns.size());
    if (from < 0 || from >= count || to < 0 || to >= count || from == to)
        return;
    const auto move = [from, to](auto &list) {
        auto item = std::move(list[size_t(from)]);
        list.erase(list.begin() + from);
        list.insert(list.begin() + to, std::move(item));
    };
    move(d->columns);
    move(d->lanes);
    d->choices.clear();
    d->saving.start();
    Q_EMIT columnsChanged();
}

const std::vector<PlaygroundRow> &Playground::rows() const
{
    return d->rows;
}

void Playground::setRow(int row, PlaygroundRow value)
{
    if (row < 0 || row >= int(d->rows.size()) || d->rows[size_t(row)] == value)
        return;
    d->rows[size_t(row)] = std::move(value);
    d->saving.start();
    Q_EMIT rowsChanged();
}

Result<void> Playground::setRows(const QString &dataset, const QString &rows, const QString &inputColumn)
{
    auto data = d->services.resolver->dataset(dataset);
    if (!data)
        return data.error();
    auto selected = rowSelection(rows, int(data->rows.size()));
    if (!selected)
        return selected.error();
    QString column = inputColumn;
    if (column.isEmpty())
        column = data->columns.contains(QStringLiteral("input")) || data->columns.isEmpty() ? QStringLiteral("input") : data->columns.front();
    if (!data->columns.contains(column))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The dataset %1 has no column \"%2\"; it has: %3.")
                                                  .arg(dataset, column, data->columns.join(QStringLiteral(", "))));
    if (selected->empty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The dataset %1 has no such rows.").arg(dataset));
    if (selected->size() > size_t(rowsMax)) {
        if (!rows.trimmed().isEmpty())
            return Error(ErrorKind::InvalidInput, QStringLiteral("%1 rows are more than the playground shows (%2); choose fewer, or make an "
                                                                 "experiment of them.")
                                                      .arg(selected->size())
                                                      .arg(rowsMax));
        selected->resize(size_t(rowsMax));
    }
    for (size_t c = 0; c < d->columns.size(); ++c)
        d->clearAnswers(int(c));
    d->rows.clear();
    for (const int row : *selected) {
        PlaygroundRow item;
        item.variables = data->rowObject(row);
        const QJsonValue input = item.variables.value(column);
        item.input = input.isString() ? input.toString() : input.isUndefined() || input.isNull() ? QString() : json::compactString(input);
        item.datasetRow = row;
        d->rows.push_back(std::move(item));
    }
    for (Private::Lane &lane : d->lanes)
        lane.cells.assign(d->rows.size(), Private::Cell());
    d->dataset = dataset;
    d->rowsText = rows;
    d->inputColumn = inputColumn;
    d->choices.clear();
    d->saving.start();
    Q_EMIT rowsChanged();
    return {};
}

void Playground::clearRows()
{
    for (size_t c = 0; c < d->columns.size(); ++c)
        d->clearAnswers(int(c));
    d->rows.assign(1, PlaygroundRow());
    for (Private::Lane &lane : d->lanes)
        lane.cells.assign(1, Private::Cell());
    d->dataset.clear();
    d->rowsText.clear();
    d->choices.clear();
    d->saving.start();
    Q_EMIT rowsChanged();
}

QString Playground::dataset() const
{
    return d->dataset;
}

} // namespace lathe
