// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QFont>
#include <QHash>
#include <QIcon>
#include <QObject>
#include <QPalette>
#include <QPixmap>
#include <QPointer>

#include <functional>

namespace lathe {

class FontPreload;
class LatheStyle;

// The look of the whole application: colours, fonts, icons, style. main() owns the one Theme and
// hands a pointer to every view. It must outlive the widgets that hold it. Main thread only.
class Theme : public QObject
{
    Q_OBJECT
public:
    enum class Mode { System, Light, Dark };

    // Looks at the system's choice; changes nothing of the application until install().
    explicit Theme(QObject *parent = nullptr);
    ~Theme() override;
    // Sets style, palette and fonts of the application and keeps them current from here on.
    void install();
    // The program's start-up reads fonts elsewhere; awaitFonts() is for who makes the first widgets with text.
    void setFontPreload(FontPreload *preload) { m_fontPreload = preload; }
    void awaitFonts();

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    bool isDark() const { return m_tokens.dark; }
    const Tokens &tokens() const { return m_tokens; }
    const QColor &color(ColorToken token) const { return m_tokens.color(token); }

    // The named icon (resources/icons/NAME.svg) in a token's colour. It follows later theme changes
    // by itself and is crisp at any scale; empty when there is no such icon. `checked` is the
    // colour of a checked button.
    QIcon icon(const QString &name, ColorToken token = ColorToken::Text2) const;
    QIcon icon(const QString &name, ColorToken token, ColorToken checked) const;
    // One icon as pixels: `size` in device-independent pixels. Null when there is no such icon.
    QPixmap pixmap(const QString &name, const QColor &color, int size, double dpr) const;
    // Draws the icon centred in `rect` at `size`; draws nothing when there is no such icon.
    void paintIcon(QPainter &painter, const QRectF &rect, const QString &name, const QColor &color,
                   int size = 16) const;

    QFont uiFont() const;      // 13 px Inter
    QFont smallFont() const;   // 12 px, captions and headers of columns
    QFont strongFont() const;  // 13 px semibold
    QFont headingFont() const; // 15 px semibold
    QFont titleFont() const;   // 18 px semibold
    QFont codeFont() const;    // 13 px monospaced, no ligatures; not for scripts that need shaping
    QFont shapedCodeFont() const; // the same with shaping, for text where needsShaping()

    static QPalette paletteFor(const Tokens &tokens);
    static bool isDarkPalette(const QPalette &palette);
    // True when some character (Arabic, Indic, combining marks, emoji sequences ...) cannot be
    // drawn unshaped.
    static bool needsShaping(QStringView text);
    // Replaces how the system's choice is found (tests). Takes effect at once.
    void setSystemProbe(std::function<bool()> isSystemDark);

Q_SIGNALS:
    // The tokens changed; palette and style are already the new ones.
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refresh();
    void applyToApplication();
    bool systemIsDark() const;

    Mode m_mode = Mode::System;
    Tokens m_tokens;
    std::function<bool()> m_probe;
    QPointer<LatheStyle> m_style;
    bool m_installed = false;
    FontPreload *m_fontPreload = nullptr; // not owned
    bool m_applying = false;
    bool m_startedDark = false;
    mutable QHash<QString, QPixmap> m_pixmaps;
};

} // namespace lathe
