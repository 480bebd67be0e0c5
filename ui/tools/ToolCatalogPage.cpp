// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolCatalogPage.h"

#include "core/session/ToolStats.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolCatalogModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolSheet.h"
#include "ui/tools/ToolCatalogDelegate.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"

#include <QAction>
#include <QKeyEvent>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr qint64 UsageUs = 30 * 86'400'000'000;
constexpr int WidestList = 1180; // cards wider than this only move their ends apart
}

// A head stays while one of its tools does.
class ToolCatalogPage::Filter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    MimeSource mime;
    void setWords(const QString &text)
    {
        m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        invalidateFilter();
    }
    bool isActive() const { return !m_words.isEmpty(); }
    QStringList mimeTypes() const override { return {QStringLiteral("application/x-lathe-node")}; }
    QMimeData *mimeData(const QModelIndexList &indexes) const override
    {
        return mime && !indexes.isEmpty() ? mime(indexes.first().data().toString()) : nullptr;
    }
    Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        const QAbstractItemModel *source = sourceModel();
        if (!source->index(row, 0, parent).data(ToolCatalogModel::IsHeadRole).toBool())
            return matches(row);
        for (int next = row + 1; next < source->rowCount() && !source->index(next, 0).data(ToolCatalogModel::IsHeadRole).toBool(); ++next) {
            if (matches(next))
                return true;
        }
        return false;
    }

private:
    bool matches(int row) const
    {
        const QString text = sourceModel()->index(row, 0).data(ToolCatalogModel::SearchRole).toString();
        return std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
    }
    QStringList m_words;
};

ToolCatalogPage::ToolCatalogPage(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_model(new ToolCatalogModel(session, this)), m_filter(new Filter(this))
{
    setObjectName(QStringLiteral("list-tool"));
    m_filter->setSourceModel(m_model);
    auto *outer = new QHBoxLayout(this);
    outer->setContentsMargins(metrics::PageMargin, 16, metrics::PageMargin, 0);
    auto *column = new QWidget(this);
    column->setMaximumWidth(WidestList);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    outer->addWidget(column, 1);
    m_header = new SectionHeader(theme, tr("Tools"), SectionHeader::Level::Page, column);
    auto *add = new PrimaryButton(tr("New tool"), m_header);
    add->setObjectName(QStringLiteral("create-tool"));
    add->setToolTip(tr("An MCP server, an OpenAPI document, a curl command, or one of the types"));
    m_header->addAction(add);
    layout->addWidget(m_header);
    m_search = new SearchField(theme, tr("Filter by name, type, purpose or agent"), column);
    m_search->setObjectName(QStringLiteral("tools-filter"));
    layout->addWidget(m_search);
    m_view = new QListView(column);
    m_view->setObjectName(QStringLiteral("tools-list"));
    m_view->setAccessibleName(tr("Tools"));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setModel(m_filter);
    m_view->setItemDelegate(new ToolCatalogDelegate(theme, m_view));
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setResizeMode(QListView::Adjust);
    m_view->viewport()->setAutoFillBackground(false);
    m_view->installEventFilter(this);
    layout->addWidget(m_view, 1);
    m_nothing = new Label(theme, tr("No tool matches."), Label::Style::Hint, column);
    m_nothing->hide();
    layout->addWidget(m_nothing);
    m_empty = new EmptyState(theme, QStringLiteral("tool"),
                             tr("Tools let agents look things up and act, under limits you set. Paste an MCP server, an API or a curl command, or pick a type."), column);
    m_empty->setObjectName(QStringLiteral("tools-empty"));
    m_empty->setAction(tr("New tool"));
    m_empty->setLink(tr("Add a calculator that works offline"));
    layout->addWidget(m_empty, 1);

    connect(add, &QAbstractButton::clicked, this, [this] { addTool(); });
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { addTool(); });
    connect(m_empty, &EmptyState::linkTriggered, this, [this] {
        const ToolTypeInfo *type = toolType(QStringLiteral("calculator"));
        runTask(this, m_session->createArtifact(ArtifactKind::Tool, m_session->freeName(ArtifactKind::Tool, QStringLiteral("calculator")), type ? type->defaultBody : QJsonObject()),
                [this](ArtifactId id) { Q_EMIT openRequested(Location::ofArtifact(id)); }, [this](const Error &error) { Q_EMIT errorRaised(error); });
    });
    connect(m_search, &SearchField::searchChanged, this, [this](const QString &text) {
        m_filter->setWords(text);
        updateEmpty();
        if (!m_view->currentIndex().isValid())
            move(1);
    });
    connect(m_search, &SearchField::moveDown, this, [this] { move(1); });
    connect(m_search, &SearchField::moveUp, this, [this] { move(-1); });
    connect(m_search, &SearchField::accepted, this, [this] { open(m_view->currentIndex()); });
    connect(m_view, &QListView::clicked, this, &ToolCatalogPage::open);
    connect(m_view, &QWidget::customContextMenuRequested, this, &ToolCatalogPage::showMenu);
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &ToolCatalogPage::updateEmpty);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, &ToolCatalogPage::updateEmpty);
    connect(theme, &Theme::changed, m_view->viewport(), qOverload<>(&QWidget::update));

    const auto command = [this](const QString &text, const QString &icon, const QKeySequence &key, auto &&run) {
        auto *action = new QAction(m_theme->icon(icon), text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, run);
        addAction(action);
        m_commands.append(action);
    };
    command(tr("New tool"), QStringLiteral("plus"), QKeySequence(), [this] { addTool(); });
    command(tr("Duplicate tool"), QStringLiteral("copy"), QKeySequence(Qt::CTRL | Qt::Key_D), [this] {
        if (const ArtifactId id = currentTool(); id.isValid())
            duplicate(id);
    });
    m_usageSoon.setSingleShot(true);
    m_usageSoon.setInterval(2000);
    connect(&m_usageSoon, &QTimer::timeout, this, [this] {
        if (isVisible())
            refreshUsage();
    });
    connect(session, &Session::runEnded, this, [this] {
        m_usageStale = true;
        m_usageSoon.start();
    });
    setFocusProxy(m_search);
    updateEmpty();
}

