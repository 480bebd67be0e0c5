// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "ui/theme/Theme.h"

#include <QAbstractButton>

#include <vector>

class QGridLayout;

namespace lathe {

class Label;

// One type of the catalogue: icon, title, one sentence.
class AddToolType : public QAbstractButton
{
    Q_OBJECT
public:
    AddToolType(Theme *theme, const ToolTypeInfo &type, QWidget *parent = nullptr);
    const ToolTypeInfo &type() const { return m_type; }
    bool matches(const QString &words) const;
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override; // the sentence takes the lines it needs

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QRect aboutRect(int width) const;
    Theme *m_theme;
    const ToolTypeInfo &m_type;
};

// The types of tools in their groups, two in a row, filtered by words. Arrow keys move, Enter chooses.
class AddToolCatalogue : public QWidget
{
    Q_OBJECT
public:
    explicit AddToolCatalogue(Theme *theme, QWidget *parent = nullptr);
    void setFilter(const QString &words);
    AddToolType *first() const; // of those shown
    int shownCount() const;

Q_SIGNALS:
    void chosen(const QString &type);
    void leftUpwards(); // Up in the first row

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void arrange();
    struct Group {
        Label *title = nullptr;
        std::vector<AddToolType *> types;
    };
    QGridLayout *m_grid;
    Label *m_nothing;
    std::vector<Group> m_groups;
    QString m_words;
};

} // namespace lathe
