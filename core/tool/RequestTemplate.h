// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/HttpToolCall.h"

namespace lathe {

// Multipart form data as bytes; nothing in a name or value can end its part early.
class MultipartBody
{
public:
    MultipartBody();
    void add(const QString &name, const QByteArray &value, const QString &fileName = QString(), const QByteArray &type = QByteArray());
    QByteArray contentType() const { return "multipart/form-data; boundary=" + m_boundary; }
    QByteArray bytes() const { return m_parts + "--" + m_boundary + "--\r\n"; }

private:
    QByteArray m_boundary, m_parts;
};

// All but letters, digits and -._~ as %XX.
QString percentEncoded(const QString &text);
// A value as text: of strings themselves, of others JSON; of null and undefined nothing.
QString textOfValue(const QJsonValue &value);
// A path is sent as it is written: "" and segments that mean "here" or "up" are refused. Errors: InvalidInput.
Result<void> checkPathSegment(const QString &encoded, const QString &whole);

// An HTTP request with placeholders, {{name}} for a value of the model, {{secret:NAME}} for a secret; each value is encoded for the place
// it goes to, so that it can become nothing else than a value there. See RequestTool.h for the config.
class RequestTemplate
{
public:
    // Errors: InvalidInput with what is wrong, to be put behind "The tool X cannot be used: ".
    static Result<RequestTemplate> fromConfig(const QJsonObject &config);
    const QString &method() const { return m_method; }
    QJsonObject schema() const; // of the arguments
    bool takesParameters() const { return !m_parameters.empty(); }
    // A request that is complete but for its limits and hosts; hosts are the one of the URL. Errors: InvalidInput, Denied, Auth.
    Result<HttpToolCall> render(const QJsonObject &arguments, const SecretSource &source) const;

    // The names of placeholders in a text, without those of secrets, in their order.
    static QStringList names(const QString &text);

private:
    struct Mark {
        QString name;
        bool secret = false;
        bool bare = false; // of JSON: not within quotes
    };
    // A text in which each mark is one character from the private use area.
    struct Text {
        QString text;
        std::vector<Mark> marks;
        const Mark *mark(QChar c) const;
    };
    struct Parameter {
        QString name;
        QJsonObject schema;
        bool required = true;
        QJsonValue absent; // default, Undefined when there is none
    };
    struct Values; // of one call
    static Result<Text> parse(const QString &text, bool json = false);
    Result<void> readBody(const QJsonObject &config);
    void note(const Text &text);
    static Result<QString> plain(const Text &text, QStringView part, Values &values, QString (*encode)(const QString &));
    Result<QString> pairs(const Text &text, QStringView part, Values &values) const;
    Result<QString> url(Values &values) const;
    Result<QJsonValue> jsonBody(const QJsonValue &value, Values &values) const;
    Result<void> multipart(Values &values, HttpToolCall &call) const;
    Result<void> body(Values &values, HttpToolCall &call) const;

    QString m_method = QStringLiteral("GET");
    Text m_url;
    std::vector<std::pair<QByteArray, Text>> m_headers;
    QString m_basicAuth; // "user:{{secret:NAME}}"
    QString m_bodyType = QStringLiteral("none");
    Text m_body;
    QJsonValue m_json; // the body's template as a value, with private characters
    std::vector<Parameter> m_parameters;
};

} // namespace lathe
