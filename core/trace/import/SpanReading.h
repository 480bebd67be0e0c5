// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/ForeignStep.h"
#include "core/trace/import/MessageShapes.h"

namespace lathe {

// A span while it is translated: dialects take attributes out of it and put what they mean into the step. What nobody takes is kept under
// its own name. Internal to core/trace/import.
struct SpanReading {
    explicit SpanReading(const OtlpSpan &span);

    const OtlpSpan &span;
    ForeignStep step; // attributes: what was translated
    QJsonArray input, output; // messages
    QJsonArray system;        // parts
    QJsonArray tools;         // definitions
    bool kindKnown = false;

    bool has(const char *key) const { return !peek(key).isUndefined(); }
    bool hasPrefix(const char *prefix) const;
    QJsonValue peek(const char *key) const;
    // The value, which counts as understood and is not kept under this name. Undefined: not there.
    QJsonValue take(const char *key);
    QString takeText(const char *key); // compact JSON of other values
    // All keys that begin so and were not taken before, with the rest of the key; sorted.
    std::vector<std::pair<QString, QJsonValue>> takePrefix(const char *prefix);
    // The same put together as JSON: "0.message.role" becomes [{"message":{"role":..}}]. Bounded in depth.
    QJsonValue takeTree(const char *prefix);
    // Under another name, unless the step has it already or the value is none.
    void rename(const char *from, const char *to);
    void renameNumber(const char *from, const char *to); // text of a number becomes one
    void put(const char *key, const QJsonValue &value);    // unless it is there, null or an empty text
    QString attribute(const char *key) const { return step.attributes.value(QLatin1String(key)).toString(); }

    void setKind(StepKind kind, const char *operation);
    void setDialect(const char *dialect)
    {
        if (step.dialect.isEmpty())
            step.dialect = QString::fromLatin1(dialect);
    }
    // {name: value} of an object of request settings: temperature, max_tokens, ...; others as gen_ai.request.<name>.
    void putRequestSettings(const QJsonObject &settings);
    void putUsage(const char *name, const QJsonValue &tokens); // name behind gen_ai.usage.
    void addInput(const QJsonArray &messages);
    void addOutput(const QJsonArray &messages);
    // The rest: attributes nobody took, counted when nobody knows them.
    void keepRest(MappingNotes *notes);

private:
    using Items = std::vector<std::pair<QString, QJsonValue>>;
    Items::const_iterator lowerBound(QLatin1String key) const;
    Items m_attributes; // sorted by key
    std::vector<bool> m_taken; // by place in m_attributes
};

// The dialects; each does nothing when the span does not speak it.
void readLathe(SpanReading &reading);         // Lathe's own export
void readLangfuseSpan(SpanReading &reading);  // langfuse.* of its SDK 3 and later
void readOpenInference(SpanReading &reading);
void readAiSdk(SpanReading &reading);         // ai.*
void readMcp(SpanReading &reading);
void readTraceloop(SpanReading &reading);
void readGenAi(SpanReading &reading, std::span<const OtlpLogRecord> logs); // current, and the older one with message events; all others build upon it

// Usage objects of any vendor: {input, output, total}, {prompt_tokens, ...}, {inputTokens, ...}, with details.
void putVendorUsage(SpanReading &reading, const QJsonObject &usage);
QJsonObject usageAttributes(const QJsonObject &usage); // gen_ai.usage.* of it

} // namespace lathe
