// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/Overlay.h"

#include <QPointer>

namespace lathe {

// A small panel beside the widget it belongs to: below it, or above when there is more room.
class Popover : public Overlay
{
    Q_OBJECT
public:
    Popover(Theme *theme, QWidget *anchor);
    // Takes ownership.
    void setContent(QWidget *content);
    // Opens at a point of the anchor instead of its edge (a canvas, a text position).
    void setAnchorRect(const QRect &rect) { m_anchorRect = rect; }

protected:
    QRect panelRect() const override;
    void arrange() override;
    QWidget *firstFocus() const override;

private:
    QPointer<QWidget> m_target;
    QRect m_anchorRect;
    QWidget *m_content = nullptr;
};

} // namespace lathe
