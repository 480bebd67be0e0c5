// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/RequestTemplate.h"

#include "core/base/Json.h"
#include "core/tool/ToolSchema.h"

#include <QRandomGenerator>
#include <QRegularExpression>

#include <algorithm>

namespace lathe {

namespace {
constexpr char16_t firstPrivate = 0xe000;
constexpr size_t maxMarks = 1000;
constexpr qsizetype maxTemplate = 1024 * 1024;

Error invalid(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

QString asIs(const QString &text)
{
    return text;
}

QString xmlEscaped(const QString &text)
{
    return text.toHtmlEscaped().replace(u'\'', QLatin1String("&#39;"));
}

QString formEncoded(const QString &text)
{
    return percentEncoded(text);
}
} // namespace

MultipartBody::MultipartBody()
    : m_boundary("lathe-" + QByteArray::number(QRandomGenerator::system()->generate64(), 16)
                 + QByteArray::number(QRandomGenerator::system()->generate64(), 16))
{
}

void MultipartBody::add(const QString &name, const QByteArray &value, const QString &fileName, const QByteArray &type)
{
    const auto quoted = [](QString text) { // as browsers do
        text.replace(u'"', QLatin1String("%22")).replace(u'\r', QLatin1String("%0D")).replace(u'\n', QLatin1String("%0A"));
        return '"' + text.toUtf8() + '"';
    };
    m_parts += "--" + m_boundary + "\r\nContent-Disposition: form-data; name=" + quoted(name);
    if (!fileName.isEmpty())
        m_parts += "; filename=" + quoted(fileName);
    if (!type.isEmpty())
        m_parts += "\r\nContent-Type: " + type;
    m_parts += "\r\n\r\n" + value + "\r\n";
}

QString percentEncoded(const QString &text)
{
    return QString::fromLatin1(text.toUtf8().toPercentEncoding());
}

QString textOfValue(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    return value.isNull() || value.isUndefined() ? QString() : json::compactString(value);
}

Result<void> checkPathSegment(const QString &encoded, const QString &whole)
{
    QString dots = encoded;
    dots.replace(QLatin1String("%2e"), QLatin1String("."), Qt::CaseInsensitive);
    if (encoded.isEmpty())
        return invalid(QStringLiteral("A value of the path %1 is empty; it names nothing.").arg(whole.left(200)));
    if (dots == QLatin1String(".") || dots == QLatin1String(".."))
        return invalid(QStringLiteral("\"%1\" cannot be a part of the path %2.").arg(dots, whole.left(200)));
    return {};
}

// The values of one call.
struct RequestTemplate::Values {
    QJsonObject arguments; // with defaults
    const SecretSource *source;
    UsedSecrets *used;
    bool usedSecret = false;
    // Encoded text of a mark. Errors: Auth.
    Result<QString> text(const Mark &mark, QString (*encode)(const QString &))
    {
        if (!mark.secret)
            return encode(textOfValue(arguments.value(mark.name)));
        usedSecret = true;
        SecretSource own = *source;
        own.encode = encode;
        return own.filled(QStringLiteral("{{secret:%1}}").arg(mark.name), used);
    }
    bool isAbsent(const Mark &mark) const { return !mark.secret && arguments.value(mark.name).isUndefined(); }
};

const RequestTemplate::Mark *RequestTemplate::Text::mark(QChar c) const
{
    const size_t index = size_t(c.unicode()) - firstPrivate;
    return c.unicode() >= firstPrivate && index < marks.size() ? &marks[index] : nullptr;
}

Result<RequestTemplate::Text> RequestTemplate::parse(const QString &text, bool json)
{
    static const QRegularExpression any(
        QStringLiteral("\\{\\{\\s*(?:secret:([^{}]{1,200}?)|([A-Za-z_][A-Za-z0-9_.-]{0,63}))\\s*\\}\\}"));
    if (text.size() > maxTemplate)
        return invalid(QStringLiteral("the template is larger than 1 MB."));
    const bool taken = std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() >= firstPrivate && c.unicode() <= 0xf8ff; });
    if (taken)
        return invalid(QStringLiteral("it holds characters of the private use area."));
    Text out;
    bool inString = false;
    const auto literal = [&](QStringView part) {
        for (qsizetype i = 0; i < part.size(); ++i) {
            if (inString && part[i] == u'\\')
                ++i;
            else if (part[i] == u'"')
                inString = !inString;
        }
        out.text += part;
    };
    qsizetype from = 0;
    for (auto found = any.globalMatch(text); found.hasNext();) {
        const auto match = found.next();
        literal(QStringView(text).mid(from, match.capturedStart() - from));
        from = match.capturedEnd();
        if (out.marks.size() >= maxMarks)
            return invalid(QStringLiteral("it has over %1 placeholders.").arg(maxMarks));
        Mark mark;
        mark.secret = !match.captured(1).isEmpty();
        mark.name = mark.secret ? match.captured(1).trimmed() : match.captured(2);
        mark.bare = json && !inString;
        const QChar c(char16_t(firstPrivate + out.marks.size()));
        out.text += mark.bare ? QString(u'"') + c + u'"' : QString(c);
        out.marks.push_back(std::move(mark));
    }
    literal(QStringView(text).mid(from));
    return out;
}

