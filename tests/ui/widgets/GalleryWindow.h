// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/CommandPalette.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/DurationBar.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/FindBar.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/KeyHint.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/MarkdownView.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Sheet.h"
#include "ui/widgets/Sparkline.h"
#include "ui/widgets/StarRating.h"
#include "ui/widgets/StatusDot.h"
#include "ui/widgets/ThumbsRating.h"
#include "ui/widgets/ToastHost.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QPainter>
#include <QProgressBar>
#include <QRadioButton>
#include <QRegularExpression>
#include <QSlider>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTabBar>
#include <QTextBlock>
#include <QTreeView>
#include <QVBoxLayout>

#include <cmath>

// Pages that show every widget of ui/widgets in realistic use; tst_Gallery draws and checks them.
namespace lathe::gallery {

inline QHBoxLayout *row(std::initializer_list<QWidget *> widgets)
{
    auto *layout = new QHBoxLayout;
    layout->setSpacing(metrics::Gap);
    for (QWidget *widget : widgets)
        layout->addWidget(widget);
    layout->addStretch(1);
    return layout;
}

inline QWidget *page(QHBoxLayout *&columns)
{
    auto *page = new QWidget;
    columns = new QHBoxLayout(page);
    columns->setContentsMargins(metrics::PageMargin, metrics::PageMargin, metrics::PageMargin,
                                metrics::PageMargin);
    columns->setSpacing(metrics::PageMargin);
    return page;
}

inline QWidget *controls(Theme *theme)
{
    QHBoxLayout *columns = nullptr;
    QWidget *result = page(columns);
    auto *left = new QVBoxLayout;
    auto *right = new QVBoxLayout;
    left->setSpacing(metrics::GapLarge);
    right->setSpacing(metrics::GapLarge);
    columns->addLayout(left, 1);
    columns->addLayout(right, 1);

    auto *buttons = new Card(theme);
    auto *header =
        new SectionHeader(theme, QStringLiteral("Buttons"), SectionHeader::Level::Section);
    header->setDetail(QStringLiteral("one primary per view"));
    header->addAction(new IconButton(theme, QStringLiteral("more"), QStringLiteral("More")));
    buttons->body()->addWidget(header);
    auto *run = new PrimaryButton(QStringLiteral("Run"));
    run->setIcon(theme->icon(QStringLiteral("run"), ColorToken::OnAccent));
    auto *plain = new Button(QStringLiteral("Commit"));
    auto *withIcon = new Button(QStringLiteral("Fork from here"));
    withIcon->setIcon(theme->icon(QStringLiteral("fork")));
    auto *ghost = new Button(QStringLiteral("Compare"), ButtonRole::Ghost);
    auto *danger = new Button(QStringLiteral("Delete"), ButtonRole::Danger);
    auto *menu = new Button(QStringLiteral("Export"));
    menu->setMenu(new QMenu(menu));
    buttons->body()->addLayout(row({run, plain, withIcon, ghost, danger, menu}));
    auto *runOff = new PrimaryButton(QStringLiteral("Run"));
    auto *plainOff = new Button(QStringLiteral("Commit"));
    auto *ghostOff = new Button(QStringLiteral("Compare"), ButtonRole::Ghost);
    for (Button *button : {static_cast<Button *>(runOff), plainOff, ghostOff})
        button->setEnabled(false);
    auto *checked = new IconButton(theme, QStringLiteral("pin"), QStringLiteral("Pin"));
    checked->setCheckable(true);
    checked->setChecked(true);
    auto *off = new IconButton(theme, QStringLiteral("replay"), QStringLiteral("Replay"));
    off->setEnabled(false);
    buttons->body()->addLayout(
        row({runOff, plainOff, ghostOff,
             new IconButton(theme, QStringLiteral("stop"), QStringLiteral("Stop")),
             new IconButton(theme, QStringLiteral("history"), QStringLiteral("History")), checked,
             off, new KeyHint(theme, QKeySequence(QStringLiteral("Ctrl+K"))),
             new KeyHint(theme, QKeySequence(QStringLiteral("F5")))}));
    left->addWidget(buttons);

    auto *fields = new Card(theme);
    auto *form = new FormLayout(theme);
    form->setLabels(FormLayout::Labels::Left);
    auto *name = new QLineEdit(QStringLiteral("triage"));
    name->setObjectName(QStringLiteral("focusMe"));
    form->addField(QStringLiteral("Name"), name,
                   QStringLiteral("Lower-case letters, digits and dashes."));
    auto *job = new QLineEdit(QStringLiteral("be helpful"));
    form->addField(QStringLiteral("Job"), job)
        ->setProblem(
            Severity::Warning,
            QStringLiteral("Too vague to check: say what goes in and what must come out."));
    auto *model = new QComboBox;
    model->addItem(theme->icon(QStringLiteral("model"), ColorToken::Model),
                   QStringLiteral("offline/extractive"));
    model->addItem(QStringLiteral("llama3.1:8b"));
    form->addField(QStringLiteral("Model"), model);
    auto *endpoint = new QLineEdit;
    endpoint->setPlaceholderText(QStringLiteral("http://localhost:11434"));
    form->addField(QStringLiteral("Base URL"), endpoint)
        ->setProblem(
            Severity::Error,
            QStringLiteral("No server answers at this address. Start it, or check the port."));
    auto *steps = new QSpinBox;
    steps->setRange(1, 100);
    steps->setValue(12);
    auto *temperature = new QDoubleSpinBox;
    temperature->setValue(0.7);
    temperature->setEnabled(false);
    auto *limits = new QWidget;
    auto *limitsLayout = new QHBoxLayout(limits);
    limitsLayout->setContentsMargins(0, 0, 0, 0);
    limitsLayout->addWidget(steps);
    limitsLayout->addWidget(temperature);
    auto *slider = new QSlider(Qt::Horizontal);
    slider->setValue(40);
    limitsLayout->addWidget(slider, 1);
    form->addField(QStringLiteral("Limits"), limits);
    fields->body()->addWidget(form);
    left->addWidget(fields);

    auto *choices = new Card(theme);
    auto *check = new QCheckBox(QStringLiteral("Stream tokens"));
    check->setChecked(true);
    auto *checkOff = new QCheckBox(QStringLiteral("Ask first"));
    auto *partial = new QCheckBox(QStringLiteral("Some"));
    partial->setTristate(true);
    partial->setCheckState(Qt::PartiallyChecked);
    auto *disabled = new QCheckBox(QStringLiteral("Off"));
    disabled->setChecked(true);
    disabled->setEnabled(false);
    auto *radio = new QRadioButton(QStringLiteral("Text"));
    radio->setChecked(true);
    choices->body()->addLayout(row({check, checkOff, partial, disabled}));
    choices->body()->addLayout(row({radio, new QRadioButton(QStringLiteral("JSON Schema"))}));
    left->addWidget(choices);
    left->addStretch(1);

    auto *labels = new Card(theme);
    labels->body()->addWidget(
        new Label(theme, QStringLiteral("Feedback desk"), Label::Style::Title));
    labels->body()->addWidget(new Label(theme, QStringLiteral("Agents"), Label::Style::Heading));
    labels->body()->addWidget(
        new Label(theme, QStringLiteral("Body text of 13 px, 12 480 tokens, $0.031 today")));
    labels->body()->addWidget(new Label(
        theme, QStringLiteral("Secondary text tells what it is about"), Label::Style::Secondary));
    labels->body()->addWidget(
        new Label(theme, QStringLiteral("A hint is quieter still"), Label::Style::Hint));
    auto *removable = new Chip(theme, QStringLiteral("refund"), ColorToken::Tool);
    removable->setRemovable(true);
    auto *clickable = new Chip(theme, QStringLiteral("candidate"), ColorToken::Model);
    clickable->setClickable(true);
    auto *iconChip = new Chip(theme, QStringLiteral("fork of 41"), ColorToken::Agent);
    iconChip->setIconName(QStringLiteral("fork"));
    labels->body()->addLayout(
        row({new Chip(theme, QStringLiteral("production"), ColorToken::Ok), clickable, removable,
             iconChip, new Chip(theme, QStringLiteral("draft"), ColorToken::Text3)}));
    auto *link = new LinkLabel(theme, QStringLiteral("triage@production"));
    auto *quiet = new LinkLabel(theme, QStringLiteral("quiet link"));
    quiet->setQuiet(true);
    labels->body()->addLayout(row({link, quiet}));
    auto *elided = new ElidedLabel(
        theme,
        QStringLiteral(
            "/home/ada/projects/feedback/2026/november/customer-messages-export-final.csv"),
        Qt::ElideMiddle);
    elided->setMaximumWidth(260);
    labels->body()->addWidget(elided);
    auto *statuses = new QHBoxLayout;
    for (const Status status : {Status::Idle, Status::Queued, Status::Running, Status::Waiting,
                                Status::Ok, Status::Warning, Status::Error, Status::Cancelled}) {
        statuses->addWidget(new StatusDot(theme, status));
        statuses->addWidget(new Label(theme, statusWord(status), Label::Style::Caption));
        statuses->addSpacing(4);
    }
    statuses->addStretch(1);
    labels->body()->addLayout(statuses);
    right->addWidget(labels);

    auto *errorMessage =
        new InlineMessage(theme, Severity::Error,
                          QStringLiteral("OpenAI refused the key (401). Check the key of "
                                         "connection \"openai\" or choose another model."));
    errorMessage->setAction(QStringLiteral("Open connection"));
    auto *warning = new InlineMessage(
        theme, Severity::Warning, QStringLiteral("This run used revision 3, the draft differs."));
    warning->setDismissable(true);
    right->addWidget(errorMessage);
    right->addWidget(warning);
    right->addWidget(new InlineMessage(
        theme, Severity::Info, QStringLiteral("Replayed from the journal: nothing was sent.")));
    right->addWidget(new InlineMessage(theme, Severity::Success,
                                       QStringLiteral("All 12 pinned runs gave the same result.")));

    auto *progress = new Card(theme);
    auto *busy = new BusyBar(theme);
    busy->setProgress(0.62);
    auto *bar = new QProgressBar;
    bar->setValue(35);
    bar->setTextVisible(false);
    progress->body()->addWidget(busy);
    progress->body()->addWidget(bar);
    auto *tabs = new QTabBar;
    tabs->setDrawBase(true);
    tabs->setExpanding(false);
    tabs->setTabsClosable(true);
    for (const char *text : {"triage", "Prompt: answer", "Run 118"})
        tabs->addTab(QString::fromLatin1(text));
    progress->body()->addWidget(tabs);
    auto *stars = new StarRating(theme);
    stars->setValue(4);
    auto *thumbs = new ThumbsRating(theme);
    thumbs->setValue(1);
    progress->body()->addLayout(row({stars, thumbs}));
    right->addWidget(progress);
    auto *empty = new Card(theme);
    auto *emptyState = new EmptyState(
        theme, QStringLiteral("runs"),
        QStringLiteral("Runs of your agents appear here, live and forever replayable."));
    emptyState->setAction(QStringLiteral("Run triage"));
    emptyState->setLink(QStringLiteral("Open the sample project"));
    empty->body()->addWidget(emptyState);
    right->addWidget(empty, 1);
    return result;
}

inline QString samplePrompt()
{
    return QStringLiteral("You sort customer feedback for {{ product_area }}.\n"
                          "\n"
                          "Rules:\n"
                          "- Answer in {{ language }}, at most {{max_words}} words.\n"
                          "- If amount != 0 => ask before refunding -> `refund`.\n"
                          "- Never promise dates; see {{policy}}.\n"
                          "\n"
                          "Message:\n"
                          "{{{ message }}}\n");
}

inline QString sampleMarkdown()
{
    return QStringLiteral("# What customers said\n\n"
                          "Most messages concern **late refunds**; a few praise the *new* editor. "
                          "See [run 118](lathe:run/118) "
                          "and ~~an old note~~ `refund_policy.md`.\n\n"
                          "1. Refunds take longer than the promised 5 days\n"
                          "2. The export to CSV loses the time zone, which makes the reports of a "
                          "whole day wrong in every office but one\n"
                          "   - seen by 3 customers\n"
                          "   - fixed in 4.2\n"
                          "3. Login fails on Sundays\n\n"
                          "- [x] read all messages\n- [ ] write to Ada\n\n"
                          "> Please answer before Friday.\n> We have a launch.\n\n"
                          "```python\ndef refund(order_id: str, amount: float) -> bool:\n    "
                          "\"\"\"Asks first when amount != 0.\"\"\"\n"
                          "    return ask(order_id) if amount != 0 else True\n```\n\n"
                          "| area | messages | negative |\n|:--|--:|--:|\n| billing | 118 | 71 % "
                          "|\n| editor | 64 | 12 % |\n\n"
                          "---\n\nInline <b>HTML</b> is shown as it is.\n");
}

inline Tokenizer variableTokenizer(Theme *theme)
{
    return [theme](const QString &line) {
        static const QRegularExpression variable(QStringLiteral("\\{\\{\\{?[^{}]*\\}\\}\\}?"));
        std::vector<Span> spans;
        auto it = variable.globalMatch(line);
        while (it.hasNext()) {
            const auto match = it.next();
            QTextCharFormat format;
            format.setForeground(theme->tokens().accent);
            spans.push_back({static_cast<int>(match.capturedStart()),
                             static_cast<int>(match.capturedLength()), format});
        }
        return spans;
    };
}

inline QWidget *texts(Theme *theme)
{
    QHBoxLayout *columns = nullptr;
    QWidget *result = page(columns);
    auto *left = new QVBoxLayout;
    left->setSpacing(metrics::Gap);
    auto *editor = new CodeEditor(theme);
    editor->setTokenizer(variableTokenizer(theme));
    editor->setText(samplePrompt());
    editor->setProblems(
        {{static_cast<int>(samplePrompt().indexOf(QStringLiteral("{{policy}}"))), 10,
          Severity::Error, QStringLiteral("The variable policy is not defined.")},
         {static_cast<int>(samplePrompt().indexOf(QStringLiteral("Never"))), 5, Severity::Warning,
          QStringLiteral("Say what to do instead.")}});
    editor->setObjectName(QStringLiteral("editor"));
    left->addWidget(
        new SectionHeader(theme, QStringLiteral("Prompt"), SectionHeader::Level::Section));
    left->addWidget(editor, 3);
    auto *found = new CodeEditor(theme);
    found->setText(QStringLiteral(
        "{\n  \"refund\": true,\n  \"amount\": 42,\n  \"note\": \"refund asked twice\"\n}"));
    found->setObjectName(QStringLiteral("found"));
    left->addWidget(found, 2);
    auto *empty = new CodeEditor(theme);
    empty->setLineNumbersVisible(false);
    empty->setPlaceholderText(QStringLiteral("Ask triage something ..."));
    empty->setAutoHeight(2, 8);
    left->addWidget(empty);
    columns->addLayout(left, 1);
    auto *card = new Card(theme);
    card->setStripe(ColorToken::Model);
    card->body()->setContentsMargins(16, 12, 16, 12);
    auto *view = new MarkdownView(theme);
    view->setObjectName(QStringLiteral("markdown"));
    view->setMarkdownText(sampleMarkdown());
    card->body()->addWidget(view);
    card->body()->addStretch(1);
    columns->addWidget(card, 1);
    return result;
}

inline QStandardItemModel *runModel(QObject *parent)
{
    auto *model = new QStandardItemModel(parent);
    model->setHorizontalHeaderLabels({QStringLiteral("Agent"), QStringLiteral("Input"),
                                      QStringLiteral("Latency"), QStringLiteral("Tokens"),
                                      QStringLiteral("Cost")});
    for (int column = 2; column < 5; ++column)
        model->setHeaderData(column, Qt::Horizontal, Qt::AlignRight, Qt::TextAlignmentRole);
    const Status statuses[] = {Status::Running, Status::Ok,        Status::Error, Status::Ok,
                               Status::Waiting, Status::Cancelled, Status::Ok};
    for (int i = 0; i < 9; ++i) {
        auto *name =
            new QStandardItem(i % 3 == 1 ? QStringLiteral("answer") : QStringLiteral("triage"));
        name->setData(static_cast<int>(statuses[i % 7]), rowrole::Status);
        name->setData(i % 3 == 1 ? QStringLiteral("@4") : QStringLiteral("@production"),
                      rowrole::Detail);
        QList<QStandardItem *> cells{
            name, new QStandardItem(
                      QStringLiteral("My refund of order %1 has not arrived and nobody answers")
                          .arg(4711 * (i + 1)))};
        const qint64 latencies[] = {0,     1'204'000, 11'980'000, 640'000,  92'111'000,
                                    8'800, 1'411'000, 31'000,     2'000'000};
        for (const QString &text :
             {i == 0 ? QStringLiteral("...") : durationText(latencies[i]),
              QString::number(1711 * (i + 1)), QStringLiteral("$0.0%1").arg(11 * (i + 1))}) {
            auto *cell = new QStandardItem(text);
            cell->setData(QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter)),
                          Qt::TextAlignmentRole);
            cells.append(cell);
        }
        cells[3]->setData(0.1 * (i + 1), rowrole::Bar);
        model->appendRow(cells);
    }
    return model;
}

