// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ToolGate.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/ToolResult.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr qsizetype maxArgumentBytes = 4 * 1024 * 1024;

// What usually is wrong where models write JSON.
QString jsonHint(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith(QLatin1String("```")))
        return QStringLiteral(" Send the JSON alone, without a Markdown fence.");
    if (trimmed.startsWith(u'\''))
        return QStringLiteral(" Use double quotes.");
    if (!trimmed.startsWith(u'{') && trimmed.contains(u'{'))
        return QStringLiteral(" Send one JSON object and no words around it.");
    static const QRegularExpression singleQuotes(QStringLiteral("[{,]\\s*'"));
    if (trimmed.contains(singleQuotes))
        return QStringLiteral(" Names and texts stand in double quotes.");
    static const QRegularExpression trailingComma(QStringLiteral(",\\s*[}\\]]"));
    if (trimmed.contains(trailingComma))
        return QStringLiteral(" There is a comma before a closing bracket.");
    static const QRegularExpression python(QStringLiteral(":\\s*(True|False|None)\\b"));
    if (trimmed.contains(python))
        return QStringLiteral(" Write true, false and null in lower case.");
    if (!trimmed.endsWith(u'}'))
        return QStringLiteral(" The text ends early: the closing brace is missing.");
    if (trimmed.contains(u'\n'))
        return QStringLiteral(" A line end inside a text must be written as \\n.");
    return QStringLiteral(" Check quotes, commas and braces.");
}

// The text around the place an error message names as "line L, column C" (bytes).
QString excerptAt(const QByteArray &text, const QString &message)
{
    static const QRegularExpression place(QStringLiteral("line (\\d+), column (\\d+)"));
    const auto match = place.match(message);
    if (!match.hasMatch())
        return QString();
    qsizetype start = 0;
    for (int line = match.captured(1).toInt(); line > 1 && start >= 0; --line)
        start = text.indexOf('\n', start) + 1;
    const qsizetype at = start + match.captured(2).toLongLong() - 1;
    const qsizetype from = std::max<qsizetype>(at - 20, 0);
    const QString excerpt = QString::fromUtf8(text.mid(from, 40)).simplified();
    return excerpt.isEmpty() ? QString() : QStringLiteral(" near «%1».").arg(excerpt);
}

ToolGate::Checked refuse(const char *code, const QString &message)
{
    ToolGate::Checked checked;
    checked.refusal = ToolOutcome::failure(message);
    checked.refusalCode = QLatin1String(code);
    return checked;
}
} // namespace

ToolGate::ToolGate(std::shared_ptr<Tool> tool, ToolSpec spec, ToolAttachment attachment)
    : m_tool(std::move(tool)), m_spec(std::move(spec))
{
    static_cast<ToolPolicy &>(m_spec) = policyOf(m_spec, attachment);
    m_spec.limits = keptLimits(m_spec.limits);
    m_scope = UrlScope(m_spec.allowedHosts, m_spec.allowedPaths);
    m_hidden = redactedPointers(m_spec, QStringLiteral("arguments"));
    m_hiddenResult = redactedPointers(m_spec, QStringLiteral("result"));
    m_untrusted = toolTraits(QJsonObject{{QStringLiteral("type"), m_spec.type}, {QStringLiteral("config"), m_spec.config}}).readsUntrusted;
}

const ToolInterface &ToolGate::interface() const
{
    auto &made = m_tool->m_interface;
    if (!made) {
        const QJsonObject schema = m_tool->schema();
        ToolInterface shown{m_tool->description(), schema, json::compact(schema), compileSchema(schema), nullptr};
        if (const QJsonObject output = m_tool->outputSchema(); !output.isEmpty()) {
            if (auto compiled = compileSchema(output))
                shown.output = *compiled;
        }
        made = std::make_shared<ToolInterface>(std::move(shown));
    }
    return *made;
}

int ToolGate::callsLeft() const
{
    return std::max(m_spec.limits.callsPerRun - m_budget->calls(), 0);
}

QString ToolGate::otelType() const
{
    static const QStringList stores{QStringLiteral("sql"), QStringLiteral("files")};
    static const QStringList reaches{QStringLiteral("http"),    QStringLiteral("request"), QStringLiteral("openapi"), QStringLiteral("web_page"),
                                     QStringLiteral("webhook"), QStringLiteral("email"),   QStringLiteral("mcp")};
    if (stores.contains(m_spec.type))
        return QStringLiteral("datastore");
    return reaches.contains(m_spec.type) ? QStringLiteral("extension") : QStringLiteral("function");
}

ToolGate::Checked ToolGate::mayCall() const
{
    if (const auto refusal = m_budget->refusal(m_tool->name(), m_spec.limits, m_spec.costPerCallUsd))
        return refuse("limit", *refusal);
    return Checked();
}

ToolGate::Checked ToolGate::check(const QString &argumentsText) const
{
    Checked full = mayCall();
    if (full.refusal && approval() != Approval::Never)
        return full;
    return read(argumentsText);
}

