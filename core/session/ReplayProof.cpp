// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ReplayProof.h"

#include "core/base/Json.h"

#include <QCryptographicHash>

namespace lathe {

namespace {
QJsonObject event(const char *name, const QString &step)
{
    QJsonObject json{{QStringLiteral("event"), QString::fromLatin1(name)}};
    if (!step.isEmpty())
        json.insert(QStringLiteral("step"), step);
    return json;
}

QJsonObject errorOf(const Error &error)
{
    return QJsonObject{{QStringLiteral("type"), errorKindName(error.kind)}, {QStringLiteral("message"), error.message}};
}

QJsonObject begun(const Step &step)
{
    QJsonObject json = event("step_started", step.path);
    json.insert(QStringLiteral("kind"), stepKindName(step.kind));
    json.insert(QStringLiteral("name"), step.name);
    return json;
}

// What stands after the steps below it: what streamed, what was noted, how it ended.
void appendRest(const Step &step, std::vector<QJsonObject> *events)
{
    if (!step.reasoning.isEmpty()) {
        QJsonObject json = event("step_delta", step.path);
        json.insert(QStringLiteral("channel"), deltaChannelName(DeltaChannel::Reasoning));
        json.insert(QStringLiteral("text"), step.reasoning);
        events->push_back(std::move(json));
    }
    for (const StepNote &note : step.notes) {
        QJsonObject json = event("step_note", step.path);
        json.insert(QStringLiteral("name"), note.name);
        json.insert(QStringLiteral("attributes"), note.attributes);
        events->push_back(std::move(json));
    }
    QJsonObject json = event("step_ended", step.path);
    json.insert(QStringLiteral("status"), stepStatusName(step.status));
    json.insert(QStringLiteral("text"), step.text);
    json.insert(QStringLiteral("attributes"), step.attributes);
    if (step.error)
        json.insert(QStringLiteral("error"), errorOf(*step.error));
    events->push_back(std::move(json));
}

QByteArray hashOf(const std::vector<QJsonObject> &events)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QJsonObject &json : events) {
        hash.addData(json::compact(json));
        hash.addData(QByteArrayLiteral("\n"));
    }
    return hash.result().toHex();
}

QString textOf(const QJsonValue &value)
{
    return value.isUndefined() ? QString() : value.isString() ? value.toString() : json::compactString(value);
}

// The first member that differs, by name; goes into objects.
void findField(const QJsonObject &a, const QJsonObject &b, const QString &above, ReplayProof::Difference *found)
{
    QStringList keys = a.keys();
    const QStringList others = b.keys();
    for (const QString &key : others) {
        if (!keys.contains(key))
            keys.append(key);
    }
    for (const QString &key : std::as_const(keys)) {
        const QJsonValue x = a.value(key);
        const QJsonValue y = b.value(key);
        if (x == y)
            continue;
        const QString field = above.isEmpty() ? key : above + QLatin1Char('/') + key;
        if (x.isObject() && y.isObject()) {
            findField(x.toObject(), y.toObject(), field, found);
            return;
        }
        found->field = field;
        found->recorded = textOf(x);
        found->replayed = textOf(y);
        return;
    }
}

QString shortened(QString text)
{
    text.replace(QLatin1Char('\n'), QLatin1Char(' '));
    return text.size() > 120 ? text.left(119) + QChar(0x2026) : text;
}
}

std::vector<QJsonObject> canonicalEvents(const Trace &trace, const QSet<QString> *only)
{
    std::vector<QJsonObject> events;
    if (!only) {
        QJsonObject json = event("run_started", QString());
        json.insert(QStringLiteral("attributes"), trace.startAttributes());
        events.push_back(std::move(json));
    }
    std::vector<const Step *> steps;
    steps.reserve(trace.steps().size());
    for (const Step &step : trace.steps()) {
        if (!only || only->contains(step.path))
            steps.push_back(&step);
    }
    std::sort(steps.begin(), steps.end(), [](const Step *a, const Step *b) { return stepPathLess(a->path, b->path); });
    std::vector<const Step *> open; // what is still to be closed, outermost first
    const auto closeUntil = [&](const QString &path) {
        while (!open.empty()) {
            const QString &last = open.back()->path;
            const bool above = path.size() > last.size() && path.startsWith(last) && path[last.size()] == QLatin1Char('.');
            if (above)
                return;
            appendRest(*open.back(), &events);
            open.pop_back();
        }
    };
    for (const Step *step : steps) {
        closeUntil(step->path);
        events.push_back(begun(*step));
        open.push_back(step);
    }
    closeUntil(QString());
    if (!only) {
        QJsonObject json = event("run_ended", QString());
        json.insert(QStringLiteral("status"), runStatusName(trace.status()));
        json.insert(QStringLiteral("text"), trace.output());
        if (trace.error())
            json.insert(QStringLiteral("error"), errorOf(*trace.error()));
        events.push_back(std::move(json));
    }
    return events;
}