class Waterfall : public QWidget
{
public:
    explicit Waterfall(Theme *theme) : m_theme(theme) { setFixedHeight(6 * 24); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const DurationBar bars[] = {
            {0, 0.93, ColorToken::Agent, true, false, QStringLiteral("4.1 s")},
            {0.02, 0.31, ColorToken::Model, false, false, QStringLiteral("1.2 s")},
            {0.32, 0.40, ColorToken::Tool, false, true, QStringLiteral("310 ms")},
            {0.41, 0.4101, ColorToken::Memory, false, false, QStringLiteral("9 ms")},
            {0.42, 0.99, ColorToken::Model, true, false, QStringLiteral("2.4 s")},
            {0.5, 0.7, ColorToken::Human, false, false, QStringLiteral("0.8 s")},
        };
        int y = 0;
        for (const DurationBar &bar : bars) {
            paintDurationBar(painter, QRectF(0, y, width(), 24), bar, m_theme->smallFont(),
                             m_theme->tokens());
            y += 24;
        }
    }

private:
    Theme *m_theme;
};

inline QWidget *data(Theme *theme)
{
    QHBoxLayout *columns = nullptr;
    QWidget *result = page(columns);
    columns->setContentsMargins(0, 0, 0, 0);
    auto *splitter = new HeaderedSplitter(theme, Qt::Horizontal);
    columns->addWidget(splitter);

    auto *side = new HeaderedSplitter(theme, Qt::Vertical);
    auto *names = new QStandardItemModel(result);
    const struct {
        const char *text;
        const char *icon;
        ColorToken color;
        const char *trailing;
    } entries[] = {{"triage", "agent", ColorToken::Agent, "3"},
                   {"answer", "agent", ColorToken::Agent, "draft"},
                   {"Support desk", "team", ColorToken::Agent, "1"},
                   {"answer-politely", "prompt", ColorToken::Model, "7"},
                   {"sql_query", "tool", ColorToken::Tool, ""},
                   {"customers", "dataset", ColorToken::Memory, "312"},
                   {"openai", "connection", ColorToken::Control, ""}};
    for (const auto &entry : entries) {
        auto *item = new QStandardItem(QString::fromLatin1(entry.text));
        item->setData(QString::fromLatin1(entry.icon), rowrole::Icon);
        item->setData(static_cast<int>(entry.color), rowrole::Color);
        item->setData(QString::fromLatin1(entry.trailing), rowrole::Trailing);
        names->appendRow(item);
    }
    auto *list = new FilterableList(theme, QStringLiteral("Filter artifacts"));
    list->setModel(names);
    list->setCurrentIndex(names->index(0, 0));
    list->layout()->setContentsMargins(8, 0, 8, 8);
    list->setObjectName(QStringLiteral("list"));
    auto *surfaceList = new Card(theme);
    delete surfaceList->layout();
    auto *surfaceLayout = new QVBoxLayout(surfaceList);
    surfaceLayout->setContentsMargins(0, 8, 0, 0);
    surfaceLayout->addWidget(list);
    auto *header = side->addTitledPanel(QStringLiteral("artifacts"), QStringLiteral("Artifacts"),
                                        surfaceList, 330);
    header->addAction(
        new IconButton(theme, QStringLiteral("plus"), QStringLiteral("New artifact")));
    auto *twoLines = new QTreeView;
    auto *revisions = new QStandardItemModel(result);
    for (int i = 5; i > 0; --i) {
        auto *item = new QStandardItem(QStringLiteral("Revision %1").arg(i));
        item->setData(i == 5 ? QStringLiteral("Answer in the customer's language")
                             : QStringLiteral("Shorter, asks before refunds over 100 EUR"),
                      rowrole::Detail);
        item->setData(QStringLiteral("%1 d").arg(6 - i), rowrole::Trailing);
        item->setData(QStringLiteral("commit"), rowrole::Icon);
        revisions->appendRow(item);
    }
    twoLines->setModel(revisions);
    twoLines->setHeaderHidden(true);
    twoLines->setRootIsDecorated(false);
    twoLines->setFrameShape(QFrame::NoFrame);
    auto *twoLineDelegate = new RowDelegate(theme, twoLines);
    twoLineDelegate->setTwoLines(true);
    twoLines->setItemDelegate(twoLineDelegate);
    twoLines->setCurrentIndex(revisions->index(1, 0));
    side->addTitledPanel(QStringLiteral("revisions"), QStringLiteral("Revisions"), twoLines, 300);
    splitter->addPanel(QStringLiteral("side"), side, 280);

    auto *middle = new QWidget;
    auto *middleLayout = new QVBoxLayout(middle);
    middleLayout->setContentsMargins(0, 0, 0, 0);
    middleLayout->setSpacing(0);
    auto *table = new QTreeView;
    table->setModel(runModel(result));
    table->setRootIsDecorated(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setItemDelegate(new RowDelegate(theme, table));
    table->setUniformRowHeights(true);
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table->header()->resizeSection(0, 150);
    table->header()->resizeSection(1, 280);
    for (int i = 2; i < 5; ++i)
        table->header()->resizeSection(i, 90);
    table->setSortingEnabled(true);
    table->header()->setSortIndicator(3, Qt::AscendingOrder);
    table->setCurrentIndex(table->model()->index(2, 0));
    table->setObjectName(QStringLiteral("table"));
    table->setMouseTracking(true);
    middleLayout->addWidget(table, 1);
    auto *lower = new QWidget;
    auto *lowerLayout = new QVBoxLayout(lower);
    lowerLayout->setContentsMargins(16, 16, 16, 16);
    auto *waterfall = new Card(theme);
    waterfall->body()->addWidget(new Waterfall(theme));
    lowerLayout->addWidget(waterfall);
    auto *charts = new Card(theme);
    std::vector<double> values;
    for (int i = 0; i < 60; ++i)
        values.push_back(40 + 14 * std::sin(i / 4.0) + (i * 7 % 11));
    auto *line = new Sparkline(theme);
    line->setValues(values);
    line->setColor(ColorToken::Model);
    auto *barsLine = new Sparkline(theme);
    barsLine->setShape(Sparkline::Shape::Bars);
    barsLine->setValues(values);
    barsLine->setColor(ColorToken::Tool);
    charts->body()->addLayout(
        row({new Label(theme, QStringLiteral("p95 latency"), Label::Style::Secondary), line,
             new Label(theme, QStringLiteral("runs a day"), Label::Style::Secondary), barsLine}));
    lowerLayout->addWidget(charts);
    middleLayout->addWidget(lower);
    splitter->addPanel(QStringLiteral("middle"), middle, 620, 1);

    auto *json = new JsonTree(theme);
    const auto document = QJsonDocument::fromJson(
        R"({"tool":"sql_query","arguments":{"query":"select area, count(*) from feedback group by area","limit":20,
        "strict":true,"cursor":null},"rows":[{"area":"billing","count":118},{"area":"editor","count":64}],"odd name":[],"seconds":0.31})");
    json->setValue(document.object());
    json->setObjectName(QStringLiteral("json"));
    splitter->addPanel(QStringLiteral("json"), json, 300);
    return result;
}

} // namespace lathe::gallery
