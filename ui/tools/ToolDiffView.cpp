// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolDiffView.h"

#include "core/prompt/TextDiff.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/WordDiffHtml.h"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t MostShown = 300;
constexpr int MostText = 6000;
constexpr int WhatWidth = 190;

// A sign before the words: the colour never speaks alone.
QString signOf(ToolChange::Kind kind)
{
    return kind == ToolChange::Kind::Added ? QStringLiteral("+") : kind == ToolChange::Kind::Removed ? QStringLiteral("\u2212") : QStringLiteral("~");
}

ColorToken colorOf(ToolChange::Kind kind)
{
    return kind == ToolChange::Kind::Added ? ColorToken::Ok : kind == ToolChange::Kind::Removed ? ColorToken::Error : ColorToken::Accent;
}

QString titleOf(ToolChange::Area area)
{
    switch (area) {
    case ToolChange::Area::Purpose:
        return ToolDiffView::tr("What it is");
    case ToolChange::Area::Settings:
        return ToolDiffView::tr("Settings");
    case ToolChange::Area::Functions:
        return ToolDiffView::tr("Functions");
    case ToolChange::Area::Policy:
        return ToolDiffView::tr("Policy");
    case ToolChange::Area::Examples:
        return ToolDiffView::tr("Examples");
    }
    return QString();
}

QString wordDiff(const QString &before, const QString &after, const Tokens &t)
{
    const QString html = wordDiffHtml(diffWords(before.left(MostText), after.left(MostText)), t);
    return before.size() > MostText || after.size() > MostText ? html + ToolDiffView::tr(" (cut)") : html;
}

QString plain(const ToolChange &change)
{
    if (change.kind == ToolChange::Kind::Added)
        return change.after;
    if (change.kind == ToolChange::Kind::Removed)
        return change.before;
    if (change.before.isEmpty())
        return change.after;
    return change.after.isEmpty() ? change.before : QStringLiteral("%1 \u2192 %2").arg(change.before, change.after);
}
}

ToolDiffView::ToolDiffView(Theme *theme, QWidget *parent) : QScrollArea(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("tool-diff"));
    setAccessibleName(tr("Changes"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_content = new QWidget(this);
    m_rows = new QVBoxLayout(m_content);
    m_rows->setContentsMargins(0, 0, metrics::Gap, metrics::Margin);
    m_rows->setSpacing(2);
    setWidget(m_content);
    m_content->setAutoFillBackground(false);
    viewport()->setAutoFillBackground(false);
    connect(theme, &Theme::changed, this, &ToolDiffView::rebuild);
}

void ToolDiffView::setBodies(const QJsonObject &before, const QJsonObject &after)
{
    auto changes = toolChanges(before, after);
    if (changes == m_changes && m_rows->count() > 0)
        return;
    m_changes = std::move(changes);
    rebuild();
}

QString ToolDiffView::summary() const
{
    if (m_changes.empty())
        return tr("No difference");
    const auto looser = std::count_if(m_changes.begin(), m_changes.end(), [](const ToolChange &one) { return one.looser; });
    const QString count = format::count(qint64(m_changes.size()), tr("change"), tr("changes"));
    return looser > 0 ? tr("%1, %2 more through").arg(count, format::count(looser, tr("lets"), tr("let"))) : count;
}

QString ToolDiffView::asText() const
{
    QString text;
    for (const ToolChange &change : m_changes) {
        const QString subject = change.function.isEmpty() ? change.what : change.what.isEmpty() ? change.function : change.function + QStringLiteral(": ") + change.what;
        text += QStringLiteral("%1 %2: %3\n").arg(signOf(change.kind), subject, plain(change));
    }
    return text;
}

void ToolDiffView::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    if (m_changes.empty()) {
        m_rows->addWidget(new Label(m_theme, tr("Nothing differs."), Label::Style::Hint, m_content));
        m_rows->addStretch();
        return;
    }
    std::optional<ToolChange::Area> area;
    QString function;
    size_t shown = 0;
    for (const ToolChange &change : m_changes) {
        if (++shown > MostShown) {
            m_rows->addWidget(new Label(m_theme, tr("%1 more changes are not shown.").arg(m_changes.size() - MostShown), Label::Style::Hint, m_content));
            break;
        }
        if (area != change.area) {
            if (area)
                m_rows->addSpacing(metrics::Margin);
            area = change.area;
            function.clear();
            m_rows->addWidget(new SectionHeader(m_theme, titleOf(change.area), SectionHeader::Level::Panel, m_content));
        }
        auto *row = new QWidget(m_content);
        auto *grid = new QGridLayout(row);
        grid->setContentsMargins(metrics::Margin, 3, 0, 3);
        grid->setHorizontalSpacing(metrics::Gap);
        grid->setVerticalSpacing(2);
        grid->setColumnStretch(2, 1);
        const bool isWhole = change.what.isEmpty(); // a function that is new, or gone
        if (!change.function.isEmpty() && change.function != function && !isWhole) {
            auto *name = new Label(m_theme, change.function, Label::Style::Code, row);
            name->setTextFormat(Qt::PlainText);
            grid->addWidget(name, 0, 0, 1, 3);
        }
        function = change.function;
        auto *sign = new Label(m_theme, signOf(change.kind), Label::Style::Strong, row);
        sign->setColor(colorOf(change.kind));
        sign->setFixedWidth(14);
        sign->setAccessibleName(change.kind == ToolChange::Kind::Added ? tr("added") : change.kind == ToolChange::Kind::Removed ? tr("removed") : tr("changed"));
        grid->addWidget(sign, 1, 0, Qt::AlignTop);
        auto *what = new Label(m_theme, isWhole ? change.function : change.what, isWhole ? Label::Style::Code : Label::Style::Secondary, row);
        what->setTextFormat(Qt::PlainText);
        what->setWordWrap(true);
        what->setFixedWidth(WhatWidth);
        grid->addWidget(what, 1, 1, Qt::AlignTop);
        auto *text = new Label(m_theme, QString(), Label::Style::Body, row);
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        if (change.isText) {
            text->setTextFormat(Qt::RichText);
            text->setText(wordDiff(change.before, change.after, m_theme->tokens()));
        } else {
            text->setTextFormat(Qt::PlainText);
            text->setText(plain(change));
        }
        grid->addWidget(text, 1, 2, Qt::AlignTop);
        if (change.looser) {
            auto *note = new Label(m_theme, tr("lets more through"), Label::Style::Caption, row);
            note->setColor(ColorToken::Warning);
            grid->addWidget(note, 2, 2);
        }
        m_rows->addWidget(row);
    }
    m_rows->addStretch(1);
}

} // namespace lathe
