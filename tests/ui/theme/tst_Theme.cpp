// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/ButtonRole.h"
#include "ui/theme/Paint.h"
#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QFontInfo>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTabBar>
#include <QTest>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

using namespace lathe;

class TestTheme : public QObject
{
    Q_OBJECT

private:
    Theme *m_theme = nullptr;

    static int count(const QImage &image, const QColor &color)
    {
        int found = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                found += image.pixelColor(x, y) == color;
        }
        return found;
    }

    struct TestPage {
        QWidget window;
        QSpinBox *spin = new QSpinBox(&window);
        QDoubleSpinBox *real = new QDoubleSpinBox(&window);
        QComboBox *combo = new QComboBox(&window);
        QLineEdit *line = new QLineEdit(&window);
        TestPage()
        {
            auto *layout = new QVBoxLayout(&window);
            for (QWidget *widget : std::initializer_list<QWidget *>{spin, real, combo, line})
                layout->addWidget(widget);
            spin->setValue(5);
            real->setValue(5);
            combo->addItems({QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")});
            combo->setCurrentIndex(1);
        }
    };

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = new Theme(qApp);
        m_theme->install();
        m_theme->setMode(Theme::Mode::Dark);
    }

    void modesSwitchAndTell()
    {
        QSignalSpy changed(m_theme, &Theme::changed);
        m_theme->setMode(Theme::Mode::Light);
        QCOMPARE(changed.count(), 1);
        QVERIFY(!m_theme->isDark());
        QCOMPARE(QApplication::palette().color(QPalette::Window), Tokens::forLight().base);
        QCOMPARE(QApplication::palette().color(QPalette::Text), Tokens::forLight().text);
        m_theme->setMode(Theme::Mode::Light);
        QCOMPARE(changed.count(), 1); // nothing new
        m_theme->setMode(Theme::Mode::Dark);
        QCOMPARE(changed.count(), 2);
        QCOMPARE(QApplication::palette().color(QPalette::Window), Tokens::forDark().base);
    }

    void followsTheSystemOnlyWhenAsked()
    {
        bool systemDark = false;
        m_theme->setSystemProbe([&systemDark] { return systemDark; });
        QVERIFY(m_theme->isDark()); // Dark was chosen
        m_theme->setMode(Theme::Mode::System);
        QVERIFY(!m_theme->isDark());
        systemDark = true;
        QWidget window;
        QEvent event(QEvent::ThemeChange); // as the platform sends it
        QApplication::sendEvent(&window, &event);
        QVERIFY(m_theme->isDark());
        QCOMPARE(QApplication::palette().color(QPalette::Window), Tokens::forDark().base);
        m_theme->setMode(Theme::Mode::Light);
        QVERIFY(!m_theme->isDark());
        m_theme->setMode(Theme::Mode::Dark);
        m_theme->setSystemProbe({});
    }

    void darkPalettesAreTold()
    {
        QVERIFY(Theme::isDarkPalette(Theme::paletteFor(Tokens::forDark())));
        QVERIFY(!Theme::isDarkPalette(Theme::paletteFor(Tokens::forLight())));
    }

    void missingIconIsEmpty()
    {
        QVERIFY(m_theme->icon(QStringLiteral("no-such-icon")).isNull());
        QVERIFY(m_theme->pixmap(QStringLiteral("no-such-icon"), Qt::red, 16, 1).isNull());
        QVERIFY(m_theme->icon(QStringLiteral("../../etc/passwd")).isNull());
    }

    void iconsTakeTheColourOfTheTheme()
    {
        if (!QFile::exists(QStringLiteral(":/icons/search.svg")))
            QSKIP("the icons are not linked in");
        const QIcon icon = m_theme->icon(QStringLiteral("search"), ColorToken::Accent);
        QVERIFY(!icon.isNull());
        const auto colourOf = [&icon](QIcon::Mode mode) {
            const QImage image = icon.pixmap(QSize(64, 64), 1.0, mode).toImage();
            QColor strongest(Qt::transparent);
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    if (image.pixelColor(x, y).alpha() > strongest.alpha())
                        strongest = image.pixelColor(x, y);
                }
            }
            return strongest;
        };
        m_theme->setMode(Theme::Mode::Dark);
        QCOMPARE(colourOf(QIcon::Normal).rgb(), Tokens::forDark().accent.rgb());
        m_theme->setMode(Theme::Mode::Light); // the same QIcon
        QCOMPARE(colourOf(QIcon::Normal).rgb(), Tokens::forLight().accent.rgb());
        const QColor disabled = colourOf(QIcon::Disabled);
        const QColor text3 =
            Tokens::forLight().text3; // give or take the rounding of premultiplied pixels
        QVERIFY(qAbs(disabled.red() - text3.red()) <= 2
                && qAbs(disabled.green() - text3.green()) <= 2);
        m_theme->setMode(Theme::Mode::Dark);
        const QPixmap twice = icon.pixmap(QSize(16, 16), 2.0);
        QCOMPARE(twice.size(), QSize(32, 32));
        QCOMPARE(twice.devicePixelRatio(), 2.0);
    }

    void everyNamedIconIsThere()
    {
        if (!QFile::exists(QStringLiteral(":/icons/search.svg")))
            QSKIP("the icons are not linked in");
        for (const char *name :
             {"design",  "prompts",       "tools",        "memory", "runs",  "settings",
              "search",  "run",           "stop",         "replay", "fork",  "plus",
              "close",   "chevron-right", "chevron-left", "copy",   "trash", "check",
              "warning", "error",         "info",         "agent",  "team",  "model",
              "tool",    "thumb-up",      "thumb-down",   "more"}) {
            const QPixmap pixmap = m_theme->pixmap(QString::fromLatin1(name), Qt::red, 16, 1);
            QVERIFY2(!pixmap.isNull(), name);
            QVERIFY2(count(pixmap.toImage(), Qt::transparent) < 256, name); // something is drawn
        }
    }

    void fontsAreThoseOfTheDesign()
    {
        QCOMPARE(QApplication::font().pixelSize(), 13);
        QCOMPARE(m_theme->headingFont().pixelSize(), 15);
        QCOMPARE(m_theme->titleFont().pixelSize(), 18);
        QCOMPARE(m_theme->titleFont().weight(), QFont::DemiBold);
        QVERIFY(QFontInfo(m_theme->codeFont()).fixedPitch());
        const QFontMetricsF code(m_theme->codeFont());
        // No ligature: two signs take two cells and are drawn apart.
        QCOMPARE(code.horizontalAdvance(QStringLiteral("!=")),
                 2 * code.horizontalAdvance(QLatin1Char('m')));
    }

    void shapingIsAskedForWhereNeeded()
    {
        QVERIFY(!Theme::needsShaping(u"plain != text -> \u00e9\u00fc \u0416 \u4e2d\u6587 \u2026"));
        QVERIFY(Theme::needsShaping(u"\u0627\u0644\u0639\u0631\u0628\u064a\u0629"));
        QVERIFY(Theme::needsShaping(u"e\u0301"));
        QVERIFY(Theme::needsShaping(u"\U0001F469\u200D\U0001F4BB"));
    }

    void digitsHaveOneWidth()
    {
        const TabularFont tabular(m_theme->uiFont());
        const double width = tabular.width(QStringLiteral("000000"));
        for (int digit = 1; digit < 10; ++digit)
            QCOMPARE(tabular.width(QString(6, QLatin1Char('0' + static_cast<char>(digit)))), width);
        // Drawn right-aligned, the same digit stands at the same place whatever is in front.
        const auto drawn = [&tabular](const QString &text) {
            QImage image(100, 28, QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            painter.setPen(Qt::black);
            tabular.draw(painter, QRectF(0, 0, 96, 28), Qt::AlignRight, text);
            painter.end();
            return image.copy(96 - static_cast<int>(tabular.width(QStringLiteral("7"))) + 1, 0, 20,
                              28);
        };
        QCOMPARE(drawn(QStringLiteral("1117")), drawn(QStringLiteral("8887")));
        QVERIFY(drawn(QStringLiteral("7")) != drawn(QStringLiteral("8")));
        QVERIFY(tabular.width(QStringLiteral("\u00e9")) > 0); // falls back
    }

    void everythingFocusableShowsTheRing_data()
    {
        QTest::addColumn<int>("which");
        const char *names[] = {"button",    "primary", "tool button", "line edit",
                               "text edit", "combo",   "spin",        "check",
                               "tab",       "tree",    "slider"};
        for (int i = 0; i < 11; ++i)
            QTest::newRow(names[i]) << i;
    }

    void everythingFocusableShowsTheRing()
    {
        QFETCH(int, which);
        QWidget window;
        auto *layout = new QVBoxLayout(&window);
        QWidget *widget = nullptr;
        switch (which) {
        case 0:
            widget = new QPushButton(QStringLiteral("Commit"));
            break;
        case 1:
            widget = new QPushButton(QStringLiteral("Run"));
            setButtonRole(widget, ButtonRole::Primary);
            break;
        case 2:
            widget = new QToolButton;
            break;
        case 3:
            widget = new QLineEdit;
            break;
        case 4:
            widget = new QPlainTextEdit;
            break;
        case 5:
            widget = new QComboBox;
            break;
        case 6:
            widget = new QSpinBox;
            break;
        case 7:
            widget = new QCheckBox(QStringLiteral("Ask"));
            break;
        case 8:
            widget = new QTabBar;
            static_cast<QTabBar *>(widget)->addTab(QStringLiteral("triage"));
            break;
        case 9:
            widget = new QTreeView;
            break;
        case 10:
            widget = new QSlider(Qt::Horizontal);
            break;
        default:
            break;
        }
        auto *other = new QLineEdit;
        layout->addWidget(widget);
        layout->addWidget(other);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        other->setFocus();
        const QColor accent = m_theme->tokens().accent;
        const int before = count(widget->grab().toImage(), accent);
        widget->setFocus(Qt::TabFocusReason);
        QVERIFY(widget->hasFocus());
        const QImage focused = widget->grab().toImage();
        if (which == 1) {
            // Ring, gap, button.
            const int y = focused.height() / 2;
            QCOMPARE(focused.pixelColor(0, y), accent);
            QCOMPARE(focused.pixelColor(1, y), accent);
            QVERIFY(focused.pixelColor(2, y) != accent);
            QCOMPARE(focused.pixelColor(5, y), accent);
            return;
        }
        // At least two whole lines of accent more than without the focus.
        QVERIFY(count(focused, accent) - before >= 2 * (std::min(focused.width(), 40) - 16));
    }

    void controlsHaveTheRightHeight()
    {
        QWidget window;
        auto *layout = new QVBoxLayout(&window);
        auto *button = new QPushButton(QStringLiteral("Commit"));
        auto *edit = new QLineEdit;
        auto *combo = new QComboBox;
        auto *spin = new QSpinBox;
        for (QWidget *widget : {static_cast<QWidget *>(button), static_cast<QWidget *>(edit),
                                static_cast<QWidget *>(combo), static_cast<QWidget *>(spin)})
            layout->addWidget(widget);
        window.show();
        QCOMPARE(button->sizeHint().height(), 28);
        QCOMPARE(edit->sizeHint().height(), 28);
        QCOMPARE(combo->sizeHint().height(), 28);
        QCOMPARE(spin->sizeHint().height(), 28);
    }

    void scrollBarsWorkByMouse()
    {
        QPlainTextEdit edit;
        edit.setPlainText(QString(200, QLatin1Char('\n')));
        edit.resize(200, 200);
        edit.show();
        QVERIFY(QTest::qWaitForWindowExposed(&edit));
        QScrollBar *bar = edit.verticalScrollBar();
        QCOMPARE(bar->width(), 10);
        QTest::mouseClick(bar, Qt::LeftButton, Qt::NoModifier, QPoint(5, bar->height() - 4));
        QVERIFY(bar->value() > 0);
        bar->setValue(0);
        QTest::mousePress(bar, Qt::LeftButton, Qt::NoModifier, QPoint(5, 6));
        QTest::mouseMove(bar, QPoint(5, bar->height() - 2));
        QTest::mouseRelease(bar, Qt::LeftButton, Qt::NoModifier, QPoint(5, bar->height() - 2));
        QCOMPARE(bar->value(), bar->maximum());
    }

    // The wheel over a form scrolls it, and changes nothing on the way: the page was meant, not the field under the pointer.
    void wheelScrollsThePage()
    {
        TestPage page;
        page.window.show();
        QVERIFY(QTest::qWaitForWindowActive(&page.window));
        // True: the field took it; else it goes on to what is around it.
        const auto turn = [](QWidget *over) {
            const QPointF at(over->rect().center());
            QWheelEvent event(at, over->mapToGlobal(at), QPoint(), QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
            event.ignore();
            QApplication::sendEvent(over, &event);
            return event.isAccepted();
        };
        for (QWidget *widget : std::initializer_list<QWidget *>{page.spin, page.real, page.combo}) {
            page.line->setFocus();
            QVERIFY(!turn(widget));
            QVERIFY(widget->focusPolicy() != Qt::WheelFocus); // nor does it take the focus
        }
        page.combo->setFocus();
        QVERIFY(!turn(page.combo)); // a choice made a moment ago stays
        QCOMPARE(page.spin->value(), 5);
        QCOMPARE(page.real->value(), 5.0);
        QCOMPARE(page.combo->currentIndex(), 1);
        page.spin->setFocus(); // somebody is at this number
        QVERIFY(turn(page.spin));
        QCOMPARE(page.spin->value(), 4);
    }

    void undoGoesToTheDocument()
    {
        TestPage page;
        int undone = 0;
        auto *undo = new QAction(&page.window);
        undo->setShortcut(QKeySequence::Undo);
        page.window.addAction(undo);
        connect(undo, &QAction::triggered, &page.window, [&undone] { ++undone; });
        page.window.show();
        QVERIFY(QTest::qWaitForWindowActive(&page.window));
        int expected = 0;
        for (QWidget *widget : std::initializer_list<QWidget *>{page.spin, page.real, page.combo, page.line}) {
            widget->setFocus();
            QTest::keyClick(widget, Qt::Key_Z, Qt::ControlModifier);
            QCOMPARE(undone, ++expected);
        }
        QTest::keyClicks(page.line, QStringLiteral("abc"));
        QTest::keyClick(page.line, Qt::Key_Z, Qt::ControlModifier); // its own first
        QCOMPARE(undone, expected);
        QCOMPARE(page.line->text(), QString());
        QTest::keyClick(page.line, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(undone, expected + 1);
    }

    void spinAndComboWorkByMouse()
    {
        QSpinBox spin;
        spin.setRange(0, 10);
        spin.setValue(5);
        spin.resize(80, 28);
        spin.show();
        QVERIFY(QTest::qWaitForWindowExposed(&spin));
        QTest::mouseClick(&spin, Qt::LeftButton, Qt::NoModifier, QPoint(70, 7));
        QCOMPARE(spin.value(), 6);
        QTest::mouseClick(&spin, Qt::LeftButton, Qt::NoModifier, QPoint(70, 21));
        QCOMPARE(spin.value(), 5);
        QComboBox combo;
        combo.addItems({QStringLiteral("one"), QStringLiteral("two")});
        combo.show();
        QVERIFY(QTest::qWaitForWindowExposed(&combo));
        QTest::keyClick(&combo, Qt::Key_Down);
        QCOMPARE(combo.currentIndex(), 1);
        QTest::mouseClick(&combo, Qt::LeftButton, Qt::NoModifier, QPoint(combo.width() - 8, 14));
        QTRY_VERIFY_WITH_TIMEOUT(QApplication::activePopupWidget(), 30'000);
        QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Escape);
    }
};

QTEST_MAIN(TestTheme)
#include "tst_Theme.moc"
