// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QPointer>
#include <QWidget>

#include <functional>
#include <map>

class QScrollArea;
class QVBoxLayout;

namespace lathe {

class Label;

// What MCP servers ask the person outside of runs (McpHub::questions): consent cards in the lower right corner of the window, above
// everything, never taking the focus by themselves. A run's own questions are its drawer's. The shell makes one for each open project:
//     m_consents = new ConsentHost(m_session, m_theme, this, &makeQuestionCard); // ui/runs/QuestionList.h
//     connect(m_consents, &ConsentHost::countChanged, m_status, &StatusStrip::setConsents);
class ConsentHost : public QWidget
{
    Q_OBJECT
public:
    // Makes the card of a question; `answered` is to be called once. The shell gives it, since cards live in ui/runs.
    using CardMaker = std::function<QWidget *(Theme *theme, const PendingQuestion &pending, QWidget *parent,
                                              std::function<void(const HumanAnswer &)> answered)>;
    // Floats over the window that `window` stands in, above its sheets. Whoever makes it deletes it before the session goes.
    ConsentHost(Session *session, Theme *theme, QWidget *window, CardMaker make);
    int count() const { return int(m_cards.size()); }
    void raiseAndFocus(); // the status strip's link, a palette command

Q_SIGNALS:
    void countChanged(int count);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    void arrange();
    Session *m_session;
    Theme *m_theme;
    QPointer<QWidget> m_window;
    QPointer<QWidget> m_focusBefore; // where the focus came from
    CardMaker m_make;
    Label *m_title;
    QScrollArea *m_scroll;
    QWidget *m_content;
    QVBoxLayout *m_list;
    std::map<quint64, QWidget *> m_cards;
};

} // namespace lathe
