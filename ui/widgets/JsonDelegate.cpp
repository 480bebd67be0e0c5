// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonDelegate.h"

#include "ui/widgets/JsonTreeModel.h"
#include "ui/widgets/RowDelegate.h"

#include <QPainter>

namespace lathe {

namespace {

constexpr int RowHeight = 24; // denser than other rows: it is code
constexpr int Padding = 4;

ColorToken typeColor(QJsonValue::Type type)
{
    switch (type) {
    case QJsonValue::String:
        return ColorToken::Tool;
    case QJsonValue::Double:
        return ColorToken::Model;
    case QJsonValue::Bool:
        return ColorToken::Control;
    case QJsonValue::Null:
        return ColorToken::Control;
    default:
        return ColorToken::Text3;
    }
}

} // namespace

JsonDelegate::JsonDelegate(Theme *theme, QObject *parent)
    : QStyledItemDelegate(parent),
      m_theme(theme),
      m_font(theme->codeFont()),
      m_small(theme->smallFont())
{
    m_font.setPixelSize(12);
}

QSize JsonDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(100, RowHeight);
}

QRect JsonDelegate::showAllRect(const QRect &row, const QModelIndex &index) const
{
    if (!index.data(JsonTreeModel::CutRole).toBool())
        return QRect();
    const int width = QFontMetrics(m_small).horizontalAdvance(tr("show all")) + 12;
    return QRect(row.right() - width, row.top(), width, row.height());
}

void JsonDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    RowDelegate::paintBand(*painter, option, index, t);
    QRect rect = option.rect.adjusted(Padding, 0, -Padding, 0);
    const QFontMetrics fontMetrics(m_font);
    const int flags = Qt::AlignVCenter | Qt::TextSingleLine;
    const QRect link = showAllRect(option.rect, index);
    if (!link.isNull()) {
        painter->setFont(m_small);
        painter->setPen(t.accent);
        painter->drawText(link, flags | Qt::AlignHCenter, tr("show all"));
        rect.setRight(link.left() - Padding);
    }
    painter->setFont(m_font);
    const QString key = fontMetrics.elidedText(index.data(JsonTreeModel::KeyRole).toString(),
                                               Qt::ElideMiddle, rect.width() * 2 / 3);
    const auto type = static_cast<QJsonValue::Type>(index.data(JsonTreeModel::TypeRole).toInt());
    if (!key.isEmpty()) {
        const bool isName = !key.startsWith(QLatin1Char('['));
        painter->setPen(isName ? t.text : t.text2);
        painter->drawText(rect, flags, key);
        rect.setLeft(rect.left() + fontMetrics.horizontalAdvance(key));
        painter->setPen(t.text3);
        if (type != QJsonValue::Undefined) {
            painter->drawText(rect, flags, QStringLiteral(":"));
            rect.setLeft(rect.left() + fontMetrics.horizontalAdvance(QLatin1Char(':')) * 2);
        }
    }
    // Only what can be seen is shaped.
    const int most = rect.width() / std::max(1, fontMetrics.averageCharWidth()) + 2;
    const QString full = index.data(JsonTreeModel::ValueTextRole).toString();
    QString text = full.left(std::max(0, most));
    const bool container = type == QJsonValue::Array || type == QJsonValue::Object;
    if (type == QJsonValue::String)
        text = QLatin1Char('"') + text
               + (text.size() == full.size() ? QStringLiteral("\"") : QString());
    else if (container)
        text = (type == QJsonValue::Array ? QStringLiteral("[] ") : QStringLiteral("{} ")) + text;
    if (Theme::needsShaping(text))
        painter->setFont(m_theme->shapedCodeFont());
    const bool selected = option.state & QStyle::State_Selected;
    const QColor color = t.color(typeColor(type));
    painter->setPen(container && selected ? t.text2 : color);
    painter->drawText(rect, flags,
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, rect.width()));
}

} // namespace lathe
