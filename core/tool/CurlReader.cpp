// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CurlReader.h"

#include "core/base/Json.h"
#include "core/design/SecretLook.h"
#include "core/tool/CurlOptions.h"
#include "core/tool/HttpToolCall.h"
#include "core/tool/RequestTemplate.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
Error invalid(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// "YOUR_API_KEY", "<token>", "xxxx": of a manual, not a value.
bool isDummy(const QString &value)
{
    static const QRegularExpression dummy(
        QStringLiteral("\\A(<.*>|\\[.*\\]|\\.{3}|[xX*]{3,}|your[-_ ].*|.*[-_]here|(api|access)?[-_]?(key|token))\\z"),
        QRegularExpression::CaseInsensitiveOption);
    return dummy.match(value).hasMatch();
}

class Reader
{
public:
    Result<CurlCommand> read(CurlWords words);

private:
    struct Form {
        QString name, value, fileName;
    };
    Result<void> option(const QString &name, const QString &value);
    Result<void> takeOptions(const QStringList &words);
    void addData(const QString &value, bool fromFile);
    void addEncoded(const QString &value, QStringList *to);
    void addForm(const QString &value, bool plain);
    void addHeader(const QString &line);
    void note(const QString &text)
    {
        if (!m_out.notes.contains(text) && m_out.notes.size() < 50)
            m_out.notes += text;
    }
    QString hide(const QString &what, const QString &value, const QString &where);
    QString filled(const QString &text, bool secret) const;
    QString headerText(const QString &name, const QString &value);
    Result<void> finishUrl();
    void finishHeaders();
    Result<void> finishBody();
    QString jsonText(const QString &text);
    void hideMembers(const QJsonValue &value, QString *text);
    QString pairsText(const QString &text, const QString &where);

    CurlCommand m_out;
    QStringList m_urls, m_data, m_query;
    std::vector<Form> m_form;
    std::vector<std::pair<QString, QString>> m_headers;
    QString m_method, m_user, m_owner;
    bool m_get = false, m_head = false, m_json = false, m_upload = false, m_globs = true, m_hasData = false;
};

// A variable of the shell becomes a secret or a parameter.
QString Reader::filled(const QString &text, bool secret) const
{
    QString out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const qsizetype end = text[i] == QChar(CurlWords::variableBegin) ? text.indexOf(QChar(CurlWords::variableEnd), i) : -1;
        if (end < 0) {
            // A mark that was taken apart (options of one letter in one word: "-OI$e" is "-O -I -e") is no variable any more.
            if (text[i] != QChar(CurlWords::variableBegin) && text[i] != QChar(CurlWords::variableEnd))
                out += text[i];
            continue;
        }
        const QString name = text.mid(i + 1, end - i - 1);
        const bool hidden = secret || looksLikeSecret(name, QStringLiteral("value-of-it"));
        out += hidden ? secretReference(name) : QStringLiteral("{{%1}}").arg(curlPlaceholder(name, QStringLiteral("value")));
        i = end;
    }
    return out;
}

// Takes a secret out: its reference stands in its place.
QString Reader::hide(const QString &what, const QString &value, const QString &where)
{
    if (mentionsSecret(value))
        return value;
    const QString wanted = secretNameFor(m_owner, what);
    QString name = wanted;
    for (int n = 2;; ++n) {
        const auto same =
            std::find_if(m_out.secrets.begin(), m_out.secrets.end(), [&name](const CurlSecret &secret) { return secret.name == name; });
        if (same == m_out.secrets.end())
            break;
        if (same->value == value)
            return secretReference(name);
        name = wanted + u'_' + QString::number(n);
    }
    const bool dummy = isDummy(value);
    if (dummy)
        note(QStringLiteral("The %1 holds \"%2\", which stands for a value of yours; enter it as the secret %3.")
                 .arg(where, value.left(40), name));
    m_out.secrets.push_back({name, dummy ? QString() : value, where});
    return secretReference(name);
}

void Reader::addData(const QString &value, bool fromFile)
{
    m_hasData = true;
    if (fromFile && value.startsWith(u'@')) {
        note(QStringLiteral("The file %1 is not read; what it holds is the parameter \"data\".").arg(value.mid(1, 60)));
        m_data += QStringLiteral("{{data}}");
    } else {
        m_data += value;
    }
}

