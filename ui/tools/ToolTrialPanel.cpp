// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolTrialPanel.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/ArgumentsForm.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/TrialResult.h"
#include "ui/tools/TrialSecrets.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/StatusGlyph.h"

#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostCalls = 50;
constexpr int leastWidthOfWords = 440;
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
    m_header = header;
    m_examples = new Button(tr("Examples"), ButtonRole::Ghost, header);
    m_examples->setObjectName(QStringLiteral("tool-examples"));
    m_examples->setToolTip(tr("Calls that were kept with the tool"));
    connect(m_examples, &QAbstractButton::clicked, this, &ToolTrialPanel::showExamplesMenu);
    header->addAction(m_examples);
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
    m_run->setToolTip(tr("Call the tool (F5 or Ctrl+Return)"));
    header->addAction(m_rawButton);
    header->addAction(m_cancelButton);
    header->addAction(m_run);
    layout->addWidget(header);
    onControlReturn(this, [this] { run(); });
    m_busy = new BusyBar(theme, this);
    layout->addWidget(m_busy);

    auto *scroll = new InputArea(this);
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
    m_arguments->setCheck([](const QJsonObject &schema, const QJsonValue &value) { return Session::checkArguments(schema, value); });
    inputLayout->addWidget(m_arguments);
    inputLayout->addStretch(1);
    fillScrollColumn(scroll, inputs);
    layout->addWidget(scroll);

    m_secrets = new TrialSecrets(session, theme, this);
    connect(m_secrets, &TrialSecrets::stored, this, &ToolTrialPanel::run);
    layout->addWidget(m_secrets);
    m_result = new TrialResult(theme, this);
    m_result->hide();
    layout->addWidget(m_result, 1);

    m_keepRow = new QWidget(this);
    auto *keepLayout = new QHBoxLayout(m_keepRow);
    keepLayout->setContentsMargins(0, 0, 0, 0);
    keepLayout->setSpacing(metrics::Gap);
    m_keep = new Button(tr("Save as example"), ButtonRole::Ghost, m_keepRow);
    m_keep->setObjectName(QStringLiteral("tool-save-example"));
    m_keep->setIcon(theme->icon(QStringLiteral("pin")));
    m_keep->setToolTip(tr("Keep the arguments with the tool"));
    m_mock = new Button(tr("Save as mock"), ButtonRole::Ghost, m_keepRow);
    m_mock->setObjectName(QStringLiteral("tool-save-mock"));
    m_mock->setIcon(theme->icon(QStringLiteral("replay")));
    m_mock->setToolTip(tr("A new tool that gives this answer to these arguments, for designing without the real one"));
    keepLayout->addWidget(m_keep);
    keepLayout->addWidget(m_mock);
    keepLayout->addStretch();
    m_keepRow->hide();
    layout->addWidget(m_keepRow);
    connect(m_keep, &QAbstractButton::clicked, this, &ToolTrialPanel::openExampleName);
    connect(m_mock, &QAbstractButton::clicked, this, &ToolTrialPanel::saveMock);
    layout->addWidget(buildHistory());

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

QWidget *ToolTrialPanel::buildHistory()
{
    m_historyBox = new QWidget(this);
    auto *historyLayout = new QVBoxLayout(m_historyBox);
    historyLayout->setContentsMargins(0, 0, 0, 0);
    historyLayout->setSpacing(2);
    historyLayout->addWidget(new Label(m_theme, tr("Calls of this session (Enter shows, double click calls again)"), Label::Style::Caption, m_historyBox));
    m_calls = new QStandardItemModel(this);
    m_history = new QListView(m_historyBox);
    m_history->setObjectName(QStringLiteral("tool-history"));
    m_history->setAccessibleName(tr("Calls of this session"));
    m_history->setModel(m_calls);
    m_history->setItemDelegate(new RowDelegate(m_theme, m_history));
    m_history->setMouseTracking(true);
    m_history->setUniformItemSizes(true);
    m_history->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_history->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    historyLayout->addWidget(m_history);
    m_historyBox->hide();
    return m_historyBox;
}

