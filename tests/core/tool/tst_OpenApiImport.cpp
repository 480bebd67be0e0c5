// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpToolCall.h"
#include "core/tool/OpenApiImport.h"
#include "core/tool/SchemaCheck.h"
#include "tests/core/tool/OpenApiSamples.h"
#include "tests/core/tool/ToolTesting.h"

#include <QElapsedTimer>

using namespace lathe;
using test::object;
using test::openApiSample;
using test::operationOf;

namespace {
QString q(const char *text) { return QString::fromUtf8(text); }
QString compact(const QJsonValue &value) { return json::compactString(value); }
}

class TestOpenApiImport : public QObject
{
    Q_OBJECT

    static OpenApiDocument petstore()
    {
        auto document = parseOpenApi(openApiSample("petstore-3.0.json"));
        if (!document)
            qFatal("%s", qPrintable(document.error().message));
        return *document;
    }
    static QString refusal(const QByteArray &bytes)
    {
        const auto document = parseOpenApi(bytes);
        return document ? q("taken") : document.error().message;
    }

private Q_SLOTS:
    void head()
    {
        const auto document = petstore();
        QCOMPARE(document.title, q("Pet store"));
        QCOMPARE(document.version, q("1.2.0"));
        QCOMPARE(document.openapi, q("3.0.3"));
        QCOMPARE(document.servers.at(0).url, q("https://eu.pets.example/v1"));
        QCOMPARE(document.security.size(), size_t(2));
        QCOMPARE(document.security.at(0).id, q("key")); // what it asks for comes first
        const OpenApiAuth auth = suggestedAuth(document);
        QCOMPARE(auth.kind, q("header"));
        QCOMPARE(auth.name, q("X-API-Key"));
        QCOMPARE(auth.value, q("{{secret:PET_STORE_API_KEY}}"));
    }

    void operations()
    {
        QStringList names;
        for (const OpenApiOperation &operation : petstore().operations)
            names += operation.function.name + (operation.function.enabled ? QString() : q(" off"))
                     + (operation.problem.isEmpty() ? QString() : q(" bad"));
        QCOMPARE(names.join(u','),
                 q("batch,elsewhere off bad,old,listPets,createPet,get_pets_by_id,replace_pet off,addPhoto,token,plant,climb off bad"));
    }

    void parameters()
    {
        const auto document = petstore();
        const ToolFunction list = operationOf(document, "listPets").function;
        // 3.0's exclusiveMaximum and nullable are today's; the key and Authorization are the tool's own business.
        QCOMPARE(compact(list.inputSchema.value(q("properties"))),
                 q("{\"X-Request-Id\":{\"type\":\"string\"},\"filter\":{\"properties\":{\"kind\":{\"description\":\"What it "
                   "is\",\"enum\":[\"cat\",\"dog\",null],\"type\":[\"string\",\"null\"]}},"
                   "\"type\":\"object\"},\"limit\":{\"default\":20,\"description\":\"How "
                   "many\",\"exclusiveMaximum\":100,\"minimum\":1,\"type\":\"integer\"},"
                   "\"session\":{\"type\":\"string\"},\"tags\":{\"items\":{\"type\":\"string\"},\"type\":\"array\"}}"));
        QVERIFY(!list.inputSchema.contains(q("required")));
        QCOMPARE(list.description, q("List pets"));
        QCOMPARE(list.request.value(q("params")).toArray().size(), 5);
        QVERIFY(list.annotations.value(q("readOnlyHint")).toBool());
    }

