// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CommandPalette.h"

#include <QTimer>
#include <QWidget>

class QShortcut;

namespace lathe {

class BlindBar;
class Button;
class EmptyState;
class HeaderedSplitter;
class InlineMessage;
class InputPanel;
class Label;
class ResultCard;
class ResultGrid;
class VariantHeader;

// The playground of a project: up to four variants in columns, one input or rows of a dataset to all of them, answers side by
// side, blind judging, conversation. Everything it shows is kept by the session's playground.
class PlaygroundPage : public QWidget
{
    Q_OBJECT
public:
    PlaygroundPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~PlaygroundPage() override;
    void send();
    void stop();
    void addVariant(); // a copy of the last one, and opens its choice
    void addVariant(
        const VariantSpec &variant); // from elsewhere; the last column gives way when there are four
    void focusInput();
    // What the command palette offers while the page is shown; run by runCommand(id).
    QList<PaletteCommand> commands() const;
    void runCommand(const QString &id);
    ResultGrid *grid() const { return m_grid; }
    InputPanel *input() const { return m_input; }
    VariantHeader *head(int column) const { return m_heads[size_t(column)]; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    // "Compare these as an experiment": rows empty: typed by hand, there is no dataset yet.
    void experimentRequested(const std::vector<lathe::VariantSpec> &variants, const QString &dataset,
                             const QString &rows);
    void importRequested(); // of a dataset

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void buildTop();
    void connectInput();
    void connectPlayground();
    void addShortcuts();
    void showColumns();
    void showVariables();
    void showRows();
    void showRunning();
    void showBlind();
    void showEmpty();
    void wire(ResultCard *card);
    void fitInput();
    void flushInput();
    void useRows();
    bool check();
    void setVariant(int column, const VariantSpec &variant);
    void duplicate(int column);
    void remove(int column);
    void move(int column, int by);
    void keepVariant(int column);
    void keepExample(int column, int row, int answer, QWidget *anchor);
    void setConversation(bool on);
    void setBlind(bool on);
    void reveal();
    void judge(int row, int position);
    void compare();
    void fillFromSample();
    struct Sample {
        std::vector<VariantSpec> variants;
        QString input;
        QString about;
    };
    Sample sample() const;
    void say(const Result<void> &result);
    Session *m_session;
    Theme *m_theme;
    Playground *m_playground;
    Label *m_title;
    Button *m_conversation;
    Button *m_blind;
    Button *m_compare;
    Button *m_add;
    InlineMessage *m_message;
    BlindBar *m_blindBar;
    HeaderedSplitter *m_splitter;
    ResultGrid *m_grid;
    EmptyState *m_empty;
    InputPanel *m_input;
    std::vector<VariantHeader *> m_heads;
    QShortcut *m_escape;
    QTimer m_edited;  // what was typed goes to the playground when typing rests
    QTimer m_designs; // prompts or agents changed: variables and problems anew
    bool m_folded = true;
    bool m_wasRunning = false;
};

} // namespace lathe
