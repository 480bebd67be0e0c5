// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/RowDelegate.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/StatusGlyph.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <cmath>

namespace lathe {

namespace {

constexpr int SidePadding = 8;
constexpr int LongestShown = 500; // characters of one cell; a row is never wider than a screen

constexpr auto SteeredProperty = "_lathe_steered";

bool isSteered(const QAbstractItemView *view)
{
    return view->property(SteeredProperty).toBool();
}

// One line: line breaks would be drawn as boxes or start a second line.
QString oneLine(QString text)
{
    if (text.size() > LongestShown)
        text.truncate(LongestShown);
    for (QChar &c : text) {
        if (c == QLatin1Char('\n') || c == QLatin1Char('\r') || c == QLatin1Char('\t'))
            c = QLatin1Char(' ');
    }
    return text;
}

} // namespace

RowDelegate::RowDelegate(Theme *theme, QObject *parent)
    : QStyledItemDelegate(parent),
      m_theme(theme),
      m_fonts{theme->uiFont(), theme->strongFont(), theme->smallFont()},
      m_metrics{QFontMetrics(m_fonts[Plain]), QFontMetrics(m_fonts[Bold]),
                QFontMetrics(m_fonts[Small])},
      m_tabular(m_fonts[Plain]),
      m_cache(4000)
{
}

void RowDelegate::setSteered(QAbstractItemView *view, bool steered)
{
    view->setProperty(SteeredProperty, steered);
    view->viewport()->update();
}

void RowDelegate::setCode(bool code)
{
    m_code = code;
    m_fonts[Plain] = code ? m_theme->codeFont() : m_theme->uiFont();
    m_metrics[Plain] = QFontMetrics(m_fonts[Plain]);
    m_tabular = TabularFont(m_fonts[Plain]);
    m_cache.clear();
}

void RowDelegate::paintBand(QPainter &painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index, const Tokens &tokens)
{
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    if (option.state & QStyle::State_Selected) {
        // Qt calls a view without the focus inactive; one that is steered from a field is not.
        const bool active = view && isSteered(view) ? view->isActiveWindow()
                                                    : bool(option.state & QStyle::State_Active);
        painter.fillRect(option.rect, active ? tokens.selection : tokens.selectionInactive);
        if (active && index.column() == 0) {
            const int left = view && index.parent().isValid() ? 0 : option.rect.left();
            painter.fillRect(QRect(left, option.rect.top(), 2, option.rect.height()),
                             tokens.accent);
        }
    } else if (option.state & QStyle::State_MouseOver) {
        painter.fillRect(option.rect, tokens.hover);
    }
}

int RowDelegate::drawText(QPainter &painter, const QRect &rect, const QString &text, FontSlot font,
                          const QColor &color, bool right) const
{
    if (text.isEmpty() || rect.width() <= 4)
        return 0;
    const QString key = QString::number(rect.width() * FontSlots + font) + QChar(u'\x1f') + text;
    QStaticText *layout = m_cache.object(key);
    if (!layout) {
        layout = new QStaticText(
            m_metrics[font].elidedText(oneLine(text), Qt::ElideRight, rect.width()));
        layout->setTextFormat(Qt::PlainText);
        layout->setPerformanceHint(QStaticText::AggressiveCaching);
        layout->prepare(QTransform(), m_fonts[font]);
        m_cache.insert(key, layout);
    }
    const QSizeF size = layout->size();
    const double x = right ? rect.right() + 1 - size.width() : rect.left();
    painter.setFont(m_fonts[font]);
    painter.setPen(color);
    painter.drawStaticText(
        QPointF(std::round(x), std::round(rect.center().y() + 0.5 - size.height() / 2)), *layout);
    return static_cast<int>(std::ceil(size.width()));
}

void RowDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    paintBand(*painter, option, index, t);
    const bool enabled = option.state & QStyle::State_Enabled && index.flags() & Qt::ItemIsEnabled;
    QRect rect = option.rect.adjusted(SidePadding, 0, -SidePadding, 0);
    const QVariant colorData = index.data(rowrole::Color);
    const QString iconName = index.data(rowrole::Icon).toString();