// content, =content, name=content, @file, name@file
void Reader::addEncoded(const QString &value, QStringList *to)
{
    static const QRegularExpression file(QStringLiteral("\\A([^=@]*)@(.*)\\z"), QRegularExpression::DotMatchesEverythingOption);
    m_hasData |= to == &m_data;
    const auto encoded = [](const QString &text) {
        QString out; // placeholders stay
        static const QRegularExpression mark(QStringLiteral("\\{\\{[^{}]*\\}\\}|[\\x{e000}][^\\x{e001}]*[\\x{e001}]"));
        qsizetype from = 0;
        for (auto found = mark.globalMatch(text); found.hasNext();) {
            const auto match = found.next();
            out += percentEncoded(text.mid(from, match.capturedStart() - from)) + match.captured();
            from = match.capturedEnd();
        }
        return out + percentEncoded(text.mid(from));
    };
    const qsizetype equals = value.indexOf(u'=');
    if (equals >= 0) {
        const QString name = value.left(equals);
        *to += (name.isEmpty() ? QString() : name + u'=') + encoded(value.mid(equals + 1));
    } else if (const auto match = file.match(value); match.hasMatch()) {
        note(QStringLiteral("The file %1 is not read; what it holds is the parameter \"data\".").arg(match.captured(2).left(60)));
        *to += (match.captured(1).isEmpty() ? QString() : match.captured(1) + u'=') + QStringLiteral("{{data}}");
    } else {
        *to += encoded(value);
    }
}

void Reader::addForm(const QString &value, bool plain)
{
    const qsizetype equals = value.indexOf(u'=');
    Form form;
    form.name = value.left(equals < 0 ? value.size() : equals);
    form.value = equals < 0 ? QString() : value.mid(equals + 1);
    if (!plain && (form.value.startsWith(u'@') || form.value.startsWith(u'<'))) {
        static const QRegularExpression type(QStringLiteral(";\\s*(type|filename)=([^;]*)"));
        const bool upload = form.value.startsWith(u'@');
        QString path = form.value.mid(1);
        QString given;
        for (auto found = type.globalMatch(path); found.hasNext();) {
            const auto match = found.next();
            if (match.captured(1) == QLatin1String("filename"))
                given = match.captured(2).remove(u'"');
        }
        path = path.section(u';', 0, 0).remove(u'"');
        if (upload)
            form.fileName = given.isEmpty() ? path.section(u'/', -1) : given;
        const QString parameter = curlPlaceholder(form.name, QStringLiteral("file"));
        form.value = QStringLiteral("{{%1}}").arg(parameter);
        note(QStringLiteral("The file %1 is not read; what it holds is the parameter \"%2\".").arg(path.left(60), parameter));
    } else if (!plain && form.value.contains(QLatin1String(";type="))) {
        form.value = form.value.left(form.value.indexOf(QLatin1String(";type=")));
    }
    m_form.push_back(std::move(form));
}

void Reader::addHeader(const QString &line)
{
    if (line.startsWith(u'@')) {
        note(QStringLiteral("The headers in the file %1 are left out: no file is read.").arg(line.mid(1, 60)));
        return;
    }
    const qsizetype colon = line.indexOf(u':', line.startsWith(u':') ? 1 : 0);
    const bool empty = colon < 0 && line.endsWith(u';');
    const QString name = (empty ? line.chopped(1) : line.left(colon)).trimmed();
    const QString value = colon < 0 ? QString() : line.mid(colon + 1).trimmed();
    if ((colon < 0 && !empty) || (value.isEmpty() && !empty))
        return; // "Name:" takes a header of curl away
    const QByteArray lower = name.toUtf8().toLower();
    if (name.startsWith(u':') || isConnectionHeader(lower)) {
        if (lower == "host")
            note(QStringLiteral("The header Host is left out: it is the server of the URL."));
        return;
    }
    if (!isHeaderName(name.toUtf8())) {
        note(QStringLiteral("The header \"%1\" has a name that HTTP does not allow, and is left out.").arg(name.left(60)));
        return;
    }
    m_headers.emplace_back(name, value);
}

