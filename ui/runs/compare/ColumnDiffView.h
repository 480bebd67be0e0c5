// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/compare/ColumnDiff.h"
#include "ui/theme/Theme.h"

#include <QAbstractScrollArea>

class QTextLayout;

namespace lathe {

// Texts of up to six runs in columns of one width, lines aligned, the words that differ from the first column marked. Lines are laid
// out when they come into sight. F8 and Shift+F8 go to the next and previous difference, Ctrl+C copies all texts.
class ColumnDiffView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit ColumnDiffView(Theme *theme, QWidget *parent = nullptr);
    ~ColumnDiffView() override;
    // `titles` and `absent` by column; an absent column has no step here.
    void setTexts(const QStringList &texts, const QStringList &titles, const std::vector<bool> &absent);
    const ColumnDiff &diff() const { return m_diff; }
    void goToChange(int direction);

Q_SIGNALS:
    void compared(); // the texts stand

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    struct Row {
        int top = 0;
        int height = 0;
        bool changed = false;
        std::vector<std::unique_ptr<QTextLayout>> layouts; // empty: not laid out yet
    };
    void show(ColumnDiff diff);
    void arrange();
    void layOut(size_t row);
    int columnWidth() const;
    int estimate(const ColumnDiff::Cell &cell) const;
    Theme *m_theme;
    QStringList m_texts, m_titles;
    std::vector<bool> m_absent;
    ColumnDiff m_diff;
    std::vector<Row> m_rows;
    int m_total = 0;
    int m_arrangedWidth = -1;
    quint64 m_generation = 0;
};

} // namespace lathe
