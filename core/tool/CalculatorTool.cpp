// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CalculatorTool.h"

#include "core/tool/Calculator.h"
#include "core/tool/ToolSchema.h"

#include <cmath>

namespace lathe {

CalculatorTool::CalculatorTool(QString name, const ToolSpec &spec)
    : m_name(std::move(name)), m_purpose(spec.purpose), m_idempotent(spec.idempotent.value_or(true))
{
}

QString CalculatorTool::description() const
{
    return joinedSentences(
        m_purpose,
        QStringLiteral(
            "Calculates an arithmetic expression exactly: + - * / ^ ( ), %% for remainder "
            "(10 %% 3) and percent (15%% is 0.15), pi, e, and the functions %1 (angles in "
            "radians, round(x, digits)).")
            .replace(QLatin1String("%%"), QLatin1String("%"))
            .arg(calculatorFunctions()));
}

QJsonObject CalculatorTool::schema() const
{
    QJsonObject expression =
        schemaProperty("string", QStringLiteral("For example (1,250 - 300) * 15% or sqrt(2)^3."));
    expression.insert(QStringLiteral("minLength"), 1);
    expression.insert(QStringLiteral("maxLength"), 4000);
    return objectSchema({{QStringLiteral("expression"), expression}},
                        {QStringLiteral("expression")});
}

Task<Result<ToolOutcome>> CalculatorTool::call(QJsonObject arguments, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    const auto value = calculate(arguments.value(QLatin1String("expression")).toString());
    if (!value)
        co_return ToolOutcome::failure(value.error().message);
    ToolOutcome outcome;
    outcome.text = calculatedText(*value);
    if (std::abs(*value) > 9007199254740992.0)
        outcome.text += QStringLiteral(" (rounded to 17 digits)");
    outcome.structured = QJsonObject{{QStringLiteral("value"), *value}};
    co_return outcome;
}

} // namespace lathe
