// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/CodecSupport.h"

#include "core/base/Assert.h"
#include "core/base/Json.h"
#include "core/base/JsonWriter.h"

#include <QFile>
#include <QJsonDocument>

namespace lathe::codec {

QString excerpt(QByteArrayView bytes, int max)
{
    // A character has at most four bytes; what is beyond cannot matter.
    QString text =
        QString::fromUtf8(bytes.data(), std::min<qsizetype>(bytes.size(), qsizetype(max) * 4 + 4))
            .simplified();
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control)
            c = QChar::ReplacementCharacter;
    }
    if (text.size() <= max)
        return text;
    return text.left(max - 3) + QLatin1String("...");
}

Error malformed(const QString &model, const QString &what, QByteArrayView data)
{
    const QString quoted = excerpt(data, 200);
    return Error(ErrorKind::Protocol,
                 QStringLiteral("The answer of %1 cannot be read: %2: \"%3\". Check the base URL "
                                "and the API of the connection.")
                     .arg(model, what, quoted));
}

Error incomplete(const QString &model)
{
    return Error(ErrorKind::Protocol,
                 QStringLiteral("The answer of %1 broke off before it was complete. Run it again.")
                     .arg(model));
}

Result<QJsonObject> parseObject(const QByteArray &data, const QString &model)
{
    QJsonParseError error;
    QJsonDocument document = QJsonDocument::fromJson(data, &error);
    if (error.error == QJsonParseError::IllegalUTF8String)
        document = QJsonDocument::fromJson(json::fromUtf8Lossy(data).toUtf8(), &error);
    if (error.error != QJsonParseError::NoError)
        return malformed(model, QStringLiteral("not valid JSON (%1)").arg(error.errorString()),
                         data);
    if (!document.isObject())
        return malformed(model, QStringLiteral("no JSON object"), data);
    return document.object();
}

Result<json::Document> parseDocument(const QByteArray &data, const QString &model)
{
    if (auto document = json::Document::parse(data); document && document->root().isObject())
        return std::move(*document);
    // Something that must be mended first, or told about.
    const auto object = parseObject(data, model);
    if (!object)
        return object.error();
    auto mended = json::Document::parse(json::compact(*object));
    if (!mended)
        return malformed(model, QStringLiteral("no JSON object"), data);
    return std::move(*mended);
}

QString systemText(const ChatRequest &request)
{
    QString joined;
    for (const Message &message : request.messages) {
        const QString text = message.role == Role::System ? message.text() : QString();
        if (text.isEmpty())
            continue;
        if (!joined.isEmpty())
            joined += QLatin1String("\n\n");
        joined += text;
    }
    return joined;
}

QString schemaInstruction(const OrderedObject &schema)
{
    // Read once; core/llm knows no templates, and this text has a single hole.
    static const QString text = [] {
        QFile file(QStringLiteral(":/prompts/parts/output_schema.md"));
        const bool opened = file.open(QIODevice::ReadOnly);
        LATHE_ASSERT(opened, return QStringLiteral("{{schema}}"));
        return QString::fromUtf8(file.readAll()).trimmed();
    }();
    return QString(text).replace(QLatin1String("{{schema}}"), QString::fromUtf8(schema.compact()));
}

namespace {
void writeWith(json::Writer &out, const QJsonObject &object, const std::vector<QLatin1String> &path, size_t depth,
               const QByteArray &text)
{
    out.beginObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        out.key(QLatin1String(it.key().toLatin1())); // names of APIs: ASCII all
        if (depth >= path.size() || it.key() != path[depth])
            out.value(it.value());
        else if (depth + 1 == path.size())
            out.raw(text);
        else
            writeWith(out, it.value().toObject(), path, depth + 1, text);
    }
    out.endObject();
}
}

QByteArray withText(const QJsonObject &body, const std::vector<QLatin1String> &path, const QByteArray &text)
{
    if (text.isEmpty())
        return json::compact(body);
    json::Writer out;
    writeWith(out, body, path, 0, text);
    return out.take();
}

QJsonObject argumentsObject(const QString &text)
{
    if (text.trimmed().isEmpty())
        return QJsonObject();
    auto object = json::parseObject(text.toUtf8());
    return object ? std::move(*object) : QJsonObject{{QStringLiteral("invalid_json"), text}};
}

QString cleanName(const QString &name, const QString &fallback)
{
    QString clean;
    for (const QChar c : name.left(64)) {
        const bool kept = (c.unicode() < 0x80 && c.isLetterOrNumber()) || c == QLatin1Char('_')
                          || c == QLatin1Char('-');
        clean += kept ? c : QChar(QLatin1Char('_'));
    }
    return clean.isEmpty() ? fallback : clean;
}

QJsonObject objectSchema(const QJsonObject &schema)
{
    if (!schema.isEmpty())
        return schema;
    return {{QStringLiteral("type"), QStringLiteral("object")},
            {QStringLiteral("properties"), QJsonObject()}};
}

size_t turnStart(const ChatRequest &request)
{
    size_t start = request.messages.size();
    while (start > 0 && request.messages[start - 1].role != Role::User)
        --start;
    return start;
}

QString seal(const QString &api, const QString &model, const QJsonObject &data)
{
    return json::compactString(QJsonObject{{QStringLiteral("api"), api},
                                           {QStringLiteral("model"), model},
                                           {QStringLiteral("data"), data}});
}

QJsonObject unseal(const QString &signature, const QString &api, const QString &model)
{
    if (signature.isEmpty())
        return QJsonObject();
    const auto object = json::parseObject(signature.toUtf8());
    if (!object || object->value(QLatin1String("api")) != QJsonValue(api)
        || object->value(QLatin1String("model")) != QJsonValue(model))
        return QJsonObject();
    return object->value(QLatin1String("data")).toObject();
}

FinishReason withCalls(FinishReason reason, bool hasCalls)
{
    // Ollama and others end an answer that holds tool calls with "stop"; Gemini always does.
    return hasCalls && (reason == FinishReason::Stop || reason == FinishReason::Other)
               ? FinishReason::ToolCalls
               : reason;
}

Result<QStringList> modelIds(const QByteArray &body)
{
    const auto object = parseObject(body, QStringLiteral("the model list"));
    if (!object)
        return object.error();
    const QJsonValue data = object->value(QLatin1String("data"));
    if (!data.isArray())
        return malformed(QStringLiteral("the model list"), QStringLiteral("no list of models"),
                         body);
    QStringList ids;
    const QJsonArray array = data.toArray();
    for (const QJsonValue &model : array) {
        const QString id = model.toObject().value(QLatin1String("id")).toString();
        if (!id.isEmpty())
            ids.append(id);
    }
    ids.sort();
    ids.removeDuplicates();
    return ids;
}

} // namespace lathe::codec
