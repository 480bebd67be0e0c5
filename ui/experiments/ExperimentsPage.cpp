// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentsPage.h"

#include "ui/itemmodels/ExperimentListModel.h"
#include "ui/itemmodels/ExperimentLogModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/SplitterMemory.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonArray>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

ExperimentsPage::ExperimentsPage(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_field(new SearchField(theme, tr("Search questions, results and conclusions"), this)),
      m_header(new SectionHeader(theme, tr("Experiments"), SectionHeader::Level::Page, this)), m_list(new ExperimentListModel(session, this)),
      m_log(new ExperimentLogModel(this)), m_splitter(new HeaderedSplitter(theme, Qt::Vertical, this)),
      m_noLog(new Label(theme, QString(), Label::Style::Hint, this)),
      m_empty(new EmptyState(theme, QStringLiteral("experiments"), QString(), this))
{
    setObjectName(QStringLiteral("experiments-page"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(metrics::PageMargin, metrics::GapLarge, metrics::PageMargin, metrics::Gap);
    top->setSpacing(metrics::Gap);
    auto *create = new PrimaryButton(tr("New experiment"), m_header);
    create->setObjectName(QStringLiteral("create-experiment"));
    create->setEnabled(!session->project().isReadOnly());
    m_header->addAction(create);
    top->addWidget(m_header);
    m_field->setObjectName(QStringLiteral("experiments-search"));
    m_field->setAccessibleName(tr("Search experiments and the log"));
    top->addWidget(m_field);
    layout->addLayout(top);
    m_listView = makeView(QStringLiteral("experiments-list"), tr("Experiments, the last changed first"));
    m_listView->setModel(m_list);
    m_logView = makeView(QStringLiteral("experiments-log"), tr("Comparisons that were kept, newest first"));
    m_logView->setModel(m_log);
    m_logView->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_log->setConclusionsEditable(!session->project().isReadOnly());
    // Texts stand under the title.
    auto *listBox = new QWidget(m_splitter);
    auto *listLayout = new QVBoxLayout(listBox);
    listLayout->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, 0);
    listLayout->addWidget(m_listView);
    m_splitter->addTitledPanel(QStringLiteral("list"), tr("In work"), listBox, 260, 1);
    auto *logBox = new QWidget(m_splitter);
    auto *logLayout = new QVBoxLayout(logBox);
    logLayout->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, 0);
    m_noLog->setObjectName(QStringLiteral("no-log"));
    m_noLog->setContentsMargins(metrics::Gap, metrics::Gap, metrics::Gap, 0);
    m_noLog->setWordWrap(true);
    logLayout->addWidget(m_noLog);
    logLayout->addWidget(m_logView, 1);
    SectionHeader *logHeader = m_splitter->addTitledPanel(QStringLiteral("log"), tr("Log"), logBox, 420, 2);
    auto *again = new Button(tr("Run again"), ButtonRole::Ghost, logHeader);
    again->setObjectName(QStringLiteral("log-run-again"));
    again->setToolTip(tr("A new experiment with the setup that was kept; what was executed before is not paid again"));
    logHeader->addAction(again);
    rememberSizes(m_splitter, session, QStringLiteral("ui/experiments/rows"));
    layout->addWidget(m_splitter, 1);
    layout->addWidget(m_empty, 1);
    m_empty->setSentence(tr("Does the new prompt answer better than the old one? An experiment runs both on the same examples, lets rules, models or you judge, and says what is known and how surely."));
    m_empty->setAction(tr("New experiment"));
    m_empty->button()->setObjectName(QStringLiteral("first-experiment"));
    const auto spread = [](QTreeView *view, std::initializer_list<int> widths) {
        int column = 0;
        for (const int width : widths)
            view->setColumnWidth(column++, width);
    };
    spread(m_listView, {500, 280, 160});
    spread(m_logView, {480, 200, 280});

    connect(create, &QAbstractButton::clicked, this, [this] { Q_EMIT createRequested(ArtifactKind::Experiment); });
    connect(m_empty, &EmptyState::actionTriggered, this, [this] { Q_EMIT createRequested(ArtifactKind::Experiment); });
    connect(again, &QAbstractButton::clicked, this, &ExperimentsPage::runAgain);
    connect(m_field, &SearchField::searchChanged, this, &ExperimentsPage::setQuery);
    connect(m_field, &SearchField::moveDown, this, [this] {
        QTreeView *view = m_list->rowCount() > 0 ? m_listView : m_logView;
        if (!view->selectionModel()->hasSelection())
            view->setCurrentIndex(view->model()->index(0, 0));
        view->setFocus(Qt::OtherFocusReason);
    });
    connect(m_listView, &QTreeView::doubleClicked, this, &ExperimentsPage::openExperiment);
    connect(m_logView, &QTreeView::doubleClicked, this, &ExperimentsPage::openEntry);
    connect(m_logView, &QTreeView::customContextMenuRequested, this, &ExperimentsPage::showMenu);
    connect(m_log, &ExperimentLogModel::conclusionEdited, this, [this](LogEntryId id, const QString &text) {
        runTask(this, m_session->experiments().setConclusion(id, text), [] {}, [this](const Error &error) {
            Q_EMIT errorRaised(error);
            askLog();
        });
    });
    for (QAbstractItemModel *model : std::initializer_list<QAbstractItemModel *>{m_list, m_log}) {
        connect(model, &QAbstractItemModel::rowsInserted, this, &ExperimentsPage::showState);
        connect(model, &QAbstractItemModel::rowsRemoved, this, &ExperimentsPage::showState);
    }
    connect(&session->experiments(), &Experiments::logChanged, this, &ExperimentsPage::askLog);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    addCommand(QStringLiteral("experiments-new"), tr("New experiment"), QKeySequence(), QStringLiteral("plus"), [this] { Q_EMIT createRequested(ArtifactKind::Experiment); });
    addCommand(QStringLiteral("experiments-find"), tr("Search experiments and the log"), QKeySequence::Find, QStringLiteral("search"), [this] { m_field->setFocus(Qt::ShortcutFocusReason); });
    addCommand(QStringLiteral("experiments-again"), tr("Run the chosen comparison again"), QKeySequence(), QStringLiteral("replay"), [this] { runAgain(); });
    setFocusProxy(m_listView);
    showState();
    askLog();
}

QTreeView *ExperimentsPage::makeView(const QString &name, const QString &title)
{
    auto *view = new QTreeView(this);
    view->setObjectName(name);
    view->setAccessibleName(title);
    view->setRootIsDecorated(false);
    view->setItemsExpandable(false);
    view->setAllColumnsShowFocus(true);
    view->setFrameShape(QFrame::NoFrame);
    view->setMouseTracking(true);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setContextMenuPolicy(Qt::CustomContextMenu);
    auto *delegate = new RowDelegate(m_theme, view);
    delegate->setTwoLines(true);
    view->setItemDelegate(delegate);
    view->ensurePolished(); // or uniform rows keep the height of the unstyled view
    view->setUniformRowHeights(true);
    view->header()->setStretchLastSection(true);
    view->header()->setSectionsMovable(false);
    view->installEventFilter(this);
    return view;
}

QAction *ExperimentsPage::addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run)
{
    auto *action = new QAction(m_theme->icon(icon), text, this);
    action->setObjectName(id);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    addAction(action);
    m_commands.append(action);
    return action;
}

