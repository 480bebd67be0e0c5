// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/ImportReader.h"

#include "core/base/Json.h"
#include "core/trace/import/ImportShapes.h"
#include "core/trace/import/JsonChunks.h"
#include "core/trace/import/OtlpDecode.h"

#include <QDateTime>
#include <QRegularExpression>

#include <cmath>
#include <limits>

namespace lathe {

namespace importing {

QJsonValue member(const QJsonObject &object, const char *camel)
{
    const QJsonValue value = object.value(QLatin1String(camel));
    if (!value.isUndefined())
        return value;
    QString snake;
    for (const char *c = camel; *c; ++c) {
        if (*c >= 'A' && *c <= 'Z')
            snake += u'_';
        snake += QChar(QLatin1Char(*c)).toLower();
    }
    return object.value(snake);
}

QString textMember(const QJsonObject &object, const char *camel)
{
    const QJsonValue value = member(object, camel);
    return value.isString() ? value.toString() : QString();
}

qint64 timeUs(const QJsonValue &value)
{
    if (value.isDouble()) {
        double number = value.toDouble();
        if (!(number > 0) || number > 9e18)
            return 0;
        for (const double limit : {1e11, 1e14, 1e17}) { // seconds, milliseconds, microseconds, nanoseconds
            if (number < limit)
                return qint64(limit == 1e11 ? number * 1e6 : limit == 1e14 ? number * 1e3 : number);
        }
        return value.toInteger(qint64(number)) / 1000;
    }
    QString text = value.toString().trimmed();
    if (text.isEmpty())
        return 0;
    // QDateTime knows milliseconds only.
    qint64 micros = 0;
    if (const qsizetype dot = text.indexOf(u'.', 10); dot > 0) {
        qsizetype end = dot + 1;
        while (end < text.size() && text[end].isDigit())
            ++end;
        micros = text.mid(dot + 1, std::min<qsizetype>(end - dot - 1, 6)).leftJustified(6, u'0').toLongLong();
        text.remove(dot, end - dot);
    }
    QDateTime time = QDateTime::fromString(text, Qt::ISODate);
    if (!time.isValid())
        return 0;
    if (time.timeSpec() == Qt::LocalTime)
        time.setTimeSpec(Qt::UTC); // without a zone: UTC, as these programs write
    const qint64 seconds = time.toSecsSinceEpoch();
    return seconds > 0 ? seconds * 1'000'000 + micros : 0;
}

} // namespace importing

namespace {
using namespace importing;
using L = QLatin1String;
constexpr qint64 forever = std::numeric_limits<qint64>::max() / 4;

bool isOtlp(const QJsonObject &value)
{
    for (const char *key : {"resourceSpans", "resource_spans", "resourceLogs", "resource_logs", "resourceMetrics", "resource_metrics"}) {
        if (value.contains(L(key)))
            return true;
    }
    return false;
}

QString formatOf(const QJsonObject &value)
{
    if (isOtlp(value))
        return QStringLiteral("otlp");
    if (isLangSmith(value))
        return QStringLiteral("langsmith");
    if (isLangfuse(value))
        return QStringLiteral("langfuse");
    return openAiFormat(value);
}

AssemblerOptions assemblerOptions(const ImportReaderOptions &options)
{
    AssemblerOptions made;
    made.placeAtEnd = true;
    made.parentWaitUs = forever;
    made.quietUs = made.rootlessUs = made.idleUs = forever;
    made.heldBytes = options.heldBytes;
    made.openTraces = 50'000;
    made.price = options.price;
    return made;
}

// Nothing when the scale is not known.
std::optional<ImportedRating> ratingOf(const Score &score, const QString &author)
{
    ImportedRating rating;
    rating.timeUs = score.timeUs;
    rating.author = author + u' ' + score.name;
    const double value = score.value.toDouble(std::numeric_limits<double>::quiet_NaN());
    if (score.value.isBool()) {
        rating.kind = QStringLiteral("thumbs");
        rating.value = score.value.toBool() ? 1 : 0;
    } else if (value >= 0 && value <= 1) { // a share
        rating.kind = QStringLiteral("stars");
        rating.value = std::round(1 + value * 4);
    } else if (value > 1 && value <= 5) {
        rating.kind = QStringLiteral("stars");
        rating.value = std::round(value);
    } else {
        return std::nullopt;
    }
    rating.note = score.name + u' ' + (score.value.isBool() ? json::compactString(score.value) : QString::number(value));
    if (!score.comment.isEmpty())
        rating.note += QStringLiteral(": ") + score.comment.left(2000);
    return rating;
}
} // namespace

class ImportReader::Private
{
public:
    explicit Private(ImportReaderOptions given) : options(std::move(given)), assembler(assemblerOptions(options)) {}