    if (const QVariant status = index.data(rowrole::Status);
        status.isValid() && status.toInt() != 0) {
        paintStatus(*painter, QRectF(rect.left(), rect.top(), 16, rect.height()),
                    static_cast<Status>(status.toInt()), t);
        rect.setLeft(rect.left() + 24);
    }
    if (!iconName.isEmpty()) {
        const auto token =
            colorData.isValid() ? static_cast<ColorToken>(colorData.toInt()) : ColorToken::Text2;
        m_theme->paintIcon(*painter, QRectF(rect.left(), rect.top(), 16, rect.height()), iconName,
                           enabled ? t.color(token) : t.text3);
        rect.setLeft(rect.left() + 24);
    }
    if (const QVariant check = index.data(Qt::CheckStateRole); check.isValid()) {
        QStyleOption box;
        box.rect = QRect(rect.left(), rect.top(), 16, rect.height());
        box.state = QStyle::State_Enabled
                    | (check.toInt() == Qt::Checked            ? QStyle::State_On
                       : check.toInt() == Qt::PartiallyChecked ? QStyle::State_NoChange
                                                               : QStyle::State_Off);
        option.widget->style()->drawPrimitive(QStyle::PE_IndicatorCheckBox, &box, painter,
                                              option.widget);
        rect.setLeft(rect.left() + 24);
    }
    QColor color = enabled ? t.text : t.text3;
    if (enabled && index.data(rowrole::Dimmed).toBool())
        color = t.text2;
    if (enabled && iconName.isEmpty() && colorData.isValid())
        color = t.color(static_cast<ColorToken>(colorData.toInt()));
    // Secondary text must stay readable on the selection band.
    const QColor quiet = option.state & QStyle::State_Selected ? mix(t.text2, t.text, 0.3)
                         : enabled                             ? t.text2
                                                               : t.text3;

    const QString text = index.data(Qt::DisplayRole).toString();
    const QString detail = index.data(rowrole::Detail).toString();
    const bool right = index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight;
    const FontSlot font = index.data(rowrole::Strong).toBool() ? Bold : Plain;

    if (right) {
        if (const QVariant bar = index.data(rowrole::Bar); bar.isValid()) {
            const double share = std::clamp(bar.toDouble(), 0.0, 1.0);
            const QRectF full(rect.left(), rect.bottom() - 4, rect.width(), 2);
            paint::roundedBox(*painter, full, 1, withAlpha(t.text, 0.08));
            paint::roundedBox(
                *painter,
                QRectF(full.right() - full.width() * share, full.top(), full.width() * share, 2), 1,
                withAlpha(t.text2, 0.8));
        }
        if (m_tabular.width(text) <= rect.width()) {
            painter->setPen(color);
            m_tabular.draw(*painter, rect, Qt::AlignRight, text);
        } else {
            drawText(*painter, rect, text, font, color, true);
        }
        return;
    }
    const QString trailing = index.data(rowrole::Trailing).toString();
    if (!trailing.isEmpty()) {
        const QRect top = m_twoLines ? QRect(rect.left(), rect.top() + 4, rect.width(), 18) : rect;
        const int used = drawText(*painter, top, trailing, Small, quiet, true);
        rect.setRight(rect.right() - used - SidePadding);
    }
    if (m_twoLines) {
        drawText(*painter, QRect(rect.left(), rect.top() + 4, rect.width(), 18), text, font, color);
        drawText(*painter, QRect(rect.left(), rect.top() + 22, rect.width(), 18), detail, Small,
                 quiet);
        return;
    }
    const int used = drawText(*painter, rect, text, font, color);
    if (!detail.isEmpty() && used + 24 < rect.width())
        drawText(*painter, rect.adjusted(used + SidePadding, 0, 0, 0), detail, Small, quiet);
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const QString text = index.data(Qt::DisplayRole).toString();
    int width = m_metrics[Plain].horizontalAdvance(text.left(200)) + 2 * SidePadding;
    if (!index.data(rowrole::Icon).toString().isEmpty())
        width += 24;
    if (index.data(rowrole::Status).toInt() != 0)
        width += 24;
    return QSize(width, m_twoLines ? metrics::TwoLineRowHeight : metrics::RowHeight);
}

bool RowDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view,
                            const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() == QEvent::ToolTip && index.data(Qt::ToolTipRole).toString().isEmpty()) {
        // What is cut can be read whole.
        const QString text = index.data(Qt::DisplayRole).toString();
        if (m_metrics[Plain].horizontalAdvance(text.left(LongestShown))
            > option.rect.width() - 2 * SidePadding) {
            QToolTip::showText(event->globalPos(),
                               QStringLiteral("<p>%1</p>").arg(text.left(2000).toHtmlEscaped()),
                               view);
            return true;
        }
    }
    return QStyledItemDelegate::helpEvent(event, view, option, index);
}

} // namespace lathe
