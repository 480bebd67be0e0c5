// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"

#include <QAbstractListModel>

namespace lathe {

// The functions of a tool set (an MCP server, an OpenAPI document) as its draft holds them, with what differs from what was approved: the
// newest revision, and what the server says now.
class ToolFunctionModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { DescriptionRole = Qt::UserRole, OwnPolicyRole, MarkRole, MarkTextRole, SearchRole, TitleRole };
    enum class Mark { None, Added, Changed, Removed };
    using QAbstractListModel::QAbstractListModel;
    void setFunctions(std::vector<ToolFunction> functions);
    // What the newest revision holds; nothing: it was never committed, nothing is marked.
    void setApproved(std::optional<std::vector<ToolFunction>> approved, int revision);
    // What the server says now, by name.
    void setServer(const QStringList &changed, const QStringList &removed);
    const std::vector<ToolFunction> &functions() const { return m_functions; }
    int enabledCount() const;
    int markedCount() const;
    int rowOf(const QString &name) const; // -1: none
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

Q_SIGNALS:
    // A person switched it; the draft is not changed yet.
    void switched(int row, bool on);

private:
    void mark();
    struct Marked {
        Mark mark = Mark::None;
        QString text;
    };
    std::vector<ToolFunction> m_functions;
    std::vector<Marked> m_marks; // as m_functions
    std::optional<std::vector<ToolFunction>> m_approved;
    int m_revision = 0;
    QStringList m_serverChanged, m_serverRemoved;
};

} // namespace lathe
