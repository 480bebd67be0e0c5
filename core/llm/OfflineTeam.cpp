// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineTeam.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflinePatterns.h"
#include "core/llm/OfflineResults.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineTools.h"
#include "core/llm/OfflineWriting.h"

namespace lathe::offline {

namespace {

struct Worker {
    QString name;
    QSet<QString> stems; // of name and job
    QSet<int> trades;
    int tasks = 0;
};

// Words that belong to one trade: a job that says one of them fits a task that says another.
const QList<QSet<QString>> &trades()
{
    static const QList<QSet<QString>> list{
        stemsOf(QStringLiteral("find search look gather collect facts sources quote list show count counts messages "
                               "research investigate read examples")),
        stemsOf(QStringLiteral("compare averages mean shares percent ratio rank trend analyse analyze analysis "
                               "statistics difference median highest lowest distribution breakdown ratings")),
        stemsOf(QStringLiteral("write draft reply answer letter note summarise summarize summary report edit rewrite "
                               "compose text")),
        stemsOf(QStringLiteral("calculate compute sum total multiply arithmetic costs price budget")),
        stemsOf(QStringLiteral("check review verify judge critic proofread validate test")),
        stemsOf(QStringLiteral("code program script function implement debug software")),
        stemsOf(QStringLiteral("translate translation language german english spanish french")),
        stemsOf(QStringLiteral("schedule calendar meeting appointment date book"))};
    return list;
}
constexpr int writing = 2;

QSet<int> tradesOf(const QSet<QString> &stems)
{
    QSet<int> found;
    for (int i = 0; i < trades().size(); ++i) {
        if (trades()[i].intersects(stems))
            found.insert(i);
    }
    return found;
}

QList<Worker> workersIn(const QString &text)
{
    QList<Worker> workers;
    for (const QString &raw : capped(text, 16'000).split(u'\n')) {
        QString line = raw.trimmed();
        if (line.startsWith(QLatin1String("- ")))
            line = line.mid(2).trimmed();
        if (line.isEmpty() || workers.size() >= 50)
            continue;
        const qsizetype colon = line.indexOf(QLatin1String(": "));
        Worker worker;
        worker.name = (colon > 0          ? line.left(colon)
                       : line.endsWith(u':') ? line.chopped(1)
                                             : line)
                          .trimmed();
        worker.stems = stemsOf(line);
        worker.trades = tradesOf(worker.stems);
        workers.append(worker);
    }
    // Words that all jobs share tell nothing about any.
    if (workers.size() > 1) {
        QSet<QString> common = workers.first().stems;
        for (const Worker &worker : std::as_const(workers))
            common.intersect(worker.stems);
        for (Worker &worker : workers)
            worker.stems -= common;
    }
    return workers;
}

int fittest(const QList<Worker> &workers, const QString &step)
{
    const QStringList words = stemList(step);
    const QSet<int> wanted = tradesOf(QSet<QString>(words.begin(), words.end()));
    int best = 0;
    double bestScore = -1;
    for (int i = 0; i < workers.size(); ++i) {
        double score = 0;
        for (const QString &stem : words) {
            if (workers[i].stems.contains(stem))
                score += isRequestVerb(stem) ? 0.6 : 1.0;
        }
        for (const int trade : wanted)
            score += workers[i].trades.contains(trade) ? 0.5 : 0;
        const bool freer = score > bestScore - 1e-9 && workers[i].tasks < workers[best].tasks;
        if (score > bestScore + 1e-9 || freer) {
            bestScore = score;
            best = i;
        }
    }
    return best;
}

QString lowered(const QString &text)
{
    const bool name = text.size() > 1 && (text[1].isUpper() || text[1].isDigit() || !text[1].isLetter());
    return text.isEmpty() || name ? text : text.left(1).toLower() + text.mid(1);
}

bool refersBack(const QString &step)
{
    static const QRegularExpression pronoun = expression(
        QStringLiteral("\\b(?:its|it|their|them|they|those|these|the same|(?:that|this) "
                       "(?:area|tier|group|one|month|number|result|list|product|customer))\\b"));
    return pronoun.match(step).hasMatch();
}

// "<result worker="a" task="b">text</result>" and "<contribution number="1">text</contribution>".
struct Block {
    QString attributes;
    QString text;
};
QList<Block> blocksIn(const QString &text, const QString &name)
{
    QList<Block> blocks;
    const QString open = QStringLiteral("<%1 ").arg(name), close = QStringLiteral("</%1>").arg(name);
    for (qsizetype at = text.indexOf(open); at >= 0 && blocks.size() < 100;) {
        const qsizetype from = text.indexOf(QLatin1String("\">"), at);
        const qsizetype end = from < 0 ? -1 : text.indexOf(close, from);
        if (end < 0)
            break;
        blocks.append({text.mid(at + open.size(), from - at - open.size()), text.mid(from + 2, end - from - 2).trimmed()});
        at = text.indexOf(open, end);
    }
    return blocks;
}

QString taskIn(const QString &attributes)
{
    const QLatin1String key("task=\"");
    const qsizetype at = attributes.indexOf(key);
    return at < 0 ? QString() : oneLine(attributes.mid(at + key.size()));
}

// "Count the complaints per area" is about "Complaints per area".
QString titleOf(const QString &task)
{
    static const QRegularExpression lead = expression(
        QStringLiteral("^(?:(?:find out|work out):\\s*|(?:please|then|and|also)\\s+)+"));
    QString text = firstCharacters(oneLine(task), 160).remove(lead);
    const auto words = wordsOf(text.left(60));
    if (words.size() > 2 && isRequestVerb(words.front().lower)) {
        static const QRegularExpression filler = expression(
            QStringLiteral("^\\W*(?:(?:out|up|for|me|us|all|of|the|a|an|number|in)\\b\\s*)*"));
        text = text.mid(words.front().length).remove(filler);
    }
    while (!text.isEmpty() && QStringView(u".,;: ").contains(text.back()))
        text.chop(1);
    return capitalised(text);
}

struct Found {
    QString title;
    QStringList lines;
};

QString asSections(const QList<Found> &found, const Wishes &wishes)
{
    if (found.size() == 1 && !wishes.plain)
        return found.first().lines.size() == 1 ? found.first().lines.first()
                                               : QStringLiteral("- ") + found.first().lines.join(QLatin1String("\n- "));
    QStringList parts;
    for (const Found &part : found) {
        QStringList rows;
        for (const QString &line : part.lines)
            rows.append(wishes.markdown ? QStringLiteral("- ") + line : line);
        if (!wishes.markdown)
            parts.append(QStringLiteral("%1: %2").arg(part.title, rows.join(QLatin1String("; "))));
        else
            parts.append(QStringLiteral("**%1**\n\n%2").arg(part.title, rows.join(u'\n')));
    }
    return parts.join(wishes.markdown ? QStringLiteral("\n\n") : QStringLiteral("\n"));
}

QString united(const Reading &reading)
{
    QStringList texts;
    for (const Block &block : blocksIn(reading.tags.value(QStringLiteral("contributions")), QStringLiteral("contribution")))
        texts.append(block.text);
    texts.removeAll(QString());
    if (texts.isEmpty())
        return fallbackText(reading);
    static const QRegularExpression choose = expression(
        QStringLiteral("\\b(?:choose|pick|select|decide|the best|the better|the strongest|vote)\\b"));
    if (choose.match(reading.instructions.left(2000)).hasMatch()) { // what the others say, too, is most likely right
        int best = 0;
        double most = -1;
        for (int i = 0; i < texts.size(); ++i) {
            double agreed = 0;
            for (int k = 0; k < texts.size(); ++k)
                agreed += k == i ? 0 : overlap(stemsOf(texts[i].left(4000)), stemsOf(texts[k].left(4000)));
            if (agreed > most + 1e-9) {
                most = agreed;
                best = i;
            }
        }
        return fitted(texts[best], reading.wishes);
    }
    const QString all = texts.join(u'\n');
    return shaped(bestSentences(all, wishedPoints(reading.wishes, 12)), reading.wishes);
}

} // namespace

QString workerPlan(const Reading &reading)
{
    QList<Worker> workers = workersIn(reading.tags.value(QStringLiteral("workers")));
    const QString request = reading.tags.value(QStringLiteral("request"));
    if (workers.isEmpty() || request.trimmed().isEmpty())
        return QStringLiteral("[]");
    static const QRegularExpression limit = expression(QStringLiteral("\\bat most (\\d{1,2}) tasks?\\b"));
    const auto limited = limit.match(reading.order);
    const qsizetype most = limited.hasMatch() ? std::max(1, limited.captured(1).toInt()) : 6;
    QStringList steps = stepsOf(request);
    // Putting the results into words comes by itself, unless somebody is there for it.
    const bool writers = std::any_of(workers.begin(), workers.end(), [](const Worker &w) { return w.trades.contains(writing); });
    static const QRegularExpression words =
        expression(QStringLiteral("^(?:write|draft|summari[sz]e|report|compose|prepare|answer|tell)\\b"));
    for (qsizetype i = steps.size() - 1; i >= 0 && steps.size() > 1 && !writers; --i) {
        if (words.match(steps[i]).hasMatch())
            steps.removeAt(i);
    }
    QStringList tasks;
    for (const QString &step : std::as_const(steps)) {
        static const QRegularExpression asking = expression(QStringLiteral("^Find out: "), true); // a question is a task
        const QString task = firstCharacters(oneLine(step).remove(asking), 600);
        if (!tasks.isEmpty() && (refersBack(task) || tasks.size() >= most))
            tasks.last() += QLatin1String(", then ") + lowered(task);
        else
            tasks.append(task);
    }
    if (tasks.isEmpty())
        tasks.append(firstCharacters(oneLine(request), 600));
    QJsonArray plan;
    for (const QString &task : std::as_const(tasks)) {
        Worker &worker = workers[fittest(workers, task)];
        ++worker.tasks;
        plan.append(QJsonObject{{QStringLiteral("worker"), worker.name}, {QStringLiteral("task"), task}});
    }
    return json::compactString(plan);
}

QString chained(const QString &task, const std::vector<Exchange> &exchanges)
{
    const QStringList parts = requestParts(task);
    const auto back = std::find_if(parts.begin() + (parts.isEmpty() ? 0 : 1), parts.end(), refersBack);
    if (back == parts.end())
        return task;
    const bool answered = std::any_of(exchanges.begin(), exchanges.end(), [](const Exchange &e) { return e.answered && !e.isError; });
    if (!answered)
        return exchanges.empty() ? parts.mid(0, back - parts.begin()).join(QLatin1String(", then ")) : task;
    QString name;
    for (const Exchange &exchange : exchanges) {
        const ResultTable table = tableOf(exchange.result);
        if (name.isEmpty() && !exchange.isError && !table.rows.isEmpty() && table.columns.size() >= 2)
            name = firstCharacters(oneLine(table.rows.first().first()), 80);
    }
    if (name.isEmpty())
        return task;
    static const QRegularExpression pronoun = expression(QStringLiteral(
        "\\b(?:its|it|their|them|they|those|these|(?:that|this) (?:area|tier|group|one|month|product|customer))\\b"));
    QStringList told = parts;
    for (qsizetype i = back - parts.begin(); i < told.size(); ++i) {
        const auto match = pronoun.match(told[i]);
        if (match.hasMatch())
            told[i].replace(match.capturedStart(), match.capturedLength(), name);
    }
    return told.join(QLatin1String(", then "));
}

QString mergedResults(const Reading &reading)
{
    const QString results = reading.tags.value(QStringLiteral("results"));
    QList<Found> found;
    QStringList open;
    QSet<QString> seen;
    for (const Block &block : blocksIn(results, QStringLiteral("result"))) {
        const QString task = taskIn(block.attributes);
        static const QRegularExpression failed = expression(
            QStringLiteral("^(?:I )?could not (?:find|be)\\b|\\bfailed: |^I can not do this\\b"));
        if (block.text.isEmpty() || failed.match(block.text.left(400)).hasMatch()
            || (!reading.fallback.isEmpty() && block.text == reading.fallback)) {
            open.append(titleOf(task));
            continue;
        }
        Found part{titleOf(task), {}};
        for (const QString &raw : block.text.split(u'\n')) {
            QString line = raw.trimmed();
            if (line.startsWith(QLatin1String("- ")) || line.startsWith(QLatin1String("* ")))
                line = line.mid(2).trimmed();
            if (line.isEmpty() || seen.contains(part.title + line))
                continue;
            seen.insert(part.title + line);
            part.lines.append(line);
        }
        found.append(part);
    }
    if (found.isEmpty() && open.isEmpty()) // results in another form
        return results.trimmed().isEmpty() ? fallbackText(reading)
                                           : shaped(bestSentences(results, wishedPoints(reading.wishes, 8)), reading.wishes);
    const Wishes &wishes = reading.wishes;
    QString text;
    if (wishes.sentences > 0 || (wishes.list && wishes.points > 0)) {
        QStringList points;
        for (const Found &part : std::as_const(found))
            points.append(QStringLiteral("%1: %2").arg(part.title, part.lines.join(QLatin1String("; "))));
        text = shaped(points, wishes);
    } else if (!found.isEmpty()) {
        text = fitted(asSections(found, wishes), wishes);
    }
    if (found.isEmpty())
        text = fallbackText(reading);
    if (!open.isEmpty())
        text += QStringLiteral("\n\nStill open: %1.").arg(open.join(QLatin1String("; ")));
    return text;
}

std::optional<QString> teamAnswer(const Reading &reading)
{
    if (reading.work == Work::Assign)
        return workerPlan(reading);
    if (reading.work == Work::Merge)
        return mergedResults(reading);
    if (reading.work != Work::Answer || !reading.exchanges.empty())
        return std::nullopt;
    if (reading.tags.contains(QStringLiteral("contributions")))
        return united(reading);
    const QString orders = reading.instructions.left(4000) + u'\n' + reading.order.left(1000);
    static const QRegularExpression weighs =
        expression(QStringLiteral("\\b(?:compare|weigh|judge|stronger|strongest|better|decide|which)\\b"));
    if (reading.tags.contains(QStringLiteral("for")) && reading.tags.contains(QStringLiteral("against"))
        && weighs.match(orders).hasMatch()) {
        Wishes wishes = reading.wishes;
        wishes.list = false;
        const QStringList verdict =
            weighed(reading.tags.value(QStringLiteral("for")), reading.tags.value(QStringLiteral("against")));
        return fitted(verdict.mid(0, wishes.sentences > 0 ? wishes.sentences : 3).join(u' '), wishes);
    }
    static const QRegularExpression side = expression(QStringLiteral(
        "\\b(?:reasons?|arguments?|points?|case|argue|speaks?)\\s+(for|in favou?r of|against)\\s+(?:(?:the|this|that|a) "
        ")?(?:proposal|motion|plan|idea|change|decision|claim|thesis|suggestion|question|doing)\\b"));
    const auto match = side.match(reading.instructions.left(4000));
    if (!match.hasMatch())
        return std::nullopt;
    const bool inFavour = match.captured(1).compare(QLatin1String("against"), Qt::CaseInsensitive) != 0;
    const QStringList reasons =
        reasonsOf(workText(reading), inFavour, wishedPoints(reading.wishes, 3));
    if (reasons.isEmpty())
        return inFavour ? QStringLiteral("The text gives no reason for the proposal.")
                        : QStringLiteral("The text gives no reason against the proposal.");
    return shaped(reasons, reading.wishes);
}

} // namespace lathe::offline