ReplayProof proveReplay(const Trace &recorded, const Trace &replayed, const QSet<QString> *only)
{
    const std::vector<QJsonObject> a = canonicalEvents(recorded, only);
    const std::vector<QJsonObject> b = canonicalEvents(replayed, only);
    ReplayProof proof;
    proof.partial = only != nullptr;
    proof.recordedEvents = int(a.size());
    proof.replayedEvents = int(b.size());
    proof.recordedHash = hashOf(a);
    proof.replayedHash = hashOf(b);
    const auto nameOf = [](const Trace &trace, const QString &path) {
        const int index = trace.indexOf(path);
        return index < 0 ? QString() : trace.steps()[size_t(index)].name;
    };
    for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i < a.size() && i < b.size() && a[i] == b[i]) {
            ++proof.events;
            continue;
        }
        const QJsonObject x = i < a.size() ? a[i] : QJsonObject();
        const QJsonObject y = i < b.size() ? b[i] : QJsonObject();
        const auto text = [](const QJsonObject &json, const char *key) { return json.value(QLatin1String(key)).toString(); };
        const bool alike = text(x, "event") == text(y, "event") && text(x, "step") == text(y, "step");
        const bool more = x.isEmpty() || (!alike && !y.isEmpty() && recorded.indexOf(text(y, "step")) < 0);
        ReplayProof::Difference difference;
        difference.event = int(i);
        const QJsonObject &where = more ? y : x;
        difference.step = text(where, "step");
        difference.stepName = nameOf(more ? replayed : recorded, difference.step);
        difference.eventName = text(where, "event");
        if (alike) {
            findField(x, y, QString(), &difference);
        } else {
            difference.field = more ? QStringLiteral("more") : QStringLiteral("missing");
            difference.recorded = textOf(x.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(x));
            difference.replayed = textOf(y.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(y));
        }
        proof.first = std::move(difference);
        break;
    }
    return proof;
}

QString differenceSentence(const ReplayProof &proof)
{
    if (!proof.first)
        return {};
    const ReplayProof::Difference &first = *proof.first;
    const QString where = first.step.isEmpty() ? QStringLiteral("the run itself") : QStringLiteral("step %1 %2").arg(first.step, first.stepName).trimmed();
    const QString at = QStringLiteral("Event %1 of %2 (%3 of %4)").arg(first.event + 1).arg(proof.recordedEvents).arg(first.eventName, where);
    if (first.field == QLatin1String("more"))
        return QStringLiteral("%1 is in the replay, but not in the recording.").arg(at);
    if (first.field == QLatin1String("missing"))
        return QStringLiteral("%1 of the recording is missing in the replay.").arg(at);
    return QStringLiteral("%1 differs in %2: recorded \"%3\", replayed \"%4\".")
        .arg(at, first.field, shortened(first.recorded), shortened(first.replayed));
}

QJsonObject ReplayProof::toJson() const
{
    QJsonObject json{{QStringLiteral("events"), events},
                     {QStringLiteral("recorded_events"), recordedEvents},
                     {QStringLiteral("replayed_events"), replayedEvents},
                     {QStringLiteral("recorded_sha256"), QString::fromLatin1(recordedHash)},
                     {QStringLiteral("replayed_sha256"), QString::fromLatin1(replayedHash)}};
    if (partial)
        json.insert(QStringLiteral("partial"), true);
    if (first) {
        json.insert(QStringLiteral("first_difference"), QJsonObject{{QStringLiteral("event"), first->event},
                                                                    {QStringLiteral("event_name"), first->eventName},
                                                                    {QStringLiteral("step"), first->step},
                                                                    {QStringLiteral("step_name"), first->stepName},
                                                                    {QStringLiteral("field"), first->field},
                                                                    {QStringLiteral("recorded"), first->recorded},
                                                                    {QStringLiteral("replayed"), first->replayed}});
    }
    return json;
}

} // namespace lathe
