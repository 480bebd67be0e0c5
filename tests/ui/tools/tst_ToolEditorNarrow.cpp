// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolSpec.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/tools/ToolEditor.h"
#include "ui/tools/ToolTrialPanel.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabBar>

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr int columnWidth = 682; // the document in a window of 1000 pixels, rail and explorer open

QString named(const QWidget *widget)
{
    return QStringLiteral("%1 '%2' at x %3, %4 wide").arg(QLatin1String(widget->metaObject()->className()), widget->objectName()).arg(widget->x()).arg(widget->width());
}

// What cannot be seen whole: a column that is wider than its area does not scroll sideways, a word that is cut.
QStringList cutIn(QWidget *page)
{
    QStringList cut;
    for (const QScrollArea *area : page->findChildren<QScrollArea *>()) {
        if (area->isVisible() && area->widget() && area->horizontalScrollBarPolicy() == Qt::ScrollBarAlwaysOff
            && area->widget()->width() > area->viewport()->width()) {
            cut.append(QStringLiteral("%1 holds %2 in %3").arg(named(area)).arg(area->widget()->width()).arg(area->viewport()->width()));
            for (const QWidget *inner : area->widget()->findChildren<QWidget *>()) { // whose fault it is
                if (inner->isVisible() && inner->minimumSizeHint().width() > area->viewport()->width() - 60)
                    cut.append(QStringLiteral("    %1 wants %2").arg(named(inner)).arg(inner->minimumSizeHint().width()));
            }
        }
    }
    for (const QAbstractButton *button : page->findChildren<QAbstractButton *>()) {
        if (button->isVisible() && !button->text().isEmpty() && !(qobject_cast<const QCheckBox *>(button) && !button->toolTip().isEmpty()) && button->width() < button->sizeHint().width())
            cut.append(named(button) + QStringLiteral(" says ") + button->text());
    }
    for (const QLabel *label : page->findChildren<QLabel *>()) {
        if (label->isVisible() && !label->wordWrap() && label->toolTip().isEmpty() && label->width() < label->sizeHint().width())
            cut.append(named(label) + QStringLiteral(" says ") + label->text());
    }
    return cut;
}
}

// A window of 1000 x 640 shows a tool whole.
class TestToolEditorNarrow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsCut_data()
    {
        QTest::addColumn<QJsonObject>("body");
        const auto custom = [](const QJsonObject &properties) {
            QJsonObject body;
            for (const ToolTypeInfo &type : toolTypes()) {
                if (type.type == QLatin1String("mock"))
                    body = type.defaultBody;
            }
            QJsonObject config = body.value(QStringLiteral("config")).toObject();
            config.insert(QStringLiteral("parameters"), QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}, {QStringLiteral("properties"), properties},
                                                                    {QStringLiteral("required"), QJsonArray::fromStringList(properties.keys())}});
            body.insert(QStringLiteral("config"), config);
            return body;
        };
        for (const ToolTypeInfo &type : toolTypes())
            QTest::newRow(qPrintable(type.type)) << type.defaultBody;
        const auto object = [](const char *text) { return QJsonDocument::fromJson(text).object(); };
        QTest::newRow("forms of long titles") << custom(
            {{QStringLiteral("shape"), object("{\"anyOf\":[{\"type\":\"object\",\"title\":\"A first form whose title goes on and on, as those of generated schemas do\","
                                              "\"properties\":{\"a\":{\"type\":\"string\"}}},{\"type\":\"object\",\"title\":\"B\"}]}")}});
        QTest::newRow("choices of long titles") << custom(
            {{QStringLiteral("one"), object("{\"enum\":[\"a value that is as long as a sentence, with a comma in the middle of it\",\"b\"]}")},
             {QStringLiteral("some"), object("{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"a value that is as long as a sentence, with a comma in it\",\"b\"]}}")}});
        QTest::newRow("long names") << custom({{QStringLiteral("name_that_a_generator_made_of_a_path_and_a_parameter"), object("{\"type\":\"string\"}")},
                                               {QStringLiteral("when"), object("{\"type\":\"string\",\"format\":\"date-time\"}")},
                                               {QStringLiteral("others"), object("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}")}});
    }
    void nothingIsCut()
    {
        QFETCH(QJsonObject, body);
        UiFixture project;
        const ArtifactId tool = project.make(ArtifactKind::Tool, QStringLiteral("A tool with a name that is rather long for its place"), body);
        ToolEditor editor(project.session.get(), UiFixture::theme(), tool);
        editor.resize(columnWidth, 530);
        editor.show();
        QVERIFY(QTest::qWaitForWindowActive(&editor));
        QTest::qWait(50); // heights follow widths
        const auto *name = find<QLineEdit>(&editor, "tool-name");
        QVERIFY2(name->width() >= 120, qPrintable(named(name)));
        for (const ToolEditor::Part part : {ToolEditor::Part::Try, ToolEditor::Part::Revisions, ToolEditor::Part::Usage}) {
            editor.showPart(part);
            QCoreApplication::processEvents();
            const QStringList cut = cutIn(&editor);
            UiFixture::shoot(&editor, QStringLiteral("narrow-%1-%2").arg(QLatin1String(QTest::currentDataTag())).arg(int(part)));
            QVERIFY2(cut.isEmpty(), qPrintable(cut.join(QLatin1Char('\n'))));
        }
    }
};

QTEST_MAIN(TestToolEditorNarrow)
#include "tst_ToolEditorNarrow.moc"