QStringList RequestTemplate::names(const QString &text)
{
    QStringList names;
    const auto parsed = parse(text);
    if (!parsed)
        return names;
    for (const Mark &mark : parsed->marks) {
        if (!mark.secret && !names.contains(mark.name))
            names += mark.name;
    }
    return names;
}

void RequestTemplate::note(const Text &text)
{
    for (const Mark &mark : text.marks) {
        const auto same = [&mark](const Parameter &parameter) { return parameter.name == mark.name; };
        if (mark.secret || std::any_of(m_parameters.begin(), m_parameters.end(), same))
            continue;
        Parameter parameter;
        parameter.name = mark.name;
        parameter.schema = QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}};
        parameter.absent = QJsonValue(QJsonValue::Undefined);
        m_parameters.push_back(std::move(parameter));
    }
}

Result<void> RequestTemplate::readBody(const QJsonObject &config)
{
    static const QStringList types{QStringLiteral("none"),      QStringLiteral("json"), QStringLiteral("form"),
                                   QStringLiteral("multipart"), QStringLiteral("xml"),  QStringLiteral("text")};
    const QString given = config.value(QLatin1String("body_type")).toString();
    m_bodyType = given.isEmpty() ? QStringLiteral("none") : given;
    if (!types.contains(m_bodyType))
        return invalid(
            QStringLiteral("the body type \"%1\" is unknown; there are %2.").arg(given.left(20), types.join(QStringLiteral(", "))));
    if (m_bodyType == QLatin1String("none"))
        return {};
    if (m_method == QLatin1String("GET") || m_method == QLatin1String("HEAD"))
        return invalid(QStringLiteral("a %1 request carries no body.").arg(m_method));
    const bool isJson = m_bodyType == QLatin1String("json");
    auto body = parse(config.value(QLatin1String("body")).toString(), isJson);
    if (!body)
        return body.error();
    m_body = std::move(*body);
    note(m_body);
    if (!isJson)
        return {};
    auto value = json::parse(m_body.text.toUtf8());
    if (!value)
        return invalid(QStringLiteral("its body is no JSON with placeholders. %1").arg(value.error().message));
    m_json = std::move(*value);
    return {};
}

