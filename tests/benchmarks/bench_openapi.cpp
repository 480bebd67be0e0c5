// SPDX-License-Identifier: GPL-3.0-or-later
// Import of an OpenAPI document with 1,000 operations, made from a seed: some sizes and references like those of large public APIs. Against
// Qt parsing the same bytes as JSON, which no import can avoid.
// Usage: bench_openapi [operations]
#include "core/base/Json.h"
#include "core/session/ToolImports.h"
#include "tests/benchmarks/Measure.h"

#include <QCoreApplication>
#include <QJsonDocument>

using namespace lathe;
using namespace lathe::bench;

namespace {
class Maker
{
public:
    explicit Maker(int operations) : m_operations(operations) {}
    QByteArray document()
    {
        QJsonObject paths, schemas;
        const int count = std::max(1, m_operations / 3);
        for (int n = 0; n < count; ++n)
            schemas.insert(name(n), schema(n, count));
        for (int n = 0; n < m_operations;) {
            const QString base = QStringLiteral("/%1/%2").arg(name(n % 40).toLower()).arg(n);
            paths.insert(base, QJsonObject{{QStringLiteral("get"), operation(n++, count, false)},
                                           {QStringLiteral("post"), operation(n++, count, true)}});
            paths.insert(base + QStringLiteral("/{id}"),
                         QJsonObject{{QStringLiteral("parameters"), QJsonArray{parameter(QStringLiteral("id"), "path")}},
                                     {QStringLiteral("get"), operation(n++, count, false)},
                                     {QStringLiteral("patch"), operation(n++, count, true)},
                                     {QStringLiteral("delete"), operation(n++, count, false)}});
        }
        const QJsonObject root{
            {QStringLiteral("openapi"), QStringLiteral("3.0.3")},
            {QStringLiteral("info"),
             QJsonObject{{QStringLiteral("title"), QStringLiteral("Large")}, {QStringLiteral("version"), QStringLiteral("1")}}},
            {QStringLiteral("servers"), QJsonArray{QJsonObject{{QStringLiteral("url"), QStringLiteral("https://large.example/v1")}}}},
            {QStringLiteral("paths"), paths},
            {QStringLiteral("components"), QJsonObject{{QStringLiteral("schemas"), schemas}}}};
        return json::compact(root);
    }

private:
    quint32 next(quint32 below)
    {
        m_seed = m_seed * 1664525 + 1013904223;
        return (m_seed >> 8) % below;
    }
    QString name(int n)
    {
        static const char *const words[] = {"Order", "Invoice", "Customer", "Payment", "Ticket", "Comment", "Report", "Device", "Project", "Branch"};
        return QLatin1String(words[n % 10]) + QString::number(n / 10);
    }
    QString words(int count)
    {
        static const char *const list[] = {"the", "name", "of",   "a",    "customer", "that", "is",   "shown",
                                           "on",  "each", "page", "when", "known",    "or",   "empty"};
        QString text;
        for (int n = 0; n < count; ++n)
            text += QLatin1String(list[next(15)]) + QLatin1Char(' ');
        return text;
    }
    QJsonObject reference(int count) { return {{QStringLiteral("$ref"), QStringLiteral("#/components/schemas/") + name(int(next(quint32(count))))}}; }
    QJsonObject schema(int n, int count)
    {
        static const char *const types[] = {"string", "integer", "boolean", "number"};
        QJsonObject properties;
        for (int p = 0; p < 12; ++p) {
            QJsonObject property;
            const quint32 kind = next(10);
            if (kind == 0)
                property = reference(count); // also in circles
            else if (kind == 1)
                property = QJsonObject{{QStringLiteral("type"), QStringLiteral("array")}, {QStringLiteral("items"), reference(count)}};
            else
                property = QJsonObject{{QStringLiteral("type"), QLatin1String(types[kind % 4])},
                                       {QStringLiteral("description"), words(12)},
                                       {QStringLiteral("nullable"), kind > 7}};
            properties.insert(QStringLiteral("field_%1").arg(p), property);
        }
        return {{QStringLiteral("type"), QStringLiteral("object")},
                {QStringLiteral("description"), words(20)},
                {QStringLiteral("required"), QJsonArray{QStringLiteral("field_%1").arg(n % 12)}},
                {QStringLiteral("properties"), properties}};
    }
    QJsonObject parameter(const QString &own, const char *in)
    {
        return {{QStringLiteral("name"), own},
                {QStringLiteral("in"), QLatin1String(in)},
                {QStringLiteral("required"), qstrcmp(in, "path") == 0},
                {QStringLiteral("description"), words(10)},
                {QStringLiteral("schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}}}};
    }
    QJsonObject operation(int n, int count, bool body)
    {
        const auto content = [&] {
            return QJsonObject{{QStringLiteral("application/json"), QJsonObject{{QStringLiteral("schema"), reference(count)}}}};
        };
        QJsonObject made{{QStringLiteral("operationId"), QStringLiteral("operation_%1").arg(n)},
                         {QStringLiteral("summary"), words(6)},
                         {QStringLiteral("description"), words(40)},
                         {QStringLiteral("parameters"),
                          QJsonArray{parameter(QStringLiteral("limit"), "query"), parameter(QStringLiteral("filter"), "query"),
                                     parameter(QStringLiteral("X-Trace"), "header")}},
                         {QStringLiteral("responses"),
                          QJsonObject{{QStringLiteral("200"),
                                       QJsonObject{{QStringLiteral("description"), words(3)}, {QStringLiteral("content"), content()}}}}}};
        if (body)
            made.insert(QStringLiteral("requestBody"), QJsonObject{{QStringLiteral("required"), true}, {QStringLiteral("content"), content()}});
        return made;
    }

    const int m_operations;
    quint32 m_seed = 42;
};
}

int main(int argc, char **argv)
{
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    const int operations = argc > 1 ? std::atoi(argv[1]) : 1000;
    printLoad();
    const QByteArray bytes = Maker(operations).document();
    std::vector<double> ours, floor;
    qsizetype found = 0, size = 0;
    for (int round = 0; round < 7; ++round) {
        floor.push_back(measure(1, [&] { check(QJsonDocument::fromJson(bytes).isObject(), "the document is no JSON"); }).cpuUs);
        ours.push_back(measure(1, [&] {
                           const auto import = importOpenApi(bytes);
                           check(import.ok(), "the document was not taken");
                           const QJsonObject body = import->toolBody({}, QString(), import->auth);
                           found = qsizetype(import->document.operations.size());
                           size = json::compact(body).size();
                       }).cpuUs);
    }
    check(found >= operations, "operations are missing");
    std::printf("%lld operations, document of %.1f MB, tool body of %.1f MB\n", qlonglong(found), double(bytes.size()) / 1e6, double(size) / 1e6);
    report("import of 1,000 OpenAPI operations", text(median(ours) / 1e3, "ms"), text(median(floor) / 1e3, "ms"),
           median(ours) / median(floor), median(ours) / 1e6, 1, Better::Lower, " s");
    return 0;
}
