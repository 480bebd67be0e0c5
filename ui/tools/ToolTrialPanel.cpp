// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolTrialPanel.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/ArgumentsForm.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/TrialResult.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/StatusGlyph.h"

#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QScrollArea>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostCalls = 50;
constexpr int ShownCalls = 4; // rows of the history

// Wants to be as high as what it holds, and scrolls when there is no room for that; the answer below gets the rest.
class InputArea : public QScrollArea
{
public:
    using QScrollArea::QScrollArea;
    QSize sizeHint() const override { return widget() ? widget()->sizeHint() : QScrollArea::sizeHint(); }
    QSize minimumSizeHint() const override { return {120, 120}; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};
}

ToolTrialPanel::ToolTrialPanel(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("tool-trial"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, 13, metrics::GapLarge, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(theme, tr("Try a call"), SectionHeader::Level::Section, this);
    header->setDetail(tr("as a run would make it"));
    m_rawButton = new Button(tr("Raw JSON"), ButtonRole::Ghost, header);
    m_rawButton->setObjectName(QStringLiteral("tool-raw"));
    m_rawButton->setToolTip(tr("Write the arguments as JSON, as a model does"));
    m_rawButton->setCheckable(true);
    m_cancelButton = new Button(tr("Cancel"), ButtonRole::Secondary, header);
    m_cancelButton->setObjectName(QStringLiteral("tool-cancel"));
    m_cancelButton->setToolTip(tr("Stop the call"));
    m_cancelButton->hide();
    m_run = new PrimaryButton(tr("Run"), header);
    m_run->setObjectName(QStringLiteral("tool-run"));
    m_run->setIcon(theme->icon(QStringLiteral("run"), ColorToken::OnAccent));
    m_run->setToolTip(tr("Call the tool (F5)"));
    header->addAction(m_rawButton);
    header->addAction(m_cancelButton);
    header->addAction(m_run);
    layout->addWidget(header);
    m_busy = new BusyBar(theme, this);
    layout->addWidget(m_busy);

    auto *scroll = new InputArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *inputs = new QWidget(scroll);
    auto *inputLayout = new QVBoxLayout(inputs);
    inputLayout->setContentsMargins(0, 0, 4, 0);
    inputLayout->setSpacing(metrics::Margin);
    inputLayout->addWidget(buildDescription());
    m_cannot = new InlineMessage(theme, Severity::Error, QString(), inputs);
    m_cannot->setObjectName(QStringLiteral("tool-cannot"));
    m_cannot->hide();
    inputLayout->addWidget(m_cannot);
    m_hint = new Label(theme, QString(), Label::Style::Hint, inputs);
    m_hint->setWordWrap(true);
    m_hint->hide();
    inputLayout->addWidget(m_hint);
    m_arguments = new ArgumentsForm(theme, inputs);
    inputLayout->addWidget(m_arguments);
    inputLayout->addStretch(1);
    scroll->setWidget(inputs);
    inputs->setAutoFillBackground(false); // the panel behind shows
    scroll->viewport()->setAutoFillBackground(false);
    layout->addWidget(scroll);

    m_result = new TrialResult(theme, this);
    m_result->hide();
    layout->addWidget(m_result, 1);

    m_historyBox = new QWidget(this);
    auto *historyLayout = new QVBoxLayout(m_historyBox);
    historyLayout->setContentsMargins(0, 0, 0, 0);
    historyLayout->setSpacing(2);
    historyLayout->addWidget(new Label(theme, tr("Calls of this session (Enter shows, double click calls again)"), Label::Style::Caption, m_historyBox));
    m_calls = new QStandardItemModel(this);
    m_history = new QListView(m_historyBox);
    m_history->setObjectName(QStringLiteral("tool-history"));
    m_history->setAccessibleName(tr("Calls of this session"));
    m_history->setModel(m_calls);
    m_history->setItemDelegate(new RowDelegate(theme, m_history));
    m_history->setMouseTracking(true);
    m_history->setUniformItemSizes(true);
    m_history->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_history->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    historyLayout->addWidget(m_history);
    m_historyBox->hide();
    layout->addWidget(m_historyBox);

    connect(m_run, &QAbstractButton::clicked, this, &ToolTrialPanel::run);
    connect(m_cancelButton, &QAbstractButton::clicked, this, &ToolTrialPanel::cancel);
    connect(m_rawButton, &QAbstractButton::toggled, m_arguments, &ArgumentsForm::setRaw);
    connect(m_history, &QListView::clicked, this, [this](const QModelIndex &index) { showCall(index.row()); });
    connect(m_history, &QListView::activated, this, [this](const QModelIndex &index) { showCall(index.row()); });
    connect(m_history, &QListView::doubleClicked, this, [this](const QModelIndex &index) {
        showCall(index.row());
        run();
    });
    m_describe.setSingleShot(true);
    m_describe.setInterval(200); // reading a table file at each key press would be too much
    connect(&m_describe, &QTimer::timeout, this, &ToolTrialPanel::describe);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

ToolTrialPanel::~ToolTrialPanel()
{
    ++m_call; // nobody wants the answer any more
    cancel();
}

QWidget *ToolTrialPanel::buildDescription()
{
    auto *box = new QWidget(this);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(new Label(m_theme, tr("The model sees"), Label::Style::Caption, box));
    m_modelName = new Label(m_theme, QString(), Label::Style::Code, box);
    m_modelName->setObjectName(QStringLiteral("tool-model-name"));
    m_modelName->setTextFormat(Qt::PlainText);
    line->addWidget(m_modelName);
    line->addStretch();
    column->addLayout(line);
    m_about = new CodeEditor(m_theme, box);
    m_about->setObjectName(QStringLiteral("tool-about"));
    m_about->setAccessibleName(tr("Description as the model sees it"));
    m_about->setReadOnly(true);
    m_about->setLineNumbersVisible(false);
    m_about->setTabChangesFocus(true);
    growWithText(m_about, 1, 6);
    column->addWidget(m_about);
    return box;
}

void ToolTrialPanel::setTool(const QString &name, const QJsonObject &body)
{
    const bool first = m_body.isEmpty();
    if (name == m_name && body == m_body)
        return;
    m_name = name;
    m_body = body;
    if (first)
        describe();
    else
        m_describe.start();
}

void ToolTrialPanel::describe()
{
    m_describe.stop();
    const auto description = m_session->describeTool(m_name, m_body);
    m_cannot->setVisible(!description);
    m_arguments->setVisible(description.ok());
    m_run->setEnabled(description.ok() || isRunning());
    if (!description) {
        m_cannot->setMessage(Severity::Error, description.error().message);
        m_about->hide();
        m_modelName->clear();
        return;
    }
    m_modelName->setText(description->name);
    m_about->show();
    if (m_about->text() != description->description)
        m_about->setText(description->description);
    m_arguments->setSchema(description->schema);
    const bool asks = m_body.value(QStringLiteral("type")).toString() == QLatin1String("ask_human");
    m_hint->setText(tr("In a run the question appears beside the run and the agent waits for your answer; a trial has nobody to ask."));
    m_hint->setVisible(asks);
}

void ToolTrialPanel::setRunning(bool running)
{
    m_busy->setBusy(running);
    m_cancelButton->setVisible(running);
    m_run->setVisible(!running);
}

void ToolTrialPanel::run()
{
    if (isRunning())
        return;
    if (m_describe.isActive())
        describe();
    if (!m_run->isEnabled()) {
        Q_EMIT statusMessage(tr("The tool cannot be called yet; see what is wrong with it."));
        return;
    }
    Call call;
    call.request = m_arguments->argumentsText();
    call.timeUs = m_session->clock().nowUs();
    m_cancel.emplace();
    const int number = ++m_call;
    setRunning(true);
    m_result->show();
    m_result->showRunning(call.request);
    const auto done = [this, call, number](std::optional<ToolTrial> trial, std::optional<Error> error) {
        if (number != m_call)
            return;
        Call ended = call;
        ended.trial = std::move(trial);
        ended.error = std::move(error);
        finish(std::move(ended));
    };
    runTask(this, m_session->tryTool(m_name, m_body, call.request, m_cancel->token()),
            [done](const ToolTrial &trial) { done(trial, std::nullopt); },
            [done](const Error &error) { done(std::nullopt, error); });
}

void ToolTrialPanel::cancel()
{
    if (!m_cancel)
        return;
    CancelSource source = *m_cancel; // the answer may come at once and drop the member
    source.cancel();
}

void ToolTrialPanel::finish(Call call)
{
    m_cancel.reset();
    setRunning(false);
    const bool failed = call.error || (call.trial && call.trial->outcome.isError);
    auto *item = new QStandardItem(format::oneLine(call.request, 300));
    const bool cancelled = call.error && call.error->kind == ErrorKind::Cancelled;
    item->setData(int(cancelled ? Status::Cancelled : failed ? Status::Error : Status::Ok), rowrole::Status);
    item->setData(call.trial ? format::duration(call.trial->durationUs) : QString(), rowrole::Trailing);
    m_calls->insertRow(0, item);
    m_done.insert(m_done.begin(), std::move(call));
    if (m_done.size() > MostCalls) {
        m_done.pop_back();
        m_calls->removeRow(m_calls->rowCount() - 1);
    }
    m_historyBox->show();
    m_history->setFixedHeight(std::min<int>(int(m_done.size()), ShownCalls) * metrics::RowHeight + 10);
    m_history->setCurrentIndex(m_calls->index(0, 0));
    const Call &newest = m_done.front();
    if (newest.trial)
        m_result->showTrial(*newest.trial, newest.request);
    else
        m_result->showError(*newest.error, newest.request);
}

void ToolTrialPanel::showCall(int row)
{
    if (row < 0 || size_t(row) >= m_done.size() || isRunning())
        return;
    const Call &call = m_done[size_t(row)];
    if (const auto arguments = json::parseObject(call.request.toUtf8()))
        m_arguments->setArguments(*arguments);
    m_result->show();
    if (call.trial)
        m_result->showTrial(*call.trial, call.request);
    else if (call.error)
        m_result->showError(*call.error, call.request);
}

void ToolTrialPanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
