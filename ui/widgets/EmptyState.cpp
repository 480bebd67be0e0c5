// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/EmptyState.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int LeastWidth = 160; // of the sentence
constexpr int MostWidth = 440;
}

EmptyState::EmptyState(Theme *theme, const QString &iconName, const QString &sentence,
                       QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_iconName(iconName),
      m_icon(new QLabel),
      m_sentence(new Label(theme, QString(), Label::Style::Secondary)),
      m_button(new PrimaryButton(QString())),
      m_link(new LinkLabel(theme, QString()))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::PageMargin, metrics::PageMargin, metrics::PageMargin,
                               metrics::PageMargin);
    layout->setSpacing(metrics::Margin);
    layout->addStretch(2);
    layout->addWidget(m_icon, 0, Qt::AlignHCenter);
    auto *line = new QHBoxLayout; // an alignment would not let it wrap where it is narrow
    line->addStretch(1);
    line->addWidget(m_sentence, 1000);
    line->addStretch(1);
    layout->addLayout(line);
    layout->addSpacing(metrics::GapSmall);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addWidget(m_link, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    m_sentence->setAlignment(Qt::AlignHCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setMinimumWidth(LeastWidth);
    m_sentence->setMaximumWidth(MostWidth);
    m_button->hide();
    m_link->hide();
    connect(m_button, &PrimaryButton::clicked, this, &EmptyState::actionTriggered);
    connect(m_link, &LinkLabel::clicked, this, &EmptyState::linkTriggered);
    connect(theme, &Theme::changed, this, &EmptyState::applyTheme);
    setSentence(sentence);
    applyTheme();
}

void EmptyState::setSentence(const QString &sentence)
{
    m_sentence->setText(sentence);
    setAccessibleName(sentence);
}

void EmptyState::setAction(const QString &text)
{
    m_button->setText(text);
    m_button->setVisible(!text.isEmpty());
}

void EmptyState::setLink(const QString &text)
{
    m_link->setText(text);
    m_link->setVisible(!text.isEmpty());
}

void EmptyState::applyTheme()
{
    const QPixmap icon =
        m_theme->pixmap(m_iconName, m_theme->tokens().text3, 32, devicePixelRatioF());
    m_icon->setPixmap(icon);
    m_icon->setVisible(!icon.isNull());
}

} // namespace lathe
