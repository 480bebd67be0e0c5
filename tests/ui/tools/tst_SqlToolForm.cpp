// SPDX-License-Identifier: GPL-3.0-or-later
// Values of the data go to a model's provider only after somebody said so in the SQL tool's form, and there one sees what goes.
#include "ui/tools/ToolEditor.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/widgets/CodeEditor.h"

#include <QCheckBox>
#include <QFile>
#include <QFileInfo>

using namespace lathe;
using namespace lathe::test;

class TestSqlToolForm : public QObject
{
    Q_OBJECT

    static QString told(ToolEditor &editor)
    {
        const auto *about = find<CodeEditor>(&editor, "tool-about");
        return about ? about->text() : QString();
    }

private Q_SLOTS:
    void valuesAreToldByACheckbox()
    {
        UiFixture project;
        const QString path = QFileInfo(project.session->project().path()).absolutePath() + QStringLiteral("/people.csv");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.write("name,age\nAnn,1\nBob,2\n") > 0);
        file.close();
        QJsonObject body = toolType(QStringLiteral("sql"))->defaultBody;
        QJsonObject config = body.value(QStringLiteral("config")).toObject();
        config.insert(QStringLiteral("path"), path);
        body.insert(QStringLiteral("config"), config);
        const ArtifactId tool = project.make(ArtifactKind::Tool, QStringLiteral("people"), body);
        ToolEditor editor(project.session.get(), UiFixture::theme(), tool);
        editor.resize(1240, 860);
        editor.show();
        QVERIFY(QTest::qWaitForWindowActive(&editor));
        auto *box = find<QCheckBox>(&editor, "tool-config-example_values");
        QVERIFY(box && box->isVisible() && !box->isChecked());
        QCOMPARE(box->text(), QStringLiteral("Tell the model example values of columns"));
        QTRY_VERIFY_WITH_TIMEOUT(told(editor).contains(QStringLiteral("people (2 rows): name TEXT, age INTEGER")), 30'000);
        QVERIFY2(!told(editor).contains(QStringLiteral("Ann")), qPrintable(told(editor)));
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Space);
        QVERIFY(box->isChecked());
        QCOMPARE(json::at(project.body(tool), QStringLiteral("/config/example_values")), QJsonValue(true));
        QTRY_VERIFY_WITH_TIMEOUT(told(editor).contains(QStringLiteral("name TEXT ('Ann', 'Bob')")), 30'000);
        UiFixture::shoot(&editor, QStringLiteral("tool-sql-values"));
        QVERIFY(project.session->undo(tool).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!box->isChecked() && !told(editor).contains(QStringLiteral("Ann")), 30'000);
        // A server's tables are what a person wrote of them.
        QVERIFY(project.session->edit(tool, QStringLiteral("/config/source"), QStringLiteral("postgres"), QString()).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!box->isVisible(), 30'000);
    }
};

QTEST_MAIN(TestSqlToolForm)
#include "tst_SqlToolForm.moc"
