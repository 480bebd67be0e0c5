// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QPlainTextEdit>

namespace lathe {

// Edits a name or note in its place. Enter accepts (Ctrl+Enter where a text has lines), so does a
// click elsewhere; Escape drops.
class CanvasTextEditor : public QPlainTextEdit
{
    Q_OBJECT
public:
    CanvasTextEditor(Theme *theme, QWidget *viewport, const QString &text, bool lines);
    void begin(const QRect &where);

Q_SIGNALS:
    // Set `taken` to false when the text will not do; the editor then stays.
    void accepted(const QString &text, bool *taken);

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void accept(bool leave);
    void finish();

    Theme *m_theme;
    bool m_lines;
    bool m_done = false;
};

} // namespace lathe
