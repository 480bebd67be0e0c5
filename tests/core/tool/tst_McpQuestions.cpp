// SPDX-License-Identifier: GPL-3.0-or-later
// What a server asks a person: in a run, in a try and outside of both it goes this one way.
#include "core/tool/McpQuestions.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
struct Person {
    PersonReply::Action action = PersonReply::Action::Accept;
    QJsonObject content;
    std::vector<PersonRequest> asked;
    AskPerson ask()
    {
        return [this](PersonRequest request, CancelToken) -> Task<Result<PersonReply>> {
            asked.push_back(std::move(request));
            PersonReply reply;
            reply.action = action;
            reply.content = content;
            co_return reply;
        };
    }
};
}

class TestMcpQuestions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addresses_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<bool>("asked");
        QTest::newRow("https") << "https://example.com/pay?id=1" << true;
        QTest::newRow("http") << "http://example.com/" << true;
        QTest::newRow("script") << "javascript:alert(1)" << false;
        QTest::newRow("file") << "file:///etc/passwd" << false;
        QTest::newRow("no host") << "https:///path" << false;
        QTest::newRow("program") << "x-apple.systempreferences:com" << false;
        QTest::newRow("nothing") << "" << false;
        QTest::newRow("broken") << "https://exa mple.com/" << false;
    }
    void addresses()
    {
        QFETCH(QString, url);
        QFETCH(bool, asked);
        Person person;
        const QJsonObject params{{"mode", "url"}, {"message", "Open it."}, {"url", url}, {"sign_in", true}};
        const auto answer = await(mcpElicited(person.ask(), "srv", params, CancelToken()));
        QCOMPARE(answer.ok(), asked);
        QCOMPARE(person.asked.size(), size_t(asked));
        if (!asked) {
            QCOMPARE(answer.error().kind, ErrorKind::InvalidInput);
            QVERIFY(answer.error().message.contains("srv"));
            QVERIFY(!await(mcpElicited(AskPerson(), "srv", params, CancelToken()))); // nor where nobody is there
            return;
        }
        QCOMPARE(*answer, object("{'action':'accept'}")); // what was done there is nobody's business here
        QCOMPARE(person.asked[0].url, url);
        QVERIFY(person.asked[0].params.isEmpty()); // a server cannot pass for our own sign-in
    }

    void forms_data()
    {
        QTest::addColumn<int>("action");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("result");
        const auto accept = int(PersonReply::Action::Accept);
        QTest::newRow("all given") << accept << QByteArray("{'n':5,'on':true}") << QByteArray("{'action':'accept','content':{'n':5,'on':true}}");
        QTest::newRow("defaults") << accept << QByteArray("{}") << QByteArray("{'action':'accept','content':{'n':3,'on':false}}");
        QTest::newRow("no") << int(PersonReply::Action::Decline) << QByteArray("{'n':5}") << QByteArray("{'action':'decline'}");
        QTest::newRow("away") << int(PersonReply::Action::Cancel) << QByteArray("{}") << QByteArray("{'action':'cancel'}");
    }
    void forms()
    {
        QFETCH(int, action);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, result);
        Person person;
        person.action = PersonReply::Action(action);
        person.content = object(content);
        QJsonObject params = object("{'requestedSchema':{'type':'object','properties':{'n':{'type':'integer','default':3},"
                                    "'on':{'type':'boolean','default':false},'t':{'type':'string'}}}}");
        params.insert("message", QString(9000, 'x'));
        const auto answer = await(mcpElicited(person.ask(), "srv", params, CancelToken()));
        QVERIFY(answer);
        QCOMPARE(*answer, object(result));
        QCOMPARE(person.asked.at(0).type, PersonRequest::Type::Form);
        QCOMPARE(person.asked[0].who, QStringLiteral("srv"));
        QCOMPARE(person.asked[0].message.size(), 4000);
        QCOMPARE(*await(mcpElicited(AskPerson(), "srv", params, CancelToken())), object("{'action':'decline'}"));
    }

    void samplingTakesConsent()
    {
        McpServerConfig config;
        config.name = "srv";
        config.samplingModel = "local/small";
        int used = 0;
        const McpSampler model = [&used](McpServerConfig, QJsonObject params, CancelToken) -> Task<Result<QJsonObject>> {
            ++used;
            co_return params;
        };
        Person person;
        const QJsonObject params = object("{'maxTokens':5}");
        person.action = PersonReply::Action::Decline;
        QCOMPARE(await(mcpSampled(person.ask(), config, params, model, CancelToken())).error().kind, ErrorKind::Denied);
        QCOMPARE(await(mcpSampled(AskPerson(), config, params, model, CancelToken())).error().kind, ErrorKind::Denied);
        person.action = PersonReply::Action::Accept;
        CancelSource gone;
        gone.cancel();
        QCOMPARE(await(mcpSampled(person.ask(), config, params, model, gone.token())).error().kind, ErrorKind::Cancelled);
        QCOMPARE(used, 0);
        QCOMPARE(*await(mcpSampled(person.ask(), config, params, model, CancelToken())), params);
        QCOMPARE(used, 1);
        QCOMPARE(person.asked.back().params, params);
        QVERIFY(person.asked.back().message.contains("local/small"));
    }
};

QTEST_GUILESS_MAIN(TestMcpQuestions)
#include "tst_McpQuestions.moc"