Result<RequestTemplate> RequestTemplate::fromConfig(const QJsonObject &config)
{
    static const QRegularExpression server(QStringLiteral("\\Ahttps?://[^/?#\\\\\\s]+(?=[/?#]|\\z)"),
                                           QRegularExpression::CaseInsensitiveOption);
    RequestTemplate out;
    const QString method = config.value(QLatin1String("method")).toString().trimmed().toUpper();
    if (!method.isEmpty())
        out.m_method = method;
    if (!httpToolMethods().contains(out.m_method))
        return invalid(QStringLiteral("the method \"%1\" is unknown; there are %2.")
                           .arg(method.left(20), httpToolMethods().join(QStringLiteral(", "))));
    // What a person declared comes first, so that schemas keep their order and types.
    for (const QJsonValue &item : config.value(QLatin1String("parameters")).toArray()) {
        static const QRegularExpression good(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_.-]{0,63}\\z"));
        const QJsonObject object = item.toObject();
        Parameter parameter;
        parameter.name = object.value(QLatin1String("name")).toString();
        if (!good.match(parameter.name).hasMatch())
            return invalid(QStringLiteral("\"%1\" is no name of a parameter.").arg(parameter.name.left(60)));
        parameter.schema = object.value(QLatin1String("schema")).toObject();
        for (const char *key : {"type", "description", "enum", "default", "items", "format", "minimum", "maximum", "examples"}) {
            if (object.contains(QLatin1String(key)))
                parameter.schema.insert(QLatin1String(key), object.value(QLatin1String(key)));
        }
        if (parameter.schema.isEmpty())
            parameter.schema.insert(QStringLiteral("type"), QStringLiteral("string"));
        parameter.absent = parameter.schema.value(QLatin1String("default"));
        parameter.required = object.value(QLatin1String("required")).toBool(true) && parameter.absent.isUndefined();
        out.m_parameters.push_back(std::move(parameter));
    }
    const QString text = config.value(QLatin1String("url")).toString().trimmed();
    const auto match = server.match(text);
    if (!match.hasMatch() || match.captured().contains(QLatin1String("{{")))
        return invalid(text.isEmpty() ? QStringLiteral("it has no URL; write one such as https://api.example.com/items/{{id}}.")
                                      : QStringLiteral("its URL does not begin with a fixed server such as https://api.example.com."));
    if (auto checked = parseHttpUrl(match.captured()); !checked)
        return checked.error();
    auto parsed = parse(text);
    if (!parsed)
        return parsed.error();
    out.m_url = std::move(*parsed);
    out.note(out.m_url);
    const QJsonObject headers = config.value(QLatin1String("headers")).toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        const QByteArray name = it.key().trimmed().toUtf8();
        auto value = parse(it.value().toString());
        if (!value)
            return value.error();
        if (!isHeaderName(name) || !isHeaderValue(it.value().toString()) || isConnectionHeader(name.toLower()))
            return invalid(QStringLiteral("the header \"%1\" cannot be sent; change its name or value.").arg(it.key().left(60)));
        out.note(*value);
        out.m_headers.emplace_back(name, std::move(*value));
    }
    out.m_basicAuth = config.value(QLatin1String("basic_auth")).toString();
    if (auto read = out.readBody(config); !read)
        return read.error();
    return out;
}

QJsonObject RequestTemplate::schema() const
{
    QJsonObject properties;
    QStringList required;
    for (const Parameter &parameter : m_parameters) {
        properties.insert(parameter.name, parameter.schema);
        if (parameter.required)
            required += parameter.name;
    }
    return objectSchema(properties, required);
}

Result<QString> RequestTemplate::plain(const Text &text, QStringView part, Values &values, QString (*encode)(const QString &))
{
    QString out;
    for (const QChar c : part) {
        const Mark *mark = text.mark(c);
        if (!mark) {
            out += c;
            continue;
        }
        auto value = values.text(*mark, encode);
        if (!value)
            return value.error();
        out += *value;
    }
    return out;
}

// "a=1&b={{b}}": a pair whose value is an absent parameter is left out, a list makes several.
Result<QString> RequestTemplate::pairs(const Text &text, QStringView part, Values &values) const
{
    QStringList out;
    for (const QStringView pair : part.split(u'&')) {
        const qsizetype equals = pair.indexOf(u'=');
        const QStringView value = equals < 0 ? QStringView() : pair.mid(equals + 1);
        const Mark *alone = value.size() == 1 ? text.mark(value[0]) : nullptr;
        if (alone && values.isAbsent(*alone))
            continue;
        auto name = plain(text, equals < 0 ? pair : pair.left(equals), values, &formEncoded);
        if (!name)
            return name.error();
        if (equals < 0) {
            out += *name;
        } else if (alone && !alone->secret && values.arguments.value(alone->name).isArray()) {
            for (const QJsonValue &item : values.arguments.value(alone->name).toArray())
                out += *name + u'=' + formEncoded(textOfValue(item));
        } else {
            auto encoded = plain(text, value, values, &formEncoded);
            if (!encoded)
                return encoded.error();
            out += *name + u'=' + *encoded;
        }
    }
    return out.join(u'&');
}

