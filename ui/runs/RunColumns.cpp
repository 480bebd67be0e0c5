// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunColumns.h"

#include "ui/itemmodels/RunListModel.h"

#include <QEvent>
#include <QHeaderView>
#include <QJsonArray>
#include <QMenu>
#include <QTreeView>

#include <algorithm>

namespace lathe {

namespace {
const QString key = QStringLiteral("ui/runs/table");
constexpr int saveMs = 500;
constexpr int narrowest = 40;
constexpr int widest = 4000;

struct Column {
    const char *name; // in the file
    int width;
    bool shown;
};
// In the order of RunListModel::Column.
const Column columns[RunListModel::ColumnCount] = {
    {"status", 118, true}, {"run", 80, true},   {"agent", 136, true},  {"input", 300, true},   {"output", 300, true},
    {"time", 80, true},    {"tokens", 80, true}, {"cost", 86, true},    {"rating", 88, true},   {"started", 108, true},
    {"steps", 64, false},  {"tags", 140, false}, {"models", 160, false}, {"source", 96, false},
};

QString name(int column)
{
    return QString::fromLatin1(columns[column].name);
}

int columnNamed(const QString &wanted)
{
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        if (name(i) == wanted)
            return i;
    }
    return -1;
}

bool isText(int column)
{
    return column == RunListModel::Input || column == RunListModel::Output;
}
}

RunColumns::RunColumns(Session *session, QTreeView *view) : QObject(view), m_session(session), m_view(view)
{
    QHeaderView *header = view->header();
    header->setStretchLastSection(true);
    header->setSectionsMovable(true);
    header->setFirstSectionMovable(true);
    header->setMinimumSectionSize(narrowest);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    restore();
    m_save.setSingleShot(true);
    m_save.setInterval(saveMs);
    connect(&m_save, &QTimer::timeout, this, &RunColumns::save);
    connect(header, &QHeaderView::sectionResized, this, [this](int section) {
        const QList<int> visible = shown();
        if (m_busy || !visible.contains(section) || section == visible.last())
            return; // hidden ones are told of too, the last one takes the rest by itself
        m_spread = false;
        m_save.start();
    });
    connect(header, &QHeaderView::sectionMoved, this, [this] {
        if (m_busy)
            return;
        m_save.start();
        Q_EMIT changed();
    });
    connect(header, &QWidget::customContextMenuRequested, this, [this, header](const QPoint &at) {
        auto *menu = new QMenu(m_view);
        menu->setObjectName(QStringLiteral("run-columns-menu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillMenu(menu);
        menu->popup(header->mapToGlobal(at));
    });
    view->viewport()->installEventFilter(this); // it also changes when the scroll bar comes
}

void RunColumns::keep()
{
    if (m_save.isActive())
        save();
    m_save.stop();
}

void RunColumns::restore()
{
    QHeaderView *header = m_view->header();
    const QJsonObject stored = m_session->project().setting(key).toObject();
    const QJsonObject sizes = stored.value(QStringLiteral("sizes")).toObject();
    const QJsonObject shown = stored.value(QStringLiteral("shown")).toObject();
    m_busy = true;
    m_spread = sizes.isEmpty();
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        const int kept = sizes.value(name(i)).toInt();
        header->setSectionHidden(i, !shown.value(name(i)).toBool(columns[i].shown));
        header->resizeSection(i, kept >= narrowest && kept < widest ? kept : columns[i].width);
    }
    header->setSectionHidden(RunListModel::Number, false);
    int place = 0;
    for (const QJsonValue &value : stored.value(QStringLiteral("order")).toArray()) {
        const int column = columnNamed(value.toString());
        if (column >= 0 && header->visualIndex(column) >= place)
            header->moveSection(header->visualIndex(column), place++);
    }
    m_busy = false;
}

void RunColumns::save()
{
    QJsonObject sizes;
    QJsonObject shown;
    QJsonArray order;
    const QHeaderView *header = m_view->header();
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        const int column = header->logicalIndex(i);
        order.append(name(column));
        shown.insert(name(column), !header->isSectionHidden(column));
        if (!m_spread && !header->isSectionHidden(column))
            sizes.insert(name(column), header->sectionSize(column));
    }
    m_session->project().setSetting(key, QJsonObject{{QStringLiteral("sizes"), sizes},
                                                     {QStringLiteral("shown"), shown},
                                                     {QStringLiteral("order"), order}});
}

void RunColumns::reset()
{
    QHeaderView *header = m_view->header();
    m_busy = true;
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        header->moveSection(header->visualIndex(i), i);
        header->setSectionHidden(i, !columns[i].shown);
        header->resizeSection(i, columns[i].width);
    }
    m_busy = false;
    m_spread = true;
    spread();
    m_save.start();
    Q_EMIT changed();
}

bool RunColumns::isShown(int column) const
{
    return !m_view->header()->isSectionHidden(column);
}

void RunColumns::setShown(int column, bool shown)
{
    if (column == RunListModel::Number || isShown(column) == shown)
        return; // something always stays
    QHeaderView *header = m_view->header();
    m_busy = true;
    header->setSectionHidden(column, !shown);
    if (shown && header->sectionSize(column) < narrowest)
        header->resizeSection(column, columns[column].width);
    m_busy = false;
    spread();
    m_save.start();
    Q_EMIT changed();
}

QList<int> RunColumns::shown() const
{
    QList<int> result;
    const QHeaderView *header = m_view->header();
    for (int i = 0; i < header->count(); ++i) {
        if (!header->isSectionHidden(header->logicalIndex(i)))
            result.append(header->logicalIndex(i));
    }
    return result;
}

void RunColumns::fillMenu(QMenu *menu)
{
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        QAction *action = menu->addAction(m_view->model()->headerData(i, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(isShown(i));
        action->setEnabled(i != RunListModel::Number);
        connect(action, &QAction::toggled, this, [this, i](bool on) { setShown(i, on); });
    }
    menu->addSeparator();
    menu->addAction(tr("Columns as at first"), this, &RunColumns::reset);
}

void RunColumns::spread()
{
    if (!m_spread)
        return;
    int fixed = 0;
    int texts = 0;
    for (int i = 0; i < RunListModel::ColumnCount; ++i) {
        if (!isShown(i))
            continue;
        if (isText(i))
            ++texts;
        else
            fixed += columns[i].width;
    }
    if (texts == 0)
        return;
    const int left = std::max(120 * texts, m_view->viewport()->width() - fixed);
    m_busy = true;
    for (const int column : {RunListModel::Input, RunListModel::Output}) {
        if (isShown(column))
            m_view->header()->resizeSection(column, left / texts);
    }
    m_busy = false;
}

bool RunColumns::eventFilter(QObject *watched, QEvent *event)
{
    // The type first: when the view goes, its viewport still speaks, and the view is no view any more.
    if (event->type() == QEvent::Resize && watched == m_view->viewport())
        QTimer::singleShot(0, this, &RunColumns::spread);
    return QObject::eventFilter(watched, event);
}

} // namespace lathe
