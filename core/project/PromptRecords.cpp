// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ArtifactRepository.h"
#include "core/project/Sql.h"

#include <QHash>

#include <algorithm>

// What is recorded about a prompt besides its revisions: how its labels moved, and what the runs that used it were like.
namespace lathe {

namespace {

// The revision of `name` that a run used, by its `revisions` (JSON of any depth: teams hold those of their agents); -1: none.
int usedRevision(const QJsonValue &value, const QString &prefix, bool prompts = false, int depth = 0)
{
    if (value.isString()) {
        const QString reference = value.toString();
        if (!prompts || !reference.startsWith(prefix))
            return -1;
        const QString which = reference.mid(prefix.size());
        return which == QLatin1String("draft") ? 0 : which.toInt();
    }
    if (depth > 20)
        return -1;
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            // Tools, datasets and connections may have the same name; "prompt" and "partials" hold prompts.
            const bool prompt = it.key() == QLatin1String("prompt") || it.key() == QLatin1String("partials");
            if (!prompt && !it->isObject() && !it->isArray())
                continue;
            const int found = usedRevision(*it, prefix, prompt, depth + 1);
            if (found >= 0)
                return found;
        }
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array) {
            const int found = usedRevision(item, prefix, prompts, depth + 1);
            if (found >= 0)
                return found;
        }
    }
    return -1;
}

struct Tally {
    PromptUse use;
    double ratings = 0;
};

Result<void> readUse(Database &db, const QString &name, std::vector<PromptUse> *uses)
{
    const QString prefix = name + QLatin1Char('@');
    QHash<int, Tally> tallies;
    QHash<qint64, int> revisionOfRun;
    auto read = eachRow(
        db,
        QByteArrayLiteral("SELECT id, revisions, status, start_us, end_us, input_tokens, output_tokens, cost_usd FROM runs"
                          " WHERE instr(revisions, ?) > 0 ORDER BY id DESC LIMIT 100000"),
        [&](Statement &row) {
            const auto revisions = json::parse(row.text(1).toUtf8());
            const int number = revisions ? usedRevision(*revisions, prefix) : -1;
            if (number < 0)
                return;
            revisionOfRun.insert(row.int64(0), number);
            Tally &tally = tallies[number];
            PromptUse &use = tally.use;
            use.number = number;
            ++use.runs;
            if (use.lastRun.value == 0)
                use.lastRun = RunId{row.int64(0)};
            const QString status = row.text(2);
            use.failed += status == QLatin1String("failed");
            if (status != QLatin1String("done"))
                return;
            ++use.done;
            use.durationUs += double(row.int64(4) - row.int64(3));
            use.inputTokens += double(row.int64(5));
            use.outputTokens += double(row.int64(6));
            if (!row.isNull(7)) {
                use.costUsd += row.real(7);
                ++use.priced;
            }
        },
        Text(QString(QLatin1Char('"') + prefix)));
    if (!read)
        return read;
    // The newest rating of a whole run counts; thumbs as the ends of the scale.
    QHash<qint64, double> ratings;
    read = eachRow(
        db, QByteArrayLiteral("SELECT run, kind, value FROM ratings WHERE step='' AND removed_us IS NULL ORDER BY id"),
        [&](Statement &row) {
            const qint64 run = row.int64(0);
            if (!revisionOfRun.contains(run))
                return;
            const double value = row.real(2);
            const QString kind = row.text(1);
            if (kind == QLatin1String("stars"))
                ratings.insert(run, value);
            else if (kind == QLatin1String("thumbs"))
                ratings.insert(run, value > 0 ? 5 : 1);
        });
    if (!read)
        return read;
    for (auto it = ratings.constBegin(); it != ratings.constEnd(); ++it) {
        Tally &tally = tallies[revisionOfRun.value(it.key())];
        ++tally.use.rated;
        tally.ratings += it.value();
    }
    for (Tally &tally : tallies) {
        PromptUse &use = tally.use;
        if (use.done > 0) {
            use.durationUs /= use.done;
            use.inputTokens /= use.done;
            use.outputTokens /= use.done;
        }
        if (use.priced > 0)
            use.costUsd /= use.priced;
        if (use.rated > 0)
            use.meanRating = tally.ratings / use.rated;
        uses->push_back(use);
    }
    std::sort(uses->begin(), uses->end(), [](const PromptUse &a, const PromptUse &b) { return a.number > b.number; });
    return {};
}

} // namespace

std::vector<LabelMove> ArtifactRepository::labelHistory(ArtifactId id, int limit) const
{
    std::vector<LabelMove> moves;
    const auto read = eachRow(
        m_store->reader(),
        QByteArrayLiteral("SELECT name, number, author, changed_us,"
                          " (SELECT b.number FROM label_history b WHERE b.artifact=h.artifact AND b.name=h.name AND b.id<h.id"
                          "  ORDER BY b.id DESC LIMIT 1)"
                          " FROM label_history h WHERE artifact=? ORDER BY id DESC LIMIT ?"),
        [&](Statement &row) {
            LabelMove move;
            move.label = row.text(0);
            move.number = int(row.int64(1));
            move.author = row.text(2);
            move.timeUs = row.int64(3);
            move.before = int(row.int64(4));
            moves.push_back(std::move(move));
        },
        id, std::clamp(limit, 1, 10'000));
    if (!read)
        qWarning("Reading the history of labels failed: %s", qPrintable(read.error().message));
    return moves;
}

Task<Result<std::vector<PromptUse>>> ArtifactRepository::promptUse(ArtifactId prompt, CancelToken cancel) const
{
    const auto store = m_store;
    const auto found = info(prompt);
    if (!found)
        co_return found.error();
    const QString name = found->name;
    const auto uses = std::make_shared<std::vector<PromptUse>>();
    SqliteStore::Work work = [name, uses](Database &db) { return readUse(db, name, uses.get()); };
    const auto read = co_await store->read(std::move(work), cancel);
    if (!read)
        co_return read.error();
    co_return std::move(*uses);
}

} // namespace lathe
