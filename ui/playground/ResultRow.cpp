// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ResultRow.h"

#include "ui/playground/ResultCard.h"
#include "ui/playground/RowBand.h"
#include "ui/theme/Metrics.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int heightUnmade = 150; // before its cards are made: about what they will take

bool isOver(RunStatus status)
{
    return status != RunStatus::Running && status != RunStatus::Waiting;
}
}

ResultRow::ResultRow(Session *session, Playground *playground, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_playground(playground),
      m_theme(theme),
      m_band(new RowBand(theme, this)),
      m_cardsHost(new QWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, metrics::Gap);
    layout->setSpacing(metrics::GapSmall);
    layout->addWidget(m_band);
    layout->addWidget(m_cardsHost);
    m_cardsHost->setMinimumHeight(heightUnmade);
    m_line = new QHBoxLayout(m_cardsHost);
    m_line->setContentsMargins(0, 0, 0, 0);
    m_line->setSpacing(metrics::Gap);
}

void ResultRow::setPlace(int row, int turn, bool many)
{
    m_row = row;
    m_turn = turn;
    m_many = many;
    setObjectName(QStringLiteral("result-row-%1").arg(turn >= 0 ? turn : row));
    m_dirty = true;
}

void ResultRow::make()
{
    const size_t wanted = m_playground->columns().size();
    while (m_cards.size() > wanted) {
        m_cards.back()->hide();
        m_cards.back()->deleteLater();
        m_cards.pop_back();
    }
    while (m_cards.size() < wanted) {
        auto *card = new ResultCard(m_session, m_playground, m_theme, m_cardsHost);
        m_line->addWidget(card, 1);
        m_cards.push_back(card);
        connect(card, &ResultCard::preferRequested, this,
                [this](int position) { Q_EMIT preferRequested(m_row, position); });
        Q_EMIT cardMade(card);
    }
    m_cardsHost->setMinimumHeight(0);
}

bool ResultRow::hasEnded() const
{
    for (int column = 0; column < int(m_playground->columns().size()); ++column) {
        bool found = false;
        for (const PlaygroundAnswer &answer : m_playground->answers(column, m_row)) {
            if (m_turn >= 0 && answer.turn != m_turn)
                continue;
            found = true;
            if (!isOver(answer.status))
                return false;
        }
        if (!found)
            return false;
    }
    return !m_playground->columns().empty();
}

void ResultRow::refresh()
{
    m_dirty = false;
    if (m_row >= int(m_playground->rows().size()))
        return;
    const PlaygroundRow &row = m_playground->rows()[size_t(m_row)];
    QString said = row.input;
    if (m_turn >= 0) {
        for (int column = 0; column < int(m_playground->columns().size()); ++column) {
            for (const PlaygroundAnswer &answer : m_playground->answers(column, m_row)) {
                if (answer.turn == m_turn && !answer.said.isEmpty())
                    said = answer.said;
            }
        }
    } else if (!m_playground->columns().empty()) {
        const auto &answers = m_playground->answers(0, m_row); // typed on since: what was asked stays
        if (row.datasetRow < 0 && !answers.empty() && !answers.back().said.isEmpty())
            said = answers.back().said;
    }
    if (said.trimmed().isEmpty() && !row.variables.isEmpty()) {
        QStringList parts;
        for (auto it = row.variables.begin(); it != row.variables.end(); ++it)
            parts.append(it.key() + QStringLiteral(": ") + it.value().toVariant().toString());
        said = parts.join(QStringLiteral("; "));
    }
    const bool blind = m_playground->blind();
    const auto choice = blind ? m_playground->choice(m_row) : std::nullopt;
    const QString verdict = !blind        ? QString()
                            : !choice     ? (hasEnded() ? tr("not judged") : QString())
                            : *choice < 0 ? tr("tie")
                                          : tr("%1 preferred").arg(*choice + 1);
    m_band->show(row.datasetRow >= 0 ? QString::number(row.datasetRow + 1)
                 : m_turn >= 0       ? QString::number(m_turn + 1)
                                     : QString(),
                 said, verdict);
    if (m_cards.empty() && m_playground->columns().empty())
        return;
    if (!m_cards.empty() && m_cards.size() != m_playground->columns().size())
        make();
    const auto order = m_playground->order(m_row);
    const bool veiled = blind && !hasEnded();
    for (size_t position = 0; position < m_cards.size(); ++position) {
        ResultCard *card = m_cards[position];
        const int column = position < order.size() ? order[position] : int(position);
        card->setPlace(column, m_row, m_turn, int(position));
        card->setMany(m_many);
        card->setVeiled(veiled);
        card->setPreferred(choice ? std::optional(*choice == int(position)) : std::nullopt);
        card->refresh();
    }
}

void ResultRow::tick()
{
    for (ResultCard *card : m_cards)
        card->tick();
}

void ResultRow::setCurrent(bool current)
{
    m_band->setCurrent(current);
}

} // namespace lathe