void ExperimentsPage::setQuery(const QString &words)
{
    if (m_field->text() != words)
        m_field->setText(words);
    m_list->setFilter(words);
    askLog();
}

void ExperimentsPage::askLog()
{
    const quint64 generation = ++m_generation;
    runTask(this, m_session->experiments().log(m_field->text().trimmed()), [this, generation](std::vector<ExperimentLogEntry> entries) {
        if (generation != m_generation)
            return;
        m_log->setEntries(std::move(entries), m_session->clock().nowUs());
        showState();
    }, [this, generation](const Error &error) {
        if (generation == m_generation)
            Q_EMIT errorRaised(error);
    });
}

void ExperimentsPage::showState()
{
    const bool searching = !m_field->text().trimmed().isEmpty();
    const bool nothing = m_list->total() == 0 && m_log->rowCount() == 0 && !searching;
    m_splitter->setVisible(!nothing);
    m_field->setVisible(!nothing);
    m_empty->setVisible(nothing);
    m_header->setDetail(nothing ? QString() : format::count(m_list->total(), tr("experiment"), tr("experiments")) + QStringLiteral(", ") + format::count(m_log->rowCount(), tr("comparison kept"), tr("comparisons kept")));
    m_noLog->setVisible(m_log->rowCount() == 0);
    m_noLog->setText(searching ? tr("Nothing in the log holds these words.")
                               : tr("Nothing was kept yet. When an experiment has an answer, write down what you make of it and press Keep in log: setup, result and conclusion stay together here."));
    m_logView->setVisible(m_log->rowCount() > 0);
}

void ExperimentsPage::openExperiment(const QModelIndex &index)
{
    if (const ArtifactId id = m_list->idAt(index.row()); id.isValid())
        Q_EMIT openRequested(Location::ofArtifact(id));
}

