// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolPolicyEditor.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/tools/PolicyRules.h"
#include "ui/tools/ToolWords.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/SectionHeader.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>

using namespace lathe;
using namespace lathe::test;

class TestToolPolicyEditor : public QObject
{
    Q_OBJECT

    std::unique_ptr<ToolPolicyEditor> m_editor;
    QJsonObject m_body, m_own; // as whoever holds them keeps them
    QStringList m_edits;

    static QJsonObject object(const char *text) { return *json::parseObject(QByteArray(text)); }
    void open(ToolPolicyEditor::Scope scope, const QJsonObject &body, const QJsonObject &own = {})
    {
        m_body = body;
        m_own = own;
        m_edits.clear();
        m_editor = std::make_unique<ToolPolicyEditor>(UiFixture::theme(), scope);
        m_editor->load(m_body, m_own);
        connect(m_editor.get(), &ToolPolicyEditor::edited, this, [this, scope](const QString &pointer, const QJsonValue &value, const QString &what) {
            QJsonObject &target = scope == ToolPolicyEditor::Scope::Tool ? m_body : m_own;
            target = json::with(target, pointer, value).toObject();
            m_edits.append(what);
            m_editor->load(m_body, m_own);
        });
        m_editor->resize(620, 900);
        m_editor->show();
        QVERIFY(QTest::qWaitForWindowActive(m_editor.get()));
    }
    void choose(const char *name, const QString &data)
    {
        auto *box = find<QComboBox>(m_editor.get(), name);
        const int row = box->findData(data);
        QVERIFY(row >= 0);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 0; i < row; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        QCOMPARE(box->currentIndex(), row);
    }
    void unfold()
    {
        for (SectionHeader *header : m_editor->findChildren<SectionHeader *>())
            header->setExpanded(true);
    }

private Q_SLOTS:
    void cleanup() { m_editor.reset(); }

    void wholeTool()
    {
        open(ToolPolicyEditor::Scope::Tool, toolType(QStringLiteral("files"))->defaultBody);
        unfold();
        choose("tool-approval", QStringLiteral("ask"));
        QCOMPARE(m_body.value(QStringLiteral("approval")).toString(), QStringLiteral("ask"));
        QVERIFY(m_editor->sentence().startsWith(QStringLiteral("Asks each time; only reads")));
        choose("policy-unattended", QStringLiteral("stop"));
        auto *seconds = find<QDoubleSpinBox>(m_editor.get(), "tool-limit-seconds");
        seconds->setValue(12);
        QCOMPARE(m_body.value(QStringLiteral("limits"))[QLatin1String("seconds")].toDouble(), 12.0);
        find<QSpinBox>(m_editor.get(), "policy-per-minute")->setValue(6);
        find<CodeEditor>(m_editor.get(), "policy-paths")->replaceText(QStringLiteral("notes\n\n  drafts "));
        QCOMPARE(m_body.value(QStringLiteral("allowed_paths")).toArray(), (QJsonArray{QStringLiteral("notes"), QStringLiteral("drafts")}));
        choose("policy-results", QStringLiteral("delimited"));
        find<CodeEditor>(m_editor.get(), "policy-redact")->replaceText(QStringLiteral("/result/ssn"));
        // It reads as a policy, as the core does.
        const auto spec = ToolSpec::fromJson(m_body);
        QVERIFY2(spec.ok(), spec ? "" : qPrintable(spec.error().message));
        QCOMPARE(spec->approval, Approval::Ask);
        QCOMPARE(spec->unattended, Unattended::Stop);
        QCOMPARE(spec->limits.callsPerMinute, 6);
        QCOMPARE(spec->results, ResultHandling::Delimited);
        QCOMPARE(spec->redact, QStringList(QStringLiteral("/result/ssn")));
        QCOMPARE(m_editor->sentence(), toolwords::sentence(m_body));
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-policy"));
        // Emptied means gone, not "none".
        find<CodeEditor>(m_editor.get(), "policy-paths")->replaceText(QString());
        QVERIFY(!m_body.contains(QStringLiteral("allowed_paths")));
    }

