// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QJsonObject>
#include <QSet>
#include <QStringList>

#include <utility>

namespace lathe {

// The schemas of an OpenAPI document as JSON Schemas that stand alone: what a $ref names is put in its place while that is small, else (and
// where it leads back to itself) under $defs. Whatever a document says, the work is linear in its size and so is each schema: what
// lies farther away than $defs have room for becomes a schema that allows anything.
class OpenApiSchemas
{
public:
    enum class Use { Request, Response }; // what a server alone may set (or only takes) is left out
    static constexpr int maxSchemaNodes = 20'000;
    // Of all $defs of a schema: models read them with every request, and of answers only the outline matters.
    static constexpr int maxRequestNodes = 1500, maxResponseNodes = 400;

    explicit OpenApiSchemas(QJsonObject document) : m_document(std::move(document)) {}

    // What a "$ref" that begins with "#/" names, through further ones; Undefined when it leads out, nowhere or in a circle.
    QJsonValue follow(const QJsonValue &value) const;

    // A schema whose references lie in `needed`; its root is never a reference.
    struct Part {
        QJsonValue schema;
        int nodes = 1;
        int height = 1;        // levels of JSON
        QSet<QString> needed; // pointers of the document that must be in $defs
    };
    Part part(const QJsonValue &schema, Use use);
    // $defs for parts, empty when there are none.
    QJsonObject definitions(const QSet<QString> &needed, Use use);

    QStringList takeNotes() { return std::exchange(m_notes, {}); }

private:
    struct Key {
        QString pointer;
        Use use;
        bool operator==(const Key &) const = default;
        friend size_t qHash(const Key &key, size_t seed = 0) { return qHash(key.pointer, seed) ^ size_t(key.use); }
    };
    QJsonValue at(const QString &pointer) const;
    const Part &made(const QString &pointer, Use use);
    Part convert(const QJsonValue &schema, Use use, int depth);
    Part convertRef(const QJsonObject &schema, Use use);
    void convertMember(const QString &key, const QJsonValue &value, Use use, int depth, QJsonObject *out, Part *sum);
    void convertProperties(const QJsonObject &schema, Use use, int depth, QJsonObject *out, Part *sum);
    bool isHidden(const QJsonValue &property, Use use) const;
    QString definitionName(const QString &pointer);
    void note(const QString &text);

    const QJsonObject m_document;
    QHash<Key, Part> m_made;
    QSet<Key> m_open; // being made
    int m_chain = 0;  // references within references
    int m_inlined = 0; // nodes that came into the part being made by references
    QHash<QString, QString> m_names; // of definitions, by pointer
    QSet<QString> m_taken;
    QStringList m_notes;
};

} // namespace lathe
