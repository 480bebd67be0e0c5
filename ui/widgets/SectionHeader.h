// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QHBoxLayout;

namespace lathe {

class Label;

// The title line of a panel or section: title, quiet detail, actions at the right. When
// collapsible, a chevron in front folds the section: click, Space, Enter, Left and Right.
class SectionHeader : public QWidget
{
    Q_OBJECT
public:
    enum class Level { Panel, Section, Page }; // 13, 15 and 18 px
    SectionHeader(Theme *theme, const QString &title, Level level = Level::Panel,
                  QWidget *parent = nullptr);
    void setTitle(const QString &title);
    QString title() const;
    void setDetail(const QString &detail);
    // At the right edge, in order.
    void addAction(QWidget *button);
    void setCollapsible(bool collapsible);
    bool isExpanded() const { return m_expanded; }
    void setExpanded(bool expanded);

Q_SIGNALS:
    void expandedChanged(bool expanded);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    QHBoxLayout *m_layout;
    Label *m_title;
    Label *m_detail;
    bool m_collapsible = false;
    bool m_expanded = true;
};

} // namespace lathe
