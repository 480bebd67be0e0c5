// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/StepWords.h"
#include "core/trace/Trace.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr int lineLength = 100;

// One line a terminal can show: what models and tools write must not move its cursor or change its colours.
QString oneLine(const QString &text)
{
    QString line;
    bool gap = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c.isSpace() || c.category() == QChar::Other_Control) {
            gap = !line.isEmpty();
            continue;
        }
        if (line.size() + int(gap) >= lineLength) {
            if (line.back().isHighSurrogate())
                line.chop(1);
            return line + QChar(0x2026);
        }
        if (gap)
            line += QLatin1Char(' ');
        gap = false;
        // Marks that turn the direction of text can hide what it says.
        const bool turns = (c >= QChar(0x202A) && c <= QChar(0x202E))
                           || (c >= QChar(0x2066) && c <= QChar(0x2069));
        line += turns ? QChar(QChar::ReplacementCharacter) : c;
    }
    return line;
}

QString duration(qint64 us)
{
    us = std::max<qint64>(us, 0);
    if (us < 10'000)
        return QString::number(double(us) / 1e3, 'f', 1) + QStringLiteral(" ms");
    if (us < 1'000'000)
        return QString::number(us / 1000) + QStringLiteral(" ms");
    if (us < 60'000'000)
        return QString::number(double(us) / 1e6, 'f', 1) + QStringLiteral(" s");
    const qint64 seconds = us / 1'000'000;
    return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
}

// Under a cent the first two digits that count, else cents.
QString money(double usd)
{
    if (usd == 0)
        return QStringLiteral("$0");
    return QLatin1Char('$')
           + (usd < 0.01 ? QString::number(usd, 'g', 2)
                         : QString::number(usd, 'f', usd < 1 ? 4 : 2));
}

QString numbers(const Usage &usage)
{
    if (usage.totalTokens() == 0 && usage.costUsd == 0)
        return QString();
    QString text =
        QStringLiteral("  %1 + %2 tokens").arg(usage.inputTokens).arg(usage.outputTokens);
    if (usage.costKnown)
        text += QStringLiteral("  ") + money(usage.costUsd);
    else if (usage.costUsd > 0)
        text += QStringLiteral("  over ") + money(usage.costUsd);
    else
        text += QStringLiteral("  cost unknown");
    return text;
}

QString errorLine(const Error &error)
{
    return QStringLiteral("! ") + errorKindName(error.kind) + QStringLiteral(": ")
           + oneLine(error.message);
}
} // namespace

QString Trace::toText() const
{
    QString out;
    qint64 lastUs = m_endUs; // a step that still runs has lasted until the last thing that is known
    for (const Step &step : m_steps)
        lastUs = std::max({lastUs, step.startUs, step.endUs, step.firstDeltaUs});
    const auto line = [&out](int depth, const QString &text) {
        out += QString(depth * 2, QLatin1Char(' ')) + text + QLatin1Char('\n');
    };
    line(0, QStringLiteral("run %1  %2  %3")
                    .arg(m_run.value)
                    .arg(runStatusName(m_status), duration(lastUs - m_startUs))
                + numbers(usage()));

    const auto byPath = [this](std::vector<int> indices) {
        std::sort(indices.begin(), indices.end(), [this](int a, int b) {
            return stepPathLess(m_steps[size_t(b)].path, m_steps[size_t(a)].path);
        });
        return indices; // last first, as a stack wants them
    };
    std::vector<std::pair<int, int>> stack; // step, depth
    const auto push = [&](const std::vector<int> &indices, int depth) {
        for (const int index : byPath(indices))
            stack.emplace_back(index, depth);
    };
    push(m_roots, 1);
    while (!stack.empty()) {
        const auto [index, depth] = stack.back();
        stack.pop_back();
        const Step &step = m_steps[size_t(index)];
        QString head = step.path + QLatin1Char(' ')
                       + (step.name.isEmpty() ? stepKindName(step.kind) : oneLine(step.name));
        head += QStringLiteral("  ") + duration((step.endUs ? step.endUs : lastUs) - step.startUs);
        if (step.status != StepStatus::Ok)
            head += QStringLiteral("  ") + stepStatusName(step.status);
        line(depth, head + numbers(step.usage()));

        if (!step.reasoning.isEmpty())
            line(depth + 1, QStringLiteral("~ ") + oneLine(step.reasoning));
        if (const QString arguments = callArguments(step); !arguments.isEmpty())
            line(depth + 1, QStringLiteral("> ") + oneLine(arguments));
        const QJsonValue result = step.attributes.value(QLatin1String("gen_ai.tool.call.result"));
        if (const QString words = approvalWords(step); !words.isEmpty())
            line(depth + 1, QStringLiteral("= ") + oneLine(words));
        else if (!step.text.isEmpty())
            line(depth + 1, QStringLiteral("= ") + oneLine(step.text));
        else if (!result.isUndefined())
            line(depth + 1, QStringLiteral("= ")
                                + oneLine(result.isString() ? result.toString()
                                                            : json::compactString(result)));
        for (const StepNote &note : step.notes) {
            QString text = QStringLiteral("* ") + oneLine(note.name);
            if (!note.attributes.isEmpty())
                text += QLatin1Char(' ') + oneLine(json::compactString(note.attributes));
            line(depth + 1, text);
        }
        if (step.error)
            line(depth + 1, errorLine(*step.error));
        push(step.children, depth + 1);
    }
    if (m_error)
        line(0, errorLine(*m_error));
    if (!m_output.isEmpty())
        line(0, QStringLiteral("output: ") + oneLine(m_output));
    return out;
}

} // namespace lathe
