// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/CommandPalette.h"

#include <QAbstractListModel>

namespace lathe {

// The ranked matches of one query, best first.
class CommandPaletteModel : public QAbstractListModel
{
    Q_OBJECT
public:
    static constexpr int PositionsRole =
        Qt::UserRole + 1; // QList<int>, matched characters of the title
    using QAbstractListModel::QAbstractListModel;
    // Without a query: recent ones first, then as given. With one: by fuzzy score of title and section.
    void fill(const QList<PaletteCommand> &commands, const QString &query,
              const QStringList &recent);
    const PaletteCommand &command(int row) const { return m_rows.at(row).command; }
    int rowCount(const QModelIndex &parent = QModelIndex()) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Row {
        PaletteCommand command;
        QList<int> positions;
        int score = 0;
        int order = 0;
    };
    QList<Row> m_rows;
};

} // namespace lathe
