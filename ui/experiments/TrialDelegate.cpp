// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/TrialDelegate.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QPainter>

namespace lathe {

namespace {
constexpr int Padding = 8;
constexpr int ScoreWidth = 44;
}

Status trialStatus(const TrialCell &cell)
{
    switch (cell.state) {
    case TrialCell::State::None:
        return Status::Idle;
    case TrialCell::State::Running:
        return Status::Running;
    case TrialCell::State::Failed:
        return Status::Warning; // no output at all: not the same as an answer that does not pass
    case TrialCell::State::Done:
        break;
    }
    if (!cell.checked)
        return Status::None;
    return cell.allPassed() ? Status::Ok : cell.passed > 0 ? Status::Cancelled : Status::Error;
}

TrialDelegate::TrialDelegate(Theme *theme, const TrialMatrixModel *model, QObject *parent)
    : RowDelegate(theme, parent), m_theme(theme), m_model(model), m_numbers(theme->uiFont()), m_small(theme->smallFont()), m_metrics(theme->uiFont())
{
}

void TrialDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = m_theme->tokens();
    const TrialRow *row = m_model->rowAt(index.row());
    if (!row)
        return;
    const bool selected = option.state & QStyle::State_Selected;
    if (selected)
        painter->fillRect(option.rect, option.state & QStyle::State_Active ? t.selection : t.selectionInactive);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, t.hover);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), withAlpha(t.line, 0.55));
    const QRect rect = option.rect.adjusted(Padding, 0, -Padding, 0);
    if (index.column() == TrialMatrixModel::NumberColumn) {
        painter->setPen(t.text3);
        m_small.draw(*painter, rect, Qt::AlignRight, QString::number(row->example + 1));
    } else if (index.column() == TrialMatrixModel::InputColumn) {
        painter->setFont(m_theme->uiFont());
        painter->setPen(t.text);
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                          m_metrics.elidedText(format::oneLine(row->input, 200), Qt::ElideRight, rect.width()));
    } else if (const TrialCell *cell = m_model->cellAt(index)) {
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 1, option.rect.height()), withAlpha(t.line, 0.55));
        paintCell(*painter, rect, *cell, selected);
    } else {
        paintDifference(*painter, rect, *row, index.data().toString());
    }
    if (option.state & QStyle::State_HasFocus)
        paint::focusRing(*painter, option.rect, 3, t.accent);
}

void TrialDelegate::paintCell(QPainter &painter, const QRect &rect, const TrialCell &cell, bool selected) const
{
    const Tokens &t = m_theme->tokens();
    if (cell.state == TrialCell::State::None) {
        painter.setPen(t.text3);
        painter.setFont(m_theme->smallFont());
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("\u2013"));
        return;
    }
    QRect rest = rect;
    if (const Status status = trialStatus(cell); status != Status::None) {
        paintStatus(painter, QRectF(rest.left(), rest.top(), 14, rest.height()), status, t);
        rest.setLeft(rest.left() + 20);
    }
    const QString score = TrialMatrixModel::scoreText(cell);
    if (!score.isEmpty()) {
        painter.setPen(t.text);
        m_numbers.draw(painter, QRectF(rest.left(), rest.top(), ScoreWidth, rest.height()), Qt::AlignLeft, score);
        rest.setLeft(rest.left() + std::max(ScoreWidth - 8, int(m_numbers.width(score)) + 8));
    }
    if (rest.width() < 24)
        return;
    const QString words = cell.state == TrialCell::State::Running ? QObject::tr("running") : format::oneLine(cell.output, 160);
    painter.setFont(m_theme->uiFont());
    painter.setPen(cell.state == TrialCell::State::Failed ? t.error : selected ? t.text : t.text2);
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, m_metrics.elidedText(words, Qt::ElideRight, rest.width()));
}

void TrialDelegate::paintDifference(QPainter &painter, const QRect &rect, const TrialRow &row, const QString &text) const
{
    const Tokens &t = m_theme->tokens();
    if (text.isEmpty())
        return;
    const double by = m_model->difference(row);
    const bool sided = row.cells.size() == 2;
    const QRectF bar(rect.left(), rect.center().y() - 2, std::max(0, rect.width() - 52), 5);
    if (bar.width() > 12) {
        paint::roundedBox(painter, bar, 2, withAlpha(t.text, 0.08));
        const double zero = sided ? bar.center().x() : bar.left();
        const double half = sided ? bar.width() / 2 : bar.width();
        const double end = zero + std::clamp(by, -1.0, 1.0) * half;
        if (std::abs(by) > 0.0049)
            paint::roundedBox(painter, QRectF(std::min(zero, end), bar.top(), std::abs(end - zero), bar.height()), 2, t.text2);
        if (sided)
            painter.fillRect(QRectF(zero, bar.top() - 3, 1, bar.height() + 6), t.text3);
    }
    painter.setPen(std::abs(by) > 0.0049 ? t.text : t.text3);
    m_numbers.draw(painter, rect, Qt::AlignRight, text);
}

QSize TrialDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return QSize(160, metrics::RowHeight);
}

} // namespace lathe
