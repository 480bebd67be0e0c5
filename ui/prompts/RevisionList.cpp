// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/RevisionList.h"

#include "ui/prompts/RevisionDelegate.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/PrimaryButton.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

RevisionList::RevisionList(Session *session, Theme *theme, ArtifactId artifact, QWidget *parent)
    : QListView(parent), m_session(session), m_theme(theme), m_model(new RevisionListModel(session, artifact, this)),
      m_delegate(new RevisionDelegate(session, theme, this))
{
    setObjectName(QStringLiteral("prompt-revisions"));
    setAccessibleName(tr("Revisions"));
    setToolTip(tr("Ctrl+Enter restores, Ctrl+D compares with the draft, Ctrl+L sets a label, Ctrl+B branches; labels move by drag, Ctrl+Z takes a move back"));
    setModel(m_model);
    setItemDelegate(m_delegate);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setUniformItemSizes(true);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    const auto keep = [this] { setShown(m_shown); };
    connect(m_model, &QAbstractItemModel::rowsInserted, this, keep);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, keep);
    connect(theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void RevisionList::setUse(const std::vector<PromptUse> &use)
{
    m_delegate->setUse(use);
    viewport()->update();
}

void RevisionList::setScore(std::function<QString(int)> score)
{
    m_delegate->setScore(std::move(score));
    viewport()->update();
}

void RevisionList::setShown(int number)
{
    m_shown = number;
    int row = m_model->rowOf(number);
    if (row < 0 && number == 0)
        row = 0; // no draft: the newest revision is what is edited
    setCurrentIndex(m_model->index(row));
}

int RevisionList::currentNumber() const
{
    const QModelIndex index = currentIndex();
    return index.isValid() ? index.data(RevisionListModel::NumberRole).toInt() : -1;
}

int RevisionList::numberAt(const QPoint &pos) const
{
    const QModelIndex index = indexAt(pos);
    return index.isValid() ? index.data(RevisionListModel::NumberRole).toInt() : -1;
}

int RevisionList::previousOf(int number) const
{
    const int row = m_model->rowOf(number);
    return row >= 0 && row + 1 < m_model->rowCount() ? m_model->index(row + 1).data(RevisionListModel::NumberRole).toInt() : 0;
}

QMenu *RevisionList::makeMenu(int number)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("revision-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool writable = !m_session->project().isReadOnly();
    const bool hasDraft = m_model->rowOf(0) >= 0;
    const int before = previousOf(number);
    const auto add = [menu](const QString &name, const QString &text, const QKeySequence &key) {
        QAction *action = menu->addAction(text);
        action->setObjectName(name);
        action->setShortcut(key);
        action->setShortcutVisibleInContextMenu(true);
        return action;
    };
    QAction *restore = add(QStringLiteral("revision-restore"), tr("Restore into draft"), QKeySequence(Qt::CTRL | Qt::Key_Return));
    restore->setEnabled(number > 0 && writable);
    connect(restore, &QAction::triggered, this, [this, number] { Q_EMIT restoreRequested(number); });
    QAction *withDraft = add(QStringLiteral("revision-compare-draft"), tr("Compare with draft"), QKeySequence(Qt::CTRL | Qt::Key_D));
    withDraft->setEnabled(number > 0 && hasDraft);
    connect(withDraft, &QAction::triggered, this, [this, number] { Q_EMIT compareRequested(number, 0); });
    QAction *withPrevious = add(QStringLiteral("revision-compare-previous"), tr("Compare with previous"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D));
    withPrevious->setEnabled(before > 0);
    connect(withPrevious, &QAction::triggered, this, [this, number, before] { Q_EMIT compareRequested(before, number); });
    auto *others = menu->addMenu(tr("Compare with"));
    others->setObjectName(QStringLiteral("revision-compare-with"));
    for (int row = 0; row < std::min(m_model->rowCount(), 30); ++row) {
        const QModelIndex other = m_model->index(row);
        const int its = other.data(RevisionListModel::NumberRole).toInt();
        if (its == number)
            continue;
        const QString note = other.data(RevisionListModel::NoteRole).toString().left(40).simplified();
        QAction *action = others->addAction(note.isEmpty() ? other.data().toString() : other.data().toString() + QStringLiteral("  ") + note);
        action->setObjectName(QStringLiteral("revision-compare-with-%1").arg(its));
        // The older one stands at the left; the draft is the newest.
        connect(action, &QAction::triggered, this, [this, number, its] {
            const bool first = number > 0 && (its == 0 || number < its);
            Q_EMIT compareRequested(first ? number : its, first ? its : number);
        });
    }
    others->setEnabled(!others->isEmpty());
    QAction *branch = add(QStringLiteral("revision-branch"), tr("Branch into a new prompt"), QKeySequence(Qt::CTRL | Qt::Key_B));
    branch->setEnabled(writable);
    connect(branch, &QAction::triggered, this, [this, number] { Q_EMIT branchRequested(number); });
    QAction *copy = add(QStringLiteral("revision-copy"), tr("Copy text"), QKeySequence::Copy);
    connect(copy, &QAction::triggered, this, [this, number] { Q_EMIT copyRequested(number); });
    menu->addSeparator();
    const QStringList own = m_model->index(m_model->rowOf(number)).data(RevisionListModel::LabelsRole).toStringList();
    for (const QString &label : {QStringLiteral("production"), QStringLiteral("candidate")}) {
        QAction *action = add(QStringLiteral("revision-label-") + label, tr("Label %1").arg(label), QKeySequence());
        action->setCheckable(true);
        action->setChecked(own.contains(label));
        action->setEnabled(number > 0 && writable);
        connect(action, &QAction::triggered, this, [this, label, number](bool on) { Q_EMIT labelRequested(label, on ? number : 0); });
    }
    QAction *other = add(QStringLiteral("revision-label-other"), tr("Other label..."), QKeySequence(Qt::CTRL | Qt::Key_L));
    other->setEnabled(number > 0 && writable);
    connect(other, &QAction::triggered, this, [this, number] { openLabelEditor(number); });
    for (const QString &label : own) {
        QAction *remove = add(QStringLiteral("revision-remove-") + label, tr("Remove label %1").arg(label), QKeySequence());
        remove->setEnabled(writable);
        connect(remove, &QAction::triggered, this, [this, label] { Q_EMIT labelRequested(label, 0); });
    }
    QAction *undo = add(QStringLiteral("revision-label-undo"), tr("Take last label move back"), QKeySequence::Undo);
    undo->setEnabled(writable && m_labelUndo);
    connect(undo, &QAction::triggered, this, &RevisionList::labelUndoRequested);
    QAction *history = add(QStringLiteral("revision-label-history"), tr("How labels moved..."), QKeySequence());
    connect(history, &QAction::triggered, this, &RevisionList::labelHistoryRequested);
    return menu;
}

void RevisionList::contextMenuEvent(QContextMenuEvent *event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex index = byKey ? currentIndex() : indexAt(event->pos());
    if (!index.isValid())
        return;
    const QPoint at = byKey ? viewport()->mapToGlobal(visualRect(index).bottomLeft()) : event->globalPos();
    makeMenu(index.data(RevisionListModel::NumberRole).toInt())->popup(at);
}

void RevisionList::openLabelEditor(int number)
{
    auto *popover = new Popover(m_theme, this);
    popover->setDeleteOnClose(true);
    popover->setAnchorRect(visualRect(m_model->index(m_model->rowOf(number))));
    auto *content = new QWidget;
    content->setFixedWidth(260);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(new Label(m_theme, tr("Label of revision %1").arg(number), Label::Style::Strong, content));
    auto *name = new QLineEdit(content);
    name->setObjectName(QStringLiteral("revision-label-name"));
    name->setAccessibleName(tr("Label"));
    name->setPlaceholderText(tr("lower-case letters, digits, - and _"));
    name->setMaxLength(40);
    layout->addWidget(name);
    auto *set = new PrimaryButton(tr("Set label"), content);
    set->setObjectName(QStringLiteral("revision-label-set"));
    set->setEnabled(false);
    layout->addWidget(set, 0, Qt::AlignRight);
    connect(name, &QLineEdit::textChanged, set, [set](const QString &text) { set->setEnabled(!text.trimmed().isEmpty()); });
    const auto accept = [this, popover, name, number] {
        const QString label = name->text().trimmed().toLower();
        if (label.isEmpty())
            return;
        popover->dismiss();
        Q_EMIT labelRequested(label, number);
    };
    connect(set, &QAbstractButton::clicked, this, accept);
    connect(name, &QLineEdit::returnPressed, this, accept);
    popover->setContent(content);
    popover->open();
    name->setFocus();
}

bool RevisionList::event(QEvent *event)
{
    // The last thing done here was a label's move: that is what is taken back, before the window's undo.
    if (event->type() == QEvent::ShortcutOverride && m_labelUndo && static_cast<QKeyEvent *>(event)->matches(QKeySequence::Undo)) {
        event->accept();
        return true;
    }
    return QListView::event(event);
}

void RevisionList::keyPressEvent(QKeyEvent *event)
{
    const int number = currentNumber();
    const bool control = event->modifiers() & Qt::ControlModifier;
    if (event->key() == Qt::Key_Escape && m_dragging)
        return endDrag();
    if (number >= 0 && control) {
        const bool hasDraft = m_model->rowOf(0) >= 0;
        if (event->key() == Qt::Key_Return && number > 0)
            return Q_EMIT restoreRequested(number);
        if (event->key() == Qt::Key_D && event->modifiers() & Qt::ShiftModifier && previousOf(number) > 0)
            return Q_EMIT compareRequested(previousOf(number), number);
        if (event->key() == Qt::Key_D && number > 0 && hasDraft)
            return Q_EMIT compareRequested(number, 0);
        if (event->key() == Qt::Key_B)
            return Q_EMIT branchRequested(number);
        if (event->key() == Qt::Key_Z && !(event->modifiers() & Qt::ShiftModifier))
            return Q_EMIT labelUndoRequested();
        if (event->key() == Qt::Key_L && number > 0)
            return openLabelEditor(number);
        if (event->matches(QKeySequence::Copy))
            return Q_EMIT copyRequested(number);
    }
    QListView::keyPressEvent(event);
    const int now = currentNumber();
    if (now >= 0 && (now != number || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        Q_EMIT revisionChosen(now);
}

void RevisionList::mousePressEvent(QMouseEvent *event)
{
    endDrag();
    const QPoint pos = event->position().toPoint();
    const QModelIndex index = indexAt(pos);
    if (event->button() == Qt::LeftButton && index.isValid()) {
        for (const RevisionDelegate::ChipBox &chip : m_delegate->chips(visualRect(index), index)) {
            if (chip.rect.contains(pos))
                m_dragged = chip.label;
        }
        m_pressed = pos;
    }
    QListView::mousePressEvent(event);
}

void RevisionList::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint pos = event->position().toPoint();
    if (!m_dragged.isEmpty() && event->buttons() & Qt::LeftButton && !m_session->project().isReadOnly()) {
        if (!m_dragging && (pos - m_pressed).manhattanLength() >= QApplication::startDragDistance()) {
            m_dragging = true;
            viewport()->setCursor(Qt::ClosedHandCursor);
        }
        m_at = pos;
        viewport()->update();
        return;
    }
    bool overChip = false;
    if (const QModelIndex index = indexAt(pos); index.isValid()) {
        for (const RevisionDelegate::ChipBox &chip : m_delegate->chips(visualRect(index), index))
            overChip = overChip || chip.rect.contains(pos);
    }
    viewport()->setCursor(overChip ? Qt::OpenHandCursor : Qt::ArrowCursor);
    QListView::mouseMoveEvent(event);
}

void RevisionList::mouseReleaseEvent(QMouseEvent *event)
{
    const QPoint pos = event->position().toPoint();
    const int target = numberAt(pos);
    if (m_dragging) {
        const QString label = m_dragged;
        endDrag();
        setShown(m_shown); // the press moved the selection
        if (target > 0)
            Q_EMIT labelRequested(label, target);
        return;
    }
    m_dragged.clear();
    QListView::mouseReleaseEvent(event);
    if (event->button() == Qt::LeftButton && target >= 0)
        Q_EMIT revisionChosen(target);
}

void RevisionList::endDrag()
{
    m_dragged.clear();
    m_dragging = false;
    viewport()->unsetCursor();
    viewport()->update();
}

void RevisionList::paintEvent(QPaintEvent *event)
{
    QListView::paintEvent(event);
    if (!m_dragging)
        return;
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const QModelIndex target = indexAt(m_at);
    if (target.isValid() && !target.data(RevisionListModel::IsDraftRole).toBool())
        paint::roundedBox(painter, visualRect(target).adjusted(2, 1, -2, -1), metrics::Radius, QColor(), m_theme->tokens().accent, 2);
    const QSize size = m_delegate->chipSize(m_dragged);
    m_delegate->paintChip(painter, QRect(m_at + QPoint(8, 4), size), m_dragged);
}

} // namespace lathe
