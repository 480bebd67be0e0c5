// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/PlaygroundPage.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/playground/BlindBar.h"
#include "ui/playground/InputPanel.h"
#include "ui/playground/ResultCard.h"
#include "ui/playground/ResultGrid.h"
#include "ui/playground/RowPicker.h"
#include "ui/playground/VariantChoices.h"
#include "ui/playground/VariantHeader.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/Silence.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QShortcut>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString splitKey = QStringLiteral("ui/playground/split");
constexpr int inputHeight = 168;
constexpr int rowsHeight = 280;
const QString foldedKey = QStringLiteral("ui/playground/folded");

// What a team's Input node asks for besides the input itself.
void addTeamFields(const QJsonObject &team, std::vector<PromptVariable> *to)
{
    const QJsonObject nodes = team.value(QLatin1String("nodes")).toObject();
    for (const QJsonValue &node : nodes) {
        if (node[QLatin1String("kind")].toString() != QLatin1String("input"))
            continue;
        const QJsonArray list = node[QLatin1String("settings")][QLatin1String("fields")].toArray();
        for (const QJsonValue &item : list) {
            PromptVariable field;
            field.name = item[QLatin1String("name")].toString();
            field.description = item[QLatin1String("about")].toString();
            field.defaultValue = item[QLatin1String("sample")].toVariant().toString();
            to->push_back(std::move(field));
        }
    }
}
} // namespace

PlaygroundPage::PlaygroundPage(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_theme(theme),
      m_playground(&session->playground()),
      m_title(new Label(theme, tr("Playground"), Label::Style::Heading, this)),
      m_conversation(new Button(tr("Conversation"), ButtonRole::Ghost, this)),
      m_blind(new Button(tr("Blind"), ButtonRole::Ghost, this)),
      m_compare(new Button(tr("Compare as an experiment"), ButtonRole::Ghost, this)),
      m_add(new Button(tr("Add a variant"), ButtonRole::Secondary, this)),
      m_message(new InlineMessage(theme, Severity::Error, QString(), this)),
      m_blindBar(new BlindBar(theme, this)),
      m_splitter(new HeaderedSplitter(theme, Qt::Vertical, this)),
      m_grid(new ResultGrid(session, m_playground, theme, m_splitter)),
      m_empty(new EmptyState(theme, QStringLiteral("parallel"), QString(), m_grid)),
      m_input(new InputPanel(session, theme, Playground::rowsMax, m_splitter)),
      m_escape(new QShortcut(QKeySequence(Qt::Key_Escape), this))
{
    setObjectName(QStringLiteral("playground-page"));
    m_folded = session->project().setting(foldedKey).toBool(true);
    buildTop();
    m_grid->setEmpty(m_empty);
    m_splitter->addPanel(QStringLiteral("results"), m_grid, 520, 1);
    m_splitter->addPanel(QStringLiteral("input"), m_input, inputHeight, 0);
    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = session->project().setting(splitKey).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        m_splitter->restore(sizes);
    m_splitter->setSizesChanged([session](const HeaderedSplitter::Sizes &now) {
        QJsonObject json;
        for (auto it = now.begin(); it != now.end(); ++it)
            json.insert(it.key(), it.value());
        session->project().setSetting(splitKey, json);
    });
    connectInput();
    connectPlayground();
    addShortcuts();
    showColumns();
    showRows();
    showRunning();
    showBlind();
    setFocusProxy(m_input);
    if (stored.isEmpty())
        fitInput();
}

PlaygroundPage::~PlaygroundPage()
{
    if (m_edited.isActive())
        flushInput();
    silence(this);
}

void PlaygroundPage::buildTop()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(metrics::Margin + 4, metrics::Gap, metrics::Margin, metrics::GapSmall);
    top->setSpacing(metrics::GapSmall);
    top->addWidget(m_title);
    top->addSpacing(metrics::Gap);
    top->addWidget(m_conversation);
    top->addWidget(m_blind);
    top->addStretch(1);
    top->addWidget(m_compare);
    top->addWidget(m_add);
    layout->addLayout(top);
    auto *message = new QVBoxLayout;
    message->setContentsMargins(metrics::Margin, 0, metrics::Margin, 0);
    message->addWidget(m_message);
    layout->addLayout(message);
    layout->addWidget(m_blindBar);
    layout->addWidget(m_splitter, 1);
    m_message->setObjectName(QStringLiteral("playground-message"));
    m_message->setDismissable(true);
    m_message->hide();
    m_empty->setObjectName(QStringLiteral("playground-empty"));
    m_conversation->setObjectName(QStringLiteral("conversation-toggle"));
    m_conversation->setCheckable(true);
    m_conversation->setIcon(m_theme->icon(QStringLiteral("human"), ColorToken::Text2, ColorToken::Accent));
    m_conversation->setToolTip(
        withShortcut(tr("Turns go on in every column, each with what was said in it before"),
                     QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T)));
    m_blind->setObjectName(QStringLiteral("blind-toggle"));
    m_blind->setCheckable(true);
    m_blind->setIcon(m_theme->icon(QStringLiteral("eye"), ColorToken::Text2, ColorToken::Accent));
    m_blind->setToolTip(withShortcut(
        tr("Hides names, models and figures and shuffles every row, so that only the answers count"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_B)));
    m_compare->setObjectName(QStringLiteral("compare-button"));
    m_compare->setIcon(m_theme->icon(QStringLiteral("experiment")));
    m_compare->setToolTip(withShortcut(
        tr("These variants over a dataset, with checks and an answer that says how sure it is"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_X)));
    m_add->setObjectName(QStringLiteral("add-variant"));
    m_add->setIcon(m_theme->icon(QStringLiteral("plus")));
    m_add->setToolTip(withShortcut(tr("One more column, at first a copy of the last"),
                                   QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A)));
    connect(m_conversation, &QAbstractButton::clicked, this, &PlaygroundPage::setConversation);
    connect(m_blind, &QAbstractButton::clicked, this, &PlaygroundPage::setBlind);
    connect(m_compare, &QAbstractButton::clicked, this, &PlaygroundPage::compare);
    connect(m_add, &QAbstractButton::clicked, this, qOverload<>(&PlaygroundPage::addVariant));
    connect(m_empty, &EmptyState::actionTriggered, this, qOverload<>(&PlaygroundPage::addVariant));
    connect(m_empty, &EmptyState::linkTriggered, this, &PlaygroundPage::fillFromSample);
    connect(m_blindBar, &BlindBar::revealRequested, this, &PlaygroundPage::reveal);
    connect(m_blindBar, &BlindBar::againRequested, this, [this] { setBlind(true); });
    connect(m_blindBar, &BlindBar::experimentRequested, this, &PlaygroundPage::compare);
    connect(m_blindBar, &BlindBar::closed, this, [this] {
        m_blindBar->clear();
        m_input->focusText();
    });
}