Result<void> Reader::option(const QString &name, const QString &value)
{
    if (name == QLatin1String("request"))
        m_method = value.trimmed().toUpper();
    else if (name == QLatin1String("header"))
        addHeader(value);
    else if (name == QLatin1String("data") || name == QLatin1String("data-ascii") || name == QLatin1String("data-binary"))
        addData(value, true);
    else if (name == QLatin1String("data-raw"))
        addData(value, false);
    else if (name == QLatin1String("data-urlencode"))
        addEncoded(value, &m_data);
    else if (name == QLatin1String("url-query"))
        addEncoded(value.startsWith(u'+') ? value.mid(1) : value, &m_query);
    else if (name == QLatin1String("json")) {
        m_json = true;
        addData(value, true);
    } else if (name == QLatin1String("form") || name == QLatin1String("form-string"))
        addForm(value, name == QLatin1String("form-string"));
    else if (name == QLatin1String("url"))
        m_urls += value;
    else if (name == QLatin1String("user"))
        m_user = value;
    else if (name == QLatin1String("oauth2-bearer"))
        m_headers.emplace_back(QStringLiteral("Authorization"), QStringLiteral("Bearer ") + value);
    else if (name == QLatin1String("cookie") && value.contains(u'='))
        m_headers.emplace_back(QStringLiteral("Cookie"), value);
    else if (name == QLatin1String("cookie"))
        note(QStringLiteral("The cookies in the file %1 are left out: no file is read.").arg(value.left(60)));
    else if (name == QLatin1String("user-agent"))
        addHeader(QStringLiteral("User-Agent: ") + value);
    else if (name == QLatin1String("referer"))
        addHeader(QStringLiteral("Referer: ") + value.section(QLatin1String(";auto"), 0, 0));
    else if (name == QLatin1String("get"))
        m_get = true;
    else if (name == QLatin1String("head"))
        m_head = true;
    else if (name == QLatin1String("globoff"))
        m_globs = false;
    else if (name == QLatin1String("upload-file")) {
        m_upload = true;
        m_hasData = true;
        m_data = QStringList{QStringLiteral("{{data}}")};
        note(QStringLiteral("The file %1 is not read; what it holds is the parameter \"data\".").arg(value.left(60)));
    } else if (const QString loss = curlOptionLoss(name); !loss.isEmpty())
        note(loss);
    else if (!curlOptionTakesValue(name) && !curlOptionIsQuiet(name)
             && !(name.startsWith(QLatin1String("no-")) && (curlOptionIsQuiet(name.mid(3)) || !curlOptionLoss(name.mid(3)).isEmpty())))
        note(QStringLiteral("The option --%1 is not known and was left out.").arg(name.left(40)));
    return {};
}

Result<void> Reader::takeOptions(const QStringList &words)
{
    bool onlyUrls = false;
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QString &word = words[i];
        const auto missing = [&word] {
            return invalid(QStringLiteral("The option %1 has no value; paste the whole command.").arg(word.left(60)));
        };
        if (onlyUrls || !word.startsWith(u'-') || word == QLatin1String("-")) {
            m_urls += word;
        } else if (word == QLatin1String("--")) {
            onlyUrls = true;
        } else if (word.startsWith(QLatin1String("--"))) {
            const QString name = word.mid(2);
            if (name == QLatin1String("next")) {
                note(curlOptionLoss(name));
                break;
            }
            const bool takes = curlOptionTakesValue(name);
            if (takes && i + 1 >= words.size())
                return missing();
            if (auto taken = option(name, takes ? words[++i] : QString()); !taken)
                return taken;
        } else {
            bool stop = false;
            for (qsizetype at = 1; at < word.size(); ++at) {
                const QString name = curlOptionName(word[at]);
                if (name == QLatin1String("next")) {
                    note(curlOptionLoss(name));
                    stop = true;
                    break;
                }
                if (name.isEmpty()) {
                    note(QStringLiteral("The option -%1 is not known and was left out.").arg(word[at]));
                    continue;
                }
                if (!curlOptionTakesValue(name)) {
                    if (auto taken = option(name, QString()); !taken)
                        return taken;
                    continue;
                }
                if (at + 1 >= word.size() && i + 1 >= words.size())
                    return missing();
                if (auto taken = option(name, at + 1 < word.size() ? word.mid(at + 1) : words[++i]); !taken)
                    return taken;
                break;
            }
            if (stop)
                break;
        }
    }
    return {};
}

