// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CompletionPopup.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/RowDelegate.h"

#include <QListView>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int MostRows = 8;
constexpr int Margin = 4;
}

CompletionPopup::CompletionPopup(Theme *theme, QWidget *parent)
    : QFrame(parent), m_theme(theme), m_view(new QListView), m_model(new QStandardItemModel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(Margin, Margin, Margin, Margin);
    layout->addWidget(m_view);
    m_view->setModel(m_model);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setItemDelegate(new RowDelegate(theme, m_view));
    RowDelegate::setSteered(m_view, true);
    m_view->ensurePolished();
    m_view->viewport()->setBackgroundRole(QPalette::Button);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Completions"));
    hide();
    connect(m_view, &QListView::clicked, this,
            [this](const QModelIndex &index) { Q_EMIT chosen(index.data().toString()); });
}

void CompletionPopup::showItems(const QList<CompletionItem> &items, const QRect &cursor)
{
    m_model->clear();
    for (const CompletionItem &item : items.mid(0, 200)) {
        auto *row = new QStandardItem(item.text);
        row->setData(item.detail, rowrole::Detail);
        row->setData(item.icon, rowrole::Icon);
        m_model->appendRow(row);
    }
    if (items.isEmpty()) {
        hide();
        return;
    }
    m_view->setCurrentIndex(m_model->index(0, 0));
    const QRect room = parentWidget()->rect();
    const int rows = static_cast<int>(std::min<qsizetype>(items.size(), MostRows));
    const QSize size(std::min(320, room.width() - 8), rows * metrics::RowHeight + 2 * Margin);
    int y = cursor.bottom() + 4;
    if (y + size.height() > room.bottom() && cursor.top() - 4 - size.height() >= 0)
        y = cursor.top() - 4 - size.height();
    const int x = std::clamp(cursor.left(), 4, std::max(4, room.width() - size.width() - 4));
    setGeometry(QRect(QPoint(x, y), size));
    show();
    raise();
}

int CompletionPopup::count() const
{
    return m_model->rowCount();
}

QString CompletionPopup::currentText() const
{
    return m_view->currentIndex().data().toString();
}

void CompletionPopup::move(int rows)
{
    const int count = m_model->rowCount();
    if (count > 0)
        m_view->setCurrentIndex(
            m_model->index((m_view->currentIndex().row() + rows + count) % count, 0));
}

void CompletionPopup::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    paint::roundedBox(painter, rect(), metrics::Radius, t.raised, t.lineStrong);
}

} // namespace lathe