void PlaygroundPage::connectInput()
{
    m_edited.setSingleShot(true);
    m_edited.setInterval(250);
    connect(&m_edited, &QTimer::timeout, this, &PlaygroundPage::flushInput);
    connect(m_input, &InputPanel::sendRequested, this, &PlaygroundPage::send);
    connect(m_input, &InputPanel::stopRequested, this, &PlaygroundPage::stop);
    connect(m_input, &InputPanel::edited, this, [this] {
        m_input->setProblem(QString());
        m_edited.start();
    });
    connect(m_input, &InputPanel::restartRequested, this, [this] {
        m_playground->restartConversation();
        m_grid->rebuild();
        showEmpty();
        m_input->focusText();
    });
    connect(m_input, &InputPanel::rowsModeChanged, this, [this] {
        m_input->setProblem(QString());
        fitInput();
        useRows();
        m_input->focusText();
    });
    connect(m_input->rows(), &RowPicker::changed, this, &PlaygroundPage::useRows);
    connect(m_input->rows(), &RowPicker::importRequested, this, &PlaygroundPage::importRequested);
}

void PlaygroundPage::connectPlayground()
{
    connect(m_playground, &Playground::columnsChanged, this, [this] {
        showColumns();
        showRows();
        showBlind();
    });
    connect(m_playground, &Playground::rowsChanged, this, &PlaygroundPage::showRows);
    connect(m_playground, &Playground::answersChanged, m_grid, &ResultGrid::note);
    connect(m_playground, &Playground::answersChanged, this, [this] {
        if (m_empty->isVisible())
            showEmpty();
        if (m_playground->blind() && m_grid->currentRow() < 0)
            showBlind();
    });
    connect(m_playground, &Playground::runningChanged, this, &PlaygroundPage::showRunning);
    connect(m_playground, &Playground::blindChanged, this, [this] {
        showBlind();
        m_grid->refreshAll();
    });
    connect(m_grid, &ResultGrid::cardMade, this, &PlaygroundPage::wire);
    connect(m_grid, &ResultGrid::preferRequested, this, &PlaygroundPage::judge);
    m_designs.setSingleShot(true);
    m_designs.setInterval(200);
    connect(&m_designs, &QTimer::timeout, this, &PlaygroundPage::showColumns);
    auto *artifacts = &m_session->project().artifacts();
    const auto later = [this] { m_designs.start(); };
    connect(artifacts, &ArtifactRepository::draftChanged, this, later);
    connect(artifacts, &ArtifactRepository::changed, this, later);
    connect(artifacts, &ArtifactRepository::added, this, later);
}

