// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QPointer>
#include <QScrollArea>
#include <QSet>
#include <QTimer>

#include <functional>

class QVBoxLayout;

namespace lathe {

class LinkLabel;
class StepCard;

// The steps of one run as a list of cards that grows while the run goes on. Only what is on screen is brought up to date, a
// few cards a frame, so a hundred streams at once cost no more than the screen can show. Follows the end unless scrolled away.
class RunConversation : public QScrollArea
{
    Q_OBJECT
public:
    explicit RunConversation(Theme *theme, QWidget *parent = nullptr);
    // Where the steps are read from; null when there is none. Asked once a frame while something changes.
    void setSource(std::function<const Trace *()> source);
    void clear();
    // These events are in the trace now.
    void note(const std::vector<RunEvent> &events);
    // Reads the whole trace (a run that was under way when one looked).
    void showAll();
    // Brings every card up to date, as at the end of a run.
    void finish();
    // Goes below the steps: questions, the answer. Owned by the conversation from here on.
    void addFooter(QWidget *widget);
    // Keeps the top of a footer (and what has the focus in it) in view until a person scrolls; null: the end again.
    void pin(QWidget *footer);
    StepCard *card(const QString &path) const { return m_cards.value(path); }
    int cardCount() const { return int(m_order.size()); }

Q_SIGNALS:
    void openStep(const QString &path); // empty: the whole trace

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void makeCard(const Step &step);
    void flush();
    void schedule();
    bool isShown(const QWidget *card) const;
    void showPinned();
    Theme *m_theme;
    std::function<const Trace *()> m_source;
    QVBoxLayout *m_layout;
    QVBoxLayout *m_cardsLayout;
    LinkLabel *m_earlier;
    QHash<QString, StepCard *> m_cards;
    std::vector<QString> m_order; // paths of the cards, oldest first
    std::vector<QString> m_dirty; // in the order they changed
    QSet<QString> m_dirtySet;
    QTimer m_frame;
    QTimer m_clock; // running times
    int m_dropped = 0;
    bool m_follow = true;
    QPointer<QWidget> m_pinned;
};

} // namespace lathe
