// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/ForeignStep.h"

namespace lathe::importing {

// A score as it stood in the file.
struct Score {
    QString traceId;
    QString stepId; // empty: of the trace
    QString name;
    QJsonValue value; // number or bool
    QString comment;
    qint64 timeUs = 0;
};

// What one value of a file held. Internal to core/trace/import.
struct Found {
    std::vector<ForeignStep> steps;
    std::vector<Score> scores;
    ImportTallies refused;
};

struct Context {
    qint64 nowUs = 0;
    qint64 line = 0;
    QByteArray salt; // of the file: ids that are only unique in it
    MappingNotes *notes = nullptr;
};

bool isLangfuse(const QJsonObject &value);
void readLangfuse(const QJsonObject &value, const Context &context, Found *found);
bool isLangSmith(const QJsonObject &value);
void readLangSmith(const QJsonObject &value, const Context &context, Found *found);
// "openai-chat" or "openai-batch"; empty: neither.
QString openAiFormat(const QJsonObject &value);
void readOpenAi(const QJsonObject &value, const Context &context, Found *found);

// Microseconds since 1970 of an ISO 8601 time or a number of seconds, milliseconds, microseconds or nanoseconds (told by its size). 0: none.
qint64 timeUs(const QJsonValue &value);
// By its name or its name_in_snake_case.
QJsonValue member(const QJsonObject &object, const char *camel);
QString textMember(const QJsonObject &object, const char *camel);

} // namespace lathe::importing