void PlaygroundPage::addShortcuts()
{
    m_escape->setContext(Qt::WidgetWithChildrenShortcut);
    connect(m_escape, &QShortcut::activated, this, &PlaygroundPage::stop);
    for (const PaletteCommand &command : commands()) {
        if (command.shortcut.isEmpty() || command.id == QLatin1String("playground-stop"))
            continue;
        auto *shortcut = new QShortcut(command.shortcut, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, id = command.id] { runCommand(id); });
    }
    for (int column = 0; column < Playground::columnsMax; ++column) {
        auto *shortcut = new QShortcut(QKeySequence(Qt::ALT | (Qt::Key_1 + column)), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, column] {
            if (column < int(m_heads.size()) && !m_playground->blind())
                m_heads[size_t(column)]->focusSubject();
        });
    }
}

QList<PaletteCommand> PlaygroundPage::commands() const
{
    const QString section = tr("Playground");
    const bool running = m_playground->running();
    const int columns = int(m_playground->columns().size());
    const auto made = [&](const char *id, const QString &title, const QKeySequence &key, const char *icon,
                          bool enabled) {
        PaletteCommand command;
        command.id = QString::fromLatin1(id);
        command.title = title;
        command.section = section;
        command.shortcut = key;
        command.icon = QString::fromLatin1(icon);
        command.enabled = enabled;
        return command;
    };
    const auto shift = Qt::CTRL | Qt::SHIFT;
    return {
        made("playground-send", tr("Send to all columns"), QKeySequence(Qt::CTRL | Qt::Key_Return), "run",
             !running && columns > 0),
        made("playground-stop", tr("Stop all answers"), QKeySequence(Qt::Key_Escape), "stop", running),
        made("playground-add", tr("Add a variant"), QKeySequence(shift | Qt::Key_A), "plus",
             columns < Playground::columnsMax),
        made("playground-input", tr("Go to the input"), QKeySequence(Qt::CTRL | Qt::Key_I), "input", true),
        made("playground-rows", tr("Send rows of a dataset"), QKeySequence(shift | Qt::Key_R), "dataset",
             !m_playground->conversation()),
        made("playground-conversation", tr("Conversation on or off"), QKeySequence(shift | Qt::Key_T),
             "human", !running),
        made("playground-blind", tr("Judge blind"), QKeySequence(shift | Qt::Key_B), "eye", columns > 1),
        made("playground-fold", tr("Show or hide the parameters of all variants"),
             QKeySequence(shift | Qt::Key_P), "settings", columns > 0),
        made("playground-experiment", tr("Compare these variants as an experiment"),
             QKeySequence(shift | Qt::Key_X), "experiment", columns > 1),
        made("playground-sample", tr("Fill the playground from the sample"), QKeySequence(), "replay",
             !running && !sample().variants.empty())};
}

void PlaygroundPage::runCommand(const QString &id)
{
    if (id == QLatin1String("playground-send"))
        send();
    else if (id == QLatin1String("playground-stop"))
        stop();
    else if (id == QLatin1String("playground-add"))
        addVariant();
    else if (id == QLatin1String("playground-input"))
        focusInput();
    else if (id == QLatin1String("playground-rows") && !m_playground->conversation())
        m_input
            ->findChild<QAbstractButton *>(m_input->sendsRows() ? QStringLiteral("input-type")
                                                                : QStringLiteral("input-rows"))
            ->click();
    else if (id == QLatin1String("playground-conversation"))
        setConversation(!m_playground->conversation());
    else if (id == QLatin1String("playground-blind"))
        setBlind(!m_playground->blind());
    else if (id == QLatin1String("playground-experiment"))
        compare();
    else if (id == QLatin1String("playground-sample"))
        fillFromSample();
    else if (id == QLatin1String("playground-fold")) {
        m_folded = !m_folded;
        m_session->project().setSetting(foldedKey, m_folded);
        for (VariantHeader *head : m_heads)
            head->setFolded(m_folded);
    }
}

