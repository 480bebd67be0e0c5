// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <functional>
#include <vector>

namespace lathe {

class Label;
class LinkLabel;

// Revisions that a run used, as links in one row: as many whole ones as fit, the others in the menu of "+N". Where a name is cut, its
// number is not.
class RevisionRow : public QWidget
{
    Q_OBJECT
public:
    struct Entry {
        ArtifactKind kind;
        QString reference; // name@number
        QString hint;
        std::function<void()> open; // null: there is nothing to open
    };
    explicit RevisionRow(Theme *theme, QWidget *parent = nullptr);
    void setEntries(std::vector<Entry> entries);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Item {
        Label *caption;
        LinkLabel *link;
    };
    void arrange();
    void showOthers();

    Theme *m_theme;
    std::vector<Entry> m_entries;
    std::vector<Item> m_items; // of the first entries; no more than ever fit
    LinkLabel *m_more;
    size_t m_shown = 0;
};

} // namespace lathe
