// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceHtml.h"

#include "core/base/Json.h"
#include "core/trace/TraceCosts.h"
#include "core/trace/TraceHtmlPage.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr qsizetype pieceSize = 64 * 1024;
constexpr qsizetype largestImage = 16 * 1024 * 1024;

QString durationText(qint64 us)
{
    us = std::max<qint64>(us, 0);
    if (us < 1'000'000)
        return QString::number(double(us) / 1e3, 'f', us < 10'000 ? 1 : 0) + QStringLiteral(" ms");
    if (us < 60'000'000)
        return QString::number(double(us) / 1e6, 'f', 2) + QStringLiteral(" s");
    return QStringLiteral("%1 min %2 s").arg(us / 60'000'000).arg(us / 1'000'000 % 60);
}

QString moneyText(const Usage &usage)
{
    if (!usage.costKnown && usage.costUsd == 0)
        return QStringLiteral("?");
    if (usage.costUsd == 0)
        return QStringLiteral("$0");
    const QString text =
        QLatin1Char('$') + (usage.costUsd < 0.01 ? QString::number(usage.costUsd, 'g', 2) : QString::number(usage.costUsd, 'f', usage.costUsd < 1 ? 4 : 2));
    return usage.costKnown ? text : QStringLiteral("over ") + text;
}

QString timeText(qint64 us)
{
    return QLocale::c().toString(QDateTime::fromMSecsSinceEpoch(us / 1000, Qt::UTC), QStringLiteral("yyyy-MM-dd HH:mm:ss")) + QStringLiteral(" UTC");
}

class Writer
{
public:
    explicit Writer(const HtmlSink &sink) : m_sink(sink) { m_buffer.reserve(pieceSize * 2); }
    bool ok() const { return m_ok; }
    Writer &raw(const char *html)
    {
        m_buffer += html;
        return flushed();
    }
    Writer &raw(const QByteArray &html)
    {
        m_buffer += html;
        return flushed();
    }
    // Text as content or as the value of a quoted attribute.
    Writer &text(QStringView text)
    {
        constexpr qsizetype part = 32 * 1024; // a text of megabytes is not escaped at once
        for (qsizetype from = 0; from < text.size() && m_ok;) {
            qsizetype size = std::min(part, text.size() - from);
            if (text[from + size - 1].isHighSurrogate() && from + size < text.size())
                ++size;
            escape(text.mid(from, size));
            flushed();
            from += size;
        }
        return *this;
    }
    bool finish()
    {
        if (m_ok && !m_buffer.isEmpty())
            m_ok = m_sink(m_buffer);
        m_buffer.clear();
        return m_ok;
    }

private:
    void escape(QStringView text)
    {
        const QByteArray utf8 = text.toUtf8(); // lone halves of characters are replaced
        for (qsizetype i = 0; i < utf8.size(); ++i) {
            const uchar c = uchar(utf8[i]);
            if (c == '&')
                m_buffer += "&amp;";
            else if (c == '<')
                m_buffer += "&lt;";
            else if (c == '>')
                m_buffer += "&gt;";
            else if (c == '"')
                m_buffer += "&quot;";
            else if (c == '\'')
                m_buffer += "&#39;";
            else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
                m_buffer += "\xEF\xBF\xBD";
            else if (turns(utf8, i)) { // could make a text read as another one
                m_buffer += "\xEF\xBF\xBD";
                i += 2;
            } else {
                m_buffer += char(c);
            }
        }
    }
    // U+202A-202E and U+2066-2069 in UTF-8.
    static bool turns(const QByteArray &utf8, qsizetype i)
    {
        if (uchar(utf8[i]) != 0xE2 || i + 2 >= utf8.size())
            return false;
        const uchar b = uchar(utf8[i + 1]), c = uchar(utf8[i + 2]);
        return (b == 0x80 && c >= 0xAA && c <= 0xAE) || (b == 0x81 && c >= 0xA6 && c <= 0xA9);
    }
    Writer &flushed()
    {
        if (m_buffer.size() >= pieceSize) {
            m_ok = m_ok && m_sink(m_buffer);
            m_buffer.clear();
        }
        return *this;
    }
    const HtmlSink &m_sink;
    QByteArray m_buffer;
    bool m_ok = true;
};

class Page
{
public:
    Page(const Trace &trace, const TraceHtmlHeader &header, const HtmlSink &sink)
        : m_trace(trace), m_header(header), m_times(traceTimes(trace)), m_path(criticalPath(trace, m_times)),
          m_costs(traceCosts(trace, m_times, m_path)), m_out(sink)
    {
    }
    bool write()
    {
        head();
        summary();
        m_out.raw("<main>\n<div class=\"find\"><input id=\"q\" type=\"search\" placeholder=\"Search in steps ( / )\" aria-label=\"Search in steps\">"
                  "<button id=\"open\">Open all</button><button id=\"shut\">Close all</button><output id=\"n\"></output></div>\n");
        steps();
        m_out.raw("</main>\n<footer>Made by Lathe");
        if (m_header.madeUs > 0)
            m_out.raw(", ").text(timeText(m_header.madeUs));
        m_out.raw(".");
        if (!m_header.note.isEmpty())
            m_out.raw(" ").text(m_header.note);
        m_out.raw("</footer>\n<script>").raw(html::script).raw("</script>\n</body>\n</html>\n");
        return m_out.finish();
    }

private:
    void head()
    {
        // Nothing but the page's own script runs and nothing is fetched, whatever stands in the texts.
        const QByteArray hash = QCryptographicHash::hash(QByteArray(html::script), QCryptographicHash::Sha256).toBase64();
        m_out.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-")
            .raw(hash)
            .raw("'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"generator\" content=\"Lathe\">\n<title>")
            .text(m_header.title)
            .raw("</title>\n<style>")
            .raw(html::style)
            .raw("</style>\n</head>\n<body>\n");
    }
    void fact(const char *name, const QString &value)
    {
        if (!value.isEmpty())
            m_out.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>");
    }
    void block(const char *title, const QString &text, const char *className = "")
    {
        if (text.isEmpty())
            return;
        m_out.raw("<h2>").raw(title).raw("</h2><pre class=\"").raw(className).raw("\">").text(text).raw("</pre>\n");
    }
    void summary()
    {
        const Usage usage = m_trace.usage();
        m_out.raw("<header>\n<h1>").text(m_header.title).raw("</h1>\n<dl>");
        fact("Status", runStatusName(m_trace.status()));
        fact("Agent", m_header.agent);
        if (m_times.firstUs > 0)
            fact("Started", timeText(m_times.firstUs));
        fact("Duration", durationText(m_times.lastUs - m_times.firstUs));
        fact("Steps", QString::number(m_trace.steps().size()));
        fact("Tokens", QStringLiteral("%1 in, %2 out").arg(usage.inputTokens).arg(usage.outputTokens));
        fact("Cost", moneyText(usage));
        fact("Rating", m_header.rating);
        fact("Tags", m_header.tags);
        m_out.raw("</dl>\n");
        block("Input", m_header.input);
        block("Output", m_trace.output());
        if (m_trace.error())
            block("Error", m_trace.error()->message, "error");
        m_out.raw("<details><summary>Where time, tokens and money went</summary>\n<div class=\"costs\">");
        table("Kind", m_costs.byKind);
        table("Agent", m_costs.byAgent);
        table("Model", m_costs.byModel);
        table("Tool", m_costs.byTool);
        table("Waiting", m_costs.byWait);
        m_out.raw("</div></details>\n</header>\n");
    }
    void table(const char *title, const std::vector<CostRow> &rows)
    {
        if (rows.empty())
            return;
        m_out.raw("<table><thead><tr><th>").raw(title).raw("</th><th>steps</th><th>own time</th><th>critical path</th><th>tokens</th><th>cost</th></tr></thead><tbody>");
        for (const CostRow &row : rows) {
            m_out.raw("<tr><td>").text(row.key).raw("</td><td>").text(QString::number(row.steps)).raw("</td><td>");
            m_out.text(durationText(row.ownUs)).raw("</td><td>").text(durationText(row.pathUs)).raw("</td><td>");
            m_out.text(QString::number(row.own.totalTokens())).raw("</td><td>").text(moneyText(row.own)).raw("</td></tr>");
        }
        m_out.raw("</tbody></table>\n");
    }
    void steps()
    {
        struct Open {
            int step;
            int depth;
            bool close;
        };
        std::vector<Open> stack;
        const auto push = [&](std::vector<int> indices, int depth) {
            std::sort(indices.begin(), indices.end(), [this](int a, int b) { return stepPathLess(step(b).path, step(a).path); });
            for (const int index : indices)
                stack.push_back({index, depth, false});
        };
        push(m_trace.roots(), 0);
        while (!stack.empty() && m_out.ok()) {
            const Open open = stack.back();
            stack.pop_back();
            if (open.close) {
                m_out.raw("</details>\n");
                continue;
            }
            begin(open.step, open.depth);
            stack.push_back({open.step, open.depth, true});
            push(step(open.step).children, open.depth + 1);
        }
    }
    const Step &step(int index) const { return m_trace.steps()[size_t(index)]; }

    void begin(int index, int depth)
    {
        const Step &s = step(index);
        const size_t i = size_t(index);
        const double whole = double(std::max<qint64>(1, m_times.lastUs - m_times.firstUs));
        const auto percent = [whole](qint64 us) { return QByteArray::number(std::clamp(double(us) / whole, 0.0, 1.0) * 100, 'f', 3) + "%"; };
        // Containers are open, so that the tree is seen; details of the rest are folded.
        const bool open = !s.children.empty();
        m_out.raw("<details class=\"step ").raw(stepKindName(s.kind).toLatin1()).raw("\" style=\"--d:").raw(QByteArray::number(depth));
        m_out.raw(open ? "\" open>" : "\">");
        m_out.raw("<summary><span class=\"name\"><span class=\"dot\"></span>").text(s.name.isEmpty() ? stepKindName(s.kind) : s.name);
        if (s.status != StepStatus::Ok) {
            const QByteArray status = stepStatusName(s.status).toLatin1();
            m_out.raw("<span class=\"status ").raw(status).raw("\">").raw(status).raw("</span>");
        }
        m_out.raw("</span><span class=\"time\"><i class=\"").raw(m_path.onPath[i] ? "crit" : "").raw("\" style=\"--f:");
        m_out.raw(percent(m_times.startUs[i] - m_times.firstUs)).raw(";--w:").raw(percent(m_times.endUs[i] - m_times.startUs[i])).raw("\"></i></span>");
        const Usage usage = s.usage();
        m_out.raw("<span class=\"num\">").text(durationText(m_times.endUs[i] - m_times.startUs[i])).raw("</span><span class=\"num tokens\">");
        if (usage.totalTokens() > 0)
            m_out.text(QStringLiteral("%1 + %2").arg(usage.inputTokens).arg(usage.outputTokens));
        m_out.raw("</span><span class=\"num cost\">");
        if (usage.totalTokens() > 0 || usage.costUsd > 0)
            m_out.text(moneyText(usage));
        m_out.raw("</span></summary>\n<div class=\"body\">");
        body(s);
        m_out.raw("</div>\n");
    }
    void body(const Step &s)
    {
        QJsonObject rest = s.attributes;
        const auto take = [&rest](L key) {
            const QJsonValue value = rest.value(key);
            rest.remove(key);
            return value;
        };
        if (s.error)
            block("Error", s.error->message, "error");
        const QJsonValue system = take(L("gen_ai.system_instructions"));
        parts("system", parsed(system));
        messages("Messages", take(L("gen_ai.input.messages")));
        const QJsonValue arguments = take(L("gen_ai.tool.call.arguments"));
        block("Arguments", !arguments.isUndefined() ? shown(arguments) : s.kind == StepKind::Tool ? shown(QJsonValue(s.toolArguments)) : QString());
        block("Reasoning", s.reasoning);
        const QJsonValue answer = take(L("gen_ai.output.messages"));
        if (s.kind == StepKind::Model && !answer.isUndefined())
            messages("Answer", answer);
        else
            block(s.kind == StepKind::Tool ? "Result" : "Text", s.text);
        if (s.kind != StepKind::Tool && answer.isUndefined())
            block("Tool call", s.toolArguments);
        const QJsonValue result = take(L("gen_ai.tool.call.result"));
        if (s.text.isEmpty() && !result.isUndefined())
            block("Result", shown(result));
        if (!s.notes.empty()) {
            m_out.raw("<h2>Notes</h2><pre>");
            for (const StepNote &note : s.notes) {
                m_out.text(QStringLiteral("+%1  %2").arg(durationText(note.timeUs - s.startUs), note.name));
                if (!note.attributes.isEmpty())
                    m_out.raw("  ").text(json::compactString(note.attributes));
                m_out.raw("\n");
            }
            m_out.raw("</pre>\n");
        }
        if (!rest.isEmpty()) {
            m_out.raw("<details><summary>Attributes</summary>");
            block("", shown(rest));
            m_out.raw("</details>");
        }
    }
    // JSON in a string is shown as JSON.
    static QJsonValue parsed(const QJsonValue &value)
    {
        const QString text = value.toString();
        if (!text.startsWith(u'{') && !text.startsWith(u'['))
            return value;
        return json::parse(text.toUtf8()).valueOr(value);
    }
    static QString shown(const QJsonValue &value)
    {
        const QJsonValue json = parsed(value);
        return json.isString() ? json.toString() : QString::fromUtf8(json::pretty(json)).trimmed();
    }
    void messages(const char *title, const QJsonValue &value)
    {
        const QJsonValue list = parsed(value);
        if (list.isUndefined() || list.isNull())
            return;
        if (!list.isArray()) {
            block(title, shown(list));
            return;
        }
        const QJsonArray array = list.toArray();
        m_out.raw("<h2>").raw(title).raw("</h2>\n");
        for (const QJsonValue &message : array) {
            const QJsonValue content = message[L("parts")].isUndefined() ? message[L("content")] : message[L("parts")];
            parts(message[L("role")].toString(QStringLiteral("message")), content.isUndefined() ? message : content);
        }
    }
    void parts(const QString &role, const QJsonValue &content)
    {
        if (content.isUndefined() || content.isNull())
            return;
        m_out.raw("<div class=\"msg\"><b>").text(role).raw("</b>");
        const QJsonArray list = content.isArray() ? content.toArray() : QJsonArray{content};
        for (const QJsonValue &part : list) {
            const QString type = part[L("type")].toString();
            const QJsonValue text = part[L("content")].isString() ? part[L("content")] : part[L("text")];
            if (part.isString()) {
                block("", part.toString());
            } else if (type == L("blob") && image(part)) {
                continue;
            } else if (type == L("reasoning")) {
                block("reasoning", text.toString());
            } else if (type == L("tool_call")) {
                m_out.raw("<h2>calls ").text(part[L("name")].toString()).raw("</h2><pre>").text(shown(part[L("arguments")])).raw("</pre>");
            } else if (type == L("tool_call_response")) {
                const QJsonValue response = part[L("response")].isUndefined() ? part[L("result")] : part[L("response")];
                m_out.raw("<h2>result ").text(part[L("name")].toString()).raw("</h2><pre>").text(shown(response)).raw("</pre>");
            } else if (text.isString() && (type.isEmpty() || type == L("text"))) {
                block("", text.toString());
            } else {
                block("", shown(part));
            }
        }
        m_out.raw("</div>\n");
    }
    bool image(const QJsonValue &part)
    {
        static const QStringList types{QStringLiteral("image/png"), QStringLiteral("image/jpeg"), QStringLiteral("image/gif"), QStringLiteral("image/webp")};
        const QString type = part[L("mime_type")].toString();
        const QString data = part[L("content")].isString() ? part[L("content")].toString() : part[L("data")].toString();
        const auto isBase64 = [](QChar c) {
            return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9') || c == u'+' || c == u'/' || c == u'=';
        };
        if (!types.contains(type) || data.isEmpty() || data.size() > largestImage || !std::all_of(data.begin(), data.end(), isBase64))
            return false;
        m_out.raw("<img alt=\"\" src=\"data:").text(type).raw(";base64,").text(data).raw("\">");
        return true;
    }

    const Trace &m_trace;
    const TraceHtmlHeader &m_header;
    TraceTimes m_times;
    CriticalPath m_path;
    TraceCosts m_costs;
    Writer m_out;
};
} // namespace

bool writeTraceHtml(const Trace &trace, const TraceHtmlHeader &header, const HtmlSink &sink)
{
    return Page(trace, header, sink).write();
}

QByteArray traceHtml(const Trace &trace, const TraceHtmlHeader &header)
{
    QByteArray page;
    writeTraceHtml(trace, header, [&page](const QByteArray &piece) {
        page += piece;
        return true;
    });
    return page;
}

} // namespace lathe
