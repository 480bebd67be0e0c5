// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/project/ProjectSample.h"

#include <QRandomGenerator>

#include <map>

namespace lathe::test {

// A run log of random runs, and what a filter finds in it, without SQL.

inline constexpr qint64 baseUs = 1'790'000'000'000'000;

// What a run is known to be, for asking without SQL.
struct Fact {
    RunInfo info;
    std::map<QString, int> tools;
    QString experiment;
    RunId forkOf;
};

template<typename T>
const T &one(QRandomGenerator &random, const std::vector<T> &of)
{
    return of[size_t(random.bounded(int(of.size())))];
}

inline const std::vector<QString> agents{QStringLiteral("triage"), QStringLiteral("Triage two"), QStringLiteral("mail_er"), QStringLiteral("100%")};
inline const std::vector<QString> words{QStringLiteral("refund"), QStringLiteral("Café"), QStringLiteral("退款"), QStringLiteral("slow"), QStringLiteral("x-ray")};
inline const std::vector<QString> toolNames{QStringLiteral("sql"), QStringLiteral("http"), QStringLiteral("Calculator")};
inline const std::vector<QString> models{QStringLiteral("offline/extractive"), QStringLiteral("openai/gpt-5"), QStringLiteral("openai/gpt-5, offline/extractive"), QString()};
inline const std::vector<QString> tags{QStringLiteral("old"), QStringLiteral("Good"), QStringLiteral("to do")};

class Log
{
public:
    Log(Project &project, int count, quint32 seed) : random(seed), m_project(project)
    {
        const auto experiment = await(project.artifacts().create(ArtifactKind::Experiment, QStringLiteral("tone"), {}));
        if (!experiment)
            qFatal("%s", qPrintable(experiment.error().message));
        for (int i = 0; i < count; ++i)
            facts.push_back(record(i, *experiment));
        if (!await(project.flush()))
            qFatal("flush");
    }
    QRandomGenerator random;
    std::vector<Fact> facts;

private:
    QString text()
    {
        QStringList list;
        for (int i = random.bounded(4); i > 0; --i)
            list.append(one(random, words));
        return list.join(QLatin1Char(' '));
    }

    Fact record(int i, ArtifactId experiment)
    {
        Fact fact;
        RunInfo &info = fact.info;
        info = someRun(text());
        info.agentName = one(random, agents);
        info.revisionNumber = random.bounded(3);
        info.revisions = {{QStringLiteral("prompt"), QStringLiteral("greeting@%1").arg(random.bounded(1, 3))}};
        info.startUs = baseUs + random.bounded(5) * 86'400'000'000 + i;
        info.models = one(random, models);
        if (random.bounded(4) == 0) {
            info.source = random.bounded(2) ? QStringLiteral("otlp") : QStringLiteral("langfuse");
            info.sourceId = QStringLiteral("trace %1").arg(i);
        }
        Player p(m_project, info);
        info.id = p.run;
        const int calls = random.bounded(4);
        for (int call = 0; call < calls; ++call) {
            const QString path = QString::number(call + 1);
            const QString tool = one(random, toolNames);
            p.begin(path, StepKind::Tool, QStringLiteral("execute_tool ") + tool, {{QStringLiteral("gen_ai.tool.name"), tool}});
            p.stepEnd(path, random.bounded(3) ? StepStatus::Ok : StepStatus::Failed, QStringLiteral("out"));
            ++fact.tools[tool];
        }
        info.stepCount = calls;
        info.usage.inputTokens = random.bounded(5) * 100;
        info.usage.outputTokens = random.bounded(5) * 10;
        info.usage.costKnown = random.bounded(3) > 0;
        if (info.usage.costKnown)
            info.usage.costUsd = random.bounded(4) * 0.01;
        if (random.bounded(10) > 0) {
            info.status = one(random, std::vector<RunStatus>{RunStatus::Done, RunStatus::Done, RunStatus::Failed, RunStatus::Cancelled});
            info.output = text();
            if (info.status == RunStatus::Failed)
                info.error = Error(random.bounded(2) ? ErrorKind::Timeout : ErrorKind::InvalidInput, QStringLiteral("It took 5%_ too long."));
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.runStatus = info.status;
            ended.timeUs = info.startUs + random.bounded(5) * 1'000'000;
            ended.text = info.output;
            ended.error = info.error;
            ended.attributes = {{QStringLiteral("usage"), info.usage.toJson()}};
            info.endUs = ended.timeUs;
            p.emitEvent(ended);
        } else { // goes on
            info.usage = Usage();
        }
        if (!await(m_project.runs().flush()))
            qFatal("flush");
        mark(&fact, experiment);
        return fact;
    }

