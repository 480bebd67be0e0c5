// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"

namespace lathe {

// How the values of a run become the texts of its row, and back. What a row would hold twice is left out.

// What the outcome of an effect says in texts; the row of its step does not repeat them.
struct OutcomeTexts {
    QString text;
    QString reasoning;
    QString toolArguments;
};
OutcomeTexts outcomeTexts(const QString &kind, const QJsonObject &outcome);
OutcomeTexts outcomeTexts(const QString &kind, const QByteArray &outcome); // the outcome as compact text

// Attributes of RunStarted; those that stand in the columns of the run become null.
QByteArray packStartAttributes(const QJsonObject &attributes, const RunInfo &info);
QJsonObject unpackStartAttributes(QJsonObject attributes, const RunInfo &info);

// {"text": input} is null (nothing); elsewhere a missing text is the input, and a null one is none.
QByteArray packInputJson(const QJsonObject &inputJson, const QString &input);
QJsonObject unpackInputJson(const QByteArray &stored, const QString &input);

QByteArray packError(const Error &error);
std::optional<Error> unpackError(const QByteArray &stored); // empty: none

QString excerpt(const QString &text); // the first 500 characters, never half of one

} // namespace lathe
