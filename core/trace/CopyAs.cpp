// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/CopyAs.h"

#include "core/base/Json.h"
#include "core/trace/TraceAlign.h"

#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr qsizetype longestArgument = 100 * 1024; // Linux takes 128 KB an argument
constexpr qsizetype longestPinned = 400;

// The variable the provider's own tools read: OPENAI_API_KEY of api.openai.com.
QString variableFor(const QString &name, const QString &host)
{
    const QString lower = name.toLower();
    if (lower.contains(L("cookie")))
        return QStringLiteral("COOKIE");
    if (lower == L("x-goog-api-key") || host.endsWith(L("googleapis.com")))
        return QStringLiteral("GEMINI_API_KEY");
    const QStringList labels = host.split(QLatin1Char('.'), Qt::SkipEmptyParts);
    QString provider = labels.size() >= 2 ? labels[labels.size() - 2] : QString();
    if (std::any_of(provider.begin(), provider.end(), [](QChar c) { return !c.isLetter() || c.unicode() > 127; }))
        provider.clear();
    return provider.isEmpty() ? QStringLiteral("API_KEY") : provider.toUpper() + QStringLiteral("_API_KEY");
}

// In double quotes.
QString escapedInDouble(QString text)
{
    for (const QChar c : {QLatin1Char('\\'), QLatin1Char('"'), QLatin1Char('$'), QLatin1Char('`')})
        text.replace(c, QString(QLatin1Char('\\')) + c);
    return text;
}

QString withoutNull(QString text)
{
    return text.remove(QChar(0)); // no shell and no command can take one
}
} // namespace

bool isSecretName(const QString &name)
{
    const QString lower = name.toLower().replace(QLatin1Char('_'), QLatin1Char('-'));
    static const L whole[] = {L("cookie"), L("set-cookie"), L("key"), L("token"), L("sig"), L("x-auth")};
    static const L parts[] = {L("authorization"), L("apikey"), L("accesskey"), L("secret"), L("password"), L("passwd"), L("credential"), L("signature")};
    static const L ends[] = {L("-key"), L("-token")};
    if (lower == L("idempotency-key"))
        return false;
    return std::any_of(std::begin(whole), std::end(whole), [&lower](L one) { return lower == one; })
           || std::any_of(std::begin(parts), std::end(parts), [&lower](L part) { return lower.contains(part); })
           || std::any_of(std::begin(ends), std::end(ends), [&lower](L end) { return lower.endsWith(end); });
}

