// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/RevisionDelegate.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RevisionListModel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/RowDelegate.h"

#include <QPainter>

#include <algorithm>

namespace lathe {

namespace {
constexpr int Padding = 12;
constexpr int ChipHeight = 18;
constexpr int ChipGap = 4;
constexpr int LeastChip = 30;
}

RevisionDelegate::RevisionDelegate(Session *session, Theme *theme, QObject *parent)
    : QStyledItemDelegate(parent), m_session(session), m_theme(theme)
{
}

QSize RevisionDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(160, metrics::TwoLineRowHeight + 4);
}

QString RevisionDelegate::age(const QModelIndex &index) const
{
    return format::ago(index.data(RevisionListModel::TimeRole).toLongLong(), m_session->clock().nowUs());
}

QSize RevisionDelegate::chipSize(const QString &label) const
{
    return QSize(QFontMetrics(m_theme->smallFont()).horizontalAdvance(label) + 22, ChipHeight);
}

const PromptUse *RevisionDelegate::useOf(const QModelIndex &index) const
{
    const int number = index.data(RevisionListModel::NumberRole).toInt();
    const auto found = std::find_if(m_use.begin(), m_use.end(), [number](const PromptUse &use) { return use.number == number; });
    return found == m_use.end() ? nullptr : &*found;
}

QString RevisionDelegate::results(const QModelIndex &index) const
{
    const PromptUse *use = useOf(index);
    const bool draft = index.data(RevisionListModel::IsDraftRole).toBool();
    const QString score = m_score ? m_score(index.data(RevisionListModel::NumberRole).toInt()) : QString();
    QString runs;
    if (use)
        runs = format::count(use->runs, tr("run"), tr("runs"));
    else if (!draft)
        runs = tr("no runs");
    return score.isEmpty() ? runs : runs.isEmpty() ? score : runs + QStringLiteral(" \u00b7 ") + score;
}

std::vector<RevisionDelegate::ChipBox> RevisionDelegate::chips(const QRect &row, const QModelIndex &index) const
{
    std::vector<ChipBox> boxes;
    const QStringList labels = index.data(RevisionListModel::LabelsRole).toStringList();
    if (labels.isEmpty())
        return boxes;
    const QFontMetrics strong(m_theme->strongFont());
    const int left = row.left() + Padding + strong.horizontalAdvance(index.data().toString()) + 8;
    const int room = row.right() - Padding - left; // the age gives way to labels
    int wanted = int(labels.size() - 1) * ChipGap;
    for (const QString &label : labels)
        wanted += chipSize(label).width();
    const int most = wanted <= room ? room : (room - int(labels.size() - 1) * ChipGap) / int(labels.size());
    int x = left;
    for (const QString &label : labels) {
        const QSize size = chipSize(label);
        const int width = std::min(size.width(), std::max(LeastChip, most));
        if (x + width > row.right() - Padding + 4)
            break;
        boxes.push_back({label, QRect(x, row.top() + 5, width, size.height())});
        x += width + ChipGap;
    }
    return boxes;
}

void RevisionDelegate::paintChip(QPainter &painter, const QRect &box, const QString &label) const
{
    const Tokens &t = m_theme->tokens();
    const QColor color = label == QLatin1String("production") ? t.accent : t.text2;
    paint::roundedBox(painter, box, 4, mix(t.surface, color, t.dark ? 0.16 : 0.12), withAlpha(color, 0.4));
    paint::roundedBox(painter, QRectF(box.left() + 6, box.center().y() - 2.5, 6, 6), 3, color);
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text);
    const QRect text = box.adjusted(16, 0, -4, 0);
    painter.drawText(text, Qt::AlignVCenter | Qt::TextSingleLine, painter.fontMetrics().elidedText(label, Qt::ElideRight, text.width()));
}

void RevisionDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    RowDelegate::paintBand(*painter, option, index, t);
    const QRect row = option.rect;
    const bool draft = index.data(RevisionListModel::IsDraftRole).toBool();
    const QRect top(row.left() + Padding, row.top() + 4, row.width() - 2 * Padding, 20);
    const QRect bottom(top.left(), row.top() + 24, top.width(), 20);
    painter->setFont(m_theme->strongFont());
    painter->setPen(t.text);
    painter->drawText(top, Qt::AlignVCenter, index.data().toString());
    if (draft) {
        const int width = painter->fontMetrics().horizontalAdvance(index.data().toString());
        paint::roundedBox(*painter, QRectF(top.left() + width + 8, top.center().y() - 2.5, 6, 6), 3, t.accent);
    }
    int taken = top.left();
    for (const ChipBox &chip : chips(row, index)) {
        paintChip(*painter, chip.rect, chip.label);
        taken = chip.rect.right() + 8;
    }
    painter->setFont(m_theme->smallFont());
    painter->setPen(t.text2);
    const QString when = draft ? QString() : age(index);
    if (taken + painter->fontMetrics().horizontalAdvance(when) <= top.right())
        painter->drawText(top, Qt::AlignVCenter | Qt::AlignRight, when);
    // What came of it stands at the right; a star before the mean rating.
    const QString used = results(index);
    const PromptUse *use = useOf(index);
    int right = bottom.right();
    painter->drawText(bottom, Qt::AlignVCenter | Qt::AlignRight, used);
    right -= painter->fontMetrics().horizontalAdvance(used);
    if (use && use->rated > 0) {
        const QString rating = QString::number(use->meanRating, 'f', 1);
        right -= painter->fontMetrics().horizontalAdvance(rating) + 8;
        painter->drawText(QRect(right, bottom.top(), bottom.width(), bottom.height()), Qt::AlignVCenter, rating);
        right -= 14;
        m_theme->paintIcon(*painter, QRectF(right, bottom.top(), 12, bottom.height()), QStringLiteral("star-filled"), t.human, 11);
    }
    const int width = right - bottom.left() - 10;
    QString note = index.data(RevisionListModel::NoteRole).toString();
    const QString author = index.data(RevisionListModel::AuthorRole).toString();
    if (note.isEmpty())
        note = author.isEmpty() ? tr("no note") : tr("by %1").arg(author);
    else if (!author.isEmpty())
        note = tr("%1 (%2)").arg(note, author);
    painter->drawText(bottom, Qt::AlignVCenter, painter->fontMetrics().elidedText(format::oneLine(note, 300), Qt::ElideRight, width));
    painter->restore();
}

} // namespace lathe
