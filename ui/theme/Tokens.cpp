// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/Tokens.h"

#include <QHash>

#include <array>
#include <cmath>

namespace lathe {

namespace {

void derive(Tokens &t)
{
    t.lineStrong = mix(t.line, t.text3, 0.45);
    t.field = t.dark ? t.base : t.surface;
    t.hover = withAlpha(t.text, t.dark ? 0.07 : 0.05);
    t.pressed = withAlpha(t.text, t.dark ? 0.12 : 0.09);
    t.selection = mix(t.surface, t.accent, t.dark ? 0.26 : 0.18);
    t.selectionInactive = mix(t.surface, t.text, t.dark ? 0.11 : 0.08);
    t.scrim = withAlpha(Qt::black, t.dark ? 0.5 : 0.28);
    t.shadow = withAlpha(Qt::black, t.dark ? 0.5 : 0.16);
    t.warning = t.accent;
}

double channel(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF())
           + 0.0722 * channel(color.blueF());
}

} // namespace

Tokens Tokens::forDark()
{
    Tokens t;
    t.dark = true;
    t.base = QColor(0x15171B);
    t.surface = QColor(0x1C1F25);
    t.raised = QColor(0x252932);
    t.line = QColor(0x323742);
    t.text = QColor(0xE7EAF0);
    t.text2 = QColor(0xA5ADBA);
    t.text3 = QColor(0x737C8A);
    t.accent = QColor(0xE5A445);
    t.onAccent = QColor(0x15171B);
    t.agent = QColor(0xA393FF);
    t.model = QColor(0x5FA8FF);
    t.tool = QColor(0x4CC38A);
    t.memory = QColor(0xF08CB4);
    t.control = QColor(0x45C4CE);
    t.human = QColor(0xF0C75E);
    t.error = QColor(0xFF6F6F);
    t.ok = QColor(0x4CC38A);
    derive(t);
    return t;
}

Tokens Tokens::forLight()
{
    Tokens t;
    t.dark = false;
    t.base = QColor(0xF7F7F5);
    t.surface = QColor(0xFFFFFF);
    t.raised = QColor(0xFFFFFF);
    t.line = QColor(0xDEDFDC);
    t.text = QColor(0x1B1E23);
    t.text2 = QColor(0x565D68);
    t.text3 = QColor(0x7C838D);
    t.accent = QColor(0x8F5A0A);
    t.onAccent = QColor(0xFFFFFF);
    t.agent = QColor(0x5B45D6);
    t.model = QColor(0x1766C2);
    t.tool = QColor(0x1B7F4F);
    t.memory = QColor(0xB23A6E);
    t.control = QColor(0x0B7680);
    t.human = QColor(0x8A6A00);
    t.error = QColor(0xC32F2F);
    t.ok = QColor(0x1B7F4F);
    derive(t);
    return t;
}

const QColor &Tokens::color(ColorToken token) const
{
    switch (token) {
    case ColorToken::Base:
        return base;
    case ColorToken::Surface:
        return surface;
    case ColorToken::Raised:
        return raised;
    case ColorToken::Line:
        return line;
    case ColorToken::Text:
        return text;
    case ColorToken::Text2:
        return text2;
    case ColorToken::Text3:
        return text3;
    case ColorToken::Accent:
        return accent;
    case ColorToken::OnAccent:
        return onAccent;
    case ColorToken::Agent:
        return agent;
    case ColorToken::Model:
        return model;
    case ColorToken::Tool:
        return tool;
    case ColorToken::Memory:
        return memory;
    case ColorToken::Control:
        return control;
    case ColorToken::Human:
        return human;
    case ColorToken::Error:
        return error;
    case ColorToken::Warning:
        return warning;
    case ColorToken::Ok:
        return ok;
    case ColorToken::LineStrong:
        return lineStrong;
    case ColorToken::Field:
        return field;
    case ColorToken::Count:
        break;
    }
    return text;
}

ColorToken colorTokenFromName(const QString &name)
{
    static const QHash<QString, ColorToken> names = {
        {QStringLiteral("base"), ColorToken::Base},
        {QStringLiteral("surface"), ColorToken::Surface},
        {QStringLiteral("raised"), ColorToken::Raised},
        {QStringLiteral("line"), ColorToken::Line},
        {QStringLiteral("text"), ColorToken::Text},
        {QStringLiteral("text-2"), ColorToken::Text2},
        {QStringLiteral("text-3"), ColorToken::Text3},
        {QStringLiteral("accent"), ColorToken::Accent},
        {QStringLiteral("agent"), ColorToken::Agent},
        {QStringLiteral("team"), ColorToken::Agent},
        {QStringLiteral("model"), ColorToken::Model},
        {QStringLiteral("tool"), ColorToken::Tool},
        {QStringLiteral("memory"), ColorToken::Memory},
        {QStringLiteral("control"), ColorToken::Control},
        {QStringLiteral("human"), ColorToken::Human},
        {QStringLiteral("error"), ColorToken::Error},
        {QStringLiteral("warning"), ColorToken::Warning},
        {QStringLiteral("ok"), ColorToken::Ok},
    };
    return names.value(name, ColorToken::Text);
}

QColor withAlpha(QColor color, double alpha)
{
    color.setAlphaF(static_cast<float>(alpha));
    return color;
}

QColor mix(const QColor &a, const QColor &b, double share)
{
    const auto blend = [share](int from, int to) { return qRound(from + (to - from) * share); };
    return QColor(blend(a.red(), b.red()), blend(a.green(), b.green()), blend(a.blue(), b.blue()));
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const double first = luminance(a) + 0.05;
    const double second = luminance(b) + 0.05;
    return first > second ? first / second : second / first;
}

} // namespace lathe
