// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/shell/ShellTesting.h"
#include "ui/canvas/CanvasTypes.h"
#include "ui/canvas/CanvasView.h"
#include "ui/shell/Explorer.h"
#include "ui/widgets/CommandPalette.h"

#include <QComboBox>
#include <QMimeData>
#include <QTreeView>

using namespace lathe;
using namespace lathe::test;

// What the window adds to the design pages: the face of an agent, drags out of the explorer, the canvas in the command palette.
class TestDesignPages : public QObject
{
    Q_OBJECT

    QModelIndex rowOf(QTreeView *tree, const QString &name, const QModelIndex &parent = {}) const
    {
        for (int row = 0; row < tree->model()->rowCount(parent); ++row) {
            const QModelIndex index = tree->model()->index(row, 0, parent);
            if (index.data().toString() == name && parent.isValid())
                return index;
            const QModelIndex below = rowOf(tree, name, index);
            if (below.isValid())
                return below;
        }
        return {};
    }

private Q_SLOTS:
    void thePartsOfAnAgentLeadToTheirFields()
    {
        WindowBench bench;
        bench.openSample();
        const ArtifactId agent = bench.session().project().artifacts().list(ArtifactKind::Agent).front().id;
        bench.window->workspace()->go(Location::ofArtifact(agent));
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<QAbstractButton>("face-model"), 30'000);
        bench.click("face-model");
        auto *model = bench.find<QComboBox>("agent-model");
        QVERIFY(model);
        QTRY_VERIFY_WITH_TIMEOUT(model->hasFocus() || model->lineEdit()->hasFocus(), 30'000);
        bench.click("face-pattern");
        auto *pattern = bench.find<QComboBox>("agent-pattern");
        QVERIFY(pattern);
        QTRY_VERIFY_WITH_TIMEOUT(pattern->hasFocus(), 30'000);
        auto *job = bench.find<QLineEdit>("agent-job");
        QVERIFY(job);
        job->setFocus();
        auto *part = bench.find<QAbstractButton>("face-job");
        QVERIFY(part);
        const QImage chosen = part->grab().toImage();
        pattern->setFocus();
        QTRY_VERIFY_WITH_TIMEOUT(part->grab().toImage() != chosen, 30'000); // the face shows which part is being edited
    }

    void artifactsAreDraggedAsNodes()
    {
        WindowBench bench;
        bench.openSample();
        auto *tree = bench.find<QTreeView>("explorer-tree");
        QVERIFY(tree);
        const QString tool = bench.session().project().artifacts().list(ArtifactKind::Tool).front().name;
        const QModelIndex row = rowOf(tree, tool);
        QVERIFY(row.isValid());
        QVERIFY(tree->model()->flags(row) & Qt::ItemIsDragEnabled);
        const std::unique_ptr<QMimeData> data(tree->model()->mimeData({row}));
        const auto node = canvasmime::read(data.get());
        QVERIFY(node.has_value());
        QCOMPARE(node->first, NodeKind::Tool);
        QCOMPARE(node->second.value(QStringLiteral("tool")).toString(), tool);
        const QString prompt = bench.session().project().artifacts().list(ArtifactKind::Prompt).front().name;
        const QModelIndex promptRow = rowOf(tree, prompt);
        QVERIFY(promptRow.isValid());
        QVERIFY(!(tree->model()->flags(promptRow) & Qt::ItemIsDragEnabled));
    }

    void thePaletteHasTheCommandsOfTheCanvas()
    {
        WindowBench bench;
        bench.openSample();
        const auto teams = bench.session().project().artifacts().list(ArtifactKind::Team);
        QVERIFY(!teams.empty());
        bench.window->workspace()->go(Location::ofArtifact(teams.front().id));
        QTRY_VERIFY_WITH_TIMEOUT(bench.window->findChild<CanvasView *>(), 30'000);
        auto *canvas = bench.window->findChild<CanvasView *>();
        QVERIFY(canvas->command(QStringLiteral("select-all")) != nullptr);
        QVERIFY(canvas->selection().isEmpty());
        CommandPalette *palette = bench.window->workspace()->palette();
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(palette->isVisible(), 30'000);
        auto *field = palette->findChild<QLineEdit *>();
        QVERIFY(field);
        QTest::keyClicks(field, canvas->command(QStringLiteral("select-all"))->text());
        QTest::qWait(50);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(canvas->selection().size() > 1, 30'000);
    }
};

QTEST_MAIN(TestDesignPages)
#include "tst_DesignPages.moc"
