// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FilterableList.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QKeyEvent>
#include <QRegularExpression>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace lathe {

FilterableList::FilterableList(Theme *theme, const QString &placeholder, QWidget *parent)
    : QWidget(parent),
      m_field(new SearchField(theme, placeholder)),
      m_view(new QListView),
      m_proxy(new QSortFilterProxyModel(this)),
      m_empty(new Label(theme, tr("Nothing matches."), Label::Style::Hint))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_field);
    layout->addWidget(m_view, 1);
    m_empty->setParent(m_view->viewport());
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->hide();
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setItemDelegate(new RowDelegate(theme, m_view));
    m_view->setAccessibleName(placeholder);
    m_view->installEventFilter(this);
    m_view->viewport()->installEventFilter(this);
    m_field->installEventFilter(this);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_view->setModel(m_proxy);
    setFocusProxy(m_field);
    connect(m_field, &SearchField::searchChanged, this, &FilterableList::setQuery);
    connect(m_field, &SearchField::moveDown, this, [this] { move(1); });
    connect(m_field, &SearchField::moveUp, this, [this] { move(-1); });
    connect(m_field, &SearchField::accepted, this, [this] {
        if (m_view->currentIndex().isValid())
            Q_EMIT activated(currentIndex());
    });
    connect(m_view, &QListView::activated, this,
            [this](const QModelIndex &index) { Q_EMIT activated(m_proxy->mapToSource(index)); });
    connect(
        m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex &index) { Q_EMIT currentChanged(m_proxy->mapToSource(index)); });
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, &FilterableList::updateEmpty);
    connect(m_proxy, &QAbstractItemModel::rowsRemoved, this, &FilterableList::updateEmpty);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &FilterableList::updateEmpty);
}

void FilterableList::setModel(QAbstractItemModel *model)
{
    m_proxy->setSourceModel(model);
    updateEmpty();
}

void FilterableList::setFilterRole(int role)
{
    m_proxy->setFilterRole(role);
}

void FilterableList::setEmptyText(const QString &text)
{
    m_empty->setText(text);
}

QModelIndex FilterableList::currentIndex() const
{
    return m_proxy->mapToSource(m_view->currentIndex());
}

void FilterableList::setCurrentIndex(const QModelIndex &source)
{
    m_view->setCurrentIndex(m_proxy->mapFromSource(source));
}

void FilterableList::setQuery(const QString &query)
{
    // Every word somewhere: one look-ahead per word.
    QString pattern;
    const auto words = query.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &word : words)
        pattern += QStringLiteral("(?=.*%1)").arg(QRegularExpression::escape(word));
    m_proxy->setFilterRegularExpression(
        QRegularExpression(pattern, QRegularExpression::CaseInsensitiveOption
                                        | QRegularExpression::DotMatchesEverythingOption));
    if (!m_view->currentIndex().isValid() && m_proxy->rowCount() > 0)
        m_view->setCurrentIndex(m_proxy->index(0, 0));
    updateEmpty();
}

void FilterableList::move(int rows)
{
    const int count = m_proxy->rowCount();
    if (count == 0)
        return;
    const QModelIndex current = m_view->currentIndex();
    const int row = current.isValid() ? std::clamp(current.row() + rows, 0, count - 1) : 0;
    m_view->setCurrentIndex(m_proxy->index(row, 0));
}

void FilterableList::updateEmpty()
{
    m_empty->setVisible(m_proxy->rowCount() == 0);
    m_empty->setGeometry(
        m_view->viewport()->rect().adjusted(metrics::Margin, 0, -metrics::Margin, 0));
}

bool FilterableList::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize)
        updateEmpty();
    if (watched == m_field
        && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut))
        RowDelegate::setSteered(m_view, event->type() == QEvent::FocusIn);
    if (watched == m_view && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const QString text = key->text();
        const bool typed =
            !text.isEmpty() && text.at(0).isPrint() && !text.at(0).isSpace()
            && !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
        if (typed) {
            m_field->setFocus(Qt::OtherFocusReason);
            m_field->insert(text);
            return true;
        }
        if (key->key() == Qt::Key_Up && m_view->currentIndex().row() <= 0) {
            m_field->setFocus(Qt::OtherFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