// Narrow: what can be missed goes, so that the buttons keep their words.
void ToolTrialPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool wide = width() >= leastWidthOfWords;
    m_header->setTitle(wide ? tr("Try a call") : tr("Try"));
    m_header->setDetail(wide ? tr("as a run would make it") : QString());
    m_rawButton->setText(wide ? tr("Raw JSON") : tr("JSON"));
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
    m_sees = new Label(m_theme, tr("The model sees"), Label::Style::Caption, box);
    line->addWidget(m_sees);
    m_modelName = new ElidedLabel(m_theme, QString(), Qt::ElideMiddle, box);
    m_modelName->setObjectName(QStringLiteral("tool-model-name"));
    m_modelName->setTextFont(m_theme->codeFont());
    line->addWidget(m_modelName);
    m_function = new QComboBox(box);
    m_function->setObjectName(QStringLiteral("tool-function"));
    m_function->setAccessibleName(tr("Function to try"));
    m_function->setEditable(true); // hundreds of them: found by typing
    m_function->setInsertPolicy(QComboBox::NoInsert);
    m_function->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_function->completer()->setFilterMode(Qt::MatchContains);
    m_function->completer()->setCaseSensitivity(Qt::CaseInsensitive);
    m_function->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_function->setMinimumContentsLength(8);
    m_function->lineEdit()->setFont(m_theme->codeFont());
    m_function->installEventFilter(this); // its line has it for a focus proxy
    m_function->hide();
    connect(m_function->lineEdit(), &QLineEdit::editingFinished, this, &ToolTrialPanel::settleFunction);
    connect(m_function, &QComboBox::currentIndexChanged, this, &ToolTrialPanel::showDescription);
    line->addWidget(m_function, 1);
    line->addStretch();
    column->addLayout(line);
    m_about = new CodeEditor(m_theme, box);
    m_about->setObjectName(QStringLiteral("tool-about"));
    m_about->setAccessibleName(tr("Description as the model sees it"));
    m_about->setReadOnly(true);
    m_about->setLineNumbersVisible(false);
    m_about->setTabChangesFocus(true);
    m_about->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // it wraps
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
    auto described = m_session->describeTools(m_name, m_body);
    const bool callable = described && !described->empty();
    m_cannot->setVisible(!callable);
    m_sees->setVisible(callable);
    m_arguments->setVisible(callable);
    m_run->setEnabled(callable || isRunning());
    m_examples->setEnabled(callable);
    const int count = int(m_body.value(QStringLiteral("examples")).toArray().size());
    m_examples->setText(count > 0 ? tr("Examples (%1)").arg(count) : tr("Examples"));
    if (!callable) {
        m_described.clear();
        m_cannot->setMessage(Severity::Error, described ? tr("No function is switched on, so there is nothing to call.") : described.error().message);
        m_about->hide();
        m_modelName->setText(QString());
        m_function->hide();
        return;
    }
    const QString before = m_functions.value(m_function->currentIndex());
    m_described = std::move(*described);
    m_functions.clear();
    for (const ToolFunction &function : toolFunctions(m_body.value(QStringLiteral("config")).toObject())) {
        if (function.enabled)
            m_functions.append(function.name);
    }
    const bool set = isToolSet(m_body.value(QStringLiteral("type")).toString()) && m_functions.size() == qsizetype(m_described.size());
    if (!set)
        m_functions.clear();
    m_function->setVisible(m_functions.size() > 1);
    m_modelName->setVisible(m_functions.size() <= 1);
    {
        const QSignalBlocker quiet(m_function);
        m_function->clear();
        for (const ToolDescription &one : m_described)
            m_function->addItem(one.name); // as the model gets it, with the name of the tool before it
        m_function->setCurrentIndex(std::max<int>(0, int(m_functions.indexOf(before))));
    }
    showDescription();
    const bool asks = m_body.value(QStringLiteral("type")).toString() == QLatin1String("ask_human");
    m_hint->setText(tr("In a run the question appears beside the run and the agent waits for your answer; a trial has nobody to ask."));
    m_hint->setVisible(asks);
}

const ToolDescription *ToolTrialPanel::current() const
{
    const int row = m_functions.isEmpty() ? 0 : m_function->currentIndex();
    return row >= 0 && size_t(row) < m_described.size() ? &m_described[size_t(row)] : nullptr;
}

void ToolTrialPanel::showDescription()
{
    const ToolDescription *description = current();
    if (!description)
        return;
    m_modelName->setText(description->name);
    m_function->setToolTip(description->name);
    m_about->show();
    if (m_about->text() != description->description)
        m_about->setText(description->description);
    m_arguments->setSchema(description->schema);
}

void ToolTrialPanel::showFunction(const QString &function)
{
    if (m_describe.isActive())
        describe();
    const int row = int(m_functions.indexOf(function));
    if (row >= 0)
        m_function->setCurrentIndex(row);
    else
        Q_EMIT statusMessage(tr("%1 is switched off; switch it on to try it.").arg(function));
}

