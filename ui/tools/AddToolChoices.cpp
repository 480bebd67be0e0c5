// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolChoices.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListView>
#include <QMouseEvent>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
enum Roles { KeyRole = Qt::UserRole + 1, SearchRole, GroupRole, FixedRole, OffRole };
constexpr int mostRows = 20'000;
}

AddToolChoices::AddToolChoices(Theme *theme, const QString &placeholder, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_list(new FilterableList(theme, placeholder, this)), m_model(new QStandardItemModel(this)),
      m_groups(new QComboBox(this)), m_all(new LinkLabel(theme, tr("All"), this)), m_none(new LinkLabel(theme, tr("None"), this)),
      m_count(new Label(theme, QString(), Label::Style::Caption, this)), m_one(tr("tool")), m_many(tr("tools"))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(metrics::Margin);
    m_groups->setObjectName(QStringLiteral("choices-group"));
    m_groups->setAccessibleName(tr("Group"));
    m_groups->hide();
    m_all->setObjectName(QStringLiteral("choices-all"));
    m_all->setToolTip(tr("Switch on all that are shown"));
    m_none->setObjectName(QStringLiteral("choices-none"));
    m_none->setToolTip(tr("Switch off all that are shown"));
    m_count->setObjectName(QStringLiteral("choices-count"));
    m_list->field()->setObjectName(QStringLiteral("choices-search"));
    m_list->view()->setObjectName(QStringLiteral("choices-list"));
    bar->addWidget(m_groups);
    bar->addWidget(m_count, 1);
    bar->addWidget(m_all);
    bar->addWidget(m_none);
    layout->addWidget(m_list, 1);
    layout->addLayout(bar);
    auto *delegate = qobject_cast<RowDelegate *>(m_list->view()->itemDelegate());
    if (delegate)
        delegate->setTwoLines(true);
    m_list->setFilterRole(SearchRole);
    m_list->setModel(m_model);
    m_list->view()->installEventFilter(this);
    m_list->view()->viewport()->installEventFilter(this);
    setFocusProxy(m_list);
    connect(m_list, &FilterableList::currentChanged, this, [this](const QModelIndex &index) { Q_EMIT currentChanged(index.data(KeyRole).toString()); });
    connect(m_list, &FilterableList::activated, this, [this](const QModelIndex &index) { Q_EMIT activated(index.data(KeyRole).toString()); });
    connect(m_all, &LinkLabel::clicked, this, [this] { setShown(true); });
    connect(m_none, &LinkLabel::clicked, this, [this] { setShown(false); });
    connect(m_list->field(), &SearchField::searchChanged, this, &AddToolChoices::showGroup); // rows that come back are shown
    connect(m_groups, &QComboBox::activated, this, &AddToolChoices::showGroup);
}

void AddToolChoices::setRows(const std::vector<Row> &rows)
{
    const QString before = current();
    const QString group = m_groups->currentData().toString();
    m_model->clear();
    m_rows.clear();
    QStringList groups;
    QList<QStandardItem *> items;
    for (const Row &row : rows) {
        if (items.size() >= mostRows)
            break;
        auto *item = new QStandardItem(row.title);
        item->setData(row.key, KeyRole);
        item->setData(QString(row.title + QLatin1Char(' ') + row.detail + QLatin1Char(' ') + row.group + QLatin1Char(' ') + row.trailing), SearchRole);
        item->setData(row.group, GroupRole);
        item->setData(row.fixed, FixedRole);
        item->setData(row.off, OffRole);
        item->setData(row.detail, rowrole::Detail);
        item->setData(row.trailing, rowrole::Trailing);
        if (!row.icon.isEmpty()) {
            item->setData(row.icon, rowrole::Icon);
            item->setData(int(row.color), rowrole::Color);
        }
        item->setData(true, rowrole::Strong);
        item->setToolTip(row.tip);
        if (!row.fixed)
            item->setData(row.on ? Qt::Checked : Qt::Unchecked, Qt::CheckStateRole);
        item->setData(!row.on, rowrole::Dimmed);
        m_rows.insert(row.key, int(items.size()));
        items.append(item);
        if (!row.group.isEmpty() && !groups.contains(row.group))
            groups.append(row.group);
    }
    m_model->appendColumn(items);
    m_groups->clear();
    m_groups->addItem(tr("All groups"), QString());
    for (const QString &name : groups)
        m_groups->addItem(name.left(60), name);
    m_groups->setVisible(groups.size() > 1);
    m_groups->setCurrentIndex(std::max(0, m_groups->findData(group)));
    showGroup();
    setCurrent(before);
    if (!m_list->currentIndex().isValid() && m_model->rowCount() > 0)
        m_list->setCurrentIndex(m_model->index(0, 0));
    showCount();
}

void AddToolChoices::setNoun(const QString &one, const QString &many)
{
    m_one = one;
    m_many = many;
    showCount();
}

void AddToolChoices::setSaysWhy(bool says)
{
    m_saysWhy = says;
    m_count->setWordWrap(says);
    showCount();
}

