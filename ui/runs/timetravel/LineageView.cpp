// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/LineageView.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/timetravel/LineageModel.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int rowHeight = 40;
constexpr int branch = 18; // width of one level
constexpr int mostRows = 5;

// "execute_tool sql" is called "sql" everywhere else.
QString withoutOperation(const QString &name)
{
    for (const char *operation : {"invoke_agent ", "invoke_workflow ", "execute_tool ", "chat "}) {
        if (name.startsWith(QLatin1String(operation)))
            return name.mid(QLatin1String(operation).size());
    }
    return name;
}

class LineageDelegate : public RowDelegate
{
public:
    LineageDelegate(Theme *theme, RunId current, QObject *parent) : RowDelegate(theme, parent), m_theme(theme), m_current(current) {}
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {200, rowHeight}; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const auto *model = qobject_cast<const LineageModel *>(index.model());
        const RunLineage::Node *node = model ? model->node(index.row()) : nullptr;
        const Tokens &t = m_theme->tokens();
        paintBand(*painter, option, index, t);
        if (!node)
            return;
        const bool here = node->run == m_current;
        if (here && !(option.state & QStyle::State_Selected))
            painter->fillRect(option.rect, withAlpha(t.accent, t.dark ? 0.10 : 0.08));
        QRect rect = option.rect.adjusted(10, 0, -12, 0);
        // Branches: a line down for each ancestor that has more children, a hook to this one.
        const int depth = std::min(node->depth, 12);
        for (int level = 1; level <= depth; ++level) {
            const int x = rect.left() + (level - 1) * branch + 8;
            const bool own = level == depth;
            const int middle = rect.top() + rowHeight / 2;
            if (own) {
                painter->fillRect(QRect(x, rect.top(), 1, model->isLastChild(index.row()) ? rowHeight / 2 : rowHeight), t.lineStrong);
                painter->fillRect(QRect(x, middle, branch - 8, 1), t.lineStrong);
            } else if (model->goesOn(index.row(), level)) {
                painter->fillRect(QRect(x, rect.top(), 1, rowHeight), t.lineStrong);
            }
        }
        rect.setLeft(rect.left() + depth * branch);
        if (!node->children.empty())
            painter->fillRect(QRect(rect.left() + 8, rect.top() + rowHeight / 2 + 8, 1, rowHeight / 2 - 8), t.lineStrong);
        paintStatus(*painter, QRectF(rect.left(), rect.top(), 16, rowHeight), stepstyle::status(node->status), t);
        rect.setLeft(rect.left() + 24);
        QStringList numbers;
        if (node->endUs > node->startUs)
            numbers.append(format::duration(node->endUs - node->startUs));
        if (node->usage.totalTokens() > 0)
            numbers << QObject::tr("%1 tok").arg(format::number(node->usage.totalTokens())) << format::cost(node->usage);
        const QString right = numbers.join(QStringLiteral("  \u00b7  "));
        painter->setFont(m_theme->smallFont());
        painter->setPen(t.text2);
        const int used = std::min(painter->fontMetrics().horizontalAdvance(right), rect.width() / 2);
        painter->drawText(QRect(rect.left(), rect.top(), rect.width(), rowHeight), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, right);
        rect.setRight(rect.right() - used - 16);
        const QString name = node->depth == 0 ? QObject::tr("Run %1  original").arg(node->run.value) : QObject::tr("Run %1").arg(node->run.value);
        painter->setFont(here ? m_theme->strongFont() : m_theme->uiFont());
        painter->setPen(here ? t.accent : t.text);
        const int nameWidth = painter->fontMetrics().horizontalAdvance(name);
        const QRect first(rect.left(), rect.top() + 3, rect.width(), 18);
        painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, name);
        const QString where = node->depth == 0 ? node->agent : node->stepName.isEmpty() ? node->step : QStringLiteral("%1  %2").arg(node->step, withoutOperation(node->stepName));
        painter->setFont(m_theme->smallFont());
        painter->setPen(t.text3);
        const QRect beside = first.adjusted(nameWidth + 10, 0, 0, 0);
        painter->drawText(beside, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(node->depth == 0 ? where : QObject::tr("at %1").arg(where), Qt::ElideRight, beside.width()));
        painter->setPen(t.text2);
        const QString below = node->depth == 0 ? format::oneLine(node->output, 200) : node->change;
        painter->drawText(QRect(rect.left(), rect.top() + 20, rect.width(), 16), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(below, Qt::ElideRight, rect.width()));
    }