void ToolTrialPanel::focusArguments()
{
    m_arguments->focusFirst();
    if (!isAncestorOf(focusWidget()) || focusWidget() == m_arguments) // it has no fields
        m_run->setFocus(Qt::OtherFocusReason);
}

// What was typed is a function: the one it names, else the first that contains it; else the one that was there.
void ToolTrialPanel::settleFunction()
{
    const QString typed = m_function->currentText().trimmed();
    int row = m_function->findText(typed);
    if (row < 0)
        row = int(m_functions.indexOf(typed)); // the server's name for it
    for (int i = 0; row < 0 && !typed.isEmpty() && i < m_function->count(); ++i) {
        if (m_function->itemText(i).contains(typed, Qt::CaseInsensitive))
            row = i;
    }
    m_function->setCurrentIndex(row < 0 ? m_function->currentIndex() : row);
    m_function->setEditText(m_function->itemText(m_function->currentIndex()));
}

void ToolTrialPanel::showExample(int index)
{
    const QJsonObject example = m_body.value(QStringLiteral("examples")).toArray()[index].toObject();
    const QString function = example.value(QStringLiteral("function")).toString();
    if (!function.isEmpty())
        showFunction(function);
    m_arguments->setArguments(example.value(QStringLiteral("arguments")).toObject());
}

void ToolTrialPanel::showExamplesMenu()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("tool-examples-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QJsonArray examples = m_body.value(QStringLiteral("examples")).toArray();
    const bool writable = !m_session->project().isReadOnly();
    for (int i = 0; i < std::min<int>(int(examples.size()), 50); ++i) {
        const QJsonObject example = examples[i].toObject();
        const QString name = example.value(QStringLiteral("name")).toString();
        const QString arguments = format::oneLine(json::compactString(example.value(QStringLiteral("arguments"))), 60);
        QAction *action = menu->addAction(name.isEmpty() ? arguments : name, this, [this, i] { showExample(i); });
        action->setToolTip(arguments);
    }
    if (examples.isEmpty())
        menu->addAction(tr("No examples yet: fill in the form, then keep it"))->setEnabled(false);
    menu->addSeparator();
    QAction *keep = menu->addAction(m_theme->icon(QStringLiteral("pin")), tr("Save these arguments as an example..."), this, &ToolTrialPanel::openExampleName);
    keep->setEnabled(writable);
    if (!examples.isEmpty()) {
        auto *remove = menu->addMenu(tr("Remove"));
        for (int i = 0; i < std::min<int>(int(examples.size()), 50); ++i) {
            remove->addAction(examples[i].toObject().value(QStringLiteral("name")).toString(), this, [this, i] {
                QJsonArray left = m_body.value(QStringLiteral("examples")).toArray();
                const QString name = left[i].toObject().value(QStringLiteral("name")).toString();
                left.removeAt(i);
                Q_EMIT examplesEdited(left, tr("Remove example %1").arg(name));
            });
        }
        remove->setEnabled(writable);
    }
    menu->addAction(tr("Empty the form"), this, [this] { m_arguments->reset(); });
    menu->popup(m_examples->mapToGlobal(QPoint(0, m_examples->height())));
}

void ToolTrialPanel::openExampleName()
{
    auto *popover = new Popover(m_theme, m_keepRow->isVisible() ? m_keep : m_examples);
    popover->setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *line = new QHBoxLayout(content);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::Gap);
    const QJsonObject arguments = m_arguments->arguments();
    QString wish;
    for (auto it = arguments.begin(); wish.isEmpty() && it != arguments.end(); ++it)
        wish = format::oneLine(it.value().isString() ? it.value().toString() : json::compactString(it.value()), 40);
    auto *name = new QLineEdit(wish.isEmpty() ? tr("example") : wish, content);
    name->setObjectName(QStringLiteral("tool-example-name"));
    name->setAccessibleName(tr("Name of the example"));
    name->setMinimumWidth(220);
    name->selectAll();
    auto *save = new PrimaryButton(tr("Save example"), content);
    save->setObjectName(QStringLiteral("tool-example-save"));
    line->addWidget(name);
    line->addWidget(save);
    const QString function = m_functions.value(m_function->currentIndex());
    const auto keep = [this, popover, name, arguments, function] {
        if (name->text().trimmed().isEmpty())
            return;
        QJsonArray examples = m_body.value(QStringLiteral("examples")).toArray();
        QJsonObject example{{QStringLiteral("name"), name->text().trimmed().left(80)}, {QStringLiteral("arguments"), arguments}};
        if (!function.isEmpty())
            example.insert(QStringLiteral("function"), function);
        examples.append(example);
        popover->dismiss();
        Q_EMIT examplesEdited(examples, tr("Save example"));
        Q_EMIT statusMessage(tr("Kept as an example of the tool."));
    };
    connect(save, &QAbstractButton::clicked, this, keep);
    connect(name, &QLineEdit::returnPressed, this, keep);
    popover->setContent(content);
    popover->open();
}

