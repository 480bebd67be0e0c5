// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <memory>

namespace lathe {

// What a person wants taken out of runs before giving them away. (Known secrets are never stored at all: Redactor.h.)
struct RedactionRule {
    enum class Type {
        Pattern, // `what` is a regular expression (PCRE)
        Key,     // `what` names members of JSON objects, without regard to case: "password", "user.email", "messages.*.content" ("*": any
                 // one name or index, "**": any number); matches at any depth
        Preset,  // `what` is one of redactionPresets()
    };
    enum class Replacement {
        Mask,      // "[redacted]"
        Pseudonym, // "[email-3f9a1c2b]": equal values give equal ones, in this file and in all made with the same salt
    };
    Type type = Type::Pattern;
    QString what;
    QString name; // for messages and pseudonyms; empty: from `what`
    bool ignoreCase = false; // Pattern
    Replacement replacement = Replacement::Mask;
    bool enabled = true;
    QString shownName() const;
    bool operator==(const RedactionRule &) const = default;
};

struct RedactionPreset {
    QString id;      // "email", "phone", "card", "iban", "ip", "token", "secret-keys"
    QString title;   // "E-mail addresses"
    QString example;
};
const std::vector<RedactionPreset> &redactionPresets();

// Which rule is wrong and why.
struct RedactionProblem {
    int rule = 0;    // index; -1: the file as a whole
    QString message; // one sentence naming the rule
    int column = -1; // in its pattern, -1: none
};

// A list of rules as a value. JSON: {"salt": "...", "rules": [{"preset": "email", "replace": "pseudonym"}, {"pattern": "ACME-\\d+", "name":
// "ticket", "ignore_case": true}, {"key": "user.email", "enabled": false}]}; a bare array of rules is read too.
struct RedactionRules {
    std::vector<RedactionRule> rules;
    QString salt; // of pseudonyms; empty: a new one for each Redaction
    bool isEmpty() const; // none enabled
    std::vector<RedactionProblem> problems() const;
    QJsonObject toJson() const;
    // InvalidInput: the first problem.
    static Result<RedactionRules> fromJson(const QByteArray &text);
    static RedactionRules ofPresets(); // all presets, masked
    bool operator==(const RedactionRules &) const = default;
};

struct RedactionCount {
    QString rule; // shown name
    qint64 replaced = 0;
};

// Applies rules; keeps counts. A text whose search would take too long (catastrophic patterns) is replaced whole, and counted as refused.
// After redaction no rule matches anything but the replacements themselves. For one thread at a time; copies do not share counts.
class Redaction
{
public:
    // Rules with problems are left out; ask problems() first.
    explicit Redaction(const RedactionRules &rules);
    ~Redaction();
    Redaction(Redaction &&) noexcept;
    Redaction &operator=(Redaction &&) noexcept;

    bool isEmpty() const; // nothing is ever replaced
    QString text(const QString &text); // JSON in it is gone into
    QJsonValue value(const QJsonValue &value); // deep: values, keys, JSON in strings
    QJsonObject object(const QJsonObject &object);
    Error error(Error error);
    RunEvent event(RunEvent event); // name, text, attributes, error. Texts that stream in pieces must be joined first.
    // The same run without what the rules take out; texts are joined, so that nothing hides between two pieces.
    Trace trace(const Trace &trace);

    std::vector<RedactionCount> counts() const; // of all enabled rules, in their order
    qint64 replaced() const;
    qint64 refused() const; // texts replaced whole because a search took too long

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
