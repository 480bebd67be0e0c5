// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/Rail.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/theme/Theme.h"

#include <QAbstractButton>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int railWidth = 84;

// An icon over its word; the current one has a brass edge.
class RailButton : public QAbstractButton
{
public:
    RailButton(Theme *theme, const QString &icon, const QString &title, QWidget *parent)
        : QAbstractButton(parent), m_theme(theme), m_icon(icon)
    {
        setText(title);
        setCheckable(true);
        setAutoExclusive(true);
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setFixedSize(railWidth, 52);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &tokens = m_theme->tokens();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(4, 2, -4, -2);
        if (isChecked())
            paint::roundedBox(painter, box, metrics::Radius, tokens.selection);
        else if (underMouse())
            paint::roundedBox(painter, box, metrics::Radius, tokens.hover);
        const QColor color = isChecked() ? tokens.accent : underMouse() ? tokens.text : tokens.text2;
        m_theme->paintIcon(painter, QRectF(0, 9, width(), 18), m_icon, color, 18);
        painter.setFont(m_theme->smallFont());
        painter.setPen(isChecked() ? tokens.text : tokens.text2);
        painter.drawText(QRect(0, 29, width(), 16), Qt::AlignCenter, text());
        if (hasFocus())
            paint::focusRing(painter, box, metrics::Radius, tokens.accent);
    }

private:
    Theme *m_theme;
    QString m_icon;
};
}

Rail::Rail(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("rail"));
    setFixedWidth(railWidth + 1);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 6, 1, 6);
    m_layout->setSpacing(2);
    addItem(Location::Kind::Design, QStringLiteral("rail-design"), QStringLiteral("design"), tr("Design"), QStringLiteral("Ctrl+1"));
    addItem(Location::Kind::Prompts, QStringLiteral("rail-prompts"), QStringLiteral("prompts"), tr("Prompts"), QStringLiteral("Ctrl+2"));
    addItem(Location::Kind::Playground, QStringLiteral("rail-playground"), QStringLiteral("play-step"), tr("Playground"), QStringLiteral("Ctrl+3"));
    addItem(Location::Kind::Experiments, QStringLiteral("rail-experiments"), QStringLiteral("experiment"), tr("Experiments"), QStringLiteral("Ctrl+4"));
    addItem(Location::Kind::Tools, QStringLiteral("rail-tools"), QStringLiteral("tools"), tr("Tools"), QStringLiteral("Ctrl+5"));
    addItem(Location::Kind::Runs, QStringLiteral("rail-runs"), QStringLiteral("runs"), tr("Runs"), QStringLiteral("Ctrl+6"));
    m_layout->addStretch();
    addItem(Location::Kind::Settings, QStringLiteral("rail-settings"), QStringLiteral("settings"), tr("Settings"), QStringLiteral("Ctrl+,"));
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Rail::addItem(Location::Kind kind, const QString &name, const QString &icon, const QString &title, const QString &key)
{
    auto *button = new RailButton(m_theme, icon, title, this);
    button->setObjectName(name);
    button->setAccessibleName(title);
    button->setToolTip(QStringLiteral("%1  (%2)").arg(title, key));
    connect(button, &QAbstractButton::clicked, this, [this, kind] { Q_EMIT chosen(kind); });
    m_layout->addWidget(button);
    m_buttons.insert(int(kind), button);
}

void Rail::setCurrent(Location::Kind kind)
{
    auto *now = m_buttons.value(int(kind));
    if (!now && kind != Location::Kind::Welcome)
        return;
    for (QAbstractButton *button : std::as_const(m_buttons)) {
        button->setAutoExclusive(now != nullptr); // else the last one cannot be let go
        if (!now)
            button->setChecked(false);
    }
    if (now)
        now->setChecked(true);
}

void Rail::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), m_theme->tokens().line);
}

} // namespace lathe
