// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/Theme.h"

#include "ui/theme/FontPreload.h"
#include "ui/theme/IconEngine.h"
#include "ui/theme/LatheStyle.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace lathe {

namespace {

QString iconPath(const QString &name)
{
    return QStringLiteral(":/icons/%1.svg").arg(name);
}

} // namespace

Theme::Theme(QObject *parent) : QObject(parent)
{
    m_startedDark = isDarkPalette(QGuiApplication::palette());
    m_tokens = systemIsDark() ? Tokens::forDark() : Tokens::forLight();
}

Theme::~Theme() = default;

bool Theme::isDarkPalette(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness()
           < palette.color(QPalette::WindowText).lightness();
}

bool Theme::systemIsDark() const
{
    return m_probe ? m_probe() : m_startedDark;
}

void Theme::setSystemProbe(std::function<bool()> isSystemDark)
{
    m_probe = std::move(isSystemDark);
    refresh();
}

void Theme::install()
{
    if (m_installed)
        return;
    m_installed = true;
    m_style = new LatheStyle(m_tokens);
    QApplication::setStyle(m_style); // the application owns it
    QApplication::setFont(uiFont());
    QFont buttonFont = uiFont();
    buttonFont.setWeight(QFont::Medium);
    QApplication::setFont(buttonFont, "QPushButton");
    QApplication::setFont(smallFont(), "QHeaderView");
    QApplication::setFont(smallFont(), "QTipLabel");
    applyToApplication();
    qApp->installEventFilter(this);
}

void Theme::awaitFonts()
{
    if (auto *preload = std::exchange(m_fontPreload, nullptr))
        preload->wait();
}

void Theme::setMode(Mode mode)
{
    m_mode = mode;
    refresh();
}

void Theme::refresh()
{
    const bool dark = m_mode == Mode::System ? systemIsDark() : m_mode == Mode::Dark;
    if (dark == m_tokens.dark)
        return;
    m_tokens = dark ? Tokens::forDark() : Tokens::forLight();
    m_pixmaps.clear();
    if (m_installed)
        applyToApplication();
    Q_EMIT changed();
}

void Theme::applyToApplication()
{
    m_applying = true;
    if (m_style)
        m_style->setTokens(m_tokens);
    QApplication::setPalette(paletteFor(m_tokens));
    const auto widgets = QApplication::allWidgets();
    for (QWidget *widget : widgets)
        widget->update();
    m_applying = false;
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    // Qt 6.4 has no colorScheme(): the platform theme tells of a change by this event, and its own
    // palette shows the choice once ours is taken away for a moment.
    if (event->type() == QEvent::ThemeChange && !m_applying) {
        m_applying = true;
        QApplication::setPalette(QPalette());
        m_startedDark = isDarkPalette(QGuiApplication::palette());
        QApplication::setPalette(paletteFor(m_tokens));
        m_applying = false;
        refresh();
    }
    return QObject::eventFilter(watched, event);
}

