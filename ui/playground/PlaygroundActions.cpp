// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does on the playground page; PlaygroundPage.cpp says what it shows.
#include "ui/itemmodels/UiTask.h"
#include "ui/playground/BlindBar.h"
#include "ui/playground/ChoicePopover.h"
#include "ui/playground/InputPanel.h"
#include "ui/playground/PlaygroundPage.h"
#include "ui/playground/ResultGrid.h"
#include "ui/playground/RowPicker.h"
#include "ui/playground/VariantChoices.h"
#include "ui/playground/VariantHeader.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/PrimaryButton.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

// --- sending

void PlaygroundPage::flushInput()
{
    m_edited.stop();
    if (m_input->sendsRows() || !m_playground->dataset().isEmpty())
        return;
    PlaygroundRow row = m_playground->rows().empty() ? PlaygroundRow() : m_playground->rows().front();
    if (!m_playground->conversation())
        row.input = m_input->text();
    row.variables = m_input->variables();
    row.datasetRow = -1;
    if (m_playground->rows().empty() || !(row == m_playground->rows().front()))
        m_playground->setRow(0, row);
}

void PlaygroundPage::useRows()
{
    m_edited.stop();
    const RowPicker *rows = m_input->rows();
    if (m_input->sendsRows() && rows->pickedCount() > 0) {
        m_input->setProblem(QString());
        say(m_playground->setRows(rows->dataset(), rows->rows(), rows->inputColumn()));
        return;
    }
    if (!m_playground->dataset().isEmpty())
        m_playground->clearRows();
    if (!m_input->sendsRows())
        flushInput();
    showRunning();
}

bool PlaygroundPage::check()
{
    const auto problem = [this](const QString &text) {
        m_input->setProblem(text);
        return false;
    };
    if (m_playground->columns().empty()) {
        m_add->setFocus(Qt::OtherFocusReason);
        return problem(tr("There is no column yet: add a variant."));
    }
    if (m_input->sendsRows() && !m_playground->conversation()) {
        if (m_input->rows()->pickedCount() > 0)
            return true;
        m_input->focusText();
        return problem(
            tr("No row is picked: click rows, or press Ctrl+A in the list to pick all that it shows."));
    }
    const QStringList missing = m_playground->missingVariables(0);
    if (!missing.isEmpty()) {
        m_input->focusVariable(missing.first());
        return problem(tr("A column\u2019s prompt needs a value for {{%1}}.")
                           .arg(missing.join(QStringLiteral("}}, {{"))));
    }
    if (m_input->text().trimmed().isEmpty()
        && (m_playground->conversation() || m_input->variables().isEmpty())) {
        m_input->focusText();
        return problem(tr("Type what every column should answer."));
    }
    return true;
}

void PlaygroundPage::send()
{
    if (m_playground->running())
        return;
    if (m_input->sendsRows() && !m_playground->conversation())
        useRows();
    else
        flushInput();
    if (!check())
        return;
    m_input->setProblem(QString());
    m_message->hide();
    if (m_blindBar->isTally())
        m_blindBar->clear();
    if (m_playground->conversation()) {
        const QString text = m_input->text();
        m_input->setText(QString());
        m_playground->say(text);
    } else {
        m_playground->start();
    }
    m_grid->setCurrentRow(-1);
    m_grid->rebuild();
}

void PlaygroundPage::stop()
{
    m_playground->stop();
}

// --- columns

void PlaygroundPage::setVariant(int column, const VariantSpec &variant)
{
    say(m_playground->setColumn(column, variant));
}

void PlaygroundPage::addVariant()
{
    if (m_playground->blind())
        return;
    VariantSpec made;
    if (!m_playground->columns().empty())
        made = m_playground->columns().back().variant;
    made.id.clear();
    made.name.clear();
    if (made.agent.isEmpty() && made.prompt.isEmpty()) { // the first one: what the project has
        const auto subjects = variantchoices::subjects(*m_session);
        if (subjects.empty()) {
            say(Error(ErrorKind::NotFound,
                      tr("This project has no agent, team or prompt yet: make one in Design or Prompts.")));
            return;
        }
        variantchoices::setSubject(*m_session, &made, subjects.front().value);
    }
    const auto added = m_playground->addColumn(made);
    say(added);
    if (added && !m_heads.empty()) {
        m_heads.back()->focusSubject();
        m_heads.back()->chooseSubject();
    }
}

void PlaygroundPage::addVariant(const VariantSpec &variant)
{
    if (m_playground->blind())
        setBlind(false);
    if (int(m_playground->columns().size()) >= Playground::columnsMax)
        m_playground->removeColumn(Playground::columnsMax - 1);
    VariantSpec made = variant;
    made.id.clear();
    if (made.agent.isEmpty() && made.model.isEmpty())
        made.model = variantchoices::firstModel(*m_session);
    say(m_playground->addColumn(made));
}

void PlaygroundPage::duplicate(int column)
{
    VariantSpec made = m_playground->columns()[size_t(column)].variant;
    made.id.clear();
    made.name.clear();
    const auto added = m_playground->addColumn(made);
    say(added);
    if (!added)
        return;
    const int last = int(m_playground->columns().size()) - 1;
    if (column + 1 < last)
        m_playground->moveColumn(last, column + 1);
    m_heads[size_t(column) + 1]->focusSubject();
}

