// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/DatasetPage.h"

#include "core/base/Json.h"
#include "ui/experiments/CsvText.h"
#include "ui/experiments/ImportPanel.h"
#include "ui/itemmodels/InPool.h"
#include "ui/itemmodels/DatasetTableModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/Silence.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPainter>
#include <QSaveFile>
#include <QTableView>
#include <QVBoxLayout>

namespace lathe {

DatasetPage::DatasetPage(Session *session, Theme *theme, ArtifactId dataset, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_dataset(dataset), m_name(new NameField(theme, tr("Name of the dataset"), this)),
      m_count(new Label(theme, QString(), Label::Style::Caption, this)), m_draft(new Chip(theme, tr("draft, autosaved"), ColorToken::Warning, this)),
      m_filter(new SearchField(theme, tr("Filter rows"), this)), m_import(new ImportPanel(theme, this)),
      m_message(new InlineMessage(theme, Severity::Error, QString(), this)), m_busy(new BusyBar(theme, this)), m_model(new DatasetTableModel(this)),
      m_view(new QTableView(this)), m_empty(new EmptyState(theme, QStringLiteral("dataset"), QString(), this))
{
    setObjectName(QStringLiteral("dataset-page"));
    setAcceptDrops(true);
    const bool writable = !session->project().isReadOnly();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(metrics::PageMargin, metrics::Margin, metrics::PageMargin, metrics::Gap);
    top->setSpacing(metrics::Gap);
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::Gap);
    m_name->line()->setObjectName(QStringLiteral("dataset-name"));
    m_name->line()->setFont(theme->titleFont());
    m_name->line()->setFixedHeight(34);
    m_name->setMaximumWidth(320);
    m_name->setReadOnly(!writable);
    m_count->setObjectName(QStringLiteral("dataset-count"));
    m_draft->setToolTip(tr("Uncommitted edits. Ctrl+S makes a revision."));
    head->addWidget(m_name, 1);
    head->addWidget(m_count);
    head->addWidget(m_draft);
    head->addStretch(1);
    auto *add = new Button(tr("Add row"), ButtonRole::Ghost, this);
    add->setObjectName(QStringLiteral("dataset-add-row"));
    auto *bring = new Button(tr("Import"), ButtonRole::Secondary, this);
    bring->setObjectName(QStringLiteral("dataset-import"));
    bring->setIcon(theme->icon(QStringLiteral("import")));
    bring->setToolTip(tr("Add the rows of a CSV or JSON file; it can also be dropped here"));
    auto *out = new Button(tr("Export"), ButtonRole::Ghost, this);
    out->setObjectName(QStringLiteral("dataset-export"));
    out->setIcon(theme->icon(QStringLiteral("export")));
    add->setEnabled(writable);
    bring->setEnabled(writable);
    head->addWidget(add);
    head->addWidget(out);
    head->addWidget(bring);
    top->addLayout(head);
    m_filter->setObjectName(QStringLiteral("dataset-filter"));
    m_filter->setAccessibleName(tr("Filter rows"));
    top->addWidget(m_filter);
    m_message->setObjectName(QStringLiteral("dataset-message"));
    m_message->hide();
    top->addWidget(m_message);
    top->addWidget(m_import);
    layout->addLayout(top);
    layout->addWidget(m_busy);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_empty, 1);

    m_view->setObjectName(QStringLiteral("dataset-table"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new RowDelegate(theme, m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setShowGrid(false);
    m_view->setMouseTracking(true);
    m_view->setWordWrap(false);
    m_view->setTabKeyNavigation(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->verticalHeader()->setMinimumSectionSize(metrics::RowHeight);
    m_view->verticalHeader()->setDefaultSectionSize(metrics::RowHeight);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_view->installEventFilter(this);
    m_model->setEditable(writable);

    renameBy(m_name, m_session, m_dataset);
    connect(m_filter, &SearchField::searchChanged, this, [this](const QString &text) {
        m_model->setFilter(text);
        showState();
    });
    connect(m_filter, &SearchField::moveDown, this, [this] {
        if (!m_view->selectionModel()->hasSelection())
            m_view->setCurrentIndex(m_model->index(0, 1));
        m_view->setFocus(Qt::OtherFocusReason);
    });
    connect(m_model, &DatasetTableModel::edited, this, [this](int row, int column) {
        save(tr("Change %1 of row %2").arg(m_model->dataset().columns.value(column)).arg(row + 1));
    });
    connect(m_import, &ImportPanel::accepted, this, &DatasetPage::takeRows);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (m_model->isFiltered())
            m_filter->clear();
        else
            m_import->choose();
    });
    connect(add, &QAbstractButton::clicked, this, &DatasetPage::addEmptyRow);
    connect(bring, &QAbstractButton::clicked, m_import, &ImportPanel::choose);
    connect(out, &QAbstractButton::clicked, this, &DatasetPage::exportCsv);
    if (writable) {
        addCommand(QStringLiteral("dataset-import"), tr("Import rows from a file"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), QStringLiteral("import"), [this] { m_import->choose(); });
        addCommand(QStringLiteral("dataset-add-row"), tr("Add a row"), QKeySequence(Qt::CTRL | Qt::Key_Return), QStringLiteral("plus"), [this] { addEmptyRow(); });
        addCommand(QStringLiteral("dataset-remove-rows"), tr("Remove the selected rows"), QKeySequence(Qt::CTRL | Qt::Key_Backspace), QStringLiteral("trash"), [this] { removeRows(); });
    }
    addCommand(QStringLiteral("dataset-export"), tr("Export the rows as CSV"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_X), QStringLiteral("export"), [this] { exportCsv(); });
    addCommand(QStringLiteral("dataset-find"), tr("Filter rows"), QKeySequence::Find, QStringLiteral("filter"), [this] { m_filter->setFocus(Qt::ShortcutFocusReason); });

    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        if (id == m_dataset)
            reload();
    };
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setFocusProxy(m_view);
    reload();
}

QAction *DatasetPage::addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run)
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