void ToolTrialPanel::saveMock()
{
    const ToolDescription *description = current();
    if (!m_shown || !m_shown->trial || !description)
        return;
    const ToolOutcome &outcome = m_shown->trial->outcome;
    QJsonObject answer{{QStringLiteral("arguments"), m_shown->trial->arguments}};
    if (outcome.isError)
        answer.insert(QStringLiteral("error"), outcome.text);
    else
        answer.insert(QStringLiteral("result"), outcome.structured.isObject() || outcome.structured.isArray() ? outcome.structured : QJsonValue(outcome.text));
    const ToolTypeInfo *type = toolType(QStringLiteral("mock"));
    QJsonObject body = type ? type->defaultBody : QJsonObject{{QStringLiteral("type"), QStringLiteral("mock")}};
    QJsonObject config = body.value(QStringLiteral("config")).toObject();
    config.insert(QStringLiteral("parameters"), description->schema);
    config.insert(QStringLiteral("answers"), QJsonArray{answer});
    body.insert(QStringLiteral("config"), config);
    body.insert(QStringLiteral("purpose"), m_functions.isEmpty() ? m_body.value(QStringLiteral("purpose")) : QJsonValue(description->description));
    const QString function = m_functions.value(m_function->currentIndex());
    Q_EMIT mockRequested(tr("%1 mock").arg(function.isEmpty() ? m_name : function).left(60), body);
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
    // The call goes out all the same: what a model would be told is worth seeing.
    if (m_arguments->showAllProblems() > 0)
        m_arguments->focusProblem();
    Call call;
    call.request = m_arguments->argumentsText();
    call.function = m_functions.value(m_function->currentIndex());
    call.timeUs = m_session->clock().nowUs();
    m_cancel.emplace();
    const int number = ++m_call;
    setRunning(true);
    m_secrets->withdraw();
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
    m_keepRow->hide();
    ToolTrialOptions options;
    options.function = call.function;
    options.progress = [self = QPointer<ToolTrialPanel>(this), number](double progress, std::optional<double> total, const QString &message) {
        if (!self || number != self->m_call || !self->isRunning())
            return;
        const double share = total && *total > 0 ? progress / *total : -1;
        self->m_busy->setProgress(share);
        self->m_result->showProgress(share, message.left(300));
    };
    runTask(this, m_session->tryTool(m_name, m_body, call.request, options, m_cancel->token()),
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
    auto *item = new QStandardItem(format::oneLine(m_functions.isEmpty() ? call.request : call.function + QStringLiteral("  ") + call.request, 300));
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
    m_shown = m_done.front();
    showAnswer();
    if (failed && !cancelled)
        m_secrets->offer(m_body); // in case that is why
}

void ToolTrialPanel::showAnswer()
{
    m_result->show();
    if (m_shown->trial)
        m_result->showTrial(*m_shown->trial, m_shown->request);
    else if (m_shown->error)
        m_result->showError(*m_shown->error, m_shown->request);
    m_keepRow->setVisible(m_shown->trial.has_value());
    const bool writable = !m_session->project().isReadOnly();
    m_keep->setEnabled(writable);
    m_mock->setEnabled(writable);
}

void ToolTrialPanel::showCall(int row)
{
    if (row < 0 || size_t(row) >= m_done.size() || isRunning())
        return;
    m_shown = m_done[size_t(row)];
    const Call &call = *m_shown;
    if (!call.function.isEmpty() && m_functions.contains(call.function))
        showFunction(call.function);
    if (const auto arguments = json::parseObject(call.request.toUtf8()))
        m_arguments->setArguments(*arguments);
    showAnswer();
}

bool ToolTrialPanel::eventFilter(QObject *watched, QEvent *event)
{
    // Typing replaces the name that stands there.
    if (event->type() == QEvent::FocusIn && watched == m_function)
        QMetaObject::invokeMethod(m_function->lineEdit(), &QLineEdit::selectAll, Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

void ToolTrialPanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
