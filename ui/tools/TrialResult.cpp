// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/TrialResult.h"

#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"
#include "ui/itemmodels/DatasetModel.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/StatusDot.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QStackedWidget>
#include <QTabBar>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
// {columns: [...], rows: [[...], ...]} or rows of objects, as the SQL tool gives them.
std::optional<Dataset> asTable(const QJsonValue &value)
{
    const QJsonArray columns = value[QLatin1String("columns")].toArray();
    const QJsonArray rows = value[QLatin1String("rows")].toArray();
    if (columns.isEmpty())
        return std::nullopt;
    Dataset table;
    for (const QJsonValue &column : columns)
        table.columns.append(column.toString());
    for (const QJsonValue &row : rows) {
        std::vector<QJsonValue> cells;
        for (int i = 0; i < int(table.columns.size()); ++i)
            cells.push_back(row.isObject() ? row[table.columns[i]] : row[qsizetype(i)]);
        table.rows.push_back(std::move(cells));
    }
    return table;
}

// A heading stands over its column: right where the column holds numbers.
class AnswerRows : public DatasetModel
{
public:
    using DatasetModel::DatasetModel;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (role == Qt::TextAlignmentRole && orientation == Qt::Horizontal && rowCount() > 0)
            return data(index(0, section), role);
        return DatasetModel::headerData(section, orientation, role);
    }
};
}

TrialResult::TrialResult(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("tool-result"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, metrics::Gap, 0, 0); // apart from the arguments above
    layout->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_dot = new StatusDot(theme, Status::Idle, this);
    m_state = new Label(theme, QString(), Label::Style::Strong, this);
    m_state->setObjectName(QStringLiteral("tool-result-state"));
    m_request = new ElidedLabel(theme, QString(), Qt::ElideRight, this);
    m_request->setObjectName(QStringLiteral("tool-result-request"));
    m_request->setColor(ColorToken::Text2);
    m_request->setTextFont(theme->codeFont());
    line->addWidget(m_dot);
    line->addWidget(m_state);
    line->addWidget(m_request, 1);
    layout->addLayout(line);
    m_message = new InlineMessage(theme, Severity::Error, QString(), this);
    m_message->setObjectName(QStringLiteral("tool-result-message"));
    m_message->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_message->hide();
    layout->addWidget(m_message);
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName(QStringLiteral("tool-result-tabs"));
    m_tabs->setAccessibleName(tr("Ways to see the answer"));
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    for (const QString &title : {tr("Table"), tr("JSON"), tr("As the model reads it"), tr("Request"), tr("Response")})
        m_tabs->addTab(title);
    layout->addWidget(m_tabs);
    m_pages = new QStackedWidget(this);
    m_table = new QTreeView(m_pages);
    m_table->setObjectName(QStringLiteral("tool-result-table"));
    m_table->setAccessibleName(tr("Rows of the answer"));
    m_table->setRootIsDecorated(false);
    m_table->setUniformRowHeights(true);
    m_table->header()->setStretchLastSection(false);
    m_table->setItemDelegate(new RowDelegate(theme, m_table));
    m_tree = new JsonTree(theme, m_pages);
    m_text = new CodeEditor(theme, m_pages);
    m_text->setObjectName(QStringLiteral("tool-result-text"));
    m_text->setAccessibleName(tr("Answer as the model reads it"));
    m_text->setReadOnly(true);
    m_text->setLineNumbersVisible(false);
    const auto readOnly = [&](const char *name, const QString &title) {
        auto *editor = new CodeEditor(theme, m_pages);
        editor->setObjectName(QLatin1String(name));
        editor->setAccessibleName(title);
        editor->setReadOnly(true);
        editor->setLineNumbersVisible(false);
        return editor;
    };
    m_sent = readOnly("tool-result-request-text", tr("What was sent"));
    m_received = readOnly("tool-result-response-text", tr("What came back"));
    m_pages->addWidget(m_table);
    m_pages->addWidget(m_tree);
    m_pages->addWidget(m_text);
    m_pages->addWidget(m_sent);
    m_pages->addWidget(m_received);
    layout->addWidget(m_pages, 1);
    layout->addStretch(0); // takes the room while there is no answer to show
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
}

