// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptCompare.h"

#include "ui/prompts/DiffView.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSet>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString partName(const QString &key)
{
    if (key == QLatin1String("success_criteria"))
        return PromptCompare::tr("success criteria");
    if (key == QLatin1String("output"))
        return PromptCompare::tr("output format");
    if (key == QLatin1String("fallback"))
        return PromptCompare::tr("fallback rule");
    if (key == QLatin1String("retry"))
        return PromptCompare::tr("retry attempts");
    return key;
}
}

PromptCompare::PromptCompare(Theme *theme, QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("prompt-compare"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QWidget(this);
    auto *line = new QHBoxLayout(bar);
    line->setContentsMargins(metrics::Margin, 4, metrics::GapSmall, 4);
    line->setSpacing(metrics::Gap);
    m_title = new Label(theme, QString(), Label::Style::Strong, bar);
    m_counts = new Label(theme, QString(), Label::Style::Caption, bar);
    m_counts->setObjectName(QStringLiteral("compare-counts"));
    auto *previous = new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous change (Shift+F8)"), bar);
    previous->setCompact(true);
    auto *next = new IconButton(theme, QStringLiteral("chevron-right"), tr("Next change (F8)"), bar);
    next->setCompact(true);
    m_layoutButton = new Button(tr("Unified"), ButtonRole::Ghost, bar);
    m_layoutButton->setObjectName(QStringLiteral("compare-layout"));
    m_layoutButton->setToolTip(tr("Side by side, or one below the other"));
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Close the comparison (Esc)"), bar);
    close->setObjectName(QStringLiteral("compare-close"));
    line->addWidget(m_title);
    line->addWidget(m_counts);
    line->addStretch();
    line->addWidget(m_layoutButton);
    line->addWidget(previous);
    line->addWidget(next);
    line->addWidget(close);
    layout->addWidget(bar);
    m_others = new Label(theme, QString(), Label::Style::Secondary, this);
    m_others->setObjectName(QStringLiteral("compare-others"));
    m_others->setContentsMargins(metrics::Margin, 0, metrics::Margin, 6);
    m_others->setWordWrap(true);
    layout->addWidget(m_others);
    m_view = new DiffView(theme, this);
    layout->addWidget(m_view, 1);
    setFocusProxy(m_view);
    connect(previous, &QAbstractButton::clicked, this, [this] { m_view->goToChange(-1); });
    connect(next, &QAbstractButton::clicked, this, [this] { m_view->goToChange(1); });
    connect(close, &QAbstractButton::clicked, this, &PromptCompare::closed);
    connect(m_layoutButton, &QAbstractButton::clicked, this, [this] {
        m_view->setSideBySide(!m_view->isSideBySide());
        m_layoutButton->setText(m_view->isSideBySide() ? tr("Unified") : tr("Side by side"));
    });
}

void PromptCompare::compare(const QJsonObject &before, const QString &beforeName, const QJsonObject &after, const QString &afterName)
{
    m_view->setTexts(before.value(QStringLiteral("text")).toString(), after.value(QStringLiteral("text")).toString());
    m_title->setText(tr("%1 \u2192 %2").arg(beforeName, afterName));
    const int added = m_view->addedLines(), removed = m_view->removedLines();
    m_counts->setText(added + removed == 0 ? tr("the texts are the same") : tr("+%1 \u2212%2 lines").arg(added).arg(removed));
    QSet<QString> keys;
    for (const QJsonObject &body : {before, after}) {
        for (auto it = body.begin(); it != body.end(); ++it)
            keys.insert(it.key());
    }
    QStringList others;
    for (const QString &key : std::as_const(keys)) {
        if (key != QLatin1String("text") && before.value(key) != after.value(key))
            others.append(partName(key));
    }
    others.sort();
    m_others->setText(others.isEmpty() ? QString() : tr("Also different: %1.").arg(others.join(QLatin1String(", "))));
    m_others->setVisible(!others.isEmpty());
}

void PromptCompare::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        return Q_EMIT closed();
    QWidget::keyPressEvent(event);
}

} // namespace lathe