ToolCatalogPage::~ToolCatalogPage()
{
    ++m_query;
    if (m_cancel) {
        CancelSource source = *m_cancel;
        source.cancel();
    }
}

void ToolCatalogPage::setMimeSource(MimeSource source)
{
    m_filter->mime = std::move(source);
    m_view->setDragEnabled(bool(m_filter->mime));
    m_view->setDragDropMode(m_filter->mime ? QAbstractItemView::DragOnly : QAbstractItemView::NoDragDrop);
}

void ToolCatalogPage::updateEmpty()
{
    const int count = m_model->toolCount();
    m_header->setDetail(count > 0 ? format::count(count, tr("tool"), tr("tools")) : QString());
    const bool found = m_filter->rowCount() > 0;
    m_empty->setVisible(count == 0);
    m_search->setVisible(count > 0);
    m_view->setVisible(count > 0 && found);
    m_nothing->setVisible(count > 0 && !found);
    static_cast<QBoxLayout *>(m_nothing->parentWidget()->layout())->setStretchFactor(m_nothing, count > 0 && !found ? 1 : 0);
    m_nothing->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
}

void ToolCatalogPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_usageStale)
        refreshUsage();
}

void ToolCatalogPage::refreshUsage()
{
    m_usageStale = false;
    if (m_cancel) {
        CancelSource source = *m_cancel;
        source.cancel();
    }
    m_cancel.emplace();
    const int number = ++m_query;
    ToolUsageQuery query;
    query.byRevision = false;
    query.sinceUs = m_session->clock().nowUs() - UsageUs;
    runTask(
        this, toolUsage(&m_session->project(), query, m_cancel->token()),
        [this, number](const std::vector<ToolUsage> &usage) {
            if (number == m_query)
                m_model->setUsage(usage);
        },
        [](const Error &) {}); // numbers more or less; the tool's own page says what is wrong
}

void ToolCatalogPage::move(int rows)
{
    int row = m_view->currentIndex().isValid() ? m_view->currentIndex().row() : -1;
    do {
        row += rows < 0 ? -1 : 1;
    } while (row >= 0 && row < m_filter->rowCount() && m_filter->index(row, 0).data(ToolCatalogModel::IsHeadRole).toBool());
    if (row >= 0 && row < m_filter->rowCount())
        m_view->setCurrentIndex(m_filter->index(row, 0));
}

ArtifactId ToolCatalogPage::currentTool() const
{
    return m_view->currentIndex().data(ToolCatalogModel::IdRole).value<ArtifactId>();
}

