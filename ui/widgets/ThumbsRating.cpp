// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ThumbsRating.h"

#include "ui/widgets/IconButton.h"

#include <QHBoxLayout>

#include <algorithm>

namespace lathe {

ThumbsRating::ThumbsRating(Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_up(new IconButton(theme, QStringLiteral("thumb-up"), tr("Good"))),
      m_down(new IconButton(theme, QStringLiteral("thumb-down"), tr("Bad")))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_up);
    layout->addWidget(m_down);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_up->setIcon(theme->icon(QStringLiteral("thumb-up"), ColorToken::Text2, ColorToken::Ok));
    m_down->setIcon(
        theme->icon(QStringLiteral("thumb-down"), ColorToken::Text2, ColorToken::Error));
    for (IconButton *button : {m_up, m_down})
        button->setCheckable(true);
    connect(m_up, &IconButton::clicked, this, [this] { pressed(1); });
    connect(m_down, &IconButton::clicked, this, [this] { pressed(-1); });
    show(0);
}

void ThumbsRating::pressed(int value)
{
    show(value == m_value ? 0 : value);
    Q_EMIT rated(m_value);
}

void ThumbsRating::setValue(int value)
{
    show(std::clamp(value, -1, 1));
}

void ThumbsRating::show(int value)
{
    m_value = value;
    m_up->setChecked(value > 0);
    m_down->setChecked(value < 0);
    setAccessibleName(value > 0 ? tr("Rated good") : value < 0 ? tr("Rated bad") : tr("Not rated"));
}

} // namespace lathe
