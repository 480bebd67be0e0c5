// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunFilterText.h"

#include "core/trace/RunEvent.h"

namespace lathe {

using namespace filter;

namespace {
QStringList words(std::initializer_list<const char *> list)
{
    QStringList strings;
    for (const char *word : list)
        strings.append(QString::fromUtf8(word));
    return strings;
}

// What the language itself knows.
QStringList knownValues(const QString &name, const FieldInfo *info)
{
    if (name == QLatin1String("has"))
        return hasNames();
    if (name == QLatin1String("is"))
        return isNames();
    if (!info)
        return {};
    switch (info->type) {
    case FieldType::Status:
        return words({"running", "waiting", "done", "failed", "cancelled", "interrupted"});
    case FieldType::Duration:
        return words({"500ms", "1s", "2s", "5s", "10s", "30s", "1m", "5m"});
    case FieldType::Money:
        return words({"0.001", "0.01", "0.1", "1"});
    case FieldType::Rating:
        return words({"up", "down", "1", "2", "3", "4", "5"});
    case FieldType::Flag:
        return words({"yes", "no"});
    case FieldType::Time:
        return words({"today", "yesterday", "1h", "1d", "2d", "7d", "30d"});
    default:
        if (info->field == RunField::Revision)
            return words({"draft"});
        if (info->field == RunField::Source)
            return words({"lathe", "otlp", "langfuse", "langsmith", "openai", "remote"});
        return {};
    }
}

QStringList beginning(const QStringList &all, const QString &typed)
{
    QStringList chosen;
    for (const QString &one : all) {
        // is:pinned is also found as pinned
        if (one.startsWith(typed, Qt::CaseInsensitive) || (!typed.isEmpty() && one.section(QLatin1Char(':'), 1).startsWith(typed, Qt::CaseInsensitive)))
            chosen.append(one);
    }
    return chosen;
}

const QStringList &fieldChoices()
{
    static const QStringList list = [] {
        QStringList choices;
        for (const FieldInfo &info : allFields()) {
            if (info.field != RunField::Text)
                choices.append(QLatin1String(info.offered));
        }
        return choices + words({"until:", "has:", "is:"});
    }();
    return list;
}

// `typed` up to the cursor, without the opening quote.
QString typedOf(const QString &text, const Value &value, int cursor)
{
    QString typed = text.mid(value.from, cursor - value.from);
    if (!value.quoted)
        return typed;
    typed.remove(0, 1);
    if (!value.open && cursor == value.from + value.length)
        typed.chop(1);
    return typed.replace(QLatin1String("\\\""), QLatin1String("\"")).replace(QLatin1String("\\\\"), QLatin1String("\\"));
}

bool sameCondition(const RunFilter &a, const RunFilter &b)
{
    return a.normalized() == b.normalized();
}

// What a term says, when it can be read alone.
std::optional<RunFilter> meaning(const QString &text)
{
    const auto reading = readRunFilter(text, 0);
    return reading.ok() && !reading.filter.isEmpty() ? std::optional<RunFilter>(reading.filter) : std::nullopt;
}

QString termText(RunField field, const QString &value)
{
    const FieldInfo &info = fieldInfo(field);
    if (value.isEmpty())
        return QStringLiteral("-has:") + QLatin1String(info.name);
    if (field == RunField::Text)
        return RunFilter::of(field, value).toText();
    int sign = 0;
    while (isNumber(info.type) && sign < std::min<qsizetype>(2, value.size()) && QStringLiteral("<>=").contains(value[sign]))
        ++sign;
    const QString how = sign > 0 ? value.left(sign) : QStringLiteral(":");
    return QLatin1String(info.name) + how + valueText(value.mid(sign));
}

QString without(const QString &text, int from, int length)
{
    const QString before = text.left(from).trimmed();
    const QString after = text.mid(from + length).trimmed();
    return before.isEmpty() ? after : after.isEmpty() ? before : before + QLatin1Char(' ') + after;
}
} // namespace

RunFilterCompletion completeRunFilter(const QString &text, int cursor)
{
    RunFilterCompletion found;
    cursor = std::clamp(cursor, 0, int(text.size()));
    found.from = cursor;
    if (text.size() > queryLengthMax)
        return found;
    found.kind = RunFilterCompletion::Kind::Field;
    const std::vector<Token> list = tokens(text);
    for (const Token &token : list) {
        if (cursor < token.from || cursor > token.end())
            continue;
        if (token.kind == Token::Quoted) {
            if (cursor > token.from && (cursor < token.end() || token.values.front().open)) {
                found.kind = RunFilterCompletion::Kind::None; // words to search for
                return found;
            }
            continue;
        }
        if (token.kind == Token::Open || token.kind == Token::Close || token.kind == Token::Minus)
            continue;
        if (token.kind != Token::Term || cursor <= token.signFrom) {
            found.from = token.from;
            found.length = token.length;
            if (token.kind == Token::Term) // the operator stays out of it: another field takes its own
                found.length = token.values.front().from - token.from;
            found.typed = text.mid(token.from, cursor - token.from);
            break;
        }
        const QString name = token.name.toLower();
        const FieldInfo *info = findField(name);
        const bool mark = name == QLatin1String("has") || name == QLatin1String("is");
        for (const Value &value : token.values) {
            if (cursor < value.from || cursor > value.from + value.length)
                continue;
            found.kind = info || mark ? RunFilterCompletion::Kind::Value : RunFilterCompletion::Kind::None;
            found.field = info && !mark ? info->field : RunField::Text;
            found.from = value.from;
            found.length = value.length;
            found.typed = typedOf(text, value, cursor);
            found.fixed = beginning(knownValues(name, info), found.typed);
            return found;
        }
        found.kind = RunFilterCompletion::Kind::None; // between the sign and the value
        return found;
    }
    found.fixed = beginning(fieldChoices(), found.typed);
    return found;
}

QString insertRunFilterChoice(const QString &text, const RunFilterCompletion &at, const QString &choice, int *cursor)
{
    const int from = std::clamp(at.from, 0, int(text.size()));
    const int length = std::clamp(at.length, 0, int(text.size()) - from);
    const QString after = text.mid(from + length);
    QString put = choice;
    if (at.kind == RunFilterCompletion::Kind::Value)
        put = valueText(choice);
    const bool open = put.endsWith(QLatin1Char(':')) || put.endsWith(QLatin1Char('<')) || put.endsWith(QLatin1Char('>'));
    if ((at.kind == RunFilterCompletion::Kind::Value || !open) && after.isEmpty())
        put += QLatin1Char(' ');
    if (cursor)
        *cursor = from + int(put.size());
    return text.left(from) + put + after;
}

QString toggleRunFilterTerm(const QString &text, RunField field, const QString &value)
{
    const QString term = termText(field, value);
    const auto wanted = meaning(term);
    const QString old = text.trimmed();
    if (old.isEmpty() || !wanted || text.size() > queryLengthMax)
        return old.isEmpty() ? term : old + QLatin1Char(' ') + term;
    const std::vector<Token> list = tokens(text);
    int depth = 0;
    bool alternatives = false;
    for (const Token &token : list) {
        depth += int(token.kind == Token::Open) - int(token.kind == Token::Close);
        alternatives = alternatives || (depth <= 0 && token.kind == Token::Or);
    }
    if (alternatives)
        return QLatin1Char('(') + old + QLatin1String(") ") + term;
    depth = 0;
    for (size_t i = 0; i < list.size(); ++i) {
        const Token &token = list[i];
        depth += int(token.kind == Token::Open) - int(token.kind == Token::Close);
        const bool alone = token.kind == Token::Term || token.kind == Token::Word || token.kind == Token::Quoted;
        if (depth != 0 || !alone)
            continue;
        int from = token.from;
        if (i > 0 && list[i - 1].kind == Token::Minus && list[i - 1].end() == from)
            from = list[i - 1].from;
        else if (i > 0 && list[i - 1].kind == Token::Not)
            from = list[i - 1].from;
        const auto said = meaning(text.mid(from, token.end() - from));
        if (said && sameCondition(*said, *wanted))
            return without(text, from, token.end() - from);
        if (from != token.from || token.values.size() < 2 || token.sign != QLatin1String(":"))
            continue;
        for (size_t v = 0; v < token.values.size(); ++v) { // one of a list
            const Value &one = token.values[v];
            const auto item = meaning(token.name + QLatin1Char(':') + text.mid(one.from, one.length));
            if (!item || !sameCondition(*item, *wanted))
                continue;
            const int begin = v == 0 ? one.from : token.values[v - 1].from + token.values[v - 1].length;
            const int end = v == 0 ? token.values[1].from : one.from + one.length;
            return QString(text).remove(begin, end - begin).trimmed();
        }
    }
    return old + QLatin1Char(' ') + term;
}

} // namespace lathe