    void rules()
    {
        open(ToolPolicyEditor::Scope::Tool, toolType(QStringLiteral("http"))->defaultBody);
        m_editor->setSchema(object(R"({"properties":{"url":{"type":"string"},"headers":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}}}})"));
        auto *rules = m_editor->findChild<PolicyRules *>();
        QVERIFY(!rules->isVisible());
        choose("tool-approval", QStringLiteral("ask_when"));
        QVERIFY(rules->isVisible());
        QTest::mouseClick(find<QPushButton>(m_editor.get(), "policy-add-rule"), Qt::LeftButton);
        QVERIFY2(m_editor->minimumSizeHint().width() <= 460, qPrintable(QString::number(m_editor->minimumSizeHint().width())));
        auto *pointer = find<QComboBox>(m_editor.get(), "policy-rule-pointer-0");
        QVERIFY(pointer->findText(QStringLiteral("/headers/*/name")) >= 0);
        pointer->setCurrentText(QStringLiteral("/url"));
        choose("policy-rule-op-0", QStringLiteral("matches"));
        auto *value = find<QLineEdit>(m_editor.get(), "policy-rule-value-0");
        QTest::keyClicks(value, QStringLiteral("^https://x"));
        auto policy = toolwords::policyOf(m_body);
        QCOMPARE(policy.askWhen, (std::vector<ArgumentRule>{{QStringLiteral("/url"), QStringLiteral("matches"), QStringLiteral("^https://x")}}));
        // A number is one for "is over", and a text for "contains".
        choose("policy-rule-op-0", QStringLiteral("greater"));
        value->selectAll();
        QTest::keyClicks(value, QStringLiteral("12"));
        QCOMPARE(toolwords::policyOf(m_body).askWhen.front().value, QJsonValue(12));
        choose("policy-rule-op-0", QStringLiteral("contains"));
        QCOMPARE(toolwords::policyOf(m_body).askWhen.front().value, QJsonValue(QStringLiteral("12")));
        QTest::mouseClick(find<QToolButton>(m_editor.get(), "policy-rule-remove-0"), Qt::LeftButton);
        QVERIFY(!m_body.contains(QStringLiteral("approval_when")));
    }

    void retriesNeedRepeatability()
    {
        open(ToolPolicyEditor::Scope::Tool, toolType(QStringLiteral("http"))->defaultBody);
        unfold();
        auto *retries = find<QSpinBox>(m_editor.get(), "policy-retries");
        QVERIFY(!retries->isEnabled());
        QVERIFY(!find<QSpinBox>(m_editor.get(), "policy-cache")->isEnabled()); // it acts outside
        choose("tool-idempotent", QStringLiteral("yes"));
        QVERIFY(retries->isEnabled());
        retries->setValue(2);
        QCOMPARE(toolwords::policyOf(m_body).retries, 2);
        choose("policy-effect", QStringLiteral("read"));
        QVERIFY(find<QSpinBox>(m_editor.get(), "policy-cache")->isEnabled());
    }

    void attachment()
    {
        QJsonObject tool = toolType(QStringLiteral("http"))->defaultBody;
        open(ToolPolicyEditor::Scope::Override, tool, object(R"({"approval":"never"})"));
        const auto reset = [this](const char *name) { return m_editor->findChild<QToolButton *>(QString::fromLatin1(name)); };
        QCOMPARE(find<QComboBox>(m_editor.get(), "tool-approval")->currentData().toString(), QStringLiteral("never"));
        QVERIFY(reset("policy-reset-approval")->isVisible());
        QVERIFY(!reset("policy-reset-limits-seconds")->isVisible());
        auto *seconds = find<QDoubleSpinBox>(m_editor.get(), "tool-limit-seconds");
        seconds->setValue(5);
        QCOMPARE(m_own, object(R"({"approval":"never","limits":{"seconds":5}})"));
        QVERIFY(reset("policy-reset-limits-seconds")->isVisible());
        UiFixture::shoot(m_editor.get(), QStringLiteral("tool-policy-override"));
        QTest::mouseClick(reset("policy-reset-approval"), Qt::LeftButton);
        QVERIFY(!m_own.contains(QStringLiteral("approval")));
        QCOMPARE(find<QComboBox>(m_editor.get(), "tool-approval")->currentData().toString(), QStringLiteral("ask")); // as the tool says
        QTest::mouseClick(reset("policy-reset-limits-seconds"), Qt::LeftButton);
        QCOMPARE(seconds->value(), 30.0);
        QCOMPARE(m_body, tool); // the tool itself is never touched
    }

    // What the editor says holds is what the core makes of tool and override.
    void overridesAreThoseOfTheCore()
    {
        const QJsonObject body = object(R"({"type":"sql","approval":"ask","limits":{"seconds":9,"calls_per_run":3},"redact":["/arguments/a"]})");
        for (const char *text : {R"({})", R"({"limits":{"seconds":4}})", R"({"approval":"always","redact":[]})", R"({"results":"stripped","limits":{"max_bytes":99}})"}) {
            const QJsonObject own = object(text);
            QCOMPARE(toolwords::policyOf(toolwords::overridden(body, own)), toolwords::policyOf(body).overriddenBy(own));
        }
    }
};

QTEST_MAIN(TestToolPolicyEditor)
#include "tst_ToolPolicyEditor.moc"
