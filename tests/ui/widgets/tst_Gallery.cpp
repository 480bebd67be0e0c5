// SPDX-License-Identifier: GPL-3.0-or-later
#include "GalleryWindow.h"

#include <QApplication>
#include <QDir>
#include <QProcess>
#include <QTest>

using namespace lathe;

// Draws every widget in both themes at 1x and 2x, checks what a program can see of it, and writes
// the pictures to $LATHE_GALLERY_DIR for people to look at.
class TestGallery : public QObject
{
    Q_OBJECT

private:
    Theme *m_theme = nullptr;
    int m_scale = 1;

    // Shows `content` in a window, draws it in both themes, hands the picture to the checks.
    void draw(QWidget *content, const QString &name,
              const std::function<void(QWidget *)> &prepare = {})
    {
        QWidget window;
        auto *layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(content);
        window.resize(1240, 860);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        if (prepare)
            prepare(&window);
        QImage previous;
        for (const auto mode : {Theme::Mode::Dark, Theme::Mode::Light}) {
            m_theme->setMode(mode);
            QCoreApplication::processEvents();
            QTest::qWait(30);
            checkNoStrayWindows(window);
            QImage image = window.grab().toImage();
            QCOMPARE(image.size(), window.size() * m_scale);
            if (QWidget *popup = QApplication::activePopupWidget()) { // a window of its own
                QPainter painter(&image);
                painter.drawPixmap(popup->pos() - window.pos(), popup->grab());
            }
            checkPainted(window, image);
            checkClipping(window);
            if (!previous.isNull())
                QVERIFY2(image != previous, "the theme did not change the picture");
            previous = image;
            save(image, name,
                 mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light"));
        }
        m_theme->setMode(Theme::Mode::Dark);
    }

    void save(const QImage &image, const QString &name, const QString &theme) const
    {
        const QString dir = qEnvironmentVariable("LATHE_GALLERY_DIR");
        if (dir.isEmpty())
            return;
        QDir().mkpath(dir);
        QVERIFY(image.save(QStringLiteral("%1/%2-%3-%4x.png").arg(dir, name, theme).arg(m_scale)));
    }

    // Every visible leaf widget of some size has more than one colour.
    void checkPainted(const QWidget &window, const QImage &image) const
    {
        const auto widgets = window.findChildren<QWidget *>();
        int checked = 0;
        for (const QWidget *widget : widgets) {
            const bool leaf =
                qobject_cast<const QAbstractButton *>(widget)
                || qobject_cast<const QLabel *>(widget) || qobject_cast<const QLineEdit *>(widget)
                || qobject_cast<const QComboBox *>(widget)
                || qobject_cast<const StatusDot *>(widget)
                || qobject_cast<const StarRating *>(widget)
                || qobject_cast<const Sparkline *>(widget) || qobject_cast<const KeyHint *>(widget);
            if (!leaf || !widget->isVisible() || widget->visibleRegion().isEmpty())
                continue;
            const auto *label = qobject_cast<const QLabel *>(widget);
            if (label && label->text().isEmpty())
                continue;
            const QRect rect(widget->mapTo(&window, QPoint(0, 0)) * m_scale,
                             widget->size() * m_scale);
            const QRect shown = rect.intersected(image.rect()).adjusted(1, 1, -1, -1);
            if (shown.width() < 4 || shown.height() < 4)
                continue;
            const QRgb first = image.pixel(shown.topLeft());
            bool varied = false;
            for (int y = shown.top(); y <= shown.bottom() && !varied; ++y) {
                for (int x = shown.left(); x <= shown.right() && !varied; ++x)
                    varied = image.pixel(x, y) != first;
            }
            QVERIFY2(varied,
                     qPrintable(QStringLiteral("blank: %1 %2")
                                    .arg(QString::fromLatin1(widget->metaObject()->className()),
                                         widget->accessibleName())));
            ++checked;
        }
        QVERIFY(checked > 0);
    }

    // A widget shown before it has a parent would be a window of its own.
    void checkNoStrayWindows(const QWidget &window) const
    {
        const auto widgets = QApplication::topLevelWidgets();
        for (const QWidget *widget : widgets) {
            if (widget->isVisible() && widget != &window
                && widget != QApplication::activePopupWidget())
                QFAIL(widget->metaObject()->className());
        }
    }

    // Text has the room it asks for.
    void checkClipping(const QWidget &window) const
    {
        const auto labels = window.findChildren<QLabel *>();
        for (const QLabel *label : labels) {
            if (!label->isVisible() || label->text().isEmpty())
                continue;
            if (label->wordWrap()) {
                QVERIFY2(label->height() >= label->heightForWidth(label->width()) - 1,
                         qPrintable(QStringLiteral("cut off: ") + label->text()));
            } else {
                QVERIFY2(label->width() >= label->minimumSizeHint().width() - 1,
                         qPrintable(QStringLiteral("cut off: ") + label->text()));
            }
        }
        const auto buttons = window.findChildren<Button *>();
        for (const Button *button : buttons) {
            if (button->isVisible())
                QVERIFY2(button->width() >= button->sizeHint().width(),
                         qPrintable(QStringLiteral("cut off: ") + button->text()));
        }
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = new Theme(qApp);
        m_theme->setMode(Theme::Mode::Dark);
        m_theme->install();
        m_scale = qRound(qApp->devicePixelRatio());
        qApp->setCursorFlashTime(0);
    }

    void controls()
    {
        draw(gallery::controls(m_theme), QStringLiteral("controls"), [](QWidget *window) {
            window->findChild<QLineEdit *>(QStringLiteral("focusMe"))->setFocus();
        });
    }

    void texts()
    {
        draw(gallery::texts(m_theme), QStringLiteral("texts"), [](QWidget *window) {
            auto *found = window->findChild<CodeEditor *>(QStringLiteral("found"));
            found->openFind();
            QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("refund"));
            auto *editor = window->findChild<CodeEditor *>(QStringLiteral("editor"));
            editor->setFocus();
            editor->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"), [](const QString &) {
                return QList<CompletionItem>{
                    {QStringLiteral("message"), QStringLiteral("input"), QStringLiteral("prompt")},
                    {QStringLiteral("max_words"), QStringLiteral("number, 120"), QString()},
                    {QStringLiteral("language"), QStringLiteral("English"), QString()}};
            });
            editor->moveCursor(QTextCursor::End);
            QTest::keyClicks(editor, QStringLiteral("{{"));
            QVERIFY(editor->completionPopup()->isVisible());
        });
    }

    void data()
    {
        draw(gallery::data(m_theme), QStringLiteral("data"), [](QWidget *window) {
            window->findChild<QTreeView *>(QStringLiteral("table"))->setFocus();
        });
    }

    void overlays_data()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("palette") << 0;
        QTest::newRow("sheet") << 1;
        QTest::newRow("popover") << 2;
        QTest::newRow("menu") << 3;
        QTest::newRow("focus") << 4;
        QTest::newRow("combo") << 5;
    }

    void overlays()
    {
        QFETCH(int, which);
        draw(gallery::controls(m_theme), QString::fromLatin1(QTest::currentDataTag()),
             [this, which](QWidget *window) {
                 if (which == 0) {
                     auto *palette = new CommandPalette(m_theme, window);
                     palette->setCommands([] {
                         const auto key = [](const char *text) {
                             return QKeySequence(QString::fromLatin1(text));
                         };
                         return CommandPalette::Results{
                             {QStringLiteral("run"),
                              QStringLiteral("Run agent"),
                              QStringLiteral("Run"),
                              key("F5"),
                              true,
                              QStringLiteral("run"),
                              {}},
                             {QStringLiteral("replay"),
                              QStringLiteral("Replay run without the network"),
                              QStringLiteral("Run"),
                              key("Ctrl+Shift+R"),
                              true,
                              QStringLiteral("replay"),
                              {}},
                             {QStringLiteral("resume"),
                              QStringLiteral("Resume interrupted run"),
                              QStringLiteral("Run"),
                              {},
                              false,
                              QStringLiteral("resume"),
                              {}},
                             {QStringLiteral("commit"),
                              QStringLiteral("Commit prompt revision"),
                              QStringLiteral("Prompt"),
                              key("Ctrl+S"),
                              true,
                              QStringLiteral("commit"),
                              {}},
                             {QStringLiteral("recent"),
                              QStringLiteral("Open recent project"),
                              QStringLiteral("Project"),
                              key("Ctrl+O"),
                              true,
                              QStringLiteral("folder"),
                              {}},
                             {QStringLiteral("router"),
                              QStringLiteral("Go to router"),
                              QStringLiteral("Agent"),
                              {},
                              true,
                              QStringLiteral("control"),
                              {}}};
                     });
                     palette->openWith(QStringLiteral("re"));
                 } else if (which == 1) {
                     auto *sheet = new Sheet(m_theme, window, QStringLiteral("New agent"));
                     auto *form = new FormLayout(m_theme);
                     form->setLabels(FormLayout::Labels::Above);
                     form->addField(QStringLiteral("Name"), new QLineEdit,
                                    QStringLiteral("How runs and teams refer to it."));
                     form->addField(QStringLiteral("Job"), new QLineEdit);
                     sheet->setContent(form);
                     sheet->addCancel();
                     sheet->addButton(QStringLiteral("Create"), ButtonRole::Primary);
                     sheet->open();
                     QVERIFY(form->isAncestorOf(QApplication::focusWidget()));
                 } else if (which == 2) {
                     auto *host = new ToastHost(m_theme, window);
                     host->show(Severity::Success,
                                QStringLiteral("Committed revision 8 of answer-politely."));
                     host->show(
                         Severity::Info, QStringLiteral("Moved triage to the bin."),
                         QStringLiteral("Undo"), [] {}, 0);
                     const auto buttons = window->findChildren<Button *>();
                     Button *remove = nullptr;
                     for (Button *button : buttons) {
                         if (button->text() == QStringLiteral("Delete"))
                             remove = button;
                     }
                     QVERIFY(remove);
                     auto *confirm = new ConfirmPopover(
                         m_theme, remove,
                         QStringLiteral("Delete this dataset for good? 312 examples go with it."),
                         QStringLiteral("Delete"), [] {});
                     confirm->open();
                 } else if (which == 3) {
                     auto *menu = new QMenu(window);
                     menu->addAction(m_theme->icon(QStringLiteral("copy")),
                                     QStringLiteral("Copy\tCtrl+C"));
                     QAction *pinned = menu->addAction(QStringLiteral("Pin as a test"));
                     pinned->setCheckable(true);
                     pinned->setChecked(true);
                     menu->addSeparator();
                     menu->addMenu(QStringLiteral("Export as"))->addAction(QStringLiteral("CSV"));
                     menu->addAction(m_theme->icon(QStringLiteral("trash"), ColorToken::Error),
                                     QStringLiteral("Move to bin\tDel"));
                     menu->addAction(QStringLiteral("Resume"))->setEnabled(false);
                     menu->popup(window->pos() + QPoint(400, 300));
                     menu->setActiveAction(menu->actions().first());
                 } else if (which == 5) {
                     auto *combo = window->findChild<QComboBox *>();
                     combo->addItems(
                         {QStringLiteral("gpt-4.1-mini"), QStringLiteral("claude-sonnet-4")});
                     combo->showPopup();
                 } else {
                     // The ring on a primary button, where ring and button have one colour.
                     const auto buttons = window->findChildren<PrimaryButton *>();
                     buttons.first()->setFocus(Qt::TabFocusReason);
                 }
             });
    }

    void atTwiceTheScale()
    {
        if (m_scale != 1)
            QSKIP("this is the run at 2x");
        QProcess process;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QStringLiteral("2"));
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QCoreApplication::applicationFilePath(), {});
        QVERIFY(process.waitForFinished(120'000));
        QVERIFY2(process.exitCode() == 0, process.readAll().constData());
    }
};

QTEST_MAIN(TestGallery)
#include "tst_Gallery.moc"
