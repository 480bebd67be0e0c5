// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

#include <functional>

class QComboBox;

namespace lathe {

class Button;
class DiffView;
class Label;

// Two states of a prompt compared: the texts word by word with their example turns, in a sentence what else differs, and above each side
// what came of it (runs, mean rating, tokens, time, experiments). Any two revisions can be chosen. Escape closes.
class PromptCompare : public QWidget
{
    Q_OBJECT
public:
    struct State {
        int number = 0; // of the revision, 0: the draft
        QString name;   // "revision 3", "draft"
        QJsonObject body;
    };
    PromptCompare(Theme *theme, QWidget *parent = nullptr);
    // What can be chosen, newest first.
    void setChoices(const std::vector<std::pair<int, QString>> &choices);
    void compare(const State &before, const State &after);
    void setUse(const std::vector<PromptUse> &use);
    // What experiments say of a revision, in a few words; empty: nothing.
    void setScore(std::function<QString(int number)> score);
    // "success criteria, tone": what differs besides the texts; empty when nothing does.
    static QString otherDifferences(const QJsonObject &before, const QJsonObject &after);
    DiffView *view() const { return m_view; }
    QString resultText(bool after) const;

Q_SIGNALS:
    void closed();
    void chosen(int before, int after);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void showResults();
    QString resultOf(int number) const;
    Theme *m_theme;
    QComboBox *m_before;
    QComboBox *m_after;
    Label *m_counts;
    Label *m_others;
    Label *m_results[2];
    Button *m_layoutButton;
    DiffView *m_view;
    std::vector<PromptUse> m_use;
    std::function<QString(int)> m_score;
    int m_numbers[2] = {0, 0};
};

} // namespace lathe
