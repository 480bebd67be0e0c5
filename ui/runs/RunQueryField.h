// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunFilter.h"
#include "ui/widgets/CompletionPopup.h"
#include "ui/widgets/SearchField.h"

#include <QPointer>

#include <functional>

namespace lathe {

// The line in which a query of the run log is written. What can stand at the cursor is offered below it: names of fields with
// examples, then values (those the language knows and those of the project). Tab takes a choice, Enter too once one moved in the list
// or a value was begun; Escape closes the list first. Wrong parts are underlined.
class RunQueryField : public SearchField
{
    Q_OBJECT
public:
    using Answer = std::function<void(const QStringList &values)>;
    // Asked for the values a project has for a field that begin with, or hold, what is typed. It may answer later or not at all.
    using Values = std::function<void(RunField field, const QString &typed, Answer answer)>;

    RunQueryField(Theme *theme, QWidget *parent);
    ~RunQueryField() override;
    void setValues(Values values) { m_values = std::move(values); }
    void setHistory(const QStringList &recent) { m_history = recent; } // newest first
    void setProblems(std::vector<RunFilterProblem> problems);
    void complete(bool asked); // asked: also with nothing typed yet
    bool isCompleting() const;
    bool isPartial() const; // a value is offered and what is typed of it is none of them
    CompletionPopup *popup() const { return m_popup; } // null until the first choices
    // A column's place in this widget, 0 at its left edge.
    int columnX(int column) const;

Q_SIGNALS:
    void completed(); // the list is gone: what is written is meant

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    void offer(const QStringList &values);
    void showItems(const QList<CompletionItem> &items);
    void take(const QString &choice);
    void hidePopup();
    Theme *m_theme;
    Values m_values;
    QStringList m_history;
    std::vector<RunFilterProblem> m_problems;
    RunFilterCompletion m_at;
    QPointer<CompletionPopup> m_popup; // child of the window
    bool m_moved = false;    // in the list, by a person
    bool m_exact = false;    // what is typed is among the choices
    bool m_recent = false;   // whole queries are offered
    bool m_inserting = false;
    bool m_spaced = false;   // a taken value brought a space; typing one more is meant for it
    quint64 m_generation = 0; // late values die
};

} // namespace lathe
