// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/ImportReport.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// Counts by name with an example each, under headings: what was refused, what was odd, what is not understood. Painted; as tall as it is.
class TallyList : public QWidget
{
    Q_OBJECT
public:
    explicit TallyList(Theme *theme, QWidget *parent = nullptr);
    struct Group {
        QString title;
        std::vector<ImportTally> rows;
        ColorToken color = ColorToken::Text2;
        qint64 total = 0; // of all, also of those not in rows
        int more = 0;     // names not in rows
    };
    static Group group(const QString &title, const ImportTallies &tallies, ColorToken color, size_t most = 8);
    void setGroups(std::vector<Group> groups); // empty ones are left out
    bool isEmpty() const { return m_groups.empty(); }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    int rowCount() const;
    Theme *m_theme;
    std::vector<Group> m_groups;
};

} // namespace lathe
