// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"
#include "ui/playground/InputPanel.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/playground/ResultCard.h"
#include "ui/playground/ResultGrid.h"
#include "ui/playground/VariantHeader.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CodeEditor.h"

#include <QApplication>
#include <QDir>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// The playground page over a session on a real project made from the sample, in a folder of its own.
struct PlaygroundBench {
    QTemporaryDir dir;
    QString path;
    std::unique_ptr<Session> session;
    std::unique_ptr<PlaygroundPage> page;

    static Theme *theme()
    {
        static Theme *made = [] {
            auto *one = new Theme(qApp);
            one->install();
            one->setMode(Theme::Mode::Dark);
            return one;
        }();
        return made;
    }
    explicit PlaygroundBench(int tokensPerSecond = 0)
    {
        path = dir.filePath(QStringLiteral("desk.lathe"));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        if (!made)
            qFatal("no sample: %s", qPrintable(made.error().message));
        open(tokensPerSecond);
    }
    ~PlaygroundBench() { close(); }
    void open(int tokensPerSecond = 0)
    {
        SessionOptions options;
        options.offlineTokensPerSecond = tokensPerSecond;
        auto opened = Session::open(path, options);
        if (!opened)
            qFatal("no session: %s", qPrintable(opened.error().message));
        session = std::move(*opened);
        show();
    }
    void show()
    {
        page = std::make_unique<PlaygroundPage>(session.get(), theme(), nullptr);
        page->resize(1180, 860);
        page->show();
        (void)QTest::qWaitForWindowActive(page.get());
    }
    void close()
    {
        page.reset();
        if (session)
            await(closed(session.get()));
        session.reset();
    }
    Playground &playground() const { return session->playground(); }
    CodeEditor *input() const { return child<CodeEditor>("playground-input"); }
    ResultCard *card(int row, int position) const { return page->grid()->card(row, position); }
    template<typename T>
    T *child(const char *name) const
    {
        return in<T>(page.get(), name);
    }
    template<typename T>
    static T *in(QWidget *of, const char *name)
    {
        T *found = of ? of->findChild<T *>(QString::fromLatin1(name)) : nullptr;
        if (!found)
            qWarning("no child named %s", name);
        return found;
    }
    // Columns of an agent with the prompts given.
    void columns(const QString &agent, const QStringList &prompts, const QString &model = QString())
    {
        while (!playground().columns().empty())
            playground().removeColumn(0);
        for (const QString &prompt : prompts) {
            VariantSpec variant;
            variant.agent = agent;
            variant.prompt = prompt;
            variant.model = model;
            const auto added = playground().addColumn(variant);
            if (!added)
                qFatal("no column: %s", qPrintable(added.error().message));
        }
    }
    void type(const QString &text)
    {
        input()->setFocus();
        QTest::keyClicks(input(), text);
    }
    void sendByKey() { QTest::keyClick(input(), Qt::Key_Return, Qt::ControlModifier); }
    // An action of the menu that a button opened.
    static void trigger(QWidget *of, const char *menu, const char *action)
    {
        auto *opened = in<QMenu>(of, menu);
        QVERIFY(opened);
        auto *chosen = opened->findChild<QAction *>(QString::fromLatin1(action));
        QVERIFY2(chosen && chosen->isEnabled(), action);
        chosen->trigger();
        opened->close();
    }
    // Pictures in both themes when LATHE_SHOTS names a folder; the scale comes from QT_SCALE_FACTOR.
    void shoot(const QString &name) const
    {
        const QString folder = qEnvironmentVariable("LATHE_SHOTS");
        if (folder.isEmpty())
            return;
        QDir().mkpath(folder);
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            theme()->setMode(mode);
            QTest::qWait(60);
            QPixmap(page->grab()).save(QStringLiteral("%1/playground-%2-%3-%4x.png").arg(folder, name, mode == Theme::Mode::Dark ? QStringLiteral("dark") : QStringLiteral("light"))
                                           .arg(int(page->devicePixelRatioF())));
        }
    }

private:
    static Task<bool> closed(Session *session)
    {
        co_await session->close();
        co_return true;
    }
};

} // namespace lathe::test