void ExperimentsPage::openEntry(const QModelIndex &index)
{
    const ExperimentLogEntry *entry = m_log->entryAt(index.row());
    if (entry && m_session->project().artifacts().info(entry->experiment))
        Q_EMIT openRequested(Location::ofArtifact(entry->experiment, entry->revision));
}

void ExperimentsPage::runAgain()
{
    const ExperimentLogEntry *entry = m_log->entryAt(m_logView->currentIndex().row());
    if (!entry) {
        Q_EMIT statusMessage(tr("Choose a comparison of the log first."));
        return;
    }
    QJsonObject body = entry->setup.value(QStringLiteral("experiment")).toObject();
    if (body.isEmpty()) { // kept as a revision only
        if (const auto revision = m_session->project().artifacts().revision(entry->experiment, entry->revision))
            body = revision->body;
    }
    if (body.isEmpty())
        return Q_EMIT errorRaised(Error(ErrorKind::NotFound, tr("The setup of this comparison is not in the project any more.")));
    body.remove(QStringLiteral("conclusion"));
    const QString name = m_session->freeName(ArtifactKind::Experiment, entry->name);
    runTask(this, m_session->createArtifact(ArtifactKind::Experiment, name, body), [this, name](ArtifactId id) {
        Q_EMIT statusMessage(tr("%1 has the setup that was kept. Press F5; what was executed before is not paid again.").arg(name));
        Q_EMIT openRequested(Location::ofArtifact(id));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void ExperimentsPage::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_logView->indexAt(pos);
    const ExperimentLogEntry *entry = m_log->entryAt(index.row());
    if (!index.isValid() || !entry)
        return;
    m_logView->setCurrentIndex(index);
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("log-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(m_theme->icon(QStringLiteral("experiment")), tr("Open the experiment\tEnter"), this, [this, index = QPersistentModelIndex(index)] { openEntry(index); });
    menu->addAction(m_theme->icon(QStringLiteral("replay")), tr("Run again"), this, &ExperimentsPage::runAgain);
    if (!m_session->project().isReadOnly())
        menu->addAction(tr("Edit the conclusion\tF2"), this, [this, index = QPersistentModelIndex(index)] { m_logView->edit(QModelIndex(index).siblingAtColumn(ExperimentLogModel::Conclusion)); });
    menu->addSeparator();
    menu->addAction(m_theme->icon(QStringLiteral("copy")), tr("Copy the result"), this, [entry = *entry, this] {
        QGuiApplication::clipboard()->setText(QStringLiteral("%1\n%2\n%3").arg(entry.question, entry.sentence, entry.conclusion).trimmed());
        Q_EMIT statusMessage(tr("The result is copied."));
    });
    menu->popup(m_logView->viewport()->mapToGlobal(pos));
}

QJsonObject ExperimentsPage::newBody(Session *session)
{
    ExperimentSpec spec;
    const auto agents = session->project().artifacts().list(ArtifactKind::Agent);
    const auto datasets = session->project().artifacts().list(ArtifactKind::Dataset);
    for (const char *id : {"a", "b"}) {
        VariantSpec variant;
        variant.id = QString::fromLatin1(id);
        if (!agents.empty())
            variant.agent = agents.front().name;
        spec.variants.push_back(variant);
    }
    if (!datasets.empty())
        spec.dataset = datasets.front().name;
    JudgeSpec judge;
    judge.id = QStringLiteral("judge1");
    judge.kind = QStringLiteral("human");
    spec.judges.push_back(judge);
    if (!datasets.empty())
        spec.rows = QStringLiteral("1-20");
    const auto dataset = datasets.empty() ? std::nullopt : std::optional(session->project().artifacts().resolve(ArtifactKind::Dataset, spec.dataset));
    if (dataset && *dataset && (*dataset)->body.value(QStringLiteral("row_count")).toInt() < 20)
        spec.rows.clear();
    return spec.toJson();
}

bool ExperimentsPage::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && (watched == m_listView || watched == m_logView)) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            if (watched == m_listView)
                openExperiment(m_listView->currentIndex());
            else
                openEntry(m_logView->currentIndex());
            return true;
        }
        if (watched == m_logView && key->key() == Qt::Key_F2) {
            m_logView->edit(m_logView->currentIndex().siblingAtColumn(ExperimentLogModel::Conclusion));
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ExperimentsPage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

ExperimentsPage::~ExperimentsPage()
{
    silence(this);
}

} // namespace lathe