private:
    Theme *m_theme;
    RunId m_current;
};
}

LineageView::LineageView(Session *session, Theme *theme, RunId run, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_run(run), m_model(new LineageModel(this)),
      m_header(new SectionHeader(theme, tr("Forks"), SectionHeader::Level::Panel, this)), m_view(new QTreeView(this))
{
    setObjectName(QStringLiteral("lineage"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(m_view);
    m_header->setCollapsible(true);
    connect(m_header, &SectionHeader::expandedChanged, m_view, &QWidget::setVisible);
    m_view->setObjectName(QStringLiteral("lineage-view"));
    m_view->setAccessibleName(tr("Forks of this run"));
    m_view->setModel(m_model);
    m_view->setHeaderHidden(true);
    m_view->setRootIsDecorated(false);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setItemDelegate(new LineageDelegate(theme, run, m_view));
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->ensurePolished();
    m_view->setUniformRowHeights(true);
    const auto openRow = [this](const QModelIndex &index) {
        if (const auto *node = m_model->node(index.row()); node && node->run != m_run)
            Q_EMIT openRequested(Location::ofRun(node->run, node->step));
    };
    connect(m_view, &QTreeView::clicked, this, openRow);
    connect(m_view, &QTreeView::activated, this, openRow);
    connect(m_view, &QWidget::customContextMenuRequested, this, [this, openRow](const QPoint &pos) {
        const QModelIndex index = m_view->indexAt(pos);
        const auto *node = m_model->node(index.row());
        if (!index.isValid() || !node)
            return;
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(tr("Open"), this, [openRow, at = QPersistentModelIndex(index)] { openRow(at); });
        if (node->parent.isValid()) {
            menu->addAction(m_theme->icon(QStringLiteral("diff")), tr("Compare with run %1").arg(node->parent.value), this,
                            [this, runs = std::vector<RunId>{node->parent, node->run}] { Q_EMIT compareRequested(runs); });
        }
        menu->popup(m_view->viewport()->mapToGlobal(pos));
    });
    m_soon.setSingleShot(true);
    m_soon.setInterval(80);
    connect(&m_soon, &QTimer::timeout, this, &LineageView::refresh);
    connect(session, &Session::runStarted, &m_soon, qOverload<>(&QTimer::start));
    connect(session, &Session::runEnded, this, [this](RunId ended) {
        if (m_model->lineage().indexOf(ended) >= 0)
            m_soon.start();
    });
    connect(theme, &Theme::changed, m_view->viewport(), qOverload<>(&QWidget::update));
    hide();
    refresh();
}

LineageView::~LineageView()
{
    silence(this);
}

bool LineageView::hasForks() const
{
    return m_model->rowCount() > 1;
}

void LineageView::refresh()
{
    runTask(this, m_session->lineage(m_run, CancelToken()), [this](RunLineage lineage) {
        const bool before = hasForks();
        m_model->setLineage(std::move(lineage));
        const int count = m_model->rowCount();
        m_header->setDetail(m_model->lineage().truncated ? tr("the first %1 of many").arg(format::number(count)) : format::count(count - 1, tr("fork"), tr("forks")));
        m_view->setFixedHeight(std::clamp(count, 1, mostRows) * rowHeight + 2);
        setVisible(hasForks());
        if (const int row = m_model->lineage().indexOf(m_run); row >= 0 && !before)
            m_view->scrollTo(m_model->index(row));
        if (before != hasForks())
            Q_EMIT changed();
    }, [](const Error &) {}); // a run that is gone has no relatives
}

} // namespace lathe