void PlaygroundPage::focusInput()
{
    m_input->focusText();
}

void PlaygroundPage::say(const Result<void> &result)
{
    m_message->setVisible(!result.ok());
    if (!result)
        m_message->setMessage(Severity::Error, result.error().message);
}

// A list of rows wants more room than a line of text.
void PlaygroundPage::fitInput()
{
    const QList<int> now = m_splitter->sizes();
    const int wanted = m_input->sendsRows() ? rowsHeight : inputHeight;
    const bool fits = m_input->sendsRows() ? now.value(1) >= wanted : now.value(1) < rowsHeight;
    if (!fits && now.size() == 2)
        m_splitter->setSizes({std::max(120, now[0] + now[1] - wanted), wanted});
}

void PlaygroundPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!event->spontaneous() && !isAncestorOf(window()->focusWidget()))
        m_input->focusText();
}

// --- what is shown

void PlaygroundPage::showColumns()
{
    const auto &columns = m_playground->columns();
    const int count = int(columns.size());
    const bool changed = int(m_heads.size()) != count;
    while (int(m_heads.size()) > count) {
        m_heads.back()->hide();
        m_heads.back()->deleteLater();
        m_heads.pop_back();
    }
    while (int(m_heads.size()) < count) {
        auto *head = new VariantHeader(m_session, m_theme, m_grid->headHost());
        head->setFolded(m_folded);
        m_heads.push_back(head);
        const auto at = [this, head] {
            return int(std::find(m_heads.begin(), m_heads.end(), head) - m_heads.begin());
        };
        connect(head, &VariantHeader::edited, this,
                [this, at](const VariantSpec &variant) { setVariant(at(), variant); });
        connect(head, &VariantHeader::duplicateRequested, this, [this, at] { duplicate(at()); });
        connect(head, &VariantHeader::removeRequested, this, [this, at] { remove(at()); });
        connect(head, &VariantHeader::moveRequested, this, [this, at](int by) { move(at(), by); });
        connect(head, &VariantHeader::commitRequested, this, [this, at] { keepVariant(at()); });
        connect(head, &VariantHeader::stopRequested, this, [this, at] {
            for (int row = 0; row < int(m_playground->rows().size()); ++row)
                m_playground->stopCell(at(), row);
        });
        connect(head, &VariantHeader::foldedChanged, this, [this](bool folded) {
            m_folded = folded;
            m_session->project().setSetting(foldedKey, folded);
            for (VariantHeader *other : m_heads)
                other->setFolded(folded);
        });
        connect(head, &VariantHeader::openRequested, this, &PlaygroundPage::openRequested);
    }
    for (int column = 0; column < count; ++column)
        m_heads[size_t(column)]->show(columns[size_t(column)].variant, column, count);
    if (changed)
        m_grid->setHeads({m_heads.begin(), m_heads.end()});
    m_add->setEnabled(count < Playground::columnsMax && !m_playground->blind());
    m_compare->setEnabled(count > 1);
    m_blind->setEnabled(count > 1 || m_playground->blind());
    showVariables();
    m_grid->rebuild();
    showEmpty();
    showRunning();
}

void PlaygroundPage::showVariables()
{
    std::vector<PromptVariable> wanted;
    const auto add = [&](const PromptVariable &variable) {
        const bool known = std::any_of(wanted.begin(), wanted.end(), [&](const PromptVariable &other) {
            return other.name == variable.name;
        });
        if (!known && !variable.name.isEmpty() && variable.name != QLatin1String("input"))
            wanted.push_back(variable);
    };
    for (const PlaygroundColumn &column : m_playground->columns()) {
        if (variantchoices::kindOf(*m_session, column.variant) == ArtifactKind::Team) {
            std::vector<PromptVariable> fields;
            if (const auto team =
                    m_session->project().artifacts().resolve(ArtifactKind::Team, column.variant.agent))
                addTeamFields(team->body, &fields);
            std::for_each(fields.begin(), fields.end(), add);
            continue;
        }
        const auto prompt = variantchoices::promptOf(*m_session, column.variant);
        const auto spec = prompt ? PromptSpec::fromJson(prompt->body) : Result<PromptSpec>(Error());
        if (!spec)
            continue;
        std::for_each(spec->variables.begin(), spec->variables.end(), add);
        for (const QString &name : templateVariables(spec->text)) {
            PromptVariable undeclared;
            undeclared.name = name;
            add(undeclared);
        }
    }
    m_input->setVariables(wanted);
    if (!m_playground->rows().empty() && m_playground->dataset().isEmpty() && !m_edited.isActive())
        m_input->setVariableValues(m_playground->rows().front().variables);
}

