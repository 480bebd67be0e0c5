// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"

#include <QAbstractTableModel>

namespace lathe {

// Comparisons that were kept, newest first.
class ExperimentLogModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Question, Variants, Conclusion, Date, ColumnCount };
    static constexpr int DetailRole = 0x1200; // as widgets' rowrole::Detail: second line
    explicit ExperimentLogModel(QObject *parent = nullptr) : QAbstractTableModel(parent) {}
    // Rows that stay keep their place: entries are inserted and removed, not set anew.
    void setEntries(std::vector<ExperimentLogEntry> entries, qint64 nowUs);
    void setConclusionsEditable(bool editable) { m_editable = editable; }
    const ExperimentLogEntry *entryAt(int row) const;
    int rowOf(LogEntryId id) const;
    static QString variantsOf(const ExperimentLogEntry &entry);

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_entries.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(ColumnCount); }
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    void conclusionEdited(lathe::LogEntryId id, const QString &conclusion); // by a person

private:
    std::vector<ExperimentLogEntry> m_entries;
    qint64 m_nowUs = 0;
    bool m_editable = false;
};

} // namespace lathe
