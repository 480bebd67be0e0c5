// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/TopBar.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/KeyHint.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

namespace lathe {

namespace {
// Looks like a field, opens the palette.
class PaletteField : public QAbstractButton
{
public:
    PaletteField(Theme *theme, QWidget *parent) : QAbstractButton(parent), m_theme(theme)
    {
        setObjectName(QStringLiteral("palette-field"));
        setAccessibleName(QObject::tr("Search or command"));
        setToolTip(QObject::tr("Search or command  (Ctrl+K)"));
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setFixedHeight(metrics::ControlHeight);
        setMinimumWidth(220);
        setMaximumWidth(520);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        setCursor(Qt::IBeamCursor);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &tokens = m_theme->tokens();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        paint::roundedBox(painter, rect(), metrics::Radius, tokens.field, underMouse() ? tokens.text3 : tokens.lineStrong);
        m_theme->paintIcon(painter, QRectF(8, 0, 16, height()), QStringLiteral("search"), tokens.text2);
        painter.setFont(m_theme->uiFont());
        painter.setPen(tokens.text3);
        painter.drawText(rect().adjusted(32, 0, -70, 0), Qt::AlignVCenter | Qt::AlignLeft, tr("Search or command"));
        KeyHint::paintCaps(painter, QRectF(rect()).adjusted(0, 0, -8, 0), m_theme->smallFont(), QStringLiteral("Ctrl+K"), tokens);
        if (hasFocus())
            paint::focusRing(painter, rect(), metrics::Radius, tokens.accent);
    }

private:
    Theme *m_theme;
};
}

TopBar::TopBar(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("top-bar"));
    setFixedHeight(44);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(4);
    m_project = new Button(QString(), ButtonRole::Ghost, this);
    m_project->setObjectName(QStringLiteral("project-button"));
    m_menu = new QMenu(m_project);
    m_project->setMenu(m_menu);
    // The keys belong to the workspace's actions; a second owner would make them ambiguous, and nothing would happen.
    m_back = new IconButton(theme, QStringLiteral("back"), withShortcut(tr("Back"), QKeySequence(Qt::ALT | Qt::Key_Left)), this);
    m_back->setObjectName(QStringLiteral("back-button"));
    m_forward = new IconButton(theme, QStringLiteral("forward"), withShortcut(tr("Forward"), QKeySequence(Qt::ALT | Qt::Key_Right)), this);
    m_forward->setObjectName(QStringLiteral("forward-button"));
    auto *palette = new PaletteField(theme, this);
    m_themeButton = new IconButton(theme, QStringLiteral("sun"), tr("Switch between light and dark"), this);
    m_themeButton->setObjectName(QStringLiteral("theme-button"));
    layout->addWidget(m_project);
    layout->addWidget(m_back);
    layout->addWidget(m_forward);
    layout->addStretch(1);
    layout->addWidget(palette, 3);
    layout->addStretch(1);
    layout->addWidget(m_themeButton);
    connect(m_back, &QAbstractButton::clicked, this, &TopBar::backRequested);
    connect(m_forward, &QAbstractButton::clicked, this, &TopBar::forwardRequested);
    connect(palette, &QAbstractButton::clicked, this, &TopBar::paletteRequested);
    connect(m_themeButton, &QAbstractButton::clicked, this, &TopBar::themeToggled);
    connect(theme, &Theme::changed, this, [this] {
        updateThemeButton();
        update();
    });
    updateThemeButton();
    setHistory(false, false);
}

void TopBar::setProject(const QString &title, const QString &toolTip)
{
    m_project->setText(title);
    m_project->setToolTip(toolTip);
}

void TopBar::setHistory(bool canGoBack, bool canGoForward)
{
    m_back->setEnabled(canGoBack);
    m_forward->setEnabled(canGoForward);
}

void TopBar::updateThemeButton()
{
    m_themeButton->setIconName(m_theme->isDark() ? QStringLiteral("sun") : QStringLiteral("moon"));
}

void TopBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme->tokens().line);
}

} // namespace lathe
