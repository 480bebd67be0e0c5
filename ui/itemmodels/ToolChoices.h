// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QJsonArray>
#include <QStandardItemModel>

namespace lathe {

// The project's tools as a menu of what an agent can be given: name, what it is for (Detail, found by it too); those that are in
// `attached` (an agent's "tools") last, disabled. The roles are those of widgets' rowrole; `color` is that of the icon (rowrole::Color).
class ToolChoices : public QStandardItemModel
{
    Q_OBJECT
public:
    static constexpr int SearchRole = Qt::UserRole + 1;
    ToolChoices(Session *session, const QJsonArray &attached, int color, QObject *parent = nullptr);
};

} // namespace lathe
