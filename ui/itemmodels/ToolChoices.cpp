// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ToolChoices.h"

namespace lathe {

namespace {
enum RowRole { Detail = 0x1200, Icon = 0x1202, Color = 0x1203, Trailing = 0x1204, Dimmed = 0x1206 }; // as widgets' rowrole
}

ToolChoices::ToolChoices(Session *session, const QJsonArray &attached, int color, QObject *parent) : QStandardItemModel(parent)
{
    QStringList taken;
    for (const QJsonValue &one : attached)
        taken.append(one[QLatin1String("tool")].toString().section(QLatin1Char('@'), 0, 0));
    const auto tools = session->project().artifacts().list(ArtifactKind::Tool);
    for (const bool last : {false, true}) {
        for (const ArtifactInfo &info : tools) {
            if (taken.contains(info.name) != last)
                continue;
            const auto draft = session->draft(info.id);
            const QString purpose = draft ? draft->body.value(QStringLiteral("purpose")).toString() : QString();
            auto *row = new QStandardItem(info.name);
            row->setData(purpose, Detail);
            row->setData(QStringLiteral("tool"), Icon);
            row->setData(color, Color);
            row->setData(info.name + QLatin1Char(' ') + purpose, SearchRole);
            row->setToolTip(purpose);
            row->setFlags(Qt::ItemIsSelectable | Qt::ItemNeverHasChildren | (last ? Qt::NoItemFlags : Qt::ItemIsEnabled));
            row->setData(last, Dimmed);
            if (last)
                row->setData(tr("attached"), Trailing);
            appendRow(row);
        }
    }
}

} // namespace lathe
