// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>
#include <QJsonValue>

#include <memory>
#include <vector>

namespace lathe {

// A JSON value as a tree whose rows are made when they are opened, so a million values cost nothing
// until looked at. Arrays and objects of more than 1000 members show ranges of them first.
class JsonTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Roles {
        KeyRole = Qt::UserRole + 1, // QString: member name, "[3]" or "[0 ... 99]"
        ValueTextRole,              // QString: one line, at most LongestShown characters
        TypeRole,                   // int: QJsonValue::Type; Undefined for a range
        CutRole,                    // bool: the string is longer than LongestShown
        PathRole,                   // QString: $.a[3]["odd name"]
        TextRole // QString: the whole value: strings as they are, the rest as JSON
    };
    static constexpr qsizetype LongestShown = 2000;

    explicit JsonTreeModel(QObject *parent = nullptr);
    ~JsonTreeModel() override;
    void setValue(const QJsonValue &value);
    const QJsonValue &value() const { return m_value; }
    QJsonValue valueAt(const QModelIndex &index) const;
    // Where a value is: member positions from the root down.
    using Path = std::vector<int>;
    // Shows only these values and what contains them. Values that contain none of the others open
    // as usual.
    void setFilter(const std::vector<Path> &paths);
    void clearFilter();
    bool isFiltered() const { return m_filtered; }

    QModelIndex index(int row, int column,
                      const QModelIndex &parent = QModelIndex()) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = QModelIndex()) const override;
    int columnCount(const QModelIndex &parent = QModelIndex()) const override;
    bool hasChildren(const QModelIndex &parent = QModelIndex()) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    struct Node;
    Node *nodeOf(const QModelIndex &index) const;
    static std::vector<std::unique_ptr<Node>> makeChildren(Node *parent);
    void reset(std::unique_ptr<Node> root);

    QJsonValue m_value;
    std::unique_ptr<Node> m_root; // never a row itself
    bool m_filtered = false;
};

// Number of members of an array or object, 0 for everything else.
qsizetype jsonMemberCount(const QJsonValue &value);
QJsonValue jsonMember(const QJsonValue &value, qsizetype index);
QString jsonMemberName(const QJsonValue &value, qsizetype index); // empty in arrays

} // namespace lathe
