// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QFrame>

class QLineEdit;

namespace lathe {

class Button;
class IconButton;
class Label;

// The small bar of Ctrl+F at the top right of a text. Enter next, Shift+Enter previous, Escape closes. Ctrl+H shows a second row that
// replaces: Enter in it the match, Ctrl+Enter all.
class FindBar : public QFrame
{
    Q_OBJECT
public:
    FindBar(Theme *theme, QWidget *parent);
    QString query() const;
    void open(const QString &query);
    // Whether there is a second row to replace in; a text that is read-only has none.
    void setReplaceAllowed(bool allowed);
    void setReplaceShown(bool shown);
    bool isReplaceShown() const;
    QString replacement() const;
    // "12 replaced", until the next search.
    void setReplaced(int count);
    // "3 of 12"; total 0 says that nothing was found.
    void setCount(int current, int total, bool more = false);

Q_SIGNALS:
    void queryChanged(const QString &query);
    void nextRequested();
    void previousRequested();
    void closed();
    void replaceRequested();
    void replaceAllRequested();
    void heightChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QLineEdit *m_field;
    Label *m_count;
    IconButton *m_previous;
    IconButton *m_next;
    IconButton *m_expand;
    QWidget *m_replaceRow;
    QLineEdit *m_replacement;
    Button *m_replace;
    Button *m_replaceAll;
};

} // namespace lathe
