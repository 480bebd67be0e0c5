// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/RunLineage.h"

#include <QAbstractListModel>

namespace lathe {

// The forks around a run, one row each in the order in which a tree is drawn; the delegate draws the branches.
class LineageModel : public QAbstractListModel
{
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;
    // Rows that are the same in both stay; a changed shape begins anew.
    void setLineage(RunLineage lineage);
    const RunLineage &lineage() const { return m_lineage; }
    const RunLineage::Node *node(int row) const;
    bool isLastChild(int row) const;
    // Of the ancestors at a depth (1..): whether more children follow, so that the branch goes on downwards.
    bool goesOn(int row, int depth) const;
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    RunLineage m_lineage;
};

} // namespace lathe
