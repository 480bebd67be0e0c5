// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <vector>

// Cases for the form of arguments; in a file of their own because moc does not understand them.
namespace lathe::test {

struct ArgumentCase {
    const char *name;
    QByteArray schema;
    QByteArray value;
};

inline std::vector<ArgumentCase> roundTripCases()
{
    std::vector<ArgumentCase> cases;
    const auto row = [&](const char *name, const char *schema, const char *value) { cases.push_back({name, schema, value}); };
    row("nested object", R"({"properties":{"where":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"integer"}}}}})",
        R"({"where":{"city":"Graz","zip":8010}})");
    row("list of objects", R"({"properties":{"rows":{"type":"array","items":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"boolean"}}}}}})",
        R"({"rows":[{"a":1.5,"b":true},{"a":-2},{"b":false}]})");
    row("list of lists", R"({"properties":{"m":{"type":"array","items":{"type":"array","items":{"type":"integer"}}}}})", R"({"m":[[1,2],[3]]})");
    row("choice with titles", R"({"properties":{"c":{"oneOf":[{"const":"r","title":"Red"},{"const":"g","title":"Green"}]}}})", R"({"c":"g"})");
    row("any of several forms", R"({"properties":{"to":{"anyOf":[{"type":"string"},{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}]}}})",
        R"({"to":{"id":7}})");
    row("forms told apart by a constant",
        R"({"properties":{"shape":{"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind"]},
            {"type":"object","properties":{"kind":{"const":"box"},"w":{"type":"number"}},"required":["kind"]}]}}})",
        R"({"shape":{"kind":"box","w":3}})");
    row("null", R"({"properties":{"a":{"type":["string","null"]},"b":{"anyOf":[{"type":"integer"},{"type":"null"}]},"c":{"enum":["x",null]}}})",
        R"({"a":null,"b":null,"c":null})");
    row("free members", R"({"properties":{"tags":{"type":"object","additionalProperties":{"type":"string"}}}})", R"({"tags":{"k":"v","l":"w"}})");
    row("checks", R"({"properties":{"days":{"type":"array","uniqueItems":true,"items":{"enum":["mo","tu","we"]}}}})", R"({"days":["mo","we"]})");
    row("reference", R"({"$defs":{"p":{"type":"object","properties":{"x":{"type":"integer"}}}},"properties":{"at":{"$ref":"#/$defs/p"}}})", R"({"at":{"x":4}})");
    row("recursive", R"({"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/$defs/n"}}}}},
        "properties":{"tree":{"$ref":"#/$defs/n"}}})", R"({"tree":{"v":1,"kids":[{"v":2,"kids":[{"v":3}]},{"v":4}]}})");
    row("all of", R"({"properties":{"o":{"allOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"integer"}}}]}}})", R"({"o":{"a":"x","b":2}})");
    row("names with slashes", R"({"properties":{"a/b~c":{"type":"string"}}})", R"({"a/b~c":"x"})");
    row("anything", R"({"properties":{"j":{}}})", R"({"j":[1,{"a":null}]})");
    row("what the schema does not know", R"({"properties":{"o":{"type":"object","properties":{"a":{"type":"string"}}}}})", R"({"o":{"a":"x","zz":5}})");
    row("forms of the whole", R"({"type":"object","anyOf":[{"properties":{"id":{"type":"integer"}},"required":["id"]},{"properties":{"name":{"type":"string"}},"required":["name"]}]})",
        R"({"name":"Ada"})");
    return cases;
}

inline std::vector<ArgumentCase> hostileSchemaCases()
{
    std::vector<ArgumentCase> cases;
    const auto add = [&](const char *name, const QByteArray &schema) { cases.push_back({name, schema, {}}); };
    add("refers to itself", QByteArray(R"({"$ref":"#"})"));
    add("ring", QByteArray(R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"properties":{"x":{"$ref":"#/$defs/a"}}})"));
    add("required of itself", QByteArray(R"({"type":"object","required":["x"],"properties":{"x":{"$ref":"#"}}})"));
    add("required of itself, wide", QByteArray(R"({"type":"object","required":["a","b","c","d"],"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"},"d":{"$ref":"#"}}})"));
    QByteArray all = R"({"$defs":{"a":{"allOf":[)";
    for (int i = 0; i < 40; ++i)
        all += R"({"$ref":"#/$defs/a"},)";
    add("all of itself, often", QByteArray(all + R"({}]}},"properties":{"x":{"$ref":"#/$defs/a"}}})"));
    add("forms of itself", QByteArray(R"({"properties":{"x":{"$ref":"#/$defs/v"}},"$defs":{"v":{"anyOf":[{"$ref":"#/$defs/v"},{"$ref":"#/$defs/v"}]}}})"));
    add("least items, nested", QByteArray(
        R"({"$defs":{"l":{"type":"array","minItems":9,"items":{"$ref":"#/$defs/l"}}},"required":["x"],"properties":{"x":{"$ref":"#/$defs/l"}}})"));
    QByteArray wide = R"({"properties":{)";
    for (int i = 0; i < 3000; ++i)
        wide += QByteArray(i ? "," : "") + "\"p" + QByteArray::number(i) + R"(":{"type":"object","properties":{"q":{"type":"string"}}})";
    add("three thousand members", QByteArray(wide + "}}"));
    add("deep nesting", QByteArray(R"({"properties":{"x":)" + QByteArray(R"({"type":"object","required":["x"],"properties":{"x":)").repeated(200) + "{}" + QByteArray("}}").repeated(200) + "}}"));
    add("nonsense kinds", QByteArray(R"({"properties":{"a":{"type":5,"enum":7,"minimum":"x"},"b":{"anyOf":[1,2]},"c":{"items":[1]},"d":{"oneOf":[{"const":1},{"type":"null"}]}}})"));
    return cases;
}

} // namespace lathe::test