// "delete_all is new, not approved; 12 switched off"; the tip has them all.
QString AddToolChoices::whyOff(QString *tip) const
{
    std::vector<std::pair<QString, QStringList>> reasons; // in the order of the rows
    QStringList lines;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QStandardItem *item = m_model->item(row);
        if (item->data(Qt::CheckStateRole).toInt() == Qt::Checked)
            continue;
        QString reason = item->data(OffRole).toString();
        if (reason.isEmpty())
            reason = tr("switched off");
        const QString name = item->text().left(40);
        if (lines.size() < 20)
            lines.append(QStringLiteral("%1: %2").arg(name, reason));
        auto found = std::find_if(reasons.begin(), reasons.end(), [&](const auto &one) { return one.first == reason; });
        if (found == reasons.end())
            found = reasons.insert(reasons.end(), {reason, {}});
        found->second.append(name);
    }
    *tip = lines.join(QLatin1Char('\n'));
    QStringList parts;
    for (const auto &[reason, names] : reasons)
        parts.append(names.size() == 1 ? tr("%1 is %2").arg(names.first(), reason) : tr("%1 are %2").arg(format::number(names.size()), reason));
    return parts.join(QStringLiteral("; "));
}

void AddToolChoices::setEmptyText(const QString &text)
{
    m_list->setEmptyText(text);
}

QStringList AddToolChoices::chosen() const
{
    QStringList keys;
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        if (index.data(Qt::CheckStateRole).toInt() == Qt::Checked)
            keys.append(index.data(KeyRole).toString());
    }
    return keys;
}

int AddToolChoices::rowCount() const
{
    return m_model->rowCount();
}

QString AddToolChoices::current() const
{
    return m_list->currentIndex().data(KeyRole).toString();
}

void AddToolChoices::setCurrent(const QString &key)
{
    if (const auto row = m_rows.constFind(key); row != m_rows.constEnd())
        m_list->setCurrentIndex(m_model->index(*row, 0));
}

void AddToolChoices::setSwitchesEnabled(bool enabled)
{
    m_enabled = enabled;
    m_all->setEnabled(enabled);
    m_none->setEnabled(enabled);
}

void AddToolChoices::toggle(const QModelIndex &source)
{
    if (!m_enabled || !source.isValid() || source.data(FixedRole).toBool())
        return;
    const bool on = source.data(Qt::CheckStateRole).toInt() != Qt::Checked;
    QStandardItem *item = m_model->itemFromIndex(source);
    item->setData(on ? Qt::Checked : Qt::Unchecked, Qt::CheckStateRole);
    item->setData(!on, rowrole::Dimmed);
    showCount();
    Q_EMIT toggled({item->data(KeyRole).toString()}, on);
    Q_EMIT changed();
}

void AddToolChoices::setShown(bool on)
{
    QStringList keys;
    const QAbstractItemModel *shown = m_list->view()->model();
    QList<QPersistentModelIndex> rows;
    for (int row = 0; row < shown->rowCount(); ++row) {
        if (!m_list->view()->isRowHidden(row))
            rows.append(shown->index(row, 0));
    }
    for (const QPersistentModelIndex &index : std::as_const(rows)) {
        if (index.data(FixedRole).toBool() || (index.data(Qt::CheckStateRole).toInt() == Qt::Checked) == on)
            continue;
        const QString key = index.data(KeyRole).toString();
        QStandardItem *item = m_model->item(m_rows.value(key));
        item->setData(on ? Qt::Checked : Qt::Unchecked, Qt::CheckStateRole);
        item->setData(!on, rowrole::Dimmed);
        keys.append(key);
    }
    showCount();
    if (keys.isEmpty())
        return;
    Q_EMIT toggled(keys, on);
    Q_EMIT changed();
}

// A group narrows what the search shows.
void AddToolChoices::showGroup()
{
    const QString group = m_groups->currentData().toString();
    const QAbstractItemModel *shown = m_list->view()->model();
    for (int row = 0; row < shown->rowCount(); ++row)
        m_list->view()->setRowHidden(row, !group.isEmpty() && shown->index(row, 0).data(GroupRole).toString() != group);
}

void AddToolChoices::showCount()
{
    const int all = m_model->rowCount();
    const int on = int(chosen().size());
    QString text;
    if (all == 1)
        text = on == 1 ? tr("1 %1 on").arg(m_one) : tr("1 %1, off").arg(m_one);
    else if (all > 1)
        text = on == all ? tr("All %1 on").arg(format::count(all, m_one, m_many)) : tr("%1 of %2 on").arg(format::number(on), format::count(all, m_one, m_many));
    QString tip;
    if (const QString why = m_saysWhy && on < all ? whyOff(&tip) : QString(); !why.isEmpty())
        text += QStringLiteral(": ") + why;
    m_count->setText(text);
    m_count->setToolTip(tip);
    m_all->setVisible(all > 1);
    m_none->setVisible(all > 1);
}

bool AddToolChoices::eventFilter(QObject *watched, QEvent *event)
{
    QListView *view = m_list->view();
    const QModelIndex first = m_model->index(0, 0);
    if (watched == view && event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space) {
        toggle(m_list->currentIndex());
        return true;
    }
    if (watched == view->viewport() && event->type() == QEvent::MouseButtonRelease && first.isValid()) {
        const QPoint at = static_cast<QMouseEvent *>(event)->position().toPoint();
        const QModelIndex index = view->indexAt(at);
        const int icon = index.data(rowrole::Icon).toString().isEmpty() ? 0 : 24;
        if (index.isValid() && at.x() < icon + 30 && at.x() >= icon) {
            view->setCurrentIndex(index);
            toggle(m_list->currentIndex());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
