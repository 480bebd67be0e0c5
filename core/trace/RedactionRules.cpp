// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RedactionRules.h"

#include "core/base/Json.h"
#include "core/trace/RedactionSearch.h"

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr int mostRules = 200;

QString typeName(RedactionRule::Type type)
{
    return type == RedactionRule::Type::Pattern ? QStringLiteral("pattern")
           : type == RedactionRule::Type::Key   ? QStringLiteral("key")
                                                : QStringLiteral("preset");
}

Error ruleError(qsizetype index, const QString &what)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("Redaction rule %1 %2.").arg(index + 1).arg(what));
}

Result<RedactionRule> readRule(const QJsonValue &value, qsizetype index)
{
    if (!value.isObject())
        return ruleError(index, QStringLiteral("is no JSON object such as {\"preset\": \"email\"}"));
    const QJsonObject json = value.toObject();
    RedactionRule rule;
    int kinds = 0;
    for (auto it = json.begin(); it != json.end(); ++it) {
        const QString &key = it.key();
        const bool isText = it.value().isString(), isBool = it.value().isBool();
        if (key == L("pattern") || key == L("key") || key == L("preset")) {
            ++kinds;
            rule.type = key == L("pattern") ? RedactionRule::Type::Pattern : key == L("key") ? RedactionRule::Type::Key : RedactionRule::Type::Preset;
            rule.what = it.value().toString();
        } else if (key == L("name")) {
            rule.name = it.value().toString();
        } else if (key == L("ignore_case")) {
            rule.ignoreCase = it.value().toBool();
        } else if (key == L("enabled")) {
            rule.enabled = it.value().toBool(true);
        } else if (key == L("replace")) {
            if (it.value() != QStringLiteral("mask") && it.value() != QStringLiteral("pseudonym"))
                return ruleError(index, QStringLiteral("needs \"mask\" or \"pseudonym\" as \"replace\""));
            rule.replacement = it.value() == QStringLiteral("mask") ? RedactionRule::Replacement::Mask : RedactionRule::Replacement::Pseudonym;
        } else {
            return ruleError(index, QStringLiteral("has \"%1\", which is no part of a rule").arg(key.left(60)));
        }
        const bool wantsBool = key == L("ignore_case") || key == L("enabled");
        if (wantsBool ? !isBool : !isText)
            return ruleError(index, QStringLiteral("needs %1 as \"%2\"").arg(wantsBool ? QStringLiteral("true or false") : QStringLiteral("a text"), key));
    }
    if (kinds != 1)
        return ruleError(index, QStringLiteral("needs exactly one of \"pattern\", \"key\" and \"preset\""));
    return rule;
}
} // namespace

const std::vector<RedactionPreset> &redactionPresets()
{
    static const std::vector<RedactionPreset> presets{
        {QStringLiteral("email"), QStringLiteral("E-mail addresses"), QStringLiteral("mia@example.org")},
        {QStringLiteral("phone"), QStringLiteral("Phone numbers"), QStringLiteral("+49 30 1234567")},
        {QStringLiteral("card"), QStringLiteral("Card numbers"), QStringLiteral("4111 1111 1111 1111")},
        {QStringLiteral("iban"), QStringLiteral("Bank accounts (IBAN)"), QStringLiteral("DE89 3704 0044 0532 0130 00")},
        {QStringLiteral("ip"), QStringLiteral("IP addresses"), QStringLiteral("192.168.0.1, 2001:db8::1")},
        {QStringLiteral("token"), QStringLiteral("Keys and tokens in texts"), QStringLiteral("Bearer eyJhbGciOi…, sk-…, -----BEGIN PRIVATE KEY-----")},
        {QStringLiteral("secret-keys"), QStringLiteral("Members named as secrets"), QStringLiteral("\"password\": \"…\", \"api_key\": \"…\"")},
    };
    return presets;
}

QString RedactionRule::shownName() const
{
    if (!name.isEmpty())
        return name;
    return what.size() > 40 ? what.left(39) + QChar(0x2026) : what;
}