void PlaygroundPage::remove(int column)
{
    m_playground->removeColumn(column);
    if (!m_heads.empty())
        m_heads[std::min(size_t(column), m_heads.size() - 1)]->focusSubject();
}

void PlaygroundPage::move(int column, int by)
{
    const int to = column + by;
    if (to < 0 || to >= int(m_playground->columns().size()))
        return;
    m_playground->moveColumn(column, to);
    m_heads[size_t(to)]->focusSubject();
}

void PlaygroundPage::keepVariant(int column)
{
    VariantHeader *head = m_heads[size_t(column)];
    const VariantSpec &variant = m_playground->columns()[size_t(column)].variant;
    auto *popover = new Popover(m_theme, head->menuButton());
    popover->setObjectName(QStringLiteral("keep-popover"));
    popover->setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *about =
        new Label(m_theme,
                  variant.agent.isEmpty() ? tr("The prompt of this column becomes a revision. Its model "
                                               "stays with the playground: a prompt has none.")
                                          : tr("Prompt, model and parameters of this column are put into "
                                               "the agent, which becomes a revision."),
                  Label::Style::Secondary, content);
    about->setWordWrap(true);
    about->setFixedWidth(300);
    auto *note = new QLineEdit(content);
    note->setObjectName(QStringLiteral("keep-note"));
    note->setAccessibleName(tr("Note of the revision"));
    note->setPlaceholderText(tr("Why this one? (optional)"));
    auto *keep = new PrimaryButton(tr("Keep as a revision"), content);
    keep->setObjectName(QStringLiteral("keep-button"));
    layout->addWidget(about);
    layout->addWidget(note);
    layout->addWidget(keep);
    popover->setContent(content);
    const auto run = [this, popover, note, column, prompt = variant.prompt] {
        const QString words = note->text().trimmed();
        popover->dismiss();
        runTask(
            this, m_playground->promoteVariant(column, words),
            [this, prompt](const RevisionInfo &revision) {
                auto &artifacts = m_session->project().artifacts();
                const auto info = artifacts.info(revision.artifact);
                QStringList kept{
                    QStringLiteral("%1@%2").arg(info ? info->name : QString()).arg(revision.number)};
                const auto ref = ArtifactRef::parse(prompt);
                const auto id = ref ? artifacts.find(ArtifactKind::Prompt, ref->name) : std::nullopt;
                const auto other =
                    id && *id != revision.artifact ? std::optional(artifacts.info(*id)) : std::nullopt;
                if (other && *other)
                    kept.append(QStringLiteral("%1@%2").arg((*other)->name).arg((*other)->latestNumber));
                Q_EMIT statusMessage(tr("Kept: %1").arg(kept.join(QStringLiteral(", "))));
                showColumns();
            },
            [this](const Error &error) { say(error); });
    };
    connect(keep, &QAbstractButton::clicked, popover, run);
    connect(note, &QLineEdit::returnPressed, popover, run);
    popover->open();
    note->setFocus(Qt::OtherFocusReason);
}

void PlaygroundPage::keepExample(int column, int row, int answer, QWidget *anchor)
{
    auto *popover = new ChoicePopover(m_theme, anchor, tr("Dataset, or the name of a new one"));
    std::vector<Choice> found;
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Dataset))
        found.push_back({info.name, info.name, QStringLiteral("dataset"), QString(), QString()});
    popover->model()->append(found);
    popover->setOwn([known = popover->model()](const QString &typed) {
        if (typed.isEmpty() || !checkArtifactName(typed) || known->has(typed))
            return Choice();
        return Choice{typed, tr("New dataset \u201c%1\u201d").arg(typed), QStringLiteral("plus"), QString(),
                      typed};
    });
    popover->list()->setEmptyText(tr("Type the name of a new dataset."));
    connect(popover, &ChoicePopover::chosen, this, [this, column, row, answer](const QString &dataset) {
        runTask(
            this, m_playground->promoteExample(column, row, answer, dataset, QString()),
            [this, dataset](const RevisionInfo &revision) {
                Q_EMIT statusMessage(tr("The input and its answer are kept in %1, revision %2")
                                         .arg(dataset)
                                         .arg(revision.number));
            },
            [this](const Error &error) { say(error); });
    });
    popover->open();
}

// --- modes

void PlaygroundPage::setConversation(bool on)
{
    if (!m_playground->running()) {
        if (on && !m_playground->dataset().isEmpty())
            m_playground->clearRows();
        if (on)
            m_input->setRowsMode(false);
        m_playground->setConversation(on);
    }
    m_grid->rebuild();
    showRunning();
    m_input->focusText();
}

