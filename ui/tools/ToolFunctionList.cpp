// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolFunctionList.h"

#include "core/base/Json.h"
#include "core/session/McpHub.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/ToolFunctionModel.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/SchemaFacts.h"
#include "ui/tools/ToolDiff.h"
#include "ui/tools/ToolFunctionDelegate.h"
#include "ui/tools/ToolPolicyEditor.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"

#include <QHBoxLayout>
#include <QListView>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int ShownRows = 7;
constexpr int MostArguments = 40;

// Name, kind and description of each argument; what a call needs comes first.
QString argumentsHtml(const QJsonObject &schema)
{
    const SchemaFacts facts = readSchema(schema, schema);
    const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
    const QStringList required = json::toStringList(facts.schema.value(QStringLiteral("required")));
    if (properties.isEmpty())
        return ToolFunctionList::tr("It takes no arguments.");
    QString rows;
    int shown = 0;
    for (const bool needed : {true, false}) {
        for (auto it = properties.begin(); it != properties.end() && shown < MostArguments; ++it) {
            if (required.contains(it.key()) != needed)
                continue;
            ++shown;
            QString kind = schemaWords(it.value(), schema);
            if (needed)
                kind = ToolFunctionList::tr("%1, required").arg(kind);
            const QString about = format::oneLine(readSchema(it.value(), schema).description(), 160);
            rows += QStringLiteral("<tr><td style=\"padding-right:12px\"><code>%1</code></td><td style=\"padding-right:12px\">%2</td><td>%3</td></tr>")
                        .arg(it.key().left(80).toHtmlEscaped(), kind.toHtmlEscaped(), about.toHtmlEscaped());
        }
    }
    if (properties.size() > shown)
        rows += QStringLiteral("<tr><td colspan=3>%1</td></tr>").arg(ToolFunctionList::tr("and %1 more").arg(properties.size() - shown));
    return QStringLiteral("<table cellspacing=0 cellpadding=1>%1</table>").arg(rows);
}

// All words must occur, in any order.
class FunctionFilter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setWords(const QString &text)
    {
        m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        const QString text = sourceModel()->index(row, 0, parent).data(ToolFunctionModel::SearchRole).toString();
        return std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
    }

private:
    QStringList m_words;
};
}

