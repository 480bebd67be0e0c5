// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunTagPopover.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/RowDelegate.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int panelWidth = 260;
constexpr int rows = 7;
constexpr int mostTags = 200;
constexpr int TagRole = Qt::UserRole;
}

RunTagPopover::RunTagPopover(Session *session, Theme *theme, QWidget *anchor, QStringList carried)
    : Popover(theme, anchor), m_session(session), m_carried(std::move(carried)), m_model(new QStandardItemModel(this)),
      m_field(new QLineEdit), m_list(new QListView)
{
    setObjectName(QStringLiteral("run-tags"));
    setAccessibleName(tr("Tag runs"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_field->setObjectName(QStringLiteral("run-tag-name"));
    m_field->setPlaceholderText(tr("A tag, known or new"));
    m_field->setAccessibleName(tr("Tag"));
    m_field->setMaxLength(100);
    m_field->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("run-tag-list"));
    m_list->setModel(m_model);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setItemDelegate(new RowDelegate(theme, m_list));
    m_list->ensurePolished();
    m_list->viewport()->setBackgroundRole(QPalette::Button);
    RowDelegate::setSteered(m_list, true);
    layout->addWidget(m_field);
    layout->addWidget(m_list);
    content->setMinimumWidth(panelWidth);
    content->setMaximumWidth(panelWidth);
    setContent(content);
    connect(m_field, &QLineEdit::textChanged, this, &RunTagPopover::fill);
    connect(m_list, &QListView::clicked, this, &RunTagPopover::take);
    fill();
    runTask(
        this, session->project().runs().values(RunField::Tag, QString(), mostTags, m_cancel.token()),
        [this](const QStringList &tags) {
            m_known = tags;
            fill();
        },
        [](const Error &) {}); // a new one can be written
}

QWidget *RunTagPopover::firstFocus() const
{
    return m_field;
}

void RunTagPopover::fill()
{
    const QString typed = m_field->text().trimmed();
    m_model->clear();
    QStringList tags = m_carried;
    for (const QString &tag : m_known) {
        if (!tags.contains(tag))
            tags.append(tag);
    }
    bool exact = typed.isEmpty();
    for (const QString &tag : tags) {
        if (!tag.contains(typed, Qt::CaseInsensitive))
            continue;
        exact = exact || tag == typed;
        auto *row = new QStandardItem(tag);
        const bool carried = m_carried.contains(tag);
        row->setData(carried ? QStringLiteral("check") : QStringLiteral("label"), rowrole::Icon);
        if (carried)
            row->setData(tr("take off"), rowrole::Trailing);
        row->setData(tag, TagRole);
        m_model->appendRow(row);
    }
    if (!exact) {
        auto *row = new QStandardItem(tr("New tag \u201c%1\u201d").arg(typed));
        row->setData(QStringLiteral("plus"), rowrole::Icon);
        row->setData(typed, TagRole);
        m_model->appendRow(row);
    }
    m_list->setCurrentIndex(m_model->index(0, 0));
    m_list->setVisible(m_model->rowCount() > 0);
    m_list->setFixedHeight(std::clamp(m_model->rowCount(), 1, rows) * metrics::RowHeight);
    if (isOpen())
        arrange();
}

void RunTagPopover::take(const QModelIndex &index)
{
    const QString tag = index.data(TagRole).toString();
    if (tag.isEmpty())
        return;
    const bool carried = m_carried.contains(tag);
    m_cancel.cancel();
    dismiss();
    if (carried)
        Q_EMIT removeRequested(tag);
    else
        Q_EMIT addRequested(tag);
}

bool RunTagPopover::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_field || event->type() != QEvent::KeyPress)
        return Popover::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent *>(event)->key();
    const int row = m_list->currentIndex().row();
    const int last = m_model->rowCount() - 1;
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
        m_list->setCurrentIndex(m_model->index(std::clamp(row + (key == Qt::Key_Down ? 1 : -1), 0, std::max(last, 0)), 0));
        return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        take(m_list->currentIndex());
        return true;
    }
    return Popover::eventFilter(watched, event);
}

} // namespace lathe