    ImportReaderOptions options;
    TraceAssembler assembler;
    JsonChunks chunks;
    ImportReport report;
    MappingNotes notes;
    QByteArray salt;
    qint64 clock = 0; // goes on with each value, so that the assembler knows what is old
    qint64 values = 0;
    std::vector<ImportedTrace> ready;
    QHash<QString, std::vector<Score>> scores;     // by trace
    QHash<QString, QHash<QString, QString>> paths; // of traces with scores, when they come in several updates: step id to path

    void keep(std::vector<TraceUpdate> updates)
    {
        for (TraceUpdate &update : updates) {
            ImportedTrace trace;
            if (scores.contains(update.traceId)) {
                QHash<QString, QString> &known = paths[update.traceId];
                for (const RunEvent &event : update.events) {
                    if (event.kind == RunEventKind::StepStarted)
                        known.insert(event.attributes.value(L("lathe.foreign.id")).toString(), event.step);
                }
                if (update.hasEnded)
                    rate(update.traceId, &trace);
            }
            trace.update = std::move(update);
            ready.push_back(std::move(trace));
        }
    }

    void rate(const QString &traceId, ImportedTrace *trace)
    {
        const auto known = paths.take(traceId);
        const auto told = scores.take(traceId);
        for (const Score &score : told) {
            auto rating = ratingOf(score, source());
            if (!rating) {
                report.refused.add(QStringLiteral("score of an unknown scale"), score.name + u' ' + json::compactString(score.value));
                continue;
            }
            rating->step = known.value(score.stepId);
            if (rating->step.isEmpty() && !score.stepId.isEmpty())
                report.notes.add(QStringLiteral("score of a step that is not there, given to the run"), score.name);
            trace->ratings.push_back(std::move(*rating));
        }
    }

    QString source() const { return report.format.startsWith(L("openai")) ? QStringLiteral("openai") : report.format; }

    Result<void> read(const JsonChunks::Chunk &chunk)
    {
        ++values;
        if (chunk.cut) {
            report.addProblem(chunk.line, QStringLiteral("The value that begins here has no end; the file was cut off or is damaged."));
            return values == 1 ? unknown(QStringLiteral("it ends inside its first value")) : Result<void>();
        }
        const auto value = json::parse(chunk.bytes);
        if (!value) {
            addParseProblem(chunk, value.error().message);
            return values == 1 && !chunk.bytes.startsWith('{') && !chunk.bytes.startsWith('[') ? unknown(QStringLiteral("it is no JSON"))
                                                                                               : Result<void>();
        }
        return take(*value, chunk.line);
    }

    // The parser counts lines from the begin of the value.
    void addParseProblem(const JsonChunks::Chunk &chunk, QString message)
    {
        static const QRegularExpression place(QStringLiteral(" at line (\\d+), column"));
        qint64 line = chunk.line;
        if (const auto found = place.match(message); found.hasMatch()) {
            line += found.captured(1).toLongLong() - 1;
            message.replace(found.capturedStart(), found.capturedLength(), QStringLiteral(" at column"));
        }
        report.addProblem(line, message);
    }

