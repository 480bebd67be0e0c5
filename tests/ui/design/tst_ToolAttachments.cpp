// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/ToolAttachments.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "tests/ui/design/UiFixture.h"

#include <QComboBox>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>

using namespace lathe;
using namespace lathe::test;

class TestToolAttachments : public QObject
{
    Q_OBJECT

    std::unique_ptr<UiFixture> m_project;
    std::unique_ptr<ToolAttachments> m_list;
    QJsonArray m_value;

    void open(const QJsonArray &value)
    {
        m_value = value;
        m_list = std::make_unique<ToolAttachments>(m_project->session.get(), UiFixture::theme());
        connect(m_list.get(), &ToolAttachments::edited, this, [this](const QJsonArray &now) { m_value = now; });
        m_list->setValue(value);
        m_list->resize(560, 400);
        m_list->show();
        QVERIFY(QTest::qWaitForWindowActive(m_list.get()));
    }
    static QJsonArray one(const QJsonObject &more)
    {
        QJsonObject item{{QStringLiteral("tool"), QStringLiteral("calculator")}};
        for (auto it = more.begin(); it != more.end(); ++it)
            item.insert(it.key(), it.value());
        return {item};
    }

private Q_SLOTS:
    void init() { m_project = std::make_unique<UiFixture>(); }
    void cleanup()
    {
        m_list.reset();
        m_project.reset();
    }

    void approvalAndCalls()
    {
        open(one({}));
        auto *approval = find<QComboBox>(m_list.get(), "tool-approval-0");
        approval->setFocus();
        QTest::keyClick(approval, Qt::Key_End);
        QCOMPARE(m_value, one({{QStringLiteral("approval"), QStringLiteral("never")}}));
        find<QSpinBox>(m_list.get(), "tool-calls-0")->setValue(3);
        QCOMPARE(m_value, one({{QStringLiteral("approval"), QStringLiteral("never")}, {QStringLiteral("calls_per_run"), 3}}));
        QTest::keyClick(approval, Qt::Key_Home);
        find<QSpinBox>(m_list.get(), "tool-calls-0")->setValue(0);
        QCOMPARE(m_value, one({}));
    }

    // The editor of the policy sees approval and calls as part of one policy; the agent's body keeps them where they always were.
    void policyIsOneForItsEditor()
    {
        open(one({{QStringLiteral("approval"), QStringLiteral("ask")}, {QStringLiteral("calls_per_run"), 4}, {QStringLiteral("policy"), QJsonObject{{QStringLiteral("retries"), 1}}}}));
        QJsonObject given;
        std::function<void(const QJsonObject &, const QString &)> change;
        m_list->setPolicyFactory([&](const QString &name, const QJsonObject &body, const QJsonObject &own, std::function<void(const QJsonObject &, const QString &)> changed) {
            [name, body] {
                QCOMPARE(name, QStringLiteral("calculator"));
                QCOMPARE(body.value(QStringLiteral("type")).toString(), QStringLiteral("calculator"));
            }();
            given = own;
            change = std::move(changed);
            return new QLabel(QStringLiteral("editor"));
        });
        QVERIFY2(m_list->minimumSizeHint().width() <= 360, qPrintable(QString::number(m_list->minimumSizeHint().width()))); // the agent's form is narrow
        auto *button = find<QPushButton>(m_list.get(), "tool-policy-0");
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(given, *json::parseObject(R"({"approval":"ask","limits":{"calls_per_run":4},"retries":1})"));
        QVERIFY(!find<QComboBox>(m_list.get(), "tool-approval-0")->isVisible()); // the editor has it
        change(*json::parseObject(R"({"limits":{"calls_per_run":9,"seconds":5},"redact":["/arguments/a"]})"), QStringLiteral("Change"));
        QCOMPARE(m_value, one(*json::parseObject(R"({"calls_per_run":9,"policy":{"limits":{"seconds":5},"redact":["/arguments/a"]}})")));
        change({}, QStringLiteral("As the tool says"));
        QCOMPARE(m_value, one({}));
        // Another artifact changes: the editor stays open.
        m_project->make(ArtifactKind::Tool, QStringLiteral("other"), toolType(QStringLiteral("calculator"))->defaultBody);
        QVERIFY(await(m_project->session->project().artifacts().rename(m_project->id(ArtifactKind::Tool, QStringLiteral("other")), QStringLiteral("third"))).ok());
        QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(m_list.get(), "tool-policy-0")->isChecked(), 30'000);
        // Detached while its editor still speaks: nothing happens.
        const auto late = change;
        m_list->setValue({});
        late(*json::parseObject(R"({"retries":3})"), QStringLiteral("Late"));
        QCOMPARE(m_value, one({}));
    }

    void functionsOfASet()
    {
        QJsonObject body = toolType(QStringLiteral("mcp"))->defaultBody;
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        QJsonArray tools;
        for (const char *name : {"list", "make", "drop"})
            tools.append(QJsonObject{{QStringLiteral("name"), QLatin1String(name)}, {QStringLiteral("description"), QStringLiteral("Does it.")}});
        config.insert(QStringLiteral("tools"), tools);
        body.insert(QStringLiteral("config"), config);
        m_project->make(ArtifactKind::Tool, QStringLiteral("tracker"), body);
        open({QJsonObject{{QStringLiteral("tool"), QStringLiteral("tracker")}}});
        auto *functions = find<QPushButton>(m_list.get(), "tool-functions-0");
        QCOMPARE(functions->text(), QStringLiteral("all 3 functions"));
        QTest::mouseClick(functions, Qt::LeftButton);
        auto *view = m_list->findChild<QListView *>(QStringLiteral("tool-functions-list"));
        QTRY_VERIFY_WITH_TIMEOUT(view && view->isVisible(), 30'000);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(2, 0)).center());
        QCOMPARE(m_value[0][QLatin1String("only")].toArray(), (QJsonArray{QStringLiteral("list"), QStringLiteral("make")}));
        QCOMPARE(functions->text(), QStringLiteral("2 of 3 functions"));
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(2, 0)).center());
        QVERIFY(m_value[0][QLatin1String("only")].isUndefined()); // all again: as the tool says
    }
};

QTEST_MAIN(TestToolAttachments)
#include "tst_ToolAttachments.moc"
