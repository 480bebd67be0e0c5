// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunFilter.h"

namespace lathe::filter {

// The pieces of a query and what fields mean; shared by the reader, the writer and the completion of RunFilter.h.

enum class FieldType { Words, Text, Reference, Status, Count, Duration, Money, Rating, Flag, Time };

struct FieldInfo {
    RunField field;
    const char *name;
    FieldType type;
    const char *offered; // what the completion offers: the name with its usual operator
    const char *example;
};
const std::vector<FieldInfo> &allFields(); // in the order of RunField
const FieldInfo &fieldInfo(RunField field);
const FieldInfo *findField(const QString &name); // by name or alias, any case; null: unknown
bool isNumber(FieldType type);

constexpr qsizetype queryLengthMax = 4096;
constexpr int termsMax = 100;
constexpr int depthMax = 20;

struct Value {
    int from = 0, length = 0; // with its quotes
    QString text;             // without
    bool quoted = false;
    bool open = false; // the closing quote is missing
};

struct Token {
    enum Kind { Word, Quoted, Term, Open, Close, Minus, Or, And, Not };
    Kind kind = Word;
    int from = 0, length = 0;
    QString name; // of a Term, as typed
    QString sign; // of a Term: : = < <= > >=
    int signFrom = 0;
    std::vector<Value> values; // of Term: one at least; of Word, Quoted: one
    int end() const { return from + length; }
};
std::vector<Token> tokens(const QString &text);

QString quoted(const QString &text);
QString valueText(const QString &text); // quoted when it must be, behind a field and its operator
QString numberText(double number);      // the shortest that reads as the same
QString durationText(double microseconds);
QString timeText(double microseconds);

// A value of a field as conditions; nothing: it is none. `sign` as in Token.
std::optional<RunFilter> readValue(const FieldInfo &field, const QString &sign, const Value &value, qint64 nowUs, QString *trouble);
// has:error, is:pinned.
std::optional<RunFilter> readMark(const QString &name, const Value &value, QString *trouble);
const QStringList &hasNames();
const QStringList &isNames();

} // namespace lathe::filter