Result<QString> RequestTemplate::url(Values &values) const
{
    QStringView rest = QStringView(m_url.text).left(m_url.text.indexOf(u'#') < 0 ? m_url.text.size() : m_url.text.indexOf(u'#'));
    const qsizetype question = rest.indexOf(u'?');
    QStringView query = question < 0 ? QStringView() : rest.mid(question + 1);
    if (question >= 0)
        rest = rest.left(question);
    const qsizetype slash = rest.indexOf(u'/', rest.indexOf(QLatin1String("://")) + 3);
    QString out = (slash < 0 ? rest : rest.left(slash)).toString();
    if (slash >= 0) {
        for (const QStringView segment : rest.mid(slash + 1).split(u'/')) {
            auto encoded = plain(m_url, segment, values, &percentEncoded);
            if (!encoded)
                return encoded.error();
            const bool variable = std::any_of(segment.begin(), segment.end(), [this](QChar c) { return m_url.mark(c) != nullptr; });
            if (variable) {
                QString shown;
                for (const QChar c : rest.mid(slash)) {
                    const Mark *mark = m_url.mark(c);
                    shown += mark ? QStringLiteral("{%1}").arg(mark->name) : QString(c);
                }
                if (auto checked = checkPathSegment(*encoded, shown); !checked)
                    return checked.error();
            }
            out += u'/' + *encoded;
        }
    }
    if (query.isEmpty())
        return out;
    auto encoded = pairs(m_url, query, values);
    if (!encoded)
        return encoded.error();
    return encoded->isEmpty() ? out : out + u'?' + *encoded;
}

Result<QJsonValue> RequestTemplate::jsonBody(const QJsonValue &value, Values &values) const
{
    if (value.isString()) {
        const QString text = value.toString();
        const Mark *alone = text.size() == 1 ? m_body.mark(text[0]) : nullptr;
        if (alone && alone->bare && !alone->secret)
            return values.arguments.value(alone->name);
        auto filled = plain(m_body, text, values, &asIs);
        if (!filled)
            return filled.error();
        return QJsonValue(*filled);
    }
    if (value.isArray()) {
        QJsonArray out;
        for (const QJsonValue &item : value.toArray()) {
            auto filled = jsonBody(item, values);
            if (!filled)
                return filled.error();
            if (!filled->isUndefined())
                out.append(*filled);
        }
        return QJsonValue(out);
    }
    if (value.isObject()) {
        QJsonObject out;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            auto name = plain(m_body, it.key(), values, &asIs);
            if (!name)
                return name.error();
            auto filled = jsonBody(it.value(), values);
            if (!filled)
                return filled.error();
            if (!filled->isUndefined())
                out.insert(*name, *filled);
        }
        return QJsonValue(out);
    }
    return value;
}

Result<void> RequestTemplate::multipart(Values &values, HttpToolCall &call) const
{
    MultipartBody parts;
    const auto decoded = [](const QString &text) { return QString::fromUtf8(QByteArray::fromPercentEncoding(text.toUtf8())); };
    for (const QStringView pair : QStringView(m_body.text).split(u'&', Qt::SkipEmptyParts)) {
        const qsizetype equals = pair.indexOf(u'=');
        const QStringView value = equals < 0 ? QStringView() : pair.mid(equals + 1);
        const Mark *alone = value.size() == 1 ? m_body.mark(value[0]) : nullptr;
        if (alone && values.isAbsent(*alone))
            continue;
        auto name = plain(m_body, equals < 0 ? pair : pair.left(equals), values, &formEncoded);
        if (!name)
            return name.error();
        auto content = plain(m_body, value, values, &formEncoded);
        if (!content)
            return content.error();
        const qsizetype at = name->indexOf(u'@'); // "file@report.txt": sent as a file of that name
        parts.add(decoded(at < 0 ? *name : name->left(at)), decoded(*content).toUtf8(), at < 0 ? QString() : decoded(name->mid(at + 1)),
                  at < 0 ? QByteArray() : QByteArray("application/octet-stream"));
    }
    call.request.body = parts.bytes();
    std::erase_if(call.request.headers, [](const auto &header) { return header.first.toLower() == "content-type"; });
    call.request.headers.emplace_back("Content-Type", parts.contentType());
    return {};
}

