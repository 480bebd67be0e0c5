// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class CodeEditor;

// A window of its own with one long text to read, search and copy. Nothing waits for it; it deletes
// itself when closed. At most MostShown characters are shown, and it says so; Copy takes
// everything.
class TextWindow : public QWidget
{
    Q_OBJECT
public:
    static constexpr qsizetype MostShown = 4'000'000;
    TextWindow(Theme *theme, const QString &title, const QString &text, QWidget *parent);
    CodeEditor *editor() const { return m_editor; }

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    CodeEditor *m_editor;
};

} // namespace lathe