    void mark(Fact *fact, ArtifactId experiment)
    {
        RunInfo &info = fact->info;
        RunRepository &runs = m_project.runs();
        const auto need = [](const auto &result) {
            if (!result)
                qFatal("%s", qPrintable(result.error().message));
            return *result;
        };
        const auto done = [](const Result<void> &result) {
            if (!result)
                qFatal("%s", qPrintable(result.error().message));
        };
        if (random.bounded(3) == 0) {
            info.tags = {one(random, tags)};
            done(await(runs.setTags(info.id, info.tags)));
        }
        if (random.bounded(5) == 0) {
            info.pinned = true;
            done(await(runs.setPinned({info.id}, true, QString())));
        }
        if (random.bounded(3) == 0) {
            Rating rating;
            rating.run = info.id;
            const bool thumbs = random.bounded(2);
            rating.kind = thumbs ? QStringLiteral("thumbs") : QStringLiteral("stars");
            rating.value = thumbs ? random.bounded(2) : random.bounded(1, 6);
            info.rating = thumbs ? (rating.value > 0 ? 6 : 0) : int(rating.value);
            need(await(m_project.ratings().rate(rating)));
        }
        if (random.bounded(4) == 0 && !facts.empty()) {
            fact->forkOf = one(random, facts).info.id;
            RunFork fork;
            fork.run = info.id;
            fork.parent = fact->forkOf;
            fork.step = QStringLiteral("1");
            done(await(runs.setFork(fork)));
        }
        if (random.bounded(4) == 0) {
            const auto claimed = need(await(m_project.trials().claim({{QByteArray::number(info.id.value), experiment, QStringLiteral("a")}})));
            m_project.trials().begin(claimed[0].trial.id, info.id);
            fact->experiment = QStringLiteral("tone");
        }
        if (random.bounded(10) == 0 && info.endUs != 0) {
            info.inBin = true;
            done(await(runs.moveToBin({info.id})));
        }
    }
    Project &m_project;
};

inline QString folded(const QString &text)
{
    return text.toLower().replace(QLatin1String("é"), QLatin1String("e"));
}

inline bool textIs(const QString &value, const QString &wanted)
{
    return wanted.endsWith(QLatin1Char('*')) ? value.startsWith(wanted.chopped(1), Qt::CaseInsensitive)
                                             : value.compare(wanted, Qt::CaseInsensitive) == 0;
}

inline bool compares(RunComparison how, std::optional<double> value, double with)
{
    if (!value)
        return false;
    switch (how) {
    case RunComparison::Is:
        return *value == with;
    case RunComparison::Less:
        return *value < with;
    case RunComparison::LessOrEqual:
        return *value <= with;
    case RunComparison::Greater:
        return *value > with;
    case RunComparison::GreaterOrEqual:
        return *value >= with;
    }
    return false;
}

inline std::optional<double> numberOf(const Fact &fact, RunField field)
{
    const RunInfo &info = fact.info;
    using Number = std::optional<double>;
    switch (field) {
    case RunField::Id:
        return double(info.id.value);
    case RunField::Revision:
        return info.revisionNumber;
    case RunField::Latency:
        return info.endUs ? Number(double(info.endUs - info.startUs)) : std::nullopt;
    case RunField::Tokens:
        return double(info.usage.totalTokens());
    case RunField::InputTokens:
        return double(info.usage.inputTokens);
    case RunField::OutputTokens:
        return double(info.usage.outputTokens);
    case RunField::Cost:
        return info.usage.costKnown ? Number(info.usage.costUsd) : std::nullopt;
    case RunField::Steps:
        return info.stepCount;
    case RunField::Rating:
        return info.rating < 0 ? std::nullopt : Number(info.rating == 0 ? 1 : info.rating == 6 ? 5 : info.rating);
    case RunField::Started:
        return double(info.startUs);
    case RunField::Fork:
        return fact.forkOf.isValid() ? Number(double(fact.forkOf.value)) : std::nullopt;
    case RunField::Pinned:
        return info.pinned ? 1 : 0;
    default:
        return std::nullopt;
    }
}

inline bool holds(const Fact &fact, const RunCondition &condition)
{
    const RunInfo &info = fact.info;
    const QString &text = condition.text;
    const auto inText = [&](const QString &where) { // words of the vocabulary hold none of each other
        return info.endUs != 0 && folded(where).contains(folded(text));
    };
    const bool any = text == QLatin1String("*");
    switch (condition.field) {
    case RunField::Text:
        return inText(info.input) || inText(info.output);
    case RunField::Input:
        return inText(info.input);
    case RunField::Output:
        return inText(info.output);
    case RunField::Agent:
        return textIs(info.agentName, text)
               && (condition.revision == 0 || std::max(condition.revision, 0) == info.revisionNumber);
    case RunField::Status:
        return any || runStatusName(info.status) == text;
    case RunField::Error:
        return info.error && (textIs(errorKindName(info.error->kind), text) || info.error->message.contains(text, Qt::CaseInsensitive) || any);
    case RunField::Tool:
        return std::any_of(fact.tools.begin(), fact.tools.end(), [&](const auto &tool) { return textIs(tool.first, text); });
    case RunField::Model: {
        const QStringList list = info.models.split(QStringLiteral(", "), Qt::SkipEmptyParts);
        return std::any_of(list.begin(), list.end(), [&](const QString &model) {
            return textIs(model, text) || textIs(model.section(QLatin1Char('/'), 1), text);
        });
    }
    case RunField::Tag:
        return std::any_of(info.tags.begin(), info.tags.end(), [&](const QString &tag) { return textIs(tag, text); });
    case RunField::Experiment:
        return any ? !fact.experiment.isEmpty() : textIs(fact.experiment, text);
    case RunField::Source:
        return any ? !info.source.isEmpty() : text == QLatin1String("lathe") ? info.source.isEmpty() : textIs(info.source, text);
    case RunField::Prompt:
        return textIs(QStringLiteral("greeting"), text)
               && (condition.revision == 0
                   || info.revisions.value(QStringLiteral("prompt")).toString().endsWith(QStringLiteral("@%1").arg(condition.revision)));
    default: {
        const auto number = numberOf(fact, condition.field);
        if (!any)
            return compares(condition.comparison, number, condition.number);
        const bool counts = condition.field == RunField::Tokens || condition.field == RunField::InputTokens
                            || condition.field == RunField::OutputTokens || condition.field == RunField::Steps
                            || condition.field == RunField::Revision;
        return number && (!counts || *number > 0);
    }
    }
}

inline bool holds(const Fact &fact, const RunFilter &filter)
{
    const auto part = [&](const RunFilter &one) { return holds(fact, one); };
    switch (filter.kind) {
    case RunFilter::Kind::All:
        return std::all_of(filter.parts.begin(), filter.parts.end(), part);
    case RunFilter::Kind::Any:
        return std::any_of(filter.parts.begin(), filter.parts.end(), part);
    case RunFilter::Kind::Not:
        return !part(filter.parts.front());
    case RunFilter::Kind::Condition:
        break;
    }
    return holds(fact, filter.condition);
}

inline RunFilter randomFilter(QRandomGenerator &random, const Log &log, int depth)
{
    RunFilter filter;
    const int choice = depth == 0 ? 9 : random.bounded(10);
    if (choice < 4) {
        filter.kind = choice < 2 ? RunFilter::Kind::All : RunFilter::Kind::Any;
        for (int i = random.bounded(1, 4); i > 0; --i)
            filter.parts.push_back(randomFilter(random, log, depth - 1));
        return filter;
    }
    if (choice == 4) {
        filter.kind = RunFilter::Kind::Not;
        filter.parts.push_back(randomFilter(random, log, depth - 1));
        return filter;
    }
    const auto field = RunField(random.bounded(int(RunField::Started) + 1));
    if (random.bounded(8) == 0 && field != RunField::Text && field != RunField::Input && field != RunField::Output)
        return RunFilter::of(field, QStringLiteral("*"));
    const std::vector<QString> stars{QString(), QString(), QStringLiteral("*")};
    switch (field) {
    case RunField::Text:
    case RunField::Input:
    case RunField::Output:
        return RunFilter::of(field, one(random, words));
    case RunField::Agent:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("TRIAGE"), QStringLiteral("tri*"), QStringLiteral("mail_*"), QStringLiteral("100%"),
                                                                      QStringLiteral("triage@2"), QStringLiteral("triage@draft"), QStringLiteral("none")}));
    case RunField::Status:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("done"), QStringLiteral("failed"), QStringLiteral("running")}));
    case RunField::Error:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("timeout"), QStringLiteral("5%_ too"), QStringLiteral("nothing")}));
    case RunField::Tool:
        return RunFilter::of(field, one(random, toolNames).toUpper() + one(random, stars));
    case RunField::Model:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("gpt-5"), QStringLiteral("openai/*"), QStringLiteral("gpt*"), QStringLiteral("gpt"), QStringLiteral("offline/extractive")}));
    case RunField::Tag:
        return RunFilter::of(field, one(random, tags).toLower());
    case RunField::Experiment:
        return RunFilter::of(field, QStringLiteral("Tone"));
    case RunField::Source:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("otlp"), QStringLiteral("lathe"), QStringLiteral("lang*")}));
    case RunField::Prompt:
        return RunFilter::of(field, one(random, std::vector<QString>{QStringLiteral("greeting"), QStringLiteral("greet*"), QStringLiteral("greeting@1"), QStringLiteral("x")}));
    default: {
        const Fact &fact = one(random, log.facts);
        return RunFilter::of(field, RunComparison(field == RunField::Pinned ? 0 : random.bounded(5)), numberOf(fact, field).value_or(0));
    }
    }
}
} // namespace lathe::test
