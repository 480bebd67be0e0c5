// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/ButtonRole.h"
#include "ui/widgets/Overlay.h"

#include <functional>

class QBoxLayout;

namespace lathe {

class Button;
class Label;

// A dialog inside the window: title, content, a row of buttons. It covers the window, but nothing
// waits for it.
class Sheet : public Overlay
{
    Q_OBJECT
public:
    Sheet(Theme *theme, QWidget *anchor, const QString &title, int width = 520);
    // Takes ownership.
    void setContent(QWidget *content);
    // At the right end; the sheet stays open unless the receiver dismisses it. Ctrl+Enter presses
    // the primary one.
    Button *addButton(const QString &text, ButtonRole role);
    // A Cancel button that leaves.
    Button *addCancel(const QString &text = QString());
    // Whether something that a person wrote would be lost; then leaving asks first.
    void setIsChanged(std::function<bool()> isChanged) { m_isChanged = std::move(isChanged); }
    void leave() override;
    int buttonsTop() const; // where the row of buttons begins, in the window: what floats above a sheet stays off it

protected:
    QRect panelRect() const override;
    void arrange() override;
    QWidget *firstFocus() const override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *m_panel;
    Label *m_title;
    QBoxLayout *m_body;
    QBoxLayout *m_buttons;
    QWidget *m_content = nullptr;
    Button *m_primary = nullptr;
    std::function<bool()> m_isChanged;
    int m_width;
};

} // namespace lathe
