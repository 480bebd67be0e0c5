// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/compare/ColumnDiff.h"
#include "ui/widgets/DiffArea.h"

namespace lathe {

// Texts of up to six runs in columns of one width, lines aligned, the words that differ from the first column marked. Lines are laid
// out when they come into sight. F8 and Shift+F8 go to the next and previous difference, Ctrl+C copies all texts.
class ColumnDiffView : public DiffArea
{
    Q_OBJECT
public:
    explicit ColumnDiffView(Theme *theme, QWidget *parent = nullptr);
    ~ColumnDiffView() override;
    // `titles` and `absent` by column; an absent column has no step here.
    void setTexts(const QStringList &texts, const QStringList &titles, const std::vector<bool> &absent);
    const ColumnDiff &diff() const { return m_diff; }

Q_SIGNALS:
    void compared(); // the texts stand

protected:
    void paintEvent(QPaintEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    int rowCount() const override { return int(m_rows.size()); }
    const RowPlace &rowPlace(int row) const override { return m_rows[size_t(row)].place; }
    void arrange() override;
    QString copied() const override;

private:
    struct Row {
        RowPlace place;
        std::vector<std::unique_ptr<QTextLayout>> layouts; // empty: not laid out yet
    };
    void show(ColumnDiff diff);
    void layOutRow(size_t row);
    int columnWidth() const;
    int estimate(const ColumnDiff::Cell &cell) const;
    QStringList m_texts, m_titles;
    std::vector<bool> m_absent;
    ColumnDiff m_diff;
    std::vector<Row> m_rows;
    quint64 m_generation = 0;
};

} // namespace lathe