void TrialResult::setPages(bool table, bool tree, bool text, bool request, bool response)
{
    m_tabs->setTabVisible(Table, table);
    m_tabs->setTabVisible(Tree, tree);
    m_tabs->setTabVisible(Text, text);
    m_tabs->setTabVisible(Request, request);
    m_tabs->setTabVisible(Response, response);
    const bool any = table || tree || text || request || response;
    m_tabs->setVisible(any);
    m_pages->setVisible(any);
    for (int i = 0; i < m_tabs->count(); ++i)
        m_tabs->setTabText(i, m_tabs->tabText(i)); // QTabBar measures itself again; tabs that come back alone have no width else
    m_tabs->setCurrentIndex(table ? Table : text ? Text : tree ? Tree : Request);
    m_pages->setCurrentIndex(m_tabs->currentIndex());
}

void TrialResult::setRequest(const QString &request)
{
    m_request->setText(format::oneLine(request, 1000));
}

void TrialResult::showRunning(const QString &request)
{
    setRequest(request);
    m_dot->setStatus(Status::Running);
    m_state->setText(tr("Running"));
    m_message->hide();
    setPages(false, false, false, false, false);
}

void TrialResult::showProgress(double share, const QString &message)
{
    const QString part = share >= 0 ? tr("Running, %1 %").arg(int(std::clamp(share, 0.0, 1.0) * 100)) : tr("Running");
    m_state->setText(part);
    if (!message.isEmpty())
        setRequest(message);
}

void TrialResult::showError(const Error &error, const QString &request)
{
    setRequest(request);
    const bool cancelled = error.kind == ErrorKind::Cancelled;
    m_dot->setStatus(cancelled ? Status::Cancelled : Status::Error);
    m_state->setText(cancelled ? tr("Cancelled") : tr("Could not be called"));
    m_message->setMessage(Severity::Error, error.message);
    m_message->setVisible(!cancelled);
    setPages(false, false, false, false, false);
}

void TrialResult::showTrial(const ToolTrial &trial, const QString &request)
{
    setRequest(request);
    const bool failed = trial.outcome.isError;
    m_dot->setStatus(failed ? Status::Error : Status::Ok);
    m_state->setText((failed ? tr("Failed after %1") : tr("Done in %1")).arg(format::duration(trial.durationUs)));
    const bool unfit = trial.outcome.code == QLatin1String("invalid_arguments"); // the words of the refusal are for a model
    if (unfit)
        m_message->setMessage(Severity::Error, tr("Not called: the arguments do not fit. Below is what a model would be told."));
    else if (failed)
        m_message->setMessage(Severity::Error, format::oneLine(trial.outcome.text.trimmed().section(QLatin1Char('\n'), 0, 0), 600));
    else
        m_message->setMessage(Severity::Info, tr("The answer was longer than the limit; the model sees the cut text and a note that says so."));
    m_message->setVisible(failed || trial.outcome.truncated);
    const auto table = asTable(trial.outcome.structured);
    auto *old = m_table->model();
    if (table) {
        auto *model = new AnswerRows(*table, m_table);
        m_table->setModel(model);
        for (int column = 0; column < model->columnCount(); ++column) {
            m_table->resizeColumnToContents(column);
            m_table->setColumnWidth(column, std::clamp(m_table->columnWidth(column) + 16, 72, 320));
        }
    } else {
        m_table->setModel(nullptr);
    }
    delete old;
    const bool tree = trial.outcome.structured.isObject() || trial.outcome.structured.isArray();
    m_tree->setValue(trial.outcome.structured);
    m_text->setText(trial.outcome.text);
    const auto sent = json::parse(trial.request.toUtf8()); // of MCP: one long line
    m_sent->setText(trial.request.isEmpty() ? json::fromUtf8Lossy(json::pretty(trial.arguments)).trimmed()
                    : sent                  ? json::fromUtf8Lossy(json::pretty(*sent)).trimmed()
                                            : trial.request);
    m_received->setText(trial.response);
    setPages(table.has_value(), tree, !failed || unfit || trial.outcome.text.size() > 600 || trial.outcome.text.trimmed().contains(QLatin1Char('\n')), !trial.request.isEmpty() || !trial.arguments.isEmpty(),
             !trial.response.isEmpty());
}

QString TrialResult::text() const
{
    return m_text->text();
}

QString TrialResult::state() const
{
    return m_state->text();
}

} // namespace lathe
