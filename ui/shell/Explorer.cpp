// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/Explorer.h"

#include "ui/canvas/CanvasTypes.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/shell/ExplorerDelegate.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/SearchField.h"

#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
// Artifacts that can be a node of a team are dragged as one: onto a canvas, or a tool onto an agent.
class ExplorerProxy : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    Qt::ItemFlags flags(const QModelIndex &index) const override
    {
        const Qt::ItemFlags flags = QSortFilterProxyModel::flags(index);
        return nodeOf(index) ? flags | Qt::ItemIsDragEnabled : flags & ~Qt::ItemIsDragEnabled;
    }

    QStringList mimeTypes() const override
    {
        return {QLatin1String(canvasmime::type)};
    }

    QMimeData *mimeData(const QModelIndexList &indexes) const override
    {
        const auto node = indexes.isEmpty() ? std::nullopt : nodeOf(indexes.first());
        return node ? canvasmime::make(node->first, node->second) : nullptr;
    }

    Qt::DropActions supportedDragActions() const override
    {
        return Qt::CopyAction;
    }

private:
    static std::optional<std::pair<NodeKind, QJsonObject>> nodeOf(const QModelIndex &index)
    {
        if (!index.isValid() || index.data(ArtifactTreeModel::IsKindRole).toBool())
            return std::nullopt;
        const QString name = index.data().toString();
        switch (ArtifactKind(index.data(ArtifactTreeModel::KindRole).toInt())) {
        case ArtifactKind::Agent:
            return std::pair(NodeKind::Agent, QJsonObject{{QStringLiteral("agent"), name}});
        case ArtifactKind::Team:
            return std::pair(NodeKind::Team, QJsonObject{{QStringLiteral("team"), name}});
        case ArtifactKind::Tool:
            return std::pair(NodeKind::Tool, QJsonObject{{QStringLiteral("tool"), name}});
        default:
            return std::nullopt;
        }
    }
};
}

Explorer::Explorer(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("explorer"));
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Explorer::build()
{
    if (m_tree)
        return;
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 0);
    layout->setSpacing(6);
    m_filter = new SearchField(m_theme, tr("Filter"), this);
    m_filter->setObjectName(QStringLiteral("explorer-filter"));
    layout->addWidget(m_filter);
    m_model = new ArtifactTreeModel(m_session, {ArtifactKind::Agent, ArtifactKind::Team, ArtifactKind::Prompt, ArtifactKind::Tool,
                                              ArtifactKind::Dataset, ArtifactKind::Experiment,
                                              ArtifactKind::Connection},
                                    this);
    m_proxy = new ExplorerProxy(this);
    m_proxy->setSourceModel(m_model);
    m_proxy->setRecursiveFilteringEnabled(true);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_tree = new QTreeView(this);
    m_tree->setObjectName(QStringLiteral("explorer-tree"));
    m_tree->setAccessibleName(tr("Artifacts"));
    m_tree->setModel(m_proxy);
    m_tree->setHeaderHidden(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setRootIsDecorated(false);
    m_tree->setIndentation(0); // the delegate indents, so that the band of a selection is as wide as the panel
    m_tree->setUniformRowHeights(true);
    m_tree->setMouseTracking(true);
    m_tree->setExpandsOnDoubleClick(false);
    m_tree->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tree->setDragEnabled(true);
    m_tree->setDragDropMode(QAbstractItemView::DragOnly);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setItemDelegate(new ExplorerDelegate(m_theme, m_tree));
    layout->addWidget(m_tree, 1);
    m_tree->expandAll();
    connect(m_filter, &SearchField::searchChanged, this, [this](const QString &text) {
        m_proxy->setFilterFixedString(text);
        m_tree->expandAll();
    });
    connect(m_filter, &SearchField::moveDown, this, [this] {
        m_tree->setFocus();
        m_tree->setCurrentIndex(m_tree->indexBelow(m_proxy->index(0, 0)));
    });
    connect(m_tree, &QTreeView::clicked, this, &Explorer::openIndex);
    connect(m_tree, &QTreeView::activated, this, &Explorer::openIndex);
    connect(m_tree, &QTreeView::customContextMenuRequested, this, &Explorer::showMenu);
    connect(m_model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex &parentIndex) {
        m_tree->expand(m_proxy->mapFromSource(parentIndex));
        if (m_current.isValid() && !m_tree->hasFocus())
            setCurrent(m_current); // a renamed one has gone to another place
    });
    setCurrent(m_current);
}

