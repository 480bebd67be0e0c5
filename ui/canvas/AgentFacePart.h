// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QAbstractButton>

namespace lathe {

// A card of AgentFace, drawn as the canvas draws nodes.
class AgentFacePart : public QAbstractButton
{
    Q_OBJECT
public:
    AgentFacePart(Theme *theme, const QString &icon, ColorToken color, QWidget *parent);
    void setTexts(const QString &title, const QString &line);
    QString line() const { return m_line; }
    void setProblem(const Problem *problem); // the worst; null: none
    void setGhost(bool ghost) { m_ghost = ghost; } // a dashed place for what could be there
    void setSelected(bool selected);
    void setReceiving(bool receiving); // something that fits is over it
    QString pointer;

Q_SIGNALS:
    void removeRequested();
    void opened(); // double click

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;

private:
    Theme *m_theme;
    QString m_icon, m_title, m_line;
    ColorToken m_color;
    ColorToken m_problemColor = ColorToken::Count;
    bool m_ghost = false, m_selected = false, m_receiving = false;
};

} // namespace lathe
