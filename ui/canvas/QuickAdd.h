// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"
#include "ui/widgets/ListPopover.h"

#include <QAbstractListModel>

namespace lathe {

// Node kinds as rows: title with icon in the colour of the kind, what it is for, the group at the
// right.
class NodeKindModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { SearchRole = Qt::UserRole + 1 };
    // With the port it would use; may be empty
    using Kinds = std::vector<std::pair<NodeKind, QString>>;
    explicit NodeKindModel(Kinds kinds, QObject *parent = nullptr);
    int rowCount(const QModelIndex &parent = QModelIndex()) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    void setBrief(bool brief); // titles only: what they are is in the tool tip
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override; // one node for the canvas
    const std::pair<NodeKind, QString> &at(const QModelIndex &index) const
    {
        return m_kinds[size_t(index.row())];
    }

private:
    Kinds m_kinds;
    bool m_brief = false;
};

// A list of the kinds that may be put where a line was let go, filtered as one types. Enter or a
// click takes one.
class QuickAdd : public ListPopover
{
    Q_OBJECT
public:
    QuickAdd(Theme *theme, QWidget *anchor, NodeKindModel::Kinds kinds);

Q_SIGNALS:
    void chosen(lathe::NodeKind kind, const QString &port); // after it has closed
};

} // namespace lathe
