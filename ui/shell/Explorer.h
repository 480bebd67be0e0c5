// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/ArtifactTreeModel.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

class QSortFilterProxyModel;
class QTreeView;

namespace lathe {

class SearchField;
class Theme;

// The artifacts of the project by kind, filtered as one types. Enter or click opens; context menu renames, duplicates and bins.
// A bare panel until build().
class Explorer : public QWidget
{
    Q_OBJECT
public:
    Explorer(Session *session, Theme *theme, QWidget *parent = nullptr);
    void build();
    void setCurrent(ArtifactId id); // remembered until built
    void focusFilter();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);
    void binned(lathe::ArtifactId id, const QString &name);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void openIndex(const QModelIndex &index);
    void showMenu(const QPoint &pos);
    void duplicate(ArtifactId id);
    ArtifactId idAt(const QModelIndex &index) const;
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_current;
    ArtifactTreeModel *m_model = nullptr; // these four: null until built
    QSortFilterProxyModel *m_proxy = nullptr;
    SearchField *m_filter = nullptr;
    QTreeView *m_tree = nullptr;
};

} // namespace lathe
