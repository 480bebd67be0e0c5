// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "core/evaluation/Promptfoo.h"

namespace lathe::test {

inline PromptfooOptions options()
{
    PromptfooOptions made;
    made.environment = {{QStringLiteral("MY_KEY"), QStringLiteral("sk-secret")},
                        {QStringLiteral("WHO"), QStringLiteral("Ada")}};
    return made;
}

inline Result<PromptfooSuite> fromText(const QByteArray &text)
{
    return readPromptfooText(text, QStringLiteral("config.yaml"),
                             QStringLiteral(LATHE_TEST_DATA "/promptfoo"), options());
}

inline QStringList errors(const PromptfooSuite &suite)
{
    QStringList list;
    for (const PromptfooNote &note : suite.report) {
        if (note.severity == PromptfooNote::Severity::Error)
            list << note.toString();
    }
    return list;
}

// "contains Paris", with what differs from the usual.
inline QString shown(const CheckSpec &check)
{
    QString text = (check.negated ? QStringLiteral("not-") : QString()) + check.type;
    if (!check.value.isNull())
        text +=
            QLatin1Char(' ')
            + (check.value.isString() ? check.value.toString() : json::compactString(check.value));
    if (check.threshold >= 0)
        text += QStringLiteral(" @%1").arg(check.threshold);
    if (!check.metric.isEmpty())
        text += QStringLiteral(" #%1").arg(check.metric);
    if (!check.problem.isEmpty())
        text += QStringLiteral(" !");
    return text;
}

} // namespace lathe::test