ToolGate::Checked ToolGate::read(const QString &argumentsText) const
{
    const QString name = m_tool->name();
    if (approval() == Approval::Never) {
        return refuse(
            "denied",
            QStringLiteral("The policy of this agent does not allow the tool %1. Go on without it.")
                .arg(name));
    }
    const QByteArray text = argumentsText.toUtf8();
    if (text.size() > maxArgumentBytes) {
        return refuse(
            "invalid_arguments",
            QStringLiteral("The arguments of %1 are %L2 bytes, more than the limit of %L3. Send "
                           "less.")
                .arg(name)
                .arg(text.size())
                .arg(maxArgumentBytes));
    }
    QJsonObject arguments;
    if (!text.trimmed().isEmpty()) {
        const auto value = json::parse(text);
        if (!value) {
            // What stands around the place may be what is to be hidden.
            const QString excerpt = hidesArguments() ? QString() : excerptAt(text, value.error().message);
            return refuse("invalid_arguments",
                          QStringLiteral("The arguments of %1 are no valid JSON. %2%3%4 Call the "
                                         "tool again with corrected "
                                         "arguments.")
                              .arg(name, value.error().message, excerpt, jsonHint(argumentsText.left(100'000))));
        }
        if (!value->isObject()) {
            const bool quoted = value->isString() && value->toString().trimmed().startsWith(u'{');
            return refuse(
                "invalid_arguments",
                QStringLiteral("The arguments of %1 must be a JSON object%2. Call the tool again "
                               "with corrected "
                               "arguments.")
                    .arg(name, quoted ? QStringLiteral(", not a text that holds one") : QString()));
        }
        arguments = value->toObject();
    }
    return checkValue(arguments);
}

ToolGate::Checked ToolGate::readEdited(const QJsonObject &arguments) const
{
    return checkValue(arguments);
}

ToolGate::Checked ToolGate::checkValue(const QJsonObject &arguments) const
{
    const QString name = m_tool->name();
    const auto &schema = interface().compiled;
    if (!schema) {
        return refuse("invalid_arguments", QStringLiteral("The tool %1 cannot be called: %2")
                                               .arg(name, schema.error().message));
    }
    auto violations = checkCompiled(**schema, arguments);
    if (!violations.empty()) {
        for (SchemaViolation &violation : violations) { // which may tell the value
            for (const QString &pointer : m_hidden) {
                if (pointersMeet(pointer, violation.pointer))
                    violation.message = QStringLiteral("the value does not fit");
            }
        }
        return refuse(
            "invalid_arguments",
            QStringLiteral(
                "The arguments of %1 do not fit its schema. %2 Call the tool again with corrected "
                "arguments.")
                .arg(name, violationsText(violations)));
    }
    if (const auto outside = m_scope.check(arguments)) {
        const QString what = hidesArguments() ? QStringLiteral("An argument leads where it must not.") : outside->message;
        return refuse(qPrintable(outside->code),
                      QStringLiteral("The policy of %1 does not allow this call. %2 Allowed are: %3.")
                          .arg(name, what, (outside->code == QLatin1String("host") ? m_spec.allowedHosts : m_spec.allowedPaths).join(QStringLiteral(", "))));
    }
    if (const QString why = m_tool->objection(arguments); !why.isEmpty()) {
        return refuse("invalid_arguments", QStringLiteral("The call of %1 cannot be made. %2 Call the tool again with corrected arguments.")
                                               .arg(name, hidesArguments() ? QStringLiteral("An argument is not possible.") : why));
    }
    Checked checked;
    checked.arguments = arguments;
    return checked;
}

bool ToolGate::asks(const QJsonObject &arguments, ToolBudget::Grant granted, QString *why) const
{
    if (granted == ToolBudget::Grant::ForRun)
        return false;
    switch (approval()) {
    case Approval::Always:
    case Approval::Never: // refused before
        return false;
    case Approval::Ask:
        *why = QStringLiteral("Every call of this tool needs approval.");
        return true;
    case Approval::AskFirst:
        *why = QStringLiteral("The first call of a run needs approval; after it this tool may go on.");
        return granted == ToolBudget::Grant::None;
    case Approval::AskWhen:
        break;
    }
    if (m_spec.askWhen.empty()) { // a rule was meant, and is not there
        *why = QStringLiteral("It asks when arguments match, and there is no rule.");
        return true;
    }
    for (const ArgumentRule &rule : m_spec.askWhen) {
        const bool hidden = std::any_of(m_hidden.begin(), m_hidden.end(), [&rule](const QString &pointer) { return pointersMeet(pointer, rule.pointer); });
        if (hidden || ruleMatches(rule, arguments)) {
            *why = hidden ? QStringLiteral("There is a rule about %1.").arg(rule.pointer.isEmpty() ? QStringLiteral("the call") : rule.pointer) : ruleText(rule);
            return true;
        }
    }
    return false;
}

QJsonObject ToolGate::shown(const QJsonObject &arguments) const
{
    if (m_hidden.isEmpty())
        return arguments;
    if (m_hidden.contains(QString())) // all of them
        return QJsonObject{{QStringLiteral("arguments"), redactedMark()}};
    return redactedCopy(arguments, m_hidden).toObject();
}

QString ToolGate::shownText(const QString &argumentsText) const
{
    if (m_hidden.isEmpty())
        return argumentsText;
    const auto arguments = json::parseObject(argumentsText.toUtf8());
    return arguments ? json::compactString(shown(*arguments)) : redactedMark();
}

QString ToolGate::presented(const ToolOutcome &outcome) const
{
    return m_spec.results == ResultHandling::AsIs || !outcome.ran ? outcome.text : delimitedText(m_tool->name(), outcome.text);
}

} // namespace lathe
