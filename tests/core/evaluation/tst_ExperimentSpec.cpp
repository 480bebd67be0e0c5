// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/evaluation/Check.h"

#include <QTest>

using namespace lathe;

namespace {
const char *const whole =
    "{"
    "\"question\": \"Does the short prompt answer as well?\","
    "\"variants\": ["
    "{\"id\": \"a\", \"name\": \"as it is\", \"agent\": \"triage@production\"},"
    "{\"id\": \"b\", \"prompt\": \"triage@draft\", \"model\": \"openai/gpt-4.1\", \"parameters\": "
    "{\"temperature\": 0}}],"
    "\"dataset\": \"tickets@3\", \"rows\": \"1-40, 55\", \"input_column\": \"text\", "
    "\"expected_column\": \"label\", \"repetitions\": 3,"
    "\"checks\": ["
    "{\"id\": \"c1\", \"type\": \"equals\", \"value\": \"{{label}}\"},"
    "{\"id\": \"c2\", \"name\": \"short\", \"type\": \"contains-any\", \"negated\": true, "
    "\"value\": [\"a\", \"b\"], \"transform\": \"output.trim() \","
    "\"threshold\": 0, \"weight\": 2, \"metric\": \"tone\", \"options\": {\"model\": \"x/y\"}, "
    "\"problem\": \"why\"},"
    "{\"id\": \"c3\", \"type\": \"assert-set\", \"threshold\": 0.5, \"members\": ["
    "{\"id\": \"\", \"type\": \"is-json\", \"value\": {\"type\": \"object\"}}, {\"id\": \"\", "
    "\"type\": \"equals\", \"value\": 4}]}],"
    "\"judges\": [{\"id\": \"j1\", \"kind\": \"model\", \"model\": \"anthropic/claude\", "
    "\"rubric\": \"Kind and short.\"}, {\"id\": \"j2\", \"kind\": \"human\"}],"
    "\"decide_by\": \"j1\", \"threshold\": 0.9, \"stop_early\": true, \"at_once\": 8, "
    "\"conclusion\": \"Yes.\""
    "}";

QJsonObject good()
{
    return *json::parseObject("{\"question\": \"q\", \"variants\": [{\"id\": \"a\", \"agent\": "
                              "\"x\"}, {\"id\": \"b\", \"agent\": \"y\"}],"
                              "\"dataset\": \"d\", \"checks\": [{\"id\": \"c\", \"type\": "
                              "\"contains\", \"value\": \"v\"}]}");
}

QStringList codes(const std::vector<Problem> &problems)
{
    QStringList list;
    for (const Problem &problem : problems)
        list << QStringLiteral("%1 %2").arg(problem.pointer, problem.code);
    return list;
}
} // namespace

class TestExperimentSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void comesBackAsItWas()
    {
        const QJsonObject body = *json::parseObject(whole);
        const auto spec = ExperimentSpec::fromJson(body);
        QVERIFY2(spec, spec ? "" : qPrintable(spec.error().message));
        QCOMPARE(spec->variants.size(), size_t(2));
        QCOMPARE(spec->variants[1].parameters.value(QLatin1String("temperature")).toDouble(), 0.0);
        QCOMPARE(spec->checks[1].threshold, 0.0);
        QCOMPARE(spec->checks[0].threshold, -1.0);
        QCOMPARE(spec->checks[1].negated, true);
        QCOMPARE(
            spec->checks[2].members[0].value.toObject().value(QLatin1String("type")).toString(),
            QStringLiteral("object"));
        QCOMPARE(spec->decideBy, QStringLiteral("j1"));
        QCOMPARE(spec->atOnce, 8);
        const auto again = ExperimentSpec::fromJson(spec->toJson());
        QVERIFY(again && *again == *spec);
        QCOMPARE(spec->toJson().value(QLatin1String("checks")).toArray().at(1),
                 body.value(QLatin1String("checks")).toArray().at(1));
        const auto empty = ExperimentSpec::fromJson({});
        QVERIFY(empty && *empty == ExperimentSpec());
        QVERIFY(*ExperimentSpec::fromJson(ExperimentSpec().toJson()) == ExperimentSpec());
    }

    void wrongTypesAreNamed_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("named");
        const auto row = [](const char *pointer, const char *value, const char *named) {
            QTest::newRow(pointer)
                << QString::fromLatin1(pointer) << QByteArray(value) << QString::fromLatin1(named);
        };
        row("/question", "1", "\"question\" must be text");
        row("/variants", "{}", "\"variants\" must be a list");
        row("/variants/0", "3", "\"variants/0\" must be an object");
        row("/variants/1/parameters", "[]", "\"variants/1/parameters\" must be an object");
        row("/checks/0/weight", "\"x\"", "\"checks/0/weight\" must be a number");
        row("/checks/2/members/1/type", "[]", "\"checks/2/members/1/type\" must be text");
        row("/judges/0/rubric", "true", "\"judges/0/rubric\" must be text");
        row("/repetitions", "1.5", "\"repetitions\" must be a whole number");
        row("/stop_early", "\"yes\"", "\"stop_early\" must be true or false");
    }
    void wrongTypesAreNamed()
    {
        QFETCH(QString, pointer);
        QFETCH(QByteArray, value);
        QFETCH(QString, named);
        const QJsonObject body =
            json::with(*json::parseObject(whole), pointer, *json::parse(value)).toObject();
        const auto spec = ExperimentSpec::fromJson(body);
        QVERIFY(!spec);
        QCOMPARE(spec.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(spec.error().message.contains(named), qPrintable(spec.error().message));
    }

    void deepSetsAreRefused()
    {
        QJsonObject check{{QStringLiteral("id"), QStringLiteral("x")},
                          {QStringLiteral("type"), QStringLiteral("equals")}};
        for (int i = 0; i < 400; ++i)
            check = {{QStringLiteral("type"), QStringLiteral("assert-set")},
                     {QStringLiteral("members"), QJsonArray{check}}};
        QJsonObject body = good();
        body.insert(QStringLiteral("checks"), QJsonArray{check});
        QVERIFY(!ExperimentSpec::fromJson(body));
    }

    void validation_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QByteArray>("value"); // empty: removed
        QTest::addColumn<QString>("code");
        const auto row = [](const char *name, const char *pointer, const char *value,
                            const char *code) {
            QTest::newRow(name) << QString::fromLatin1(pointer) << QByteArray(value)
                                << QString::fromLatin1(code);
        };
        row("fine", "/conclusion", "\"x\"", "");
        row("no variants", "/variants", "[]", "/variants experiment.no_variant");
        row("one variant", "/variants", "[{\"id\": \"a\", \"agent\": \"x\"}]",
            "/variants experiment.one_variant");
        row("same id", "/variants/1/id", "\"a\"", "/variants/1/id experiment.id_twice");
        row("no id", "/variants/1/id", "\"\"", "/variants/1/id experiment.id_missing");
        row("same thing", "/variants/1/agent", "\"x\"", "/variants/1 variant.same");
        row("nothing to run", "/variants/1/agent", "", "/variants/1 variant.empty");
        row("bad reference", "/variants/1/agent", "\"a@b@c\"",
            "/variants/1/agent variant.reference");
        row("prompt without model", "/variants/1", "{\"id\": \"b\", \"prompt\": \"p\"}",
            "/variants/1/model variant.no_model");
        row("model without connection", "/variants/1/model", "\"gpt\"",
            "/variants/1/model variant.model");
        row("no dataset", "/dataset", "", "/dataset experiment.no_dataset");
        row("no yardstick", "/checks", "", "/checks experiment.no_yardstick");
        row("unknown type", "/checks/0/type", "\"contans\"", "/checks/0/type check.unknown");
        row("check without id", "/checks/0/id", "\"\"", "/checks/0/id experiment.id_missing");
        row("bad threshold", "/checks/0/threshold", "-3", "/checks/0/threshold check.threshold");
        row("share over one", "/checks/0",
            "{\"id\": \"c\", \"type\": \"bleu\", \"threshold\": 1.5}",
            "/checks/0/threshold check.threshold");
        row("latency without", "/checks/0", "{\"id\": \"c\", \"type\": \"latency\"}",
            "/checks/0/threshold check.no_threshold");
        row("bad weight", "/checks/0/weight", "-1", "/checks/0/weight check.weight");
        row("bad pattern", "/checks/0", "{\"id\": \"c\", \"type\": \"regex\", \"value\": \"(a\"}",
            "/checks/0/value check.regex");
        row("pattern with values", "/checks/0",
            "{\"id\": \"c\", \"type\": \"regex\", \"value\": \"({{a}}\"}", "");
        row("empty set", "/checks/0", "{\"id\": \"c\", \"type\": \"assert-set\"}",
            "/checks/0/members check.empty_set");
        row("unknown in a set", "/checks/0",
            "{\"id\": \"c\", \"type\": \"assert-set\", \"members\": [{\"type\": \"x\"}]}",
            "/checks/0/members/0/type check.unknown");
        row("judge without model", "/judges",
            "[{\"id\": \"j\", \"kind\": \"model\", \"rubric\": \"r\"}]",
            "/judges/0/model judge.no_model");
        row("judge of a kind", "/judges", "[{\"id\": \"j\", \"kind\": \"cat\"}]",
            "/judges/0/kind judge.kind");
        row("judge's id is a check's", "/judges", "[{\"id\": \"c\", \"kind\": \"human\"}]",
            "/judges/0/id experiment.id_twice");
        row("judge without rubric", "/judges",
            "[{\"id\": \"j\", \"kind\": \"model\", \"model\": \"a/b\"}]",
            "/judges/0/rubric judge.no_rubric");
        row("decided by nothing", "/decide_by", "\"j9\"", "/decide_by experiment.decide_by");
        row("decided by latency", "/decide_by", "\"latency\"", "");
        row("repetitions", "/repetitions", "0", "/repetitions experiment.repetitions");
        row("at once", "/at_once", "0", "/at_once experiment.at_once");
        row("threshold", "/threshold", "90", "/threshold experiment.threshold");
        row("rows", "/rows", "\"1-40, x\"", "/rows experiment.rows");
        row("good rows", "/rows", "\" 1 - 40, 55,\"", "");
        row("no question", "/question", "\" \"", "/question experiment.no_question");
    }
    void validation()
    {
        QFETCH(QString, pointer);
        QFETCH(QByteArray, value);
        QFETCH(QString, code);
        const QJsonValue given =
            value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : *json::parse(value);
        const auto spec = ExperimentSpec::fromJson(json::with(good(), pointer, given).toObject());
        QVERIFY2(spec, spec ? "" : qPrintable(spec.error().message));
        QCOMPARE(codes(validateExperiment(*spec)).join(QLatin1Char('|')), code);
    }

    void moreThanOneThing()
    {
        QJsonObject body = good();
        body.remove(QStringLiteral("checks"));
        body.insert(QStringLiteral("decide_by"), QStringLiteral("cost"));
        QVERIFY(codes(validateExperiment(*ExperimentSpec::fromJson(body))).isEmpty());
        body.insert(QStringLiteral("threshold"), 0.5);
        QCOMPARE(codes(validateExperiment(*ExperimentSpec::fromJson(body))),
                 QStringList{QStringLiteral("/threshold experiment.threshold_unused")});
        body = good();
        body.insert(QStringLiteral("judges"),
                    QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("j")},
                                           {QStringLiteral("kind"), QStringLiteral("model")},
                                           {QStringLiteral("model"), QStringLiteral("o/m")},
                                           {QStringLiteral("rubric"), QStringLiteral("r")}}});
        body =
            json::with(body, QStringLiteral("/variants/0/model"), QStringLiteral("o/m")).toObject();
        QCOMPARE(codes(validateExperiment(*ExperimentSpec::fromJson(body))),
                 QStringList{QStringLiteral("/judges/0/model judge.own_answers")});
    }

    void rows_data()
    {
        QTest::addColumn<QString>("rows");
        QTest::addColumn<int>("count");
        QTest::addColumn<QString>("chosen"); // "!": refused
        const auto row = [](const char *rows, int count, const char *chosen) {
            QTest::addRow("%s of %d", rows, count)
                << QString::fromLatin1(rows) << count << QString::fromLatin1(chosen);
        };
        row("", 3, "0 1 2");
        row("", 0, "");
        row("2", 3, "1");
        row("1-2,2-3, 3", 4, "0 1 2");
        row("3, 1", 3, "0 2");
        row("4", 3, "!");
        row("0", 3, "!");
        row("2-1", 3, "!");
        row("1-2-3", 3, "!");
        row("a", 3, "!");
        row("99999999999", 3, "!");
    }
    void rows()
    {
        QFETCH(QString, rows);
        QFETCH(int, count);
        QFETCH(QString, chosen);
        const auto selection = rowSelection(rows, count);
        QStringList got;
        if (selection) {
            for (const int index : *selection)
                got << QString::number(index);
        }
        QCOMPARE(selection ? got.join(QLatin1Char(' ')) : QStringLiteral("!"), chosen);
    }
};

QTEST_GUILESS_MAIN(TestExperimentSpec)
#include "tst_ExperimentSpec.moc"