    Result<void> take(const QJsonValue &value, qint64 line)
    {
        if (value.isArray()) { // arrays in arrays, or a line that is a list
            const QJsonArray list = value.toArray();
            for (const QJsonValue &item : list) {
                if (item.isArray())
                    report.addProblem(line, QStringLiteral("A list in a list is no trace."));
                else if (auto done = take(item, line); !done)
                    return done;
            }
            return {};
        }
        if (!value.isObject()) {
            report.addProblem(line, QStringLiteral("This is no object: %1").arg(json::compactString(value).left(60)));
            return {};
        }
        const QJsonObject object = value.toObject();
        const QString format = formatOf(object);
        if (format.isEmpty()) {
            if (report.format.isEmpty() && report.problems.empty())
                return unknown(QStringLiteral("its first value has the members %1")
                                   .arg(QStringList(object.keys().mid(0, 8)).join(QStringLiteral(", ")).left(200)));
            report.addProblem(line, QStringLiteral("This is none of the known formats; it has the members %1.")
                                        .arg(QStringList(object.keys().mid(0, 8)).join(QStringLiteral(", ")).left(200)));
            return {};
        }
        if (report.format.isEmpty()) {
            report.format = format;
            salt = json::hash(object);
        }
        ++clock;
        if (format == L("otlp"))
            return takeOtlp(object, line);
        Found found;
        Context context;
        context.nowUs = options.nowUs;
        context.line = line;
        context.salt = salt;
        context.notes = &notes;
        if (format == L("langfuse"))
            readLangfuse(object, context, &found);
        else if (format == L("langsmith"))
            readLangSmith(object, context, &found);
        else
            readOpenAi(object, context, &found);
        report.refused.add(found.refused);
        if (found.steps.empty() && found.scores.empty() && found.refused.isEmpty())
            report.addProblem(line, QStringLiteral("Nothing to take was found in this value."));
        for (Score &score : found.scores) {
            const QString trace = score.traceId;
            scores[trace].push_back(std::move(score));
        }
        keep(assembler.add(std::move(found.steps), clock));
        return {};
    }

    Result<void> takeOtlp(const QJsonObject &object, qint64 line)
    {
        if (object.contains(L("resourceMetrics")) || object.contains(L("resource_metrics"))) {
            report.refused.add(QStringLiteral("metrics, which are no part of a trace"), QStringLiteral("line %1").arg(line));
            return {};
        }
        OtlpLimits limits;
        limits.spans = 20'000'000; // the file is there already, whole
        auto batch = decodeOtlpJson(object, limits);
        if (!batch) {
            report.addProblem(line, batch.error().message);
            return {};
        }
        keep(assembler.add(std::move(*batch), clock));
        return {};
    }

    Error unknown(const QString &why) const
    {
        return Error(ErrorKind::InvalidInput, QStringLiteral("This is no file of recorded runs that Lathe knows: %1. It reads OTLP JSON, "
                                                             "Langfuse traces, LangSmith runs and OpenAI-style chats.")
                                                  .arg(why));
    }

    Result<void> drain()
    {
        while (auto chunk = chunks.next()) {
            if (auto done = read(*chunk); !done)
                return done;
        }
        return {};
    }
};

ImportReader::ImportReader(ImportReaderOptions options) : d(std::make_unique<Private>(std::move(options))) {}
ImportReader::~ImportReader() = default;

Result<void> ImportReader::add(QByteArrayView bytes)
{
    d->report.bytes += bytes.size();
    d->chunks.add(bytes);
    return d->drain();
}

Result<void> ImportReader::finish()
{
    d->chunks.finish();
    auto done = d->drain();
    if (!done)
        return done;
    if (d->values == 0)
        return d->unknown(QStringLiteral("it is empty"));
    d->keep(d->assembler.finish(d->clock + 1));
    for (auto it = d->scores.cbegin(); it != d->scores.cend(); ++it)
        d->report.refused.add(QStringLiteral("score of a trace that is not in the file"), it.key(), qint64(it->size()));
    return {};
}

std::vector<ImportedTrace> ImportReader::take()
{
    return std::exchange(d->ready, {});
}

ImportReport ImportReader::report() const
{
    ImportReport report = d->report;
    report.dialects.add(d->notes.dialects);
    report.dialects.add(d->assembler.mapping().dialects);
    report.unknownKeys.add(d->notes.unknownKeys);
    report.unknownKeys.add(d->assembler.mapping().unknownKeys);
    report.refused.add(d->assembler.refused());
    report.notes.add(d->assembler.odd());
    return report;
}

QString ImportReader::source() const
{
    return d->source();
}

} // namespace lathe