    void bodiesAreMerged()
    {
        const auto document = petstore();
        const ToolFunction create = operationOf(document, "createPet").function;
        // allOf flattened, what only the server sets left out.
        QCOMPARE(compact(create.inputSchema),
                 q("{\"additionalProperties\":false,\"properties\":{\"kind\":{\"description\":\"What it "
                   "is\",\"enum\":[\"cat\",\"dog\",null],\"type\":[\"string\",\"null\"]},"
                   "\"name\":{\"examples\":[\"Rex\"],\"type\":\"string\"}},\"required\":[\"name\"],\"type\":\"object\"}"));
        QCOMPARE(compact(create.request.value(q("body"))), q("{\"members\":{\"kind\":\"kind\",\"name\":\"name\"},\"type\":\"application/json\"}"));
        QCOMPARE(create.description, q("Create a pet.\nMakes one."));
        // Three things called id.
        const ToolFunction replace = operationOf(document, "replace_pet").function;
        QCOMPARE(replace.inputSchema.value(q("properties")).toObject().keys().join(u','), q("body_id,id,name,query_id"));
        QCOMPARE(compact(replace.inputSchema.value(q("required"))), q("[\"id\",\"body_id\"]"));
        QVERIFY(replace.description.endsWith(q("Deprecated.")));
        // A list cannot be merged.
        const ToolFunction batch = operationOf(document, "batch").function;
        QCOMPARE(batch.inputSchema.value(q("properties")).toObject().keys(), QStringList{q("body")});
        QCOMPARE(compact(operationOf(document, "addPhoto").function.request.value(q("body"))),
                 q("{\"encoding\":{\"photo\":{\"type\":\"image/"
                   "png\"}},\"files\":[\"photo\"],\"members\":{\"caption\":\"caption\",\"meta\":\"meta\",\"photo\":\"photo\"},"
                   "\"type\":\"multipart/form-data\"}"));
    }

    void cycles()
    {
        const auto document = petstore();
        const ToolFunction plant = operationOf(document, "plant").function;
        const QJsonObject definitions = plant.inputSchema.value(q("$defs")).toObject();
        QCOMPARE(definitions.keys(), QStringList{q("Tree")});
        QCOMPARE(compact(plant.inputSchema.value(q("properties")).toObject().value(q("children"))),
                 q("{\"items\":{\"$ref\":\"#/$defs/Tree\"},\"type\":\"array\"}"));
        const auto fits = [&plant](const char *value) { return checkSchema(plant.inputSchema, object(value))->empty(); };
        QVERIFY(fits("{\"label\":\"a\",\"children\":[{\"label\":\"b\",\"children\":[{\"label\":\"c\"}]}]}"));
        QVERIFY(!fits("{\"label\":\"a\",\"children\":[{\"label\":\"b\",\"children\":[{\"label\":5}]}]}"));
    }

    void answers()
    {
        const auto document = petstore();
        const QJsonObject pet = operationOf(document, "createPet").function.outputSchema;
        QVERIFY(!pet.value(q("properties")).toObject().contains(q("secret"))); // writeOnly
        QCOMPARE(compact(pet.value(q("required"))), q("[\"id\"]"));
        QVERIFY(operationOf(document, "get_pets_by_id").function.outputSchema.isEmpty());
        QCOMPARE(operationOf(document, "addPhoto").function.request.value(q("accept")).toString(), q("text/plain"));
    }

    // Every schema that is made can be used by the checker.
    void schemasCompile()
    {
        for (const OpenApiOperation &operation : petstore().operations) {
            for (const QJsonObject &schema : {operation.function.inputSchema, operation.function.outputSchema}) {
                const auto compiled = compileSchema(schema);
                QVERIFY2(compiled.ok(), qPrintable(operation.function.name + (compiled ? QString() : compiled.error().message)));
            }
        }
    }

    void problems()
    {
        const auto document = petstore();
        QVERIFY(operationOf(document, "elsewhere").problem.contains(q("another server")));
        QVERIFY(!operationOf(document, "climb").problem.isEmpty());
        QCOMPARE(operationOf(document, "old").function.request.value(q("server")).toString(), q("/v0"));
    }