ArtifactId Explorer::idAt(const QModelIndex &index) const
{
    return m_model->artifactAt(m_proxy->mapToSource(index));
}

void Explorer::openIndex(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    if (index.data(ArtifactTreeModel::IsKindRole).toBool()) {
        auto *delegate = static_cast<ExplorerDelegate *>(m_tree->itemDelegate());
        const QPoint at = m_tree->viewport()->mapFromGlobal(QCursor::pos());
        if (delegate->plusRect(m_tree->visualRect(index)).contains(at))
            Q_EMIT createRequested(ArtifactKind(index.data(ArtifactTreeModel::KindRole).toInt()));
        else
            m_tree->setExpanded(index, !m_tree->isExpanded(index));
        return;
    }
    Q_EMIT openRequested(Location::ofArtifact(idAt(index)));
}

void Explorer::setCurrent(ArtifactId id)
{
    m_current = id;
    if (!m_tree)
        return;
    const QModelIndex index = m_proxy->mapFromSource(m_model->indexOf(id));
    if (index.isValid() && m_tree->currentIndex() != index)
        m_tree->setCurrentIndex(index);
    else if (!index.isValid())
        m_tree->clearSelection();
}

void Explorer::focusFilter()
{
    build();
    m_filter->setFocus();
    m_filter->selectAll();
}

void Explorer::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_tree->indexAt(pos);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (index.isValid() && !index.data(ArtifactTreeModel::IsKindRole).toBool()) {
        const ArtifactId id = idAt(index);
        const QString name = index.data().toString();
        menu->addAction(m_theme->icon(QStringLiteral("eye")), tr("Open"), this, [this, id] { Q_EMIT openRequested(Location::ofArtifact(id)); });
        menu->addAction(m_theme->icon(QStringLiteral("copy")), tr("Duplicate"), this, [this, id] { duplicate(id); });
        menu->addSeparator();
        menu->addAction(m_theme->icon(QStringLiteral("trash")), tr("Move to bin"), this, [this, id, name] {
            runTask(this, m_session->project().artifacts().moveToBin(id, true), [this, id, name] { Q_EMIT binned(id, name); },
                    [this](const Error &error) { Q_EMIT errorRaised(error); });
        });
        menu->addSeparator();
    }
    for (const ArtifactKind kind : {ArtifactKind::Agent, ArtifactKind::Team, ArtifactKind::Prompt, ArtifactKind::Tool, ArtifactKind::Dataset, ArtifactKind::Experiment, ArtifactKind::Connection}) {
        menu->addAction(m_theme->icon(QStringLiteral("plus")), kind == ArtifactKind::Dataset ? tr("Import dataset...") : tr("New %1").arg(artifactKindName(kind)),
                        this, [this, kind] { Q_EMIT createRequested(kind); });
    }
    menu->popup(m_tree->viewport()->mapToGlobal(pos));
}

void Explorer::duplicate(ArtifactId id)
{
    const auto info = m_session->project().artifacts().info(id);
    const auto draft = m_session->draft(id);
    if (!info || !draft)
        return;
    const QString name = m_session->freeName(info->kind, info->name + tr(" copy"));
    runTask(this, m_session->createArtifact(info->kind, name, draft->body),
            [this](ArtifactId made) { Q_EMIT openRequested(Location::ofArtifact(made)); },
            [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void Explorer::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