void PlaygroundPage::setBlind(bool on)
{
    if (!on && m_playground->blind() && !m_playground->tally().empty()) {
        reveal();
        return;
    }
    if (on && m_playground->columns().size() < 2) {
        say(Error(ErrorKind::InvalidInput, tr("Judging blind needs two columns: add a variant.")));
        m_blind->setChecked(false);
        return;
    }
    m_blindBar->clear();
    m_grid->setCurrentRow(-1);
    m_playground->setBlind(on);
    m_grid->refreshAll();
    showBlind();
    if (on && m_grid->nextUnjudged(0) >= 0)
        m_grid->focusCard(m_grid->nextUnjudged(0), 0);
    else
        m_input->focusText();
}

void PlaygroundPage::reveal()
{
    const auto tally = m_playground->tally();
    const bool any = std::any_of(tally.begin(), tally.end(), [](const BlindTally &one) {
        return one.wins + one.losses + one.ties > 0;
    });
    m_playground->setBlind(false);
    if (any)
        m_blindBar->showTally(tally);
    else
        m_blindBar->clear();
    m_grid->refreshAll();
    showBlind();
}

void PlaygroundPage::judge(int row, int position)
{
    if (!m_playground->blind() || position >= int(m_playground->columns().size()))
        return;
    const int at = std::clamp(
        row, 0, std::max(0, m_grid->rowCount() - 1)); // a conversation has one row, judged at its last turn
    if (m_grid->rowCount() == 0
        || !m_grid->row(m_playground->conversation() ? m_grid->rowCount() - 1 : at)->hasEnded())
        return;
    m_playground->choose(row, position);
    m_grid->refreshAll();
    const int next = m_grid->nextUnjudged(at + 1);
    if (next >= 0) {
        m_grid->setCurrentRow(next);
        m_grid->focusCard(next, 0);
    }
    showBlind();
}

void PlaygroundPage::keyPressEvent(QKeyEvent *event)
{
    const auto mods = event->modifiers() & ~Qt::KeypadModifier;
    if (m_playground->blind() && mods == Qt::NoModifier && event->key() >= Qt::Key_0
        && event->key() <= Qt::Key_4 && m_grid->currentRow() >= 0) {
        judge(m_grid->row(m_grid->currentRow())->row(), event->key() - Qt::Key_1); // 0 gives -1: a tie
        return;
    }
    QWidget::keyPressEvent(event);
}

void PlaygroundPage::compare()
{
    std::vector<VariantSpec> variants;
    for (const PlaygroundColumn &column : m_playground->columns())
        variants.push_back(column.variant);
    if (variants.size() < 2) {
        say(Error(ErrorKind::InvalidInput, tr("An experiment compares at least two variants: add one.")));
        return;
    }
    const RowPicker *rows = m_input->rows();
    Q_EMIT experimentRequested(variants, m_playground->dataset(),
                               m_playground->dataset().isEmpty() ? QString() : rows->rows());
}

// --- the sample

PlaygroundPage::Sample PlaygroundPage::sample() const
{
    Sample found;
    auto &artifacts = m_session->project().artifacts();
    const QJsonObject examples = m_session->project().setting(QStringLiteral("examples")).toObject();
    for (const ArtifactInfo &agent : artifacts.list(ArtifactKind::Agent)) {
        const QJsonArray inputs = examples.value(agent.name).toArray();
        const auto body = m_session->draft(agent.id);
        if (inputs.isEmpty() || !body)
            continue;
        const QJsonValue first = inputs.first();
        const auto ref = ArtifactRef::parse(body->body.value(QLatin1String("prompt")).toString());
        const auto prompt = ref ? artifacts.find(ArtifactKind::Prompt, ref->name) : std::nullopt;
        const auto info = prompt ? std::optional(artifacts.info(*prompt)) : std::nullopt;
        const QString input =
            first.isString() ? first.toString() : first.toObject().value(QLatin1String("text")).toString();
        if (!info || !*info || (*info)->latestNumber < 2 || input.isEmpty()
            || (!found.variants.empty() && input.size() >= found.input.size()))
            continue; // the shortest input reads best side by side
        found.variants.clear();
        for (int number : {(*info)->latestNumber - 1, (*info)->latestNumber}) {
            VariantSpec variant;
            variant.agent = agent.name + QStringLiteral("@draft");
            variant.prompt = QStringLiteral("%1@%2").arg((*info)->name).arg(number);
            found.variants.push_back(variant);
        }
        found.input = input;
        found.about = tr("two revisions of %1 on one message").arg((*info)->name);
    }
    return found;
}

void PlaygroundPage::fillFromSample()
{
    const Sample offered = sample();
    if (offered.variants.empty() || m_playground->running())
        return;
    if (m_playground->blind())
        m_playground->setBlind(false);
    if (m_playground->conversation())
        m_playground->setConversation(false);
    if (!m_playground->dataset().isEmpty())
        m_playground->clearRows();
    while (m_playground->columns().size() > offered.variants.size())
        m_playground->removeColumn(int(m_playground->columns().size()) - 1);
    for (size_t i = 0; i < offered.variants.size(); ++i) {
        const auto done = i < m_playground->columns().size()
                              ? m_playground->setColumn(int(i), offered.variants[i])
                              : m_playground->addColumn(offered.variants[i]);
        if (!done)
            return say(done);
    }
    m_input->setRowsMode(false);
    m_input->setText(offered.input);
    send();
}

} // namespace lathe
