// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/ExplorerDelegate.h"

#include "core/design/Artifact.h"
#include "ui/itemmodels/ArtifactTreeModel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/RowDelegate.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QTreeView>

namespace lathe {

namespace {
QString iconName(ArtifactKind kind)
{
    return kind == ArtifactKind::Scorer ? QStringLiteral("dataset") : artifactKindName(kind); // scorers have no page yet
}

ColorToken iconColor(ArtifactKind kind)
{
    switch (kind) {
    case ArtifactKind::Agent:
    case ArtifactKind::Team:
        return ColorToken::Agent;
    case ArtifactKind::Connection:
        return ColorToken::Model;
    case ArtifactKind::Tool:
        return ColorToken::Tool;
    default:
        return ColorToken::Text2;
    }
}
}

ExplorerDelegate::ExplorerDelegate(Theme *theme, QObject *parent) : QStyledItemDelegate(parent), m_theme(theme) {}

QSize ExplorerDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(120, metrics::RowHeight);
}

QRect ExplorerDelegate::plusRect(const QRect &row) const
{
    return QRect(row.right() - 24, row.top() + 2, 24, row.height() - 4);
}

void ExplorerDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &tokens = m_theme->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const auto kind = ArtifactKind(index.data(ArtifactTreeModel::KindRole).toInt());
    const QRect row = option.rect;
    if (index.data(ArtifactTreeModel::IsKindRole).toBool()) {
        const auto *tree = qobject_cast<const QTreeView *>(option.widget);
        const bool open = tree && tree->isExpanded(index);
        paint::chevron(*painter, QRectF(row.left() + 2, row.top(), 12, row.height()), open ? Qt::DownArrow : Qt::RightArrow,
                       tokens.text3, 7);
        painter->setFont(m_theme->smallFont());
        painter->setPen(tokens.text2);
        const QString text = index.data().toString();
        painter->drawText(row.adjusted(20, 0, -28, 0), Qt::AlignVCenter, text);
        const int width = painter->fontMetrics().horizontalAdvance(text);
        painter->setPen(tokens.text3);
        painter->drawText(row.adjusted(26 + width, 0, -28, 0), Qt::AlignVCenter,
                          QString::number(index.data(ArtifactTreeModel::CountRole).toInt()));
        const bool hover = option.state & QStyle::State_MouseOver;
        m_theme->paintIcon(*painter, plusRect(row), QStringLiteral("plus"), hover ? tokens.text : tokens.text3, 14);
        painter->restore();
        return;
    }
    RowDelegate::paintBand(*painter, option, index, tokens);
    m_theme->paintIcon(*painter, QRectF(row.left() + 20, row.top(), 16, row.height()), iconName(kind), tokens.color(iconColor(kind)));
    int right = row.right() - 8;
    painter->setFont(m_theme->smallFont());
    const int number = index.data(ArtifactTreeModel::NumberRole).toInt();
    const bool draft = index.data(ArtifactTreeModel::DraftRole).toBool();
    QString trailing = number > 0 ? QStringLiteral("@%1").arg(number) : QObject::tr("new");
    int width = painter->fontMetrics().horizontalAdvance(trailing);
    painter->setPen(tokens.text3);
    painter->drawText(QRect(right - width, row.top(), width, row.height()), Qt::AlignVCenter, trailing);
    right -= width + 8;
    if (draft) {
        // A brass dot: an edit that is not committed yet.
        painter->setPen(Qt::NoPen);
        painter->setBrush(tokens.accent);
        painter->drawEllipse(QRectF(right - 6, row.center().y() - 2.5, 6, 6));
        right -= 14;
    }
    painter->setFont(m_theme->uiFont());
    painter->setPen(tokens.text);
    const QRect text(row.left() + 42, row.top(), right - row.left() - 44, row.height());
    painter->drawText(text, Qt::AlignVCenter, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    painter->restore();
}

} // namespace lathe