void DatasetPage::reload()
{
    const auto info = m_session->project().artifacts().info(m_dataset);
    const auto draft = m_session->draft(m_dataset);
    if (!info || !draft)
        return;
    m_name->setName(info->name);
    m_view->setAccessibleName(tr("Rows of %1").arg(info->name));
    m_draft->setVisible(info->hasDraft);
    const QString blob = draft->body.value(QStringLiteral("rows_blob")).toString();
    if (blob == m_blob || m_saving)
        return showState();
    m_blob = blob;
    const QStringList columns = json::toStringList(draft->body.value(QStringLiteral("columns")));
    if (blob.isEmpty())
        return showRows(Dataset());
    // Rows are read here, but taken apart in the pool when there are many.
    const auto bytes = m_session->project().blob(blob.toLatin1());
    if (!bytes)
        return showRows(bytes.error());
    if (bytes->size() < 256 * 1024)
        return showRows(Dataset::fromJsonLines(columns, *bytes));
    m_busy->setBusy(true);
    const quint64 generation = ++m_generation;
    const auto work = [columns, lines = *bytes] { return Dataset::fromJsonLines(columns, lines); };
    runTask(this, inPool(work), [this, generation](Dataset rows) {
        if (generation != m_generation)
            return;
        m_busy->setBusy(false);
        showRows(std::move(rows));
    }, [this, generation](const Error &error) {
        if (generation != m_generation)
            return;
        m_busy->setBusy(false);
        showRows(error);
    });
}

void DatasetPage::showRows(Result<Dataset> rows)
{
    if (!rows) {
        m_message->setMessage(Severity::Error, rows.error().message);
        m_message->show();
        return showState();
    }
    m_message->hide();
    const bool another = rows->columns != m_model->dataset().columns;
    m_model->setDataset(std::move(*rows));
    if (another) {
        // Columns take their width from their texts, so that one sees most of the first rows.
        const QFontMetrics metrics(m_theme->uiFont());
        m_view->setColumnWidth(0, 56);
        for (int column = 1; column < m_model->columnCount(); ++column) {
            int widest = metrics.horizontalAdvance(m_model->dataset().columns.value(column - 1)) + 32;
            for (int row = 0; row < std::min(40, m_model->rowCount()); ++row)
                widest = std::max(widest, metrics.horizontalAdvance(m_model->index(row, column).data().toString().left(90)) + 24);
            m_view->setColumnWidth(column, std::clamp(widest, 72, 560));
        }
        m_view->horizontalHeader()->setStretchLastSection(true);
    }
    showState();
}

void DatasetPage::showState()
{
    const int shown = m_model->rowCount(), all = m_model->total();
    const QString columns = format::count(m_model->dataset().columns.size(), tr("column"), tr("columns"));
    m_count->setText(shown == all ? tr("%1, %2").arg(format::count(all, tr("row"), tr("rows")), columns)
                                  : tr("%1 of %2, %3").arg(format::number(shown), format::count(all, tr("row"), tr("rows")), columns));
    m_view->setVisible(shown > 0);
    m_empty->setVisible(shown == 0 && !m_message->isVisibleTo(this));
    m_empty->setSentence(m_model->isFiltered() ? tr("No row holds \u201c%1\u201d.").arg(m_filter->text().trimmed())
                                               : tr("A dataset holds the examples an experiment runs: one row each, with an input and, where there is one, the expected answer. "
                                                    "Drop a CSV or JSON file here."));
    m_empty->setAction(m_model->isFiltered() ? tr("Show all rows") : m_session->project().isReadOnly() ? QString() : tr("Import a file"));
}

void DatasetPage::save(const QString &what)
{
    if (m_saving) {
        m_pendingWhat = what;
        return;
    }
    m_saving = true;
    showState();
    runTask(this, putRows(m_session, m_dataset, m_model->dataset(), what), [this](const QString &blob) {
        m_saving = false;
        m_blob = blob;
        reload();
        if (!m_pendingWhat.isEmpty())
            save(std::exchange(m_pendingWhat, QString()));
    }, [this](const Error &error) {
        m_saving = false;
        m_pendingWhat.clear();
        Q_EMIT errorRaised(error);
        m_blob.clear();
        reload(); // what could not be kept is not shown
    });
}