bool RedactionRules::isEmpty() const
{
    return std::none_of(rules.begin(), rules.end(), [](const RedactionRule &rule) { return rule.enabled; });
}

std::vector<RedactionProblem> RedactionRules::problems() const
{
    std::vector<RedactionProblem> found;
    if (rules.size() > mostRules)
        found.push_back({-1, QStringLiteral("There are over %1 redaction rules; join some.").arg(mostRules), -1});
    for (size_t i = 0; i < rules.size() && i < mostRules; ++i) {
        const RedactionRule &rule = rules[i];
        QString what;
        int column = -1;
        if (rule.type == RedactionRule::Type::Pattern) {
            const auto compiled = redaction::compilePattern(rule.what, rule.ignoreCase);
            what = compiled.problem;
            column = compiled.column;
        } else if (rule.type == RedactionRule::Type::Key) {
            what = redaction::keyProblem(rule.what);
        } else {
            const auto &presets = redactionPresets();
            if (std::none_of(presets.begin(), presets.end(), [&rule](const RedactionPreset &p) { return p.id == rule.what; })) {
                QStringList ids;
                for (const RedactionPreset &preset : presets)
                    ids.append(preset.id);
                what = QStringLiteral("names the unknown preset \"%1\"; there are %2").arg(rule.what.left(40), ids.join(QStringLiteral(", ")));
            }
        }
        if (what.isEmpty())
            continue;
        const QString name = rule.shownName().isEmpty() ? QString() : QStringLiteral(" (%1)").arg(rule.shownName());
        found.push_back({int(i), QStringLiteral("Redaction rule %1%2 %3.").arg(i + 1).arg(name, what), column});
    }
    return found;
}

QJsonObject RedactionRules::toJson() const
{
    QJsonArray list;
    for (const RedactionRule &rule : rules) {
        QJsonObject json{{typeName(rule.type), rule.what}};
        if (!rule.name.isEmpty())
            json.insert(QStringLiteral("name"), rule.name);
        if (rule.ignoreCase)
            json.insert(QStringLiteral("ignore_case"), true);
        if (!rule.enabled)
            json.insert(QStringLiteral("enabled"), false);
        if (rule.replacement == RedactionRule::Replacement::Pseudonym)
            json.insert(QStringLiteral("replace"), QStringLiteral("pseudonym"));
        list.append(json);
    }
    QJsonObject json{{QStringLiteral("rules"), list}};
    if (!salt.isEmpty())
        json.insert(QStringLiteral("salt"), salt);
    return json;
}

Result<RedactionRules> RedactionRules::fromJson(const QByteArray &text)
{
    const auto parsed = json::parse(text);
    if (!parsed)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The redaction rules are no JSON: %1").arg(parsed.error().message), parsed.error().cause);
    const QJsonValue list = parsed->isArray() ? *parsed : (*parsed)[L("rules")];
    if (!list.isArray())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The redaction rules need a list \"rules\", such as [{\"preset\": \"email\"}]."));
    RedactionRules rules;
    const QJsonValue salt = (*parsed)[L("salt")];
    if (!salt.isUndefined() && !salt.isString())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The \"salt\" of the redaction rules must be a text."));
    rules.salt = salt.toString();
    const QJsonArray array = list.toArray();
    for (qsizetype i = 0; i < array.size() && i <= mostRules; ++i) {
        auto rule = readRule(array[i], i);
        if (!rule)
            return rule.error();
        rules.rules.push_back(std::move(*rule));
    }
    const auto problems = rules.problems();
    if (!problems.empty())
        return Error(ErrorKind::InvalidInput, problems.front().message);
    return rules;
}

RedactionRules RedactionRules::ofPresets()
{
    RedactionRules rules;
    for (const RedactionPreset &preset : redactionPresets()) {
        RedactionRule rule;
        rule.type = RedactionRule::Type::Preset;
        rule.what = preset.id;
        rule.name = preset.title;
        rules.rules.push_back(rule);
    }
    return rules;
}

} // namespace lathe
