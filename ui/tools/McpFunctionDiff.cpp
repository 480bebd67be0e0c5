// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpFunctionDiff.h"

#include "core/base/Json.h"
#include "core/prompt/TextDiff.h"

#include <QCoreApplication>

namespace lathe::mcp {

namespace {
constexpr int deepest = 6;
constexpr qsizetype longest = 8000;

QString words(const char *text)
{
    return QCoreApplication::translate("lathe::mcp", text);
}

QString shortValue(const QJsonValue &value)
{
    if (value.isUndefined())
        return words("nothing");
    QString text = value.isString() ? value.toString() : json::compactString(value);
    if (value.isArray()) {
        QStringList parts;
        for (const QJsonValue &item : value.toArray())
            parts.append(item.isString() ? item.toString() : json::compactString(item));
        text = parts.join(QStringLiteral(", "));
    }
    return text.size() > 120 ? text.left(119) + QChar(0x2026) : text;
}

QString memberPath(const QString &path, const QString &name)
{
    return path.isEmpty() ? name : path + QLatin1Char('.') + name;
}

class SchemaDiff
{
public:
    explicit SchemaDiff(int most) : m_most(most) {}
    void compare(const QString &path, const QJsonObject &before, const QJsonObject &after, int depth)
    {
        if (before == after || depth > deepest)
            return;
        const QJsonObject was = before.value(QStringLiteral("properties")).toObject(), is = after.value(QStringLiteral("properties")).toObject();
        const QStringList needed = json::toStringList(before.value(QStringLiteral("required"))), needs = json::toStringList(after.value(QStringLiteral("required")));
        for (auto it = is.begin(); it != is.end(); ++it) {
            const QString name = memberPath(path, it.key());
            if (!was.contains(it.key())) {
                say(needs.contains(it.key()) ? words("%1: new, required").arg(name) : words("%1: new").arg(name));
                continue;
            }
            if (needed.contains(it.key()) != needs.contains(it.key()))
                say((needs.contains(it.key()) ? words("%1: now required") : words("%1: no longer required")).arg(name));
            compare(name, was.value(it.key()).toObject(), it.value().toObject(), depth + 1);
        }
        for (auto it = was.begin(); it != was.end(); ++it) {
            if (!is.contains(it.key()))
                say(words("%1: gone").arg(memberPath(path, it.key())));
        }
        QStringList keys = before.keys();
        for (const QString &key : after.keys()) {
            if (!keys.contains(key))
                keys.append(key);
        }
        const QString name = path.isEmpty() ? words("arguments") : path;
        for (const QString &key : std::as_const(keys)) {
            const QJsonValue from = before.value(key), to = after.value(key);
            if (from == to || key == QLatin1String("properties") || key == QLatin1String("required"))
                continue;
            if (key == QLatin1String("items") && from.isObject() && to.isObject())
                compare(name + QStringLiteral("[]"), from.toObject(), to.toObject(), depth + 1);
            else
                say(words("%1: %2 was %3, now %4").arg(name, key, shortValue(from), shortValue(to)));
        }
    }
    QStringList result;

private:
    void say(const QString &text)
    {
        if (result.size() < m_most)
            result.append(text);
        else if (result.size() == m_most)
            result.append(words("and more"));
    }
    int m_most;
};

QString pieces(const QString &before, const QString &after, const Tokens &tokens)
{
    QString html;
    for (const DiffPiece &piece : diffWords(before.left(longest), after.left(longest))) {
        const QString text = piece.text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>"));
        if (piece.type == DiffPiece::Type::Same)
            html += text;
        else if (piece.type == DiffPiece::Type::Added)
            html += QStringLiteral("<span style=\"background-color:%1;\"><u>%2</u></span>").arg(mix(tokens.surface, tokens.ok, 0.25).name(), text);
        else
            html += QStringLiteral("<span style=\"background-color:%1;\"><s>%2</s></span>").arg(mix(tokens.surface, tokens.error, 0.25).name(), text);
    }
    return html;
}
}

QStringList schemaDiff(const QJsonObject &before, const QJsonObject &after, int most)
{
    SchemaDiff diff(most);
    diff.compare(QString(), before, after, 0);
    return diff.result;
}

QString functionDiff(const ToolFunction &approved, const ToolFunction &now, const Tokens &tokens)
{
    QString html;
    const auto part = [&html](const QString &title, const QString &text) { html += QStringLiteral("<p><b>%1</b><br>%2</p>").arg(title, text); };
    const auto list = [](const QStringList &lines) {
        QStringList escaped;
        for (const QString &line : lines)
            escaped.append(line.toHtmlEscaped());
        return escaped.join(QStringLiteral("<br>"));
    };
    if (approved.title != now.title)
        part(words("Title"), pieces(approved.title, now.title, tokens));
    if (approved.description != now.description)
        part(words("Description"), pieces(approved.description, now.description, tokens));
    if (const QStringList lines = schemaDiff(approved.inputSchema, now.inputSchema); !lines.isEmpty())
        part(words("Arguments"), list(lines));
    if (const QStringList lines = schemaDiff(approved.outputSchema, now.outputSchema); !lines.isEmpty())
        part(words("Result"), list(lines));
    if (approved.annotations != now.annotations) {
        QStringList lines;
        QStringList keys = approved.annotations.keys() + now.annotations.keys();
        keys.removeDuplicates();
        for (const QString &key : std::as_const(keys)) {
            const QJsonValue from = approved.annotations.value(key), to = now.annotations.value(key);
            if (from != to)
                lines.append(words("%1 was %2, now %3").arg(key.left(60), shortValue(from), shortValue(to)));
        }
        part(words("What it claims of itself"), list(lines));
    }
    return html;
}

} // namespace lathe::mcp
