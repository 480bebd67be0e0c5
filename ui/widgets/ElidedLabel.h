// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <optional>

namespace lathe {

// One line of plain text that gives way when there is no room: cut at the right or in the middle,
// whole in the tooltip, copied from the context menu. Numbers can stand in digits of one width.
class ElidedLabel : public QWidget
{
    Q_OBJECT
public:
    ElidedLabel(Theme *theme, const QString &text, Qt::TextElideMode mode = Qt::ElideRight,
                QWidget *parent = nullptr);
    QString text() const { return m_text; }
    void setText(const QString &text);
    void setColor(ColorToken color);
    void setTextFont(const QFont &font);
    void setAlignment(Qt::Alignment alignment);
    void setTabular(bool tabular);
    bool isElided() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    double textWidth() const;

    Theme *m_theme;
    QString m_text;
    Qt::TextElideMode m_mode;
    Qt::Alignment m_alignment = Qt::AlignLeft;
    ColorToken m_color = ColorToken::Text;
    std::optional<TabularFont> m_tabular;
};

} // namespace lathe