void DatasetPage::importFile(const QString &path)
{
    m_import->start(path);
}

void DatasetPage::takeRows(const ImportedRows &rows)
{
    const int added = m_model->append(rows.dataset);
    showRows(Dataset(m_model->dataset()));
    save(tr("Import %1").arg(format::count(added, tr("row"), tr("rows"))));
    Q_EMIT statusMessage(tr("Imported %1. Ctrl+Z takes them back.").arg(format::count(added, tr("row"), tr("rows"))));
}

void DatasetPage::addEmptyRow()
{
    if (m_session->project().isReadOnly())
        return;
    if (m_model->dataset().columns.isEmpty()) {
        Dataset first;
        first.columns = QStringList{QStringLiteral("input"), QStringLiteral("expected")};
        showRows(first);
    }
    m_model->appendEmpty();
    showState();
    const QModelIndex at = m_model->index(m_model->rowCount() - 1, 1);
    m_view->setCurrentIndex(at);
    m_view->scrollTo(at);
    m_view->setFocus(Qt::OtherFocusReason);
    save(tr("Add a row"));
    m_view->edit(at);
}

void DatasetPage::removeRows()
{
    std::vector<int> rows;
    const auto selected = m_view->selectionModel()->selectedIndexes();
    for (const QModelIndex &index : selected)
        rows.push_back(m_model->rowOf(index.row()));
    if (rows.empty())
        return;
    const int at = selected.first().row();
    m_model->remove(rows);
    m_view->setCurrentIndex(m_model->index(std::min(at, m_model->rowCount() - 1), 1));
    save(tr("Remove rows"));
    Q_EMIT statusMessage(tr("Removed the selected rows. Ctrl+Z brings them back."));
}

void DatasetPage::copyRows()
{
    const auto selected = m_view->selectionModel()->selectedIndexes();
    std::map<int, std::map<int, QString>> cells;
    for (const QModelIndex &index : selected)
        cells[index.row()][index.column()] = index.data(index.column() > 0 ? Qt::EditRole : Qt::DisplayRole).toString();
    QStringList lines;
    for (const auto &[row, columns] : cells) {
        QStringList parts;
        for (const auto &[column, text] : columns)
            parts.append(text);
        lines.append(parts.join(QLatin1Char('\t')));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    Q_EMIT statusMessage(tr("Copied %1.").arg(format::count(selected.size(), tr("cell"), tr("cells"))));
}

void DatasetPage::exportCsv()
{
    auto *dialog = new QFileDialog(this, tr("Export rows"), m_name->name() + QStringLiteral(".csv"), tr("CSV (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        QList<QStringList> lines;
        const Dataset &dataset = m_model->dataset();
        for (const auto &row : dataset.rows) {
            QStringList cells;
            for (const QJsonValue &value : row)
                cells.append(DatasetTableModel::text(value));
            lines.append(cells);
        }
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(csvText(dataset.columns, lines)) < 0 || !file.commit())
            return Q_EMIT errorRaised(Error(ErrorKind::InvalidInput, tr("%1 could not be written: %2.").arg(path, file.errorString())));
        Q_EMIT statusMessage(tr("Exported %1 to %2.").arg(format::count(lines.size(), tr("row"), tr("rows")), path));
    });
    dialog->open();
}

void DatasetPage::undo(bool redo)
{
    if (const auto done = redo ? m_session->redo(m_dataset) : m_session->undo(m_dataset); !done)
        Q_EMIT errorRaised(done.error());
    reload();
}

void DatasetPage::dragEnterEvent(QDragEnterEvent *event)
{
    const auto urls = event->mimeData()->urls();
    if (m_session->project().isReadOnly() || urls.size() != 1 || !looksLikeRows(urls.first().toLocalFile()))
        return;
    m_dropping = true;
    update();
    event->acceptProposedAction();
}

void DatasetPage::dragLeaveEvent(QDragLeaveEvent *)
{
    m_dropping = false;
    update();
}

void DatasetPage::dropEvent(QDropEvent *event)
{
    m_dropping = false;
    update();
    const auto urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    event->acceptProposedAction();
    importFile(urls.first().toLocalFile());
}

bool DatasetPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_view || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool press = event->type() == QEvent::KeyPress;
    if (key->matches(QKeySequence::Copy)) {
        if (press)
            copyRows();
    } else if (press && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) && key->modifiers() == Qt::NoModifier) {
        if (!m_view->viewport()->isAncestorOf(QApplication::focusWidget())) // else it closes the editor
            m_view->edit(m_view->currentIndex());
    } else if (press && key->matches(QKeySequence::Undo)) {
        undo(false);
    } else if (press && key->matches(QKeySequence::Redo)) {
        undo(true);
    } else {
        return QWidget::eventFilter(watched, event);
    }
    event->accept();
    return true;
}

void DatasetPage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
    if (m_dropping)
        paint::roundedBox(painter, QRectF(rect()).adjusted(4, 4, -4, -4), 8, withAlpha(m_theme->tokens().accent, 0.08), m_theme->tokens().accent, 2);
}

DatasetPage::~DatasetPage()
{
    silence(this);
}

} // namespace lathe