QString shellQuoted(const QString &word)
{
    const bool plain = !word.isEmpty() && std::all_of(word.begin(), word.end(), [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9') || QStringView(u"-_./:=@%+,").contains(c);
    });
    if (plain)
        return word;
    QString quoted = withoutNull(word);
    quoted.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString toCurl(const QByteArray &method, const QString &url, const CopyHeaders &headers, const QByteArray &body, const QString &secretName)
{
    const QUrl parsed(url);
    const auto variable = [&](const QString &name) {
        const QString wanted = secretName.isEmpty() ? variableFor(name, parsed.host()) : secretName;
        QString clean;
        for (const QChar c : wanted)
            clean += (c.isLetterOrNumber() && c.unicode() < 128) ? c : QChar(u'_');
        return clean.isEmpty() || clean[0].isDigit() ? QLatin1Char('_') + clean : clean;
    };
    // What stands before the host, and keys in the query, are secrets; the rest stays as it is.
    const QString target = withoutNull(parsed.userInfo().isEmpty() ? url : parsed.toString(QUrl::FullyEncoded | QUrl::RemoveUserInfo));
    QString place = shellQuoted(target);
    const qsizetype question = target.indexOf(QLatin1Char('?'));
    if (question >= 0) {
        QString quoted = escapedInDouble(target.left(question));
        bool hidden = false;
        QLatin1Char separator('?');
        const QStringList pairs = target.mid(question + 1).split(QLatin1Char('&'));
        for (const QString &pair : pairs) {
            quoted += separator;
            separator = QLatin1Char('&');
            const qsizetype equals = pair.indexOf(QLatin1Char('='));
            const QString name = QUrl::fromPercentEncoding(pair.left(std::max<qsizetype>(equals, 0)).toUtf8());
            const bool secret = equals > 0 && equals + 1 < pair.size() && isSecretName(name);
            hidden = hidden || secret;
            quoted += secret ? escapedInDouble(pair.left(equals + 1)) + QStringLiteral("${%1}").arg(variable(name)) : escapedInDouble(pair);
        }
        if (hidden)
            place = QLatin1Char('"') + quoted + QLatin1Char('"');
    }
    QStringList words{QStringLiteral("curl")};
    const bool hasBody = !body.isEmpty();
    if (method != (hasBody ? "POST" : "GET"))
        words.append(QStringLiteral("-X ") + shellQuoted(QString::fromLatin1(method)));
    words.append(place);
    for (const auto &[name, value] : headers) {
        const QString key = QString::fromLatin1(name), text = json::fromUtf8Lossy(value);
        const QString lower = key.toLower();
        if (lower == L("content-length") || lower == L("host") || lower == L("expect") || lower == L("accept-encoding"))
            continue; // curl's own affair
        if (!isSecretName(key)) {
            words.append(QStringLiteral("-H ") + shellQuoted(key + QStringLiteral(": ") + text));
            continue;
        }
        const qsizetype space = text.indexOf(QLatin1Char(' '));
        const QString scheme = lower.endsWith(L("authorization")) && space > 0 && space < 12 ? text.left(space + 1) : QString();
        words.append(QStringLiteral("-H ") + QLatin1Char('"') + escapedInDouble(key + QStringLiteral(": ") + scheme) + QLatin1Char('$') + variable(key)
                     + QLatin1Char('"'));
    }
    if (!hasBody)
        return words.join(QStringLiteral(" \\\n  "));
    const auto parsedBody = json::parse(body);
    const bool isJson = parsedBody && (parsedBody->isObject() || parsedBody->isArray());
    // Indented only when nothing is lost by it: numbers may be longer than a double.
    const bool same = isJson && json::compact(*parsedBody).size() == body.size();
    QString data = withoutNull(json::fromUtf8Lossy(same ? json::pretty(*parsedBody).trimmed() : body));
    if (data.toUtf8().size() <= longestArgument) {
        words.append(QStringLiteral("--data-raw ") + shellQuoted(data));
        return words.join(QStringLiteral(" \\\n  "));
    }
    QString mark = QStringLiteral("LATHE_BODY");
    while (data.contains(mark))
        mark += QLatin1Char('_');
    words.append(QStringLiteral("--data-binary @- <<'%1'").arg(mark));
    return words.join(QStringLiteral(" \\\n  ")) + QLatin1Char('\n') + data + QLatin1Char('\n') + mark + QLatin1Char('\n');
}

QByteArray toExampleLine(const QString &input, const QJsonObject &variables, const QString &expected)
{
    QJsonObject line = variables;
    line.insert(QStringLiteral("input"), input);
    line.insert(QStringLiteral("expected"), expected);
    return json::compact(line) + '\n';
}

QString toPinnedText(const Trace &trace)
{
    const auto shown = [](const QString &text) {
        if (text.size() > longestPinned)
            return QStringLiteral("%1 characters, sha256 %2").arg(text.size()).arg(QString::fromLatin1(json::sha256(text.toUtf8()).left(16)));
        return json::compactString(QJsonValue(text));
    };
    const auto &steps = trace.steps();
    QString out = QStringLiteral("run: ") + runStatusName(trace.status()) + QLatin1Char('\n');
    const auto less = [&steps](int a, int b) { return stepPathLess(steps[size_t(b)].path, steps[size_t(a)].path); }; // last first
    std::vector<std::pair<int, int>> stack;
    const auto push = [&](std::vector<int> indices, int depth) {
        std::sort(indices.begin(), indices.end(), less);
        for (const int index : indices)
            stack.emplace_back(index, depth);
    };
    push(trace.roots(), 0);
    while (!stack.empty()) {
        const auto [index, depth] = stack.back();
        stack.pop_back();
        const Step &step = steps[size_t(index)];
        const QString indent(depth * 2, QLatin1Char(' '));
        out += indent + step.path + QLatin1Char(' ') + stepKindName(step.kind) + QLatin1Char(' ') + json::compactString(QJsonValue(step.name))
               + QLatin1Char(' ') + stepStatusName(step.status) + QLatin1Char('\n');
        const QString input = stepInputText(step), output = stepOutputText(step);
        if (!input.isEmpty())
            out += indent + QStringLiteral("  in: ") + shown(input) + QLatin1Char('\n');
        for (const StepNote &note : step.notes)
            out += indent + QStringLiteral("  note: ") + note.name + QLatin1Char('\n');
        if (!output.isEmpty())
            out += indent + QStringLiteral("  out: ") + shown(output) + QLatin1Char('\n');
        push(step.children, depth + 1);
    }
    if (trace.error())
        out += QStringLiteral("error: ") + errorKindName(trace.error()->kind) + QLatin1Char(' ') + shown(trace.error()->message) + QLatin1Char('\n');
    return out + QStringLiteral("output: ") + shown(trace.output()) + QLatin1Char('\n');
}

} // namespace lathe