QString Reader::headerText(const QString &name, const QString &value)
{
    static const QRegularExpression scheme(QStringLiteral("\\A(Bearer|Basic|Token|ApiKey|Key|Bot|GenieKey|Api-Key)\\s+(.+)\\z"),
                                           QRegularExpression::CaseInsensitiveOption);
    const QString lower = name.toLower();
    const bool sure = lower == QLatin1String("authorization") || lower == QLatin1String("cookie");
    const QString text = filled(value, sure || looksLikeSecret(name, QStringLiteral("value-of-it")));
    const QString where = QStringLiteral("header %1").arg(name);
    if (mentionsSecret(text) || (!sure && !looksLikeSecret(name, text)))
        return text;
    const auto match = scheme.match(text);
    if (lower == QLatin1String("authorization") && match.hasMatch()) {
        if (RequestTemplate::names(match.captured(2)).size() == 1 && match.captured(2).startsWith(QLatin1String("{{"))) // of a manual
            return match.captured(1) + u' ' + secretReference(secretNameFor(m_owner, RequestTemplate::names(match.captured(2)).first()));
        return match.captured(1) + u' ' + hide(QStringLiteral("token"), match.captured(2).trimmed(), where);
    }
    return hide(name, text, where);
}

// "a=1&b=2" with its secrets taken out; what is no secret stays as it was.
QString Reader::pairsText(const QString &text, const QString &where)
{
    QStringList out;
    for (const QString &pair : text.split(u'&')) {
        const QString name = pair.section(u'=', 0, 0);
        const QString raw = pair.section(u'=', 1);
        const QString value = QString::fromUtf8(QByteArray::fromPercentEncoding(QString(raw).replace(u'+', u' ').toUtf8()));
        const bool secret = looksLikeSecret(name, value) && RequestTemplate::names(value).isEmpty();
        out += secret ? name + u'=' + hide(name, value, QStringLiteral("%1 %2").arg(where, name)) : pair;
    }
    return out.join(u'&');
}

Result<void> Reader::finishUrl()
{
    static const QRegularExpression server(QStringLiteral("\\A(https?://)(?:([^/?#@]*)@)?([^/?#@\\s]+)([/?#].*)?\\z"),
                                           QRegularExpression::CaseInsensitiveOption | QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression brace(QStringLiteral("(?<!\\{)\\{([A-Za-z_][A-Za-z0-9_-]{0,40})\\}(?!\\})"));
    static const QRegularExpression glob(QStringLiteral("\\{[^{}]*,[^{}]*\\}|\\[[0-9a-zA-Z]+-[0-9a-zA-Z]+(:\\d+)?\\]"));
    if (m_urls.isEmpty())
        return invalid(QStringLiteral("The command has no URL; paste it whole."));
    QString url = m_urls.first().trimmed();
    if (m_urls.size() > 1)
        note(QStringLiteral("Only the first URL is used; left out: %1").arg(filled(m_urls[1], true).left(80)));
    if (!url.contains(QLatin1String("://"))) {
        static const QRegularExpression local(QStringLiteral("\\A(localhost|127\\.|10\\.|192\\.168\\.)"));
        const bool plain = url.contains(local);
        url = (plain ? QStringLiteral("http://") : QStringLiteral("https://")) + url;
        if (!plain)
            note(QStringLiteral("The URL says neither http nor https; https is used."));
    }
    const auto match = server.match(url);
    const QString host = match.captured(3);
    if (!match.hasMatch() || host.contains(QChar(CurlWords::variableBegin)) || host.contains(u'{'))
        return invalid(host.contains(QChar(CurlWords::variableBegin)) || host.contains(u'{')
                               || url.contains(QChar(CurlWords::variableBegin))
                           ? QStringLiteral("The server in the URL is a variable; put its name in, such as https://api.example.com.")
                           : QStringLiteral("\"%1\" is no http or https URL.").arg(url.left(80)));
    auto parsed = parseHttpUrl(match.captured(1) + host);
    if (!parsed)
        return parsed.error();
    // "api.example.com" -> "example"
    const QStringList labels = parsed->host().split(u'.', Qt::SkipEmptyParts);
    m_owner = labels.size() >= 2 && !labels.last().isEmpty() && !labels.last()[0].isDigit() ? labels[labels.size() - 2] : parsed->host();
    if (!match.captured(2).isEmpty() && m_user.isEmpty())
        m_user = QString::fromUtf8(QByteArray::fromPercentEncoding(match.captured(2).toUtf8()));
    QString rest = match.captured(4);
    rest = rest.left(rest.indexOf(u'#') < 0 ? rest.size() : rest.indexOf(u'#'));
    rest = filled(rest, false);
    if (m_globs && rest.contains(glob))
        note(QStringLiteral("Ranges such as [1-3] and {a,b} in the URL are not followed."));
    for (auto found = brace.match(rest); found.hasMatch(); found = brace.match(rest))
        rest.replace(found.capturedStart(), found.capturedLength(),
                     QStringLiteral("{{%1}}").arg(curlPlaceholder(found.captured(1), QStringLiteral("value"))));
    QString path = rest.section(u'?', 0, 0);
    QStringList query = rest.contains(u'?') ? QStringList{rest.section(u'?', 1)} : QStringList();
    for (const QString &more : m_query)
        query += filled(more, false);
    if (m_get) {
        for (const QString &data : m_data)
            query += filled(data, false);
    }
    query.removeAll(QString());
    path.replace(u' ', QLatin1String("%20"));
    m_out.url = match.captured(1).toLower() + host + path;
    if (!query.isEmpty())
        m_out.url += u'?' + pairsText(query.join(u'&').replace(u' ', QLatin1String("%20")), QStringLiteral("URL parameter"));
    return {};
}

void Reader::finishHeaders()
{
    for (const auto &[name, value] : m_headers) {
        QString text = headerText(name, value);
        if (!isHeaderValue(text)) {
            note(QStringLiteral("The header %1 holds a line break and is left out.").arg(name.left(60)));
            continue;
        }
        const QString own = name;
        const auto same = std::find_if(m_out.headers.begin(), m_out.headers.end(),
                                       [&own](const auto &header) { return header.first.compare(own, Qt::CaseInsensitive) == 0; });
        if (same == m_out.headers.end())
            m_out.headers.emplace_back(name, std::move(text));
        else
            same->second +=
                (name.compare(QLatin1String("cookie"), Qt::CaseInsensitive) == 0 ? QStringLiteral("; ") : QStringLiteral(", ")) + text;
    }
}

// Members whose names or values look like secrets.
void Reader::hideMembers(const QJsonValue &value, QString *text)
{
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            hideMembers(item, text);
    }
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        hideMembers(it.value(), text);
        const QString own = it.value().toString();
        if (!it.value().isString() || !looksLikeSecret(it.key(), own) || !RequestTemplate::names(own).isEmpty())
            continue;
        static const QString start = QStringLiteral("(\"%1\"\\s*:\\s*)\"(?:[^\"\\\\]|\\\\.)*\"");
        const QRegularExpression member(start.arg(QRegularExpression::escape(it.key())));
        const auto match = member.match(*text);
        if (!match.hasMatch())
            continue;
        const QString reference = hide(it.key(), own, QStringLiteral("member %1 of the body").arg(it.key()));
        // All of that name: better one too many than one in the clear.
        text->replace(member, QStringLiteral("\\1\"%1\"").arg(reference));
    }
}

