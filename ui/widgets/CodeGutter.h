// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class CodeEditor;

// Line numbers beside the text of a CodeEditor, with a mark at lines that have a problem. A click
// selects the line.
class CodeGutter : public QWidget
{
    Q_OBJECT
public:
    CodeGutter(Theme *theme, CodeEditor *editor);
    int wantedWidth() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    Theme *m_theme;
    CodeEditor *m_editor;
    TabularFont m_font;
};

} // namespace lathe
