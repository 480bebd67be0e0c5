// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLayout>

namespace lathe {

// Buttons and the like in a row that breaks into more rows where there is no room. What is added at the end stands at the right
// of its row.
class FlowLayout : public QLayout
{
public:
    explicit FlowLayout(int gap, QWidget *parent = nullptr);
    ~FlowLayout() override;
    void addAtEnd(QWidget *widget);

    void addItem(QLayoutItem *item) override;
    int count() const override { return int(m_items.size()); }
    QLayoutItem *itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem *takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;    // all in one row
    QSize minimumSize() const override; // one in a row
    void setGeometry(const QRect &rect) override;

private:
    int arrange(const QRect &rect, bool apply) const; // the height
    QList<QLayoutItem *> m_items;
    QList<const QLayoutItem *> m_atEnd;
    int m_gap;
};

} // namespace lathe
