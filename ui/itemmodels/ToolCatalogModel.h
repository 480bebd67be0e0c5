// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "core/session/Session.h"
#include "core/session/ToolStats.h"

#include <QAbstractListModel>
#include <QTimer>

namespace lathe {

// All tools of a project under the heads of their groups, each with what matters of it: what it is for, what it may do, who uses it, how it
// went, how its server stands.
class ToolCatalogModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        IsHeadRole = Qt::UserRole, // of a head only the text and CountRole count
        CountRole,
        IdRole,
        TypeRole,
        TypeTitleRole,
        PurposeRole,
        EffectRole,  // int SideEffect
        BodyRole,    // QJsonObject
        UsersRole,   // QStringList
        CallsRole,
        FailedRole,  // failed and refused
        ErrorsRole,  // problems of the design
        ProblemRole, // the first of them, a sentence
        ServerRole,  // int McpClient::State; -1: no server
        ServerTextRole,
        FunctionsRole, // of a set: QPoint(switched on, all)
        DraftRole,
        NumberRole,
        SearchRole
    };
    explicit ToolCatalogModel(Session *session, QObject *parent = nullptr);
    // By artifact name; failures and refusals are counted together.
    void setUsage(const std::vector<ToolUsage> &usage);
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QModelIndex indexOf(ArtifactId id) const;
    int toolCount() const;
    // The groups of tool types as a list shows them: what one most likely looks for first.
    static QStringList groupOrder();

private:
    struct Row {
        ArtifactId id; // invalid: a head
        QString text;  // name, or the group
        QString group;
        QString type, typeTitle, purpose;
        SideEffect effect = SideEffect::Read;
        QJsonObject body;
        QStringList users;
        int count = 0;
        int errors = 0;
        QString problem;
        int server = -1;
        QString serverText;
        int functions = -1, enabled = -1;
        bool draft = false;
        int number = 0;
        bool operator==(const Row &) const = default;
    };
    std::vector<Row> load() const;
    void refresh();
    Session *m_session;
    std::vector<Row> m_rows;
    QHash<QString, ToolUsage> m_usage;
    QTimer m_soon;
};

} // namespace lathe