QString Reader::jsonText(const QString &text)
{
    QString out = text;
    if (const auto value = json::parse(text.toUtf8()))
        hideMembers(*value, &out);
    return out;
}

Result<void> Reader::finishBody()
{
    const auto declared = [this] {
        for (const auto &[name, value] : m_out.headers) {
            if (name.compare(QLatin1String("content-type"), Qt::CaseInsensitive) == 0)
                return value.toLower();
        }
        return QString();
    };
    const auto dropType = [this] {
        std::erase_if(m_out.headers,
                      [](const auto &header) { return header.first.compare(QLatin1String("content-type"), Qt::CaseInsensitive) == 0; });
    };
    if (!m_form.empty()) {
        QStringList parts;
        for (const Form &form : m_form) {
            static const QRegularExpression alone(QStringLiteral("\\A\\{\\{[^{}]+\\}\\}\\z"));
            const QString value = filled(form.value, false);
            QString text = looksLikeSecret(form.name, value) && !alone.match(value).hasMatch()
                               ? hide(form.name, value, QStringLiteral("field %1").arg(form.name))
                               : value;
            if (!alone.match(text).hasMatch())
                text = percentEncoded(text);
            parts += percentEncoded(form.name) + (form.fileName.isEmpty() ? QString() : u'@' + percentEncoded(form.fileName)) + u'=' + text;
        }
        m_out.bodyType = QStringLiteral("multipart");
        m_out.body = parts.join(u'&');
        dropType();
        return {};
    }
    if (!m_hasData || m_get)
        return {};
    const QString raw = filled(m_json ? m_data.join(QString()) : m_data.join(u'&'), false);
    const QString type = declared();
    const bool looksJson = raw.trimmed().startsWith(u'{') || raw.trimmed().startsWith(u'[');
    if (type.contains(QLatin1String("json")) || m_json || (type.isEmpty() && looksJson && json::parse(raw.toUtf8()).ok())) {
        if (type.isEmpty() && !m_json)
            note(QStringLiteral("The body is JSON, so it is sent as application/json."));
        m_out.body = jsonText(raw);
        m_out.bodyType = QStringLiteral("json");
        const QJsonObject config{{QStringLiteral("method"), QStringLiteral("POST")},
                                 {QStringLiteral("url"), QStringLiteral("https://a.example/")},
                                 {QStringLiteral("body_type"), m_out.bodyType},
                                 {QStringLiteral("body"), m_out.body}};
        if (!RequestTemplate::fromConfig(config)) {
            m_out.bodyType = QStringLiteral("text");
            if (type.isEmpty())
                m_out.headers.emplace_back(QStringLiteral("Content-Type"), QStringLiteral("application/json"));
            note(QStringLiteral("The body says it is JSON and is not; it is sent as it stands."));
        } else if (type == QLatin1String("application/json")) {
            dropType();
        }
    } else if (type.contains(QLatin1String("xml"))) {
        m_out.bodyType = QStringLiteral("xml");
        m_out.body = raw;
    } else if ((type.isEmpty() && !m_upload) || type.contains(QLatin1String("x-www-form-urlencoded"))) {
        m_out.bodyType = QStringLiteral("form");
        m_out.body = pairsText(raw, QStringLiteral("field"));
        dropType();
    } else {
        m_out.bodyType = QStringLiteral("text");
        m_out.body = raw;
    }
    return {};
}

