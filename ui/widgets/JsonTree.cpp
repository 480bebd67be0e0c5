// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonTree.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/JsonDelegate.h"
#include "ui/widgets/JsonSearch.h"
#include "ui/widgets/JsonTreeModel.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/TextWindow.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QPointer>
#include <QThreadPool>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int SliceMs = 6;
constexpr int OpenAtFirst = 40;         // rows
constexpr qsizetype ParsedAtOnce = 300'000; // bytes, a few milliseconds
constexpr qsizetype WorthAWindow = 120; // characters of a string
}

JsonTree::JsonTree(Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_field(new SearchField(theme, tr("Filter names and values"))),
      m_status(new Label(theme, QString(), Label::Style::Hint)),
      m_view(new QTreeView),
      m_model(new JsonTreeModel(this)),
      m_delegate(new JsonDelegate(theme, m_view))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    layout->addWidget(m_field);
    layout->addWidget(m_status);
    layout->addWidget(m_view, 1);
    m_field->hide();
    m_status->hide();
    m_view->setItemDelegate(m_delegate);
    m_view->setHeaderHidden(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setExpandsOnDoubleClick(false);
    m_view->setAccessibleName(tr("JSON"));
    m_view->ensurePolished(); // or uniform rows keep the height of the unstyled view
    m_view->setUniformRowHeights(true);
    m_view->setModel(m_model);
    m_view->installEventFilter(this);
    m_view->viewport()->installEventFilter(this);
    setFocusProxy(m_view);
    connect(m_field, &SearchField::searchChanged, this, &JsonTree::setFilter);
    connect(m_field, &SearchField::moveDown, this, [this] {
        m_view->setFocus(Qt::OtherFocusReason);
        if (!m_view->currentIndex().isValid())
            m_view->setCurrentIndex(m_model->index(0, 0));
    });
    connect(m_view, &QTreeView::customContextMenuRequested, this, &JsonTree::showMenu);
    connect(m_view, &QTreeView::doubleClicked, this, [this](const QModelIndex &index) {
        if (m_model->hasChildren(index))
            m_view->setExpanded(index, !m_view->isExpanded(index));
        else
            showText(index);
    });
    m_slice.setInterval(0);
    connect(&m_slice, &QTimer::timeout, this, &JsonTree::searchSome);
}

JsonTree::~JsonTree() = default;

void JsonTree::setJson(const QByteArray &text)
{
    if (text.size() > ParsedAtOnce) {
        parseLater([text] { return text; }, text.size());
        return;
    }
    const auto value = json::parse(text);
    setParsed(text, value ? *value : QJsonValue(), value.ok());
}

void JsonTree::setJsonText(const QString &text)
{
    if (text.size() > ParsedAtOnce)
        parseLater([text] { return text.toUtf8(); }, text.size());
    else
        setJson(text.toUtf8());
}

void JsonTree::parseLater(std::function<QByteArray()> text, qsizetype size)
{
    setValue(QJsonValue(tr("Reading %1 ...").arg(QLocale().formattedDataSize(size))));
    const int generation = m_generation;
    const QPointer<JsonTree> alive(this);
    QThreadPool::globalInstance()->start([text = std::move(text), generation, alive] {
        const QByteArray bytes = text();
        auto value = json::parse(bytes);
        const bool good = value.ok();
        const QJsonValue made = good ? *value : QJsonValue();
        // Back to the window's thread; whether the tree is still there is only asked there.
        QMetaObject::invokeMethod(
            qApp,
            [bytes, made, good, generation, alive] {
                if (alive && alive->m_generation == generation)
                    alive->setParsed(bytes, made, good);
            },
            Qt::QueuedConnection);
    });
}

void JsonTree::setParsed(const QByteArray &text, const QJsonValue &value, bool good)
{
    setValue(good ? value : QJsonValue(json::fromUtf8Lossy(text)));
    Q_EMIT parsed(good);
}

void JsonTree::setValue(const QJsonValue &value)
{
    ++m_generation;
    m_slice.stop();
    m_search.reset();
    m_model->setValue(value);
    if (m_field->text().isEmpty())
        expandFirst();
    else
        setFilter(m_field->text());
}

void JsonTree::expandFirst()
{
    // Open from the top while everything fits on a screen.
    int rows = m_model->rowCount();
    QList<QModelIndex> level;
    for (int i = 0; i < m_model->rowCount() && i < OpenAtFirst; ++i)
        level.append(m_model->index(i, 0));
    for (int depth = 0; depth < 3 && !level.isEmpty(); ++depth) {
        QList<QModelIndex> next;
        for (const QModelIndex &index : std::as_const(level)) {
            const qsizetype count = jsonMemberCount(m_model->valueAt(index));
            if (count == 0 || rows + count > OpenAtFirst)
                continue;
            m_model->fetchMore(index); // the view itself would do it only when it is laid out
            m_view->expand(index);
            rows += static_cast<int>(count);
            for (int i = 0; i < m_model->rowCount(index); ++i)
                next.append(m_model->index(i, 0, index));
        }
        level = next;
    }
}

void JsonTree::setFilterVisible(bool visible)
{
    m_field->setVisible(visible);
    if (visible) {
        m_field->setFocus(Qt::ShortcutFocusReason);
        m_field->selectAll();
    } else {
        m_field->clear();
        m_view->setFocus(Qt::OtherFocusReason);
    }
}

void JsonTree::setFilter(const QString &text)
{
    m_slice.stop();
    m_search.reset();
    if (text.isEmpty()) {
        m_status->hide();
        m_model->clearFilter();
        expandFirst();
        return;
    }
    m_search = std::make_unique<JsonSearch>(m_model->value(), text);
    m_status->setText(tr("Searching ..."));
    m_slice.start();
}

void JsonTree::searchSome()
{
    if (!m_search->run(SliceMs)) {
        m_status->show();
        return;
    }
    m_slice.stop();
    const auto matches = m_search->matches();
    m_search.reset();
    m_model->setFilter(matches);
    if (matches.size() <= 100)
        m_view->expandAll();
    const int count = static_cast<int>(matches.size());
    if (count == 0)
        m_status->setText(tr("Nothing matches."));
    else if (matches.size() >= JsonSearch::MostMatches)
        m_status->setText(tr("The first %1 matches").arg(count));
    else
        m_status->setText(count == 1 ? tr("1 match") : tr("%1 matches").arg(count));
    m_status->show();
    Q_EMIT filtered(count);
}

void JsonTree::copyValue(const QModelIndex &index)
{
    if (index.isValid())
        QGuiApplication::clipboard()->setText(index.data(JsonTreeModel::TextRole).toString());
}

void JsonTree::copyPath(const QModelIndex &index)
{
    if (index.isValid())
        QGuiApplication::clipboard()->setText(index.data(JsonTreeModel::PathRole).toString());
}

void JsonTree::showText(const QModelIndex &index)
{
    const QJsonValue value = m_model->valueAt(index);
    if (!value.isString()
        || (value.toString().size() < WorthAWindow
            && !value.toString().contains(QLatin1Char('\n'))))
        return;
    auto *window = new TextWindow(m_theme, index.data(JsonTreeModel::PathRole).toString(),
                                  value.toString(), this);
    window->show();
}

void JsonTree::showMenu(const QPoint &pos)
{
    const QPersistentModelIndex index = m_view->indexAt(pos);
    if (!index.isValid())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy value\tCtrl+C"), this, [this, index] { copyValue(index); });
    menu->addAction(tr("Copy path\tCtrl+Shift+C"), this, [this, index] { copyPath(index); });
    if (m_model->valueAt(index).isString())
        menu->addAction(tr("Open in a window\tEnter"), this, [this, index] { showText(index); });
    menu->addSeparator();
    menu->addAction(tr("Expand all below"), this, [this, index] {
        if (m_model->valueAt(index).isArray() || m_model->valueAt(index).isObject())
            m_view->expandRecursively(index, 3);
    });
    menu->addAction(tr("Collapse all"), m_view, &QTreeView::collapseAll);
    menu->popup(m_view->viewport()->mapToGlobal(pos));
}

bool JsonTree::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::MouseButtonRelease) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const QModelIndex index = m_view->indexAt(mouse->position().toPoint());
        if (index.isValid()
            && m_delegate->showAllRect(m_view->visualRect(index), index)
                   .contains(mouse->position().toPoint()))
            showText(index);
    }
    if (watched != m_view
        || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    const QModelIndex index = m_view->currentIndex();
    if (key->matches(QKeySequence::Copy)) {
        if (press)
            copyValue(index);
    } else if (key->key() == Qt::Key_C
               && key->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier)) {
        if (press)
            copyPath(index);
    } else if (key->matches(QKeySequence::Find)) {
        if (press)
            setFilterVisible(true);
    } else if (press && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter)) {
        if (m_model->hasChildren(index))
            m_view->setExpanded(index, !m_view->isExpanded(index));
        else if (index.isValid())
            showText(index);
    } else {
        return QWidget::eventFilter(watched, event);
    }
    event->accept();
    return true;
}

} // namespace lathe
