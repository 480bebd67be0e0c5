// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/ProviderServers.h"

namespace lathe::test {

namespace {
// Words with the blank that follows them, as models stream.
QStringList words(const QString &text)
{
    QStringList out;
    qsizetype begin = 0;
    for (qsizetype i = 1; i <= text.size(); ++i) {
        if (i == text.size() || (text[i - 1] == QLatin1Char(' ') && text[i] != QLatin1Char(' '))) {
            out.append(text.mid(begin, i - begin));
            begin = i;
        }
    }
    return out;
}
} // namespace

ScriptedAnswer ScriptedAnswer::say(const QString &text)
{
    ScriptedAnswer answer;
    answer.text = words(text);
    answer.outputTokens = answer.text.size();
    return answer;
}

ScriptedAnswer ScriptedAnswer::call(const QString &name, const QString &arguments,
                                    const QString &id)
{
    ScriptedAnswer answer;
    answer.calls.push_back({name, arguments, id});
    return answer;
}

ScriptedAnswer ScriptedAnswer::huge(qint64 bytes)
{
    ScriptedAnswer answer;
    constexpr qint64 block = 64 * 1024;
    for (qint64 left = bytes; left > 0; left -= block)
        answer.text.append(QString(qsizetype(std::min(left, block)), QLatin1Char('x')));
    return answer;
}

ScriptedAnswer ScriptedAnswer::refusal(int status, const QByteArray &type,
                                       const QByteArray &message)
{
    ScriptedAnswer answer;
    answer.status = status;
    answer.errorType = type;
    answer.errorMessage = message;
    return answer;
}

ScriptedAnswer ScriptedAnswer::wrongKey()
{
    return refusal(401, {}, {});
}
ScriptedAnswer ScriptedAnswer::unknownModel()
{
    return refusal(404, {}, {});
}
ScriptedAnswer ScriptedAnswer::serverError(int status)
{
    return refusal(status, {}, {});
}
ScriptedAnswer ScriptedAnswer::contextTooLong()
{
    return refusal(400, {}, {});
}

ScriptedAnswer ScriptedAnswer::rateLimited(int retryAfterSeconds)
{
    ScriptedAnswer answer = refusal(429, {}, {});
    answer.retryAfterSeconds = retryAfterSeconds;
    return answer;
}

ScriptedAnswer ScriptedAnswer::thinking(const QString &thoughts) &&
{
    reasoning = words(thoughts);
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::andCall(const QString &name, const QString &arguments,
                                       const QString &id) &&
{
    calls.push_back({name, arguments, id});
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::usage(qint64 input, qint64 output, qint64 cached,
                                     qint64 ofReasoning) &&
{
    inputTokens = input;
    outputTokens = output;
    cachedTokens = cached;
    reasoningTokens = ofReasoning;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::paced(int msBetweenEvents) &&
{
    delayMs = msBetweenEvents;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::slowHead(int ms) &&
{
    headDelayMs = ms;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::lengthLimited() &&
{
    outOfTokens = true;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::cutAfter(int events, bool withReset) &&
{
    cutAfterEvents = events;
    reset = withReset;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::malformedAfter(int events) &&
{
    malformedAfterEvents = events;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::failAfter(int events) &&
{
    errorAfterEvents = events;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::stallAfter(int events) &&
{
    cutAfterEvents = events;
    stalls = true;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::noEnd() &&
{
    withoutEnd = true;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::brokenUtf8() &&
{
    invalidUtf8 = true;
    return std::move(*this);
}

ScriptedAnswer ScriptedAnswer::unstreamed() &&
{
    plainBody = true;
    return std::move(*this);
}

} // namespace lathe::test