Result<void> RequestTemplate::body(Values &values, HttpToolCall &call) const
{
    if (m_bodyType == QLatin1String("none"))
        return {};
    if (m_bodyType == QLatin1String("multipart"))
        return multipart(values, call);
    const char *type = "text/plain; charset=utf-8";
    if (m_bodyType == QLatin1String("json")) {
        auto value = jsonBody(m_json, values);
        if (!value)
            return value.error();
        call.request.body = value->isUndefined() ? QByteArray() : json::compact(*value);
        type = "application/json";
    } else if (m_bodyType == QLatin1String("form")) {
        auto encoded = pairs(m_body, m_body.text, values);
        if (!encoded)
            return encoded.error();
        call.request.body = encoded->toUtf8();
        type = "application/x-www-form-urlencoded";
    } else {
        const bool xml = m_bodyType == QLatin1String("xml");
        auto filled = plain(m_body, m_body.text, values, xml ? &xmlEscaped : &asIs);
        if (!filled)
            return filled.error();
        call.request.body = filled->toUtf8();
        if (xml)
            type = "application/xml";
    }
    if (headerValue(call.request.headers, "content-type").isEmpty())
        call.request.headers.emplace_back("Content-Type", type);
    return {};
}

Result<HttpToolCall> RequestTemplate::render(const QJsonObject &arguments, const SecretSource &source) const
{
    HttpToolCall call;
    Values values{arguments, &source, &call.secrets};
    for (const Parameter &parameter : m_parameters) {
        if (values.arguments.value(parameter.name).isUndefined() && !parameter.absent.isUndefined())
            values.arguments.insert(parameter.name, parameter.absent);
    }
    auto text = url(values);
    if (!text)
        return text.error();
    auto parsed = parseHttpUrl(*text);
    if (!parsed) // a message shows the beginning of the URL, where half of a secret would not be found
        return call.secrets.isEmpty() ? parsed.error()
                                      : Error(parsed.error().kind, QStringLiteral("The URL with its secret is no valid URL."));
    QString host = parsed->host(QUrl::FullyEncoded);
    if (host.contains(u':'))
        host = u'[' + host + u']';
    call.hosts =
        HostAllowList({QStringLiteral("%1:%2").arg(host).arg(parsed->port(parsed->scheme() == QLatin1String("https") ? 443 : 80)), host});
    call.methods = QStringList{m_method, QStringLiteral("GET")};
    call.aim(*parsed);
    call.request.method = m_method.toLatin1();
    for (const auto &[name, value] : m_headers) {
        const Mark *alone = value.text.size() == 1 ? value.mark(value.text[0]) : nullptr;
        if (alone && values.isAbsent(*alone))
            continue;
        auto filled = plain(value, value.text, values, &asIs);
        if (!filled)
            return filled.error();
        if (!isHeaderValue(*filled))
            return Error(ErrorKind::Denied,
                         QStringLiteral("A value for the header %1 holds a line break or another character that a header cannot carry.")
                             .arg(QString::fromLatin1(name)));
        if (std::any_of(value.marks.begin(), value.marks.end(), [](const Mark &mark) { return mark.secret; }))
            call.secretHeaders.push_back(name.toLower());
        call.request.headers.emplace_back(name, filled->toUtf8());
    }
    if (!m_basicAuth.isEmpty()) {
        auto filled = source.filled(m_basicAuth, &call.secrets);
        if (!filled)
            return filled.error();
        call.secrets.add(QStringLiteral("basic"), QString::fromLatin1(filled->toUtf8().toBase64()));
        call.request.headers.emplace_back("Authorization", "Basic " + filled->toUtf8().toBase64());
        call.secretHeaders.push_back("authorization");
    }
    values.usedSecret = false;
    if (auto added = body(values, call); !added)
        return added.error();
    call.bodyIsSecret = values.usedSecret;
    return call;
}

} // namespace lathe