    void config()
    {
        const auto document = petstore();
        const QJsonObject config =
            openApiConfig(document, {q("listPets"), q("climb"), q("nobody"), q("replace_pet")}, QString(), suggestedAuth(document));
        QCOMPARE(config.value(q("base_url")).toString(), q("https://eu.pets.example/v1"));
        QStringList names;
        for (const ToolFunction &function : toolFunctions(config))
            names += function.name + (function.enabled ? q("+") : q("-"));
        QCOMPARE(names.join(u','), q("listPets+,replace_pet+")); // what is chosen is on, what cannot be called is out
        QCOMPARE(toolFunctions(openApiConfig(document, {}, q("http://localhost:8000/"), {})).size(), size_t(9));
        QVERIFY(openApiConfig(document, {}, q("http://localhost:8000/"), {}).value(q("allow_private_network")).toBool());
        QVERIFY(openApiConfig(document, {}, q("http://192.168.0.9"), {}).value(q("allow_private_network")).toBool());
        QVERIFY(!config.value(q("allow_private_network")).toBool());
        // The tool can be made of it, and its body is fine.
        ToolSpec spec = *ToolSpec::fromJson(toolType(q("openapi"))->defaultBody);
        spec.config = config;
        for (const Problem &problem : validateTool(spec.toJson(), {}))
            QVERIFY2(problem.severity != Problem::Severity::Error, qPrintable(problem.message));
    }

    // A thousand operations about the same things make a body of their size, not a thousand copies of all there is.
    void sharedSchemas()
    {
        QJsonObject schemas, paths;
        for (int i = 0; i < 60; ++i) { // each leads to the next, too far to stand in its place
            QJsonObject properties{{q("next"), QJsonObject{{q("$ref"), q("#/components/schemas/S%1").arg((i + 1) % 60)}}}};
            for (int p = 0; p < 12; ++p)
                properties.insert(q("field%1").arg(p), object("{\"type\":\"string\",\"description\":\"What it is, in some words.\"}"));
            schemas.insert(q("S%1").arg(i), QJsonObject{{q("type"), q("object")}, {q("properties"), properties}});
        }
        for (int i = 0; i < 300; ++i) {
            const QJsonObject schema{{q("$ref"), q("#/components/schemas/S%1").arg(i % 60)}};
            const QJsonObject content{{q("application/json"), QJsonObject{{q("schema"), schema}}}};
            paths.insert(q("/p%1").arg(i), QJsonObject{{q("post"), QJsonObject{{q("operationId"), q("op%1").arg(i)},
                                                                              {q("requestBody"), QJsonObject{{q("content"), content}}}}}});
        }
        QJsonObject document = test::oneOperation(q("get"), q("/x"), {});
        document.insert(q("paths"), paths);
        document.insert(q("components"), QJsonObject{{q("schemas"), schemas}});
        const auto parsed = parseOpenApi(document);
        QVERIFY(parsed.ok());
        const QJsonObject config = openApiConfig(*parsed, {}, q("https://api.example/"), {});
        const auto functions = toolFunctions(config);
        QCOMPARE(functions.size(), size_t(300));
        qsizetype whole = 0;
        for (size_t i = 0; i < functions.size(); ++i) {
            ToolFunction there = parsed->operations[i].function;
            QCOMPARE(functions[i].inputSchema, there.inputSchema);
            whole += json::compact(there.toJson()).size();
        }
        const qsizetype kept = json::compact(config).size();
        QVERIFY2(kept * 5 < whole, qPrintable(q("%1 of %2").arg(kept).arg(whole)));
        QVERIFY(compileSchema(functions[7].inputSchema).ok());
    }

    void refused()
    {
        QVERIFY(refusal("{\"swagger\":\"1.2\",\"paths\":{}}").contains(q("Swagger 1.2")));
        QVERIFY(refusal("{\"swagger\":\"2.0\",\"paths\":{}}").contains(q("no paths")));
        QVERIFY(refusal("{\"openapi\":\"2.5\"}").contains(q("OpenAPI 2.5")));
        QVERIFY(refusal("{\"openapi\":\"4.0.0\",\"paths\":{\"/\":{}}}").contains(q("OpenAPI 4.0.0")));
        QVERIFY(refusal("{}").contains(q("no OpenAPI document")));
        QVERIFY(refusal("[]").contains(q("JSON object")));
        QVERIFY(refusal("{\"openapi\":\"3.0.0\"}").contains(q("no paths")));
        QVERIFY(refusal("{\"openapi\":\"3.0.0\",\"paths\":{\"/a\":{}}}").contains(q("no operations")));
        QVERIFY(refusal("{\"openapi\":\"3.0.0\",").contains(q("line 1")));
        QVERIFY(refusal("<!doctype html><title>Swagger UI</title>").contains(q("web page")));
    }