ToolFunctionList::ToolFunctionList(Session *session, Theme *theme, ArtifactId tool, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_tool(tool), m_model(new ToolFunctionModel(this))
{
    setObjectName(QStringLiteral("tool-functions"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_header = new SectionHeader(theme, tr("Functions"), SectionHeader::Level::Section, this);
    auto *all = new Button(tr("All on"), ButtonRole::Ghost, m_header);
    all->setObjectName(QStringLiteral("functions-all-on"));
    all->setToolTip(tr("Switch on every function that is listed"));
    auto *none = new Button(tr("All off"), ButtonRole::Ghost, m_header);
    none->setObjectName(QStringLiteral("functions-all-off"));
    none->setToolTip(tr("Switch off every function that is listed"));
    m_header->addAction(all);
    m_header->addAction(none);
    layout->addWidget(m_header);
    m_changed = new InlineMessage(theme, Severity::Warning, QString(), this);
    m_changed->setObjectName(QStringLiteral("functions-changed"));
    m_changed->setAction(tr("Show"));
    m_changed->hide();
    connect(m_changed, &InlineMessage::actionTriggered, this, &ToolFunctionList::serverRequested);
    layout->addWidget(m_changed);
    m_search = new SearchField(theme, tr("Filter functions"), this);
    m_search->setObjectName(QStringLiteral("functions-filter"));
    layout->addWidget(m_search);
    auto *filter = new FunctionFilter(this);
    m_proxy = filter;
    m_proxy->setSourceModel(m_model);
    m_view = new QListView(this);
    m_view->setObjectName(QStringLiteral("functions-list"));
    m_view->setAccessibleName(tr("Functions of the tool"));
    m_view->setModel(m_proxy);
    m_view->setItemDelegate(new ToolFunctionDelegate(theme, m_view));
    m_view->setMouseTracking(true);
    m_view->setUniformItemSizes(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_view);

    auto *card = new Card(theme, this);
    m_detail = card;
    m_detail->hide();
    m_detailLayout = card->body();
    m_detailLayout->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    m_name = new Label(theme, QString(), Label::Style::Code, card);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *tryIt = new Button(tr("Try"), ButtonRole::Secondary, card);
    tryIt->setObjectName(QStringLiteral("function-try"));
    tryIt->setIcon(theme->icon(QStringLiteral("run")));
    m_policyButton = new Button(tr("Policy"), ButtonRole::Ghost, card);
    m_policyButton->setObjectName(QStringLiteral("function-policy"));
    m_policyButton->setToolTip(tr("What this function may do differently from the whole tool"));
    m_policyButton->setCheckable(true);
    top->addWidget(m_name, 1);
    top->addWidget(m_policyButton);
    top->addWidget(tryIt);
    m_detailLayout->addLayout(top);
    m_mark = new Label(theme, QString(), Label::Style::Hint, card);
    m_mark->setWordWrap(true);
    m_mark->setColor(ColorToken::Warning);
    m_detailLayout->addWidget(m_mark);
    m_about = new Label(theme, QString(), Label::Style::Secondary, card);
    m_about->setObjectName(QStringLiteral("function-about"));
    m_about->setTextFormat(Qt::PlainText); // a stranger wrote it
    m_about->setWordWrap(true);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detailLayout->addWidget(m_about);
    m_schema = new Label(theme, QString(), Label::Style::Secondary, card);
    m_schema->setObjectName(QStringLiteral("function-arguments"));
    m_schema->setTextFormat(Qt::RichText); // of escaped words
    m_schema->setWordWrap(true);
    m_schema->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_detailLayout->addWidget(m_schema);
    layout->addWidget(card);

    connect(m_search, &SearchField::searchChanged, this, [this, filter](const QString &text) {
        filter->setWords(text);
        if (!m_view->currentIndex().isValid() && m_proxy->rowCount() > 0)
            m_view->setCurrentIndex(m_proxy->index(0, 0));
    });
    connect(m_search, &SearchField::moveDown, this, [this] {
        if (m_proxy->rowCount() > 0)
            m_view->setCurrentIndex(m_proxy->index(std::min(m_view->currentIndex().row() + 1, m_proxy->rowCount() - 1), 0));
        m_view->setFocus();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &ToolFunctionList::showCurrent);
    connect(m_view, &QListView::activated, this, [this](const QModelIndex &index) { Q_EMIT tryRequested(index.data().toString()); });
    connect(tryIt, &QAbstractButton::clicked, this, [this] { Q_EMIT tryRequested(m_shownFunction); });
    connect(all, &QAbstractButton::clicked, this, [this] { switchAll(true); });
    connect(none, &QAbstractButton::clicked, this, [this] { switchAll(false); });
    connect(m_policyButton, &QAbstractButton::toggled, this, &ToolFunctionList::showCurrent);
    connect(m_model, &ToolFunctionModel::switched, this, [this](int row, bool on) {
        const QString name = m_model->functions()[size_t(row)].name;
        Q_EMIT edited(QStringLiteral("/config/tools/%1/enabled").arg(row), on, on ? tr("Switch %1 on").arg(name) : tr("Switch %1 off").arg(name));
    });
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, [this](ArtifactId id) {
        if (id == m_tool)
            refreshApproved();
    });
    refreshApproved();
}

void ToolFunctionList::refreshApproved()
{
    const auto info = m_session->project().artifacts().info(m_tool);
    const int newest = info ? info->latestNumber : 0;
    if (newest == m_approvedRevision)
        return;
    m_approvedRevision = newest;
    const auto revision = newest > 0 ? m_session->project().artifacts().revision(m_tool, newest) : Result<ResolvedArtifact>(Error(ErrorKind::NotFound, QString()));
    m_model->setApproved(revision ? std::optional(toolFunctions(revision->body.value(QStringLiteral("config")).toObject())) : std::nullopt, newest);
    load(m_body);
}

void ToolFunctionList::load(const QJsonObject &body)
{
    m_body = body;
    m_model->setFunctions(toolFunctions(body.value(QStringLiteral("config")).toObject()));
    const int count = m_model->rowCount();
    m_header->setDetail(count == 0 ? tr("none yet") : m_model->enabledCount() == count
                               ? tr("all %1 on").arg(count)
                               : tr("%1 of %2 on, %3 switched off").arg(m_model->enabledCount()).arg(count).arg(count - m_model->enabledCount()));
    m_view->setFixedHeight(std::clamp(count, 1, ShownRows) * metrics::TwoLineRowHeight + 10);
    m_view->setVisible(count > 0);
    m_search->setVisible(count > 5);
    if (body.value(QStringLiteral("type")) == QLatin1String("mcp")) {
        if (const auto info = m_session->project().artifacts().info(m_tool)) {
            const McpServerState state = m_session->mcp().stateOf(m_tool, info->name, body);
            m_model->setServer(state.changed, state.removed);
        }
    }
    const int marked = m_model->markedCount();
    m_changed->setVisible(marked > 0);
    if (marked > 0)
        m_changed->setMessage(Severity::Warning, marked == 1 ? tr("One function is not what was approved, and calls of it are refused. Read and approve it on the Server tab.")
                                                             : tr("%1 functions are not what was approved, and calls of them are refused. Read and approve them on the Server tab.").arg(marked));
    showCurrent();
}

int ToolFunctionList::currentRow() const
{
    const QModelIndex index = m_proxy->mapToSource(m_view->currentIndex());
    return index.isValid() ? index.row() : -1;
}

void ToolFunctionList::showCurrent()
{
    const int row = currentRow();
    m_detail->setVisible(row >= 0);
    if (row < 0)
        return;
    const ToolFunction &function = m_model->functions()[size_t(row)];
    const bool other = function.name != m_shownFunction;
    m_shownFunction = function.name;
    m_name->setText(function.title.isEmpty() || function.title == function.name ? function.name : QStringLiteral("%1  (%2)").arg(function.name, function.title.left(80)));
    m_about->setText(function.description.isEmpty() ? tr("The server gives no description; a model cannot tell when to use it.") : function.description.left(4000));
    m_mark->setText(m_model->index(row).data(ToolFunctionModel::MarkTextRole).toString());
    m_mark->setVisible(!m_mark->text().isEmpty());
    if (other || function.inputSchema != m_shownSchema || m_schema->text().isEmpty()) {
        m_shownSchema = function.inputSchema;
        m_schema->setText(argumentsHtml(function.inputSchema));
    }
    if (!m_policyButton->isChecked()) {
        if (m_policy)
            m_policy->hide();
        return;
    }
    if (!m_policy) {
        m_policy = new ToolPolicyEditor(m_theme, ToolPolicyEditor::Scope::Override, m_detail);
        m_detailLayout->addWidget(m_policy);
        connect(m_policy, &ToolPolicyEditor::edited, this, [this](const QString &pointer, const QJsonValue &value, const QString &what) {
            const int current = currentRow();
            if (current < 0)
                return;
            QJsonObject own = json::with(m_model->functions()[size_t(current)].policy, pointer, value).toObject();
            if (own.value(QStringLiteral("limits")).toObject().isEmpty())
                own.remove(QStringLiteral("limits"));
            Q_EMIT edited(QStringLiteral("/config/tools/%1/policy").arg(current), own.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(own),
                          QStringLiteral("%1: %2").arg(m_shownFunction, what));
        });
    }
    m_policy->show();
    m_policy->setSchema(function.inputSchema);
    m_policy->load(m_body, function.policy);
}

void ToolFunctionList::showFunction(const QString &name)
{
    m_search->clear();
    static_cast<FunctionFilter *>(m_proxy)->setWords(QString());
    const int row = m_model->rowOf(name);
    if (row >= 0)
        m_view->setCurrentIndex(m_proxy->mapFromSource(m_model->index(row)));
}

void ToolFunctionList::switchAll(bool on)
{
    QJsonArray tools = m_body.value(QStringLiteral("config")).toObject().value(QStringLiteral("tools")).toArray();
    for (int i = 0; i < m_proxy->rowCount(); ++i) {
        const int row = m_proxy->mapToSource(m_proxy->index(i, 0)).row();
        QJsonObject one = tools[row].toObject();
        one.insert(QStringLiteral("enabled"), on);
        tools[row] = one;
    }
    Q_EMIT edited(QStringLiteral("/config/tools"), tools, on ? tr("Switch functions on") : tr("Switch functions off"));
}

} // namespace lathe