Result<CurlCommand> Reader::read(CurlWords words)
{
    static const QRegularExpression program(QStringLiteral("\\A(.*[/\\\\])?curl(\\.exe)?\\z"), QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression before(QStringLiteral("\\A([A-Za-z_][A-Za-z0-9_]*=.*|sudo|time|exec|command|env|\\$|%|>|#)\\z"));
    qsizetype start = 0;
    while (start < words.words.size() && before.match(words.words[start]).hasMatch())
        ++start;
    if (start >= words.words.size() || !program.match(words.words[start]).hasMatch())
        return invalid(QStringLiteral("This is no curl command: it does not begin with curl."));
    if (auto taken = takeOptions(words.words.mid(start + 1)); !taken)
        return taken.error();
    for (const QString &text : words.notes)
        note(text);
    if (auto done = finishUrl(); !done)
        return done.error();
    const bool sendsData = (m_hasData && !m_get) || !m_form.empty();
    m_out.method = !m_method.isEmpty() ? filled(m_method, true)
                   : m_head            ? QStringLiteral("HEAD")
                   : m_upload          ? QStringLiteral("PUT")
                   : sendsData         ? QStringLiteral("POST")
                                       : QStringLiteral("GET");
    if (!httpToolMethods().contains(m_out.method))
        return invalid(QStringLiteral("The method \"%1\" is not supported; there are %2.")
                           .arg(m_out.method.left(20), httpToolMethods().join(QStringLiteral(", "))));
    if (sendsData && (m_out.method == QLatin1String("GET") || m_out.method == QLatin1String("HEAD"))) {
        note(QStringLiteral("A %1 with a body is sent as POST.").arg(m_out.method));
        m_out.method = QStringLiteral("POST");
    }
    finishHeaders();
    if (!m_user.isEmpty()) {
        const QString user = filled(m_user.section(u':', 0, 0), false);
        const QString password = filled(m_user.section(u':', 1), true);
        // Keys are often given as the user, without a password (Stripe).
        if (password.isEmpty())
            m_out.basicAuth = hide(QStringLiteral("key"), user, QStringLiteral("option -u")) + u':';
        else
            m_out.basicAuth = user + u':' + hide(QStringLiteral("password"), password, QStringLiteral("option -u"));
    }
    if (auto done = finishBody(); !done)
        return done.error();
    return std::move(m_out);
}
} // namespace

QString curlPlaceholder(const QString &text, const QString &otherwise)
{
    QString name;
    for (const QChar c : text.toLower())
        name += (c.unicode() < 128 && c.isLetterOrNumber()) ? c : QChar(u'_');
    while (name.startsWith(u'_'))
        name.remove(0, 1);
    return name.isEmpty() || name[0].isDigit() ? otherwise : name.left(60);
}

Result<CurlCommand> readCurlWords(CurlWords words)
{
    return Reader().read(std::move(words));
}

} // namespace lathe