void ToolCatalogPage::open(const QModelIndex &index)
{
    const auto id = index.data(ToolCatalogModel::IdRole).value<ArtifactId>();
    if (id.isValid())
        Q_EMIT openRequested(Location::ofArtifact(id));
}

void ToolCatalogPage::tryCurrent()
{
    if (currentTool().isValid())
        open(m_view->currentIndex());
    else
        Q_EMIT statusMessage(tr("Choose a tool to try first."));
}

void ToolCatalogPage::addTool(const QString &input)
{
    auto *sheet = new AddToolSheet(m_session, m_theme, this);
    connect(sheet, &AddToolSheet::openRequested, this, &ToolCatalogPage::openRequested);
    connect(sheet, &AddToolSheet::statusMessage, this, &ToolCatalogPage::statusMessage);
    sheet->open();
    if (!input.isEmpty())
        sheet->setInput(input);
}

void ToolCatalogPage::duplicate(ArtifactId id)
{
    const auto info = m_session->project().artifacts().info(id);
    const auto draft = m_session->draft(id);
    if (!info || !draft)
        return;
    runTask(this, m_session->createArtifact(ArtifactKind::Tool, m_session->freeName(ArtifactKind::Tool, tr("%1 copy").arg(info->name)), draft->body),
            [this](ArtifactId made) { Q_EMIT openRequested(Location::ofArtifact(made)); }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void ToolCatalogPage::moveToBin(ArtifactId id, const QString &name)
{
    runTask(this, m_session->project().artifacts().moveToBin(id, true), [this, id, name] { Q_EMIT binned(id, name); },
            [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void ToolCatalogPage::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_view->indexAt(pos);
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("tools-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto id = index.data(ToolCatalogModel::IdRole).value<ArtifactId>();
    const bool writable = !m_session->project().isReadOnly();
    if (id.isValid()) {
        const QString name = index.data().toString();
        m_view->setCurrentIndex(index);
        menu->addAction(m_theme->icon(QStringLiteral("run")), tr("Open and try"), this, [this, id] { Q_EMIT openRequested(Location::ofArtifact(id)); });
        menu->addAction(m_theme->icon(QStringLiteral("runs")), tr("Runs that called it"), this, [this, name] {
            Q_EMIT openRequested(Location::ofRuns(name.contains(QLatin1Char(' ')) ? QStringLiteral("tool:\"%1\"").arg(name) : QStringLiteral("tool:%1").arg(name)));
        });
        const QStringList users = index.data(ToolCatalogModel::UsersRole).toStringList();
        if (!users.isEmpty()) {
            auto *usedBy = menu->addMenu(tr("Used by"));
            for (const QString &user : users) {
                usedBy->addAction(user, this, [this, user] {
                    for (const ArtifactKind kind : {ArtifactKind::Agent, ArtifactKind::Team}) {
                        if (const auto found = m_session->project().artifacts().find(kind, user))
                            return Q_EMIT openRequested(Location::ofArtifact(*found));
                    }
                });
            }
        }
        menu->addSeparator();
        menu->addAction(m_theme->icon(QStringLiteral("copy")), tr("Duplicate"), this, [this, id] { duplicate(id); })->setEnabled(writable);
        menu->addAction(m_theme->icon(QStringLiteral("trash")), tr("Move to bin"), this, [this, id, name] { moveToBin(id, name); })->setEnabled(writable);
        menu->addSeparator();
    }
    menu->addAction(m_theme->icon(QStringLiteral("plus")), tr("New tool..."), this, [this] { addTool(); })->setEnabled(writable);
    menu->popup(m_view->viewport()->mapToGlobal(pos));
}

bool ToolCatalogPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_view || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const QString text = key->text();
    const bool plain = !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        open(m_view->currentIndex());
        return true;
    }
    if (key->key() == Qt::Key_Delete && currentTool().isValid() && !m_session->project().isReadOnly()) {
        moveToBin(currentTool(), m_view->currentIndex().data().toString());
        return true;
    }
    if (key->key() == Qt::Key_Menu && m_view->currentIndex().isValid()) {
        showMenu(m_view->visualRect(m_view->currentIndex()).center());
        return true;
    }
    if (plain && !text.isEmpty() && text.at(0).isPrint() && !text.at(0).isSpace()) { // typing filters
        m_search->setFocus(Qt::OtherFocusReason);
        m_search->insert(text);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
