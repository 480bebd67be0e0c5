// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QSplitter>
#include <QTimer>

#include <functional>

namespace lathe {

class SectionHeader;

// A splitter whose panels may have a title line that folds them, and that reports its sizes so that
// they can be remembered. Sizes of panels are kept by name, so a later version with one panel more
// still restores the others.
class HeaderedSplitter : public QSplitter
{
    Q_OBJECT
public:
    using Sizes =
        QHash<QString, int>; // panel name -> pixels; a folded panel is stored as its negative size
    HeaderedSplitter(Theme *theme, Qt::Orientation orientation, QWidget *parent = nullptr);
    // A panel without a header: `name` only keys its size.
    void addPanel(const QString &name, QWidget *content, int preferredSize, int stretch = 0);
    // A panel under a title that folds it (vertical splitters only). The header is for adding actions.
    SectionHeader *addTitledPanel(const QString &name, const QString &title, QWidget *content,
                                  int preferredSize, int stretch = 0);
    // Called half a second after the user moved a handle or folded a panel.
    void setSizesChanged(std::function<void(const Sizes &)> callback);
    Sizes panelSizes() const;
    void restore(const Sizes &sizes);
    void setPanelVisible(const QString &name, bool visible);

private:
    struct Panel {
        QString name;
        QWidget *widget = nullptr;
        SectionHeader *header = nullptr;
        QWidget *content = nullptr;
        int preferred = 0; // the size when unfolded
    };
    void setFolded(int index, bool folded);
    void applyPreferred();

    Theme *m_theme;
    QList<Panel> m_panels;
    QTimer m_report;
    std::function<void(const Sizes &)> m_callback;
};

} // namespace lathe