    void swagger2()
    {
        const auto parsed = parseOpenApi(openApiSample("orders-2.0.json"));
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().message));
        QCOMPARE(parsed->openapi, q("Swagger 2.0"));
        QCOMPARE(parsed->servers.at(0).url, q("https://orders.example/v2"));
        QCOMPARE(suggestedAuth(*parsed).kind, q("basic"));
        const ToolFunction list = operationOf(*parsed, "listOrders").function;
        QCOMPARE(compact(list.inputSchema.value(q("properties"))),
                 q("{\"shop\":{\"type\":\"string\"},\"status\":{\"description\":\"Which\",\"items\":{\"enum\":[\"open\",\"done\"],\"type\":\"string\"},\"type\":\"array\"}}"));
        QVERIFY(compact(list.request).contains(q("{\"arg\":\"status\",\"explode\":false,\"in\":\"query\",\"name\":\"status\",\"style\":\"pipeDelimited\"}")));
        QCOMPARE(list.outputSchema.value(q("type")).toString(), q("array"));
        const ToolFunction create = operationOf(*parsed, "createOrder").function; // a body behind a reference, a schema that holds itself
        QCOMPARE(create.inputSchema.value(q("properties")).toObject().keys().join(u','), q("id,parts,shop"));
        QVERIFY(create.inputSchema.value(q("$defs")).toObject().contains(q("Order")));
        QCOMPARE(compact(create.inputSchema.value(q("required"))), q("[\"shop\",\"id\"]"));
        const ToolFunction attach = operationOf(*parsed, "attach").function;
        QCOMPARE(compact(attach.request.value(q("body"))),
                 q("{\"files\":[\"file\"],\"members\":{\"file\":\"file\",\"note\":\"note\"},\"type\":\"multipart/form-data\"}"));
        for (const OpenApiOperation &operation : parsed->operations)
            QVERIFY(compileSchema(operation.function.inputSchema).ok());
    }

    // A $ref never leads out of the document.
    void foreignReferences()
    {
        for (const char *ref : {"http://127.0.0.1:1/schema.json", "file:///etc/passwd", "other.json#/a", "#/components/schemas/None", "#",
                                "", "#/%zz", "#/paths/~2"}) {
            const QJsonObject operation{{q("requestBody"), test::jsonBody(QJsonObject{{q("$ref"), q(ref)}})},
                                        {q("parameters"), QJsonArray{QJsonObject{{q("$ref"), q(ref)}}}}};
            const auto document = parseOpenApi(test::oneOperation(q("post"), q("/x"), operation));
            QVERIFY2(document.ok(), ref);
            const OpenApiOperation &one = document->operations.at(0);
            QVERIFY2(!one.notes.isEmpty(), ref);
            QVERIFY(compileSchema(one.function.inputSchema).ok());
        }
    }

    // References in circles, through every kind of object.
    void circles()
    {
        const QJsonObject components{
            {q("schemas"), object("{\"A\":{\"$ref\":\"#/components/schemas/B\"},\"B\":{\"$ref\":\"#/components/schemas/A\"},"
                                  "\"S\":{\"$ref\":\"#/components/schemas/S\"},"
                                  "\"L\":{\"allOf\":[{\"$ref\":\"#/components/schemas/L\"}],\"properties\":{\"l\":{\"$ref\":\"#/components/"
                                  "schemas/L\"}}}}")},
            {q("parameters"), object("{\"P\":{\"$ref\":\"#/components/parameters/P\"}}")},
            {q("requestBodies"), object("{\"R\":{\"$ref\":\"#/components/requestBodies/R\"}}")}};
        for (const char *name : {"A", "S", "L"}) {
            const QJsonObject ref{{q("$ref"), q("#/components/schemas/") + q(name)}};
            for (const QJsonValue &schema : {QJsonValue(ref), QJsonValue(QJsonObject{{q("type"), q("array")}, {q("items"), ref}})}) {
                const QJsonObject operation{{q("requestBody"), test::jsonBody(schema)},
                                            {q("parameters"), QJsonArray{object("{\"$ref\":\"#/components/parameters/P\"}")}}};
                const auto document = parseOpenApi(test::oneOperation(q("post"), q("/x"), operation, components));
                QVERIFY(document.ok());
            }
        }
        const auto document = parseOpenApi(test::oneOperation(
            q("post"), q("/x"), {{q("requestBody"), object("{\"$ref\":\"#/components/requestBodies/R\"}")}}, components));
        QVERIFY(document.ok());
        QVERIFY(document->operations.at(0).function.inputSchema.value(q("properties")).toObject().isEmpty());
    }

    // A document of a few kilobytes that stands for 10^12 schemas, a chain of references, deep nesting: bounded work, small results.
    void bombs()
    {
        QElapsedTimer timer;
        timer.start();
        QJsonObject laughs;
        const QJsonObject last{{q("type"), q("string")}};
        for (int level = 0; level < 12; ++level) {
            QJsonObject properties;
            for (int n = 0; n < 10; ++n)
                properties.insert(q("p%1").arg(n), QJsonObject{{q("$ref"), q("#/components/schemas/L%1").arg(level + 1)}});
            laughs.insert(q("L%1").arg(level), QJsonObject{{q("type"), q("object")}, {q("properties"), properties}});
        }
        laughs.insert(q("L12"), last);
        QJsonObject chain;
        for (int n = 0; n < 20'000; ++n)
            chain.insert(q("C%1").arg(n),
                         QJsonObject{{q("properties"),
                                      QJsonObject{{q("next"), QJsonObject{{q("$ref"), q("#/components/schemas/C%1").arg(n + 1)}}}}}});
        QJsonObject wide;
        for (int n = 0; n < 20'000; ++n)
            wide.insert(q("w%1").arg(n), QJsonObject{{q("$ref"), q("#/components/schemas/W")}});
        QJsonValue deep = last;
        for (int n = 0; n < 900; ++n)
            deep = QJsonObject{{q("items"), deep}};
        const struct {
            const char *name;
            QJsonObject schemas;
            QJsonValue schema;
        } cases[] = {
            {"laughs", laughs, QJsonObject{{q("$ref"), q("#/components/schemas/L0")}}},
            {"chain", chain, QJsonObject{{q("$ref"), q("#/components/schemas/C0")}}},
            {"wide",
             {{q("W"), object("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"enum\":[\"a\",\"b\",\"c\"]}}}")}},
             QJsonObject{{q("properties"), wide}}},
            {"deep", {}, deep},
        };
        for (const auto &one : cases) {
            const auto document = parseOpenApi(
                test::oneOperation(q("post"), q("/x"), {{q("requestBody"), test::jsonBody(one.schema)}}, {{q("schemas"), one.schemas}}));
            QVERIFY2(document.ok(), one.name);
            const QByteArray made = json::compact(document->operations.at(0).function.inputSchema);
            QVERIFY2(made.size() < 4 * 1024 * 1024, qPrintable(q("%1: %2").arg(q(one.name)).arg(made.size())));
            if (qstrcmp(one.name, "laughs") == 0 || qstrcmp(one.name, "deep") == 0)
                QVERIFY2(compileSchema(document->operations.at(0).function.inputSchema).ok(), one.name);
        }
        QVERIFY2(timer.elapsed() < 120'000, "a bomb was not bounded");
    }

    // What a stranger writes into a document cannot name a person's secrets: nothing of it becomes a header or URL with {{secret}}.
    void secretsCannotBeNamed()
    {
        QJsonObject document = test::oneOperation(q("get"), q("/x"), {{q("description"), q("{{secret:OPENAI_API_KEY}}")}});
        document.insert(q("servers"), QJsonArray{object("{\"url\":\"https://evil.example/{{secret:OPENAI_API_KEY}}\"}")});
        const auto parsed = parseOpenApi(document);
        QVERIFY(parsed.ok());
        ToolSpec spec = *ToolSpec::fromJson(toolType(q("openapi"))->defaultBody);
        spec.config = openApiConfig(*parsed, {}, QString(), {});
        bool told = false;
        for (const Problem &problem : validateTool(spec.toJson(), {}))
            told |= problem.code == q("openapi.base");
        QVERIFY(told);
    }

    void names()
    {
        QJsonObject paths;
        for (const char *path : {"/a/b", "/a_b", "/a-b", "/a.b"})
            paths.insert(q(path), object("{\"get\":{}}"));
        for (int n = 0; n < 3; ++n)
            paths.insert(q("/same%1").arg(n), QJsonObject{{q("get"), QJsonObject{{q("operationId"), QString(100, u'x')}}}});
        paths.insert(q("/u"), QJsonObject{{q("get"), QJsonObject{{q("operationId"), q("\xc3\xa4\xc3\xb6")}}}});
        QJsonObject document = test::oneOperation(q("get"), q("/x"), {});
        document.insert(q("paths"), paths);
        const auto parsed = parseOpenApi(document);
        QVERIFY(parsed.ok());
        QSet<QString> names;
        static const QRegularExpression good(q("\\A[A-Za-z0-9_-]{1,60}\\z"));
        for (const OpenApiOperation &operation : parsed->operations) {
            QVERIFY2(good.match(operation.function.name).hasMatch(), qPrintable(operation.function.name));
            names.insert(operation.function.name);
        }
        QCOMPARE(names.size(), parsed->operations.size());
    }

    // The members of a document replaced by values of the wrong kind, one at a time.
    void wrongKinds_data()
    {
        QTest::addColumn<int>("least");
        QTest::newRow("petstore-3.0.json") << 200;
        QTest::newRow("orders-2.0.json") << 60;
    }
    void wrongKinds()
    {
        QFETCH(int, least);
        const auto whole = *json::parseObject(openApiSample(QTest::currentDataTag()));
        QStringList pointers;
        const std::function<void(const QJsonValue &, const QString &)> collect = [&](const QJsonValue &value, const QString &pointer) {
            pointers += pointer;
            if (value.isObject()) {
                const QJsonObject members = value.toObject();
                for (auto it = members.begin(); it != members.end(); ++it)
                    collect(it.value(), pointer + u'/' + QString(it.key()).replace(u'~', q("~0")).replace(u'/', q("~1")));
            } else if (value.isArray()) {
                for (qsizetype i = 0; i < value.toArray().size(); ++i)
                    collect(value.toArray().at(i), pointer + u'/' + QString::number(i));
            }
        };
        collect(whole, QString());
        QVERIFY(pointers.size() > least);
        for (qsizetype i = 1; i < pointers.size(); ++i) {
            for (const QJsonValue &wrong : {QJsonValue(true), QJsonValue(-1.5), QJsonValue(q("x")), QJsonValue(QJsonArray{1}),
                                            QJsonValue(QJsonObject{{q("$ref"), 5}}), QJsonValue()}) {
                const auto document = parseOpenApi(json::with(whole, pointers[i], wrong).toObject());
                if (!document)
                    continue;
                for (const OpenApiOperation &operation : document->operations) {
                    if (const auto compiled = compileSchema(operation.function.inputSchema); !compiled)
                        QFAIL(qPrintable(pointers[i] + q(" = ") + json::compactString(wrong) + q(": ") + compiled.error().message));
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestOpenApiImport)
#include "tst_OpenApiImport.moc"