void PlaygroundPage::showRows()
{
    const QString dataset = m_playground->dataset();
    const auto &rows = m_playground->rows();
    if (!dataset.isEmpty()) {
        m_input->setRowsMode(true);
        QStringList numbers;
        for (const PlaygroundRow &row : rows)
            numbers.append(QString::number(row.datasetRow + 1));
        m_input->rows()->show(dataset, numbers.join(QStringLiteral(", ")));
    } else if (!m_edited.isActive() && !rows.empty() && !m_playground->conversation()) {
        if (!rows.front().input.isEmpty() || !m_input->isVisible())
            m_input->setText(rows.front().input);
        m_input->setVariableValues(rows.front().variables);
    }
    m_grid->rebuild();
    showEmpty();
    showBlind();
}

void PlaygroundPage::showRunning()
{
    const bool running = m_playground->running();
    m_input->setRunning(running);
    m_input->setConversation(m_playground->conversation());
    m_conversation->setChecked(m_playground->conversation());
    m_conversation->setEnabled(!running);
    m_escape->setEnabled(running);
    for (VariantHeader *head : m_heads)
        head->setRunning(running);
    const int columns = int(m_playground->columns().size());
    const int rows = int(m_playground->rows().size());
    m_input->setNote(m_playground->dataset().isEmpty() || m_playground->conversation()
                         ? QString()
                         : tr("%1 to %2")
                               .arg(format::count(rows, tr("row"), tr("rows")),
                                    format::count(columns, tr("column"), tr("columns"))));
    m_grid->refreshAll();
    if (m_wasRunning && !running) {
        showBlind();
        if (m_playground->blind() && m_grid->nextUnjudged(0) >= 0)
            m_grid->focusCard(m_grid->nextUnjudged(0), 0);
    }
    m_wasRunning = running;
    showEmpty();
}

void PlaygroundPage::showBlind()
{
    const bool blind = m_playground->blind();
    m_blind->setChecked(blind);
    m_blind->setEnabled(m_playground->columns().size() > 1 || blind);
    m_add->setEnabled(!blind && int(m_playground->columns().size()) < Playground::columnsMax);
    for (VariantHeader *head : m_heads)
        head->setBlind(blind);
    if (!blind) {
        if (!m_blindBar->isTally())
            m_blindBar->clear();
        m_grid->setCurrentRow(-1);
        return;
    }
    int judged = 0;
    int rows = 0;
    for (int i = 0; i < m_grid->rowCount(); ++i) {
        if (!m_grid->row(i)->hasEnded())
            continue;
        ++rows;
        judged += m_playground->choice(m_grid->row(i)->row()).has_value() ? 1 : 0;
    }
    m_blindBar->showJudging(judged, m_grid->hasAnswers() ? std::max(rows, 1) : 0,
                            int(m_playground->columns().size()));
    if (m_grid->currentRow() < 0)
        m_grid->setCurrentRow(m_grid->nextUnjudged(0));
}

void PlaygroundPage::showEmpty()
{
    const int columns = int(m_playground->columns().size());
    const Sample offered = sample();
    const bool conversation = m_playground->conversation();
    m_empty->setSentence(
        columns == 0   ? tr("Add a variant, then a second one, and send both the same input.")
        : columns == 1 ? tr("Add a second variant, and see one input answered twice.")
        : conversation ? tr("Say something below: every column goes on from its own answers.")
                       : tr("Type an input below: every column answers at once."));
    m_empty->setAction(columns < 2 ? tr("Add a variant") : QString());
    m_empty->setLink(offered.variants.empty() || conversation
                         ? QString()
                         : tr("Try it with the sample: %1").arg(offered.about));
    m_empty->link()->setObjectName(QStringLiteral("sample-link"));
}

void PlaygroundPage::wire(ResultCard *card)
{
    connect(card, &ResultCard::promoteRequested, this, &PlaygroundPage::keepExample);
    connect(card, &ResultCard::openRequested, this, &PlaygroundPage::openRequested);
    connect(card, &ResultCard::statusMessage, this, &PlaygroundPage::statusMessage);
    connect(card, &ResultCard::errorRaised, this, &PlaygroundPage::errorRaised);
}

} // namespace lathe