QPalette Theme::paletteFor(const Tokens &t)
{
    QPalette p;
    const auto all = [&p](QPalette::ColorRole role, const QColor &color) {
        p.setColor(role, color);
    };
    all(QPalette::Window, t.base);
    all(QPalette::WindowText, t.text);
    all(QPalette::Base, t.field);
    all(QPalette::AlternateBase, t.surface);
    all(QPalette::Text, t.text);
    all(QPalette::Button, t.raised);
    all(QPalette::ButtonText, t.text);
    all(QPalette::BrightText, t.error);
    all(QPalette::Highlight, t.selection);
    all(QPalette::HighlightedText, t.text);
    all(QPalette::Link, t.accent);
    all(QPalette::LinkVisited, t.accent);
    all(QPalette::ToolTipBase, t.raised);
    all(QPalette::ToolTipText, t.text);
    all(QPalette::PlaceholderText, t.text3);
    all(QPalette::Light, mix(t.raised, t.text, 0.08));
    all(QPalette::Midlight, mix(t.raised, t.text, 0.04));
    all(QPalette::Mid, t.line);
    all(QPalette::Dark, t.lineStrong);
    all(QPalette::Shadow, t.shadow);
    for (const auto role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        p.setColor(QPalette::Disabled, role, t.text3);
    p.setColor(QPalette::Disabled, QPalette::Base, t.base);
    p.setColor(QPalette::Disabled, QPalette::Button, t.surface);
    p.setColor(QPalette::Disabled, QPalette::Highlight, t.selectionInactive);
    p.setColor(QPalette::Inactive, QPalette::Highlight, t.selectionInactive);
    return p;
}

QIcon Theme::icon(const QString &name, ColorToken token) const
{
    return icon(name, token, token == ColorToken::Text2 ? ColorToken::Accent : token);
}

QIcon Theme::icon(const QString &name, ColorToken token, ColorToken checked) const
{
    if (!QFile::exists(iconPath(name)))
        return QIcon();
    return QIcon(new IconEngine(this, name, token, checked));
}

QPixmap Theme::pixmap(const QString &name, const QColor &color, int size, double dpr) const
{
    const int pixels = qRound(size * dpr);
    if (pixels <= 0 || pixels > 1024)
        return QPixmap();
    const QString key = QStringLiteral("%1/%2/%3").arg(name).arg(color.rgba(), 0, 16).arg(pixels);
    auto cached = m_pixmaps.constFind(key);
    if (cached == m_pixmaps.cend()) {
        QPixmap pixmap;
        QSvgRenderer renderer;
        const QString path = iconPath(name);
        if (QFile::exists(path) && renderer.load(path)) {
            QImage image(pixels, pixels, QImage::Format_ARGB32_Premultiplied);
            image.fill(Qt::transparent);
            QPainter painter(&image);
            renderer.render(&painter, QRectF(0, 0, pixels, pixels));
            // The file is black strokes on nothing: keep its coverage, take our colour.
            painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
            painter.fillRect(image.rect(), color);
            painter.end();
            pixmap = QPixmap::fromImage(image);
        }
        if (m_pixmaps.size() > 2000) // colours are few; only a resizing caller could get here
            m_pixmaps.clear();
        cached = m_pixmaps.insert(key, pixmap);
    }
    QPixmap result = *cached;
    result.setDevicePixelRatio(dpr);
    return result;
}

void Theme::paintIcon(QPainter &painter, const QRectF &rect, const QString &name,
                      const QColor &color, int size) const
{
    const double dpr = painter.device() ? painter.device()->devicePixelRatioF() : 1;
    const QPixmap image = pixmap(name, color, size, dpr);
    if (image.isNull())
        return;
    const QPointF corner = rect.center() - QPointF(size / 2.0, size / 2.0);
    painter.drawPixmap(QPointF(qRound(corner.x() * dpr) / dpr, qRound(corner.y() * dpr) / dpr),
                       image);
}

QFont Theme::uiFont() const
{
    QFont font;
    font.setFamilies({QStringLiteral("Inter"), QStringLiteral("DejaVu Sans")});
    font.setPixelSize(13);
    return font;
}

QFont Theme::smallFont() const
{
    QFont font = uiFont();
    font.setPixelSize(12);
    return font;
}

QFont Theme::strongFont() const
{
    QFont font = uiFont();
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::headingFont() const
{
    QFont font = strongFont();
    font.setPixelSize(15);
    return font;
}

QFont Theme::titleFont() const
{
    QFont font = strongFont();
    font.setPixelSize(18);
    return font;
}

QFont Theme::shapedCodeFont() const
{
    QFont font;
    font.setFamilies({QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono")});
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(13);
    return font;
}

QFont Theme::codeFont() const
{
    QFont font = shapedCodeFont();
    // Shaping would draw `!=` and `->` as one sign, and Qt 6.4 has no other way to switch ligatures
    // off.
    font.setStyleStrategy(QFont::PreferNoShaping);
    return font;
}

bool Theme::needsShaping(QStringView text)
{
    for (const QChar c : text) {
        const char16_t code = c.unicode();
        if (code < 0x0300)
            continue;
        const bool simple = (code >= 0x0370 && code < 0x0483)
                            || (code >= 0x048a && code < 0x0591) // Greek .. Armenian
                            || (code >= 0x1e00 && code < 0x200b)
                            || (code >= 0x2010 && code < 0x20d0) // Latin, punctuation, signs
                            || (code >= 0x2100 && code < 0x2e00)
                            || (code >= 0x2e80 && code < 0xa000) // symbols, CJK
                            || (code >= 0xac00 && code < 0xd7a4)
                            || (code >= 0xf900 && code < 0xfb00) // Hangul, CJK
                            || (code >= 0xfdd0 && code < 0xfdf0)
                            || (code >= 0xff00); // non-characters, full width, U+FFFD
        if (!simple)
            return true;
    }
    return false;
}

} // namespace lathe
