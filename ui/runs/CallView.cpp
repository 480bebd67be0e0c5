// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/CallView.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/TextBlock.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QGridLayout>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostRows = 14;
constexpr int longestCell = 160; // characters beside a name; longer values stand below it
}

CallView::CallView(Theme *theme, const QJsonObject &arguments, const QString &preview, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_layout(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("approval-arguments"));
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
    if (preview.isEmpty()) {
        m_layout->addWidget(table(arguments));
        return;
    }
    auto *text = new TextBlock(theme, TextBlock::Look::Code, this);
    text->setObjectName(QStringLiteral("approval-preview"));
    text->setLimit(6000, 40);
    text->setText(preview);
    m_layout->addWidget(text);
    auto *more = new LinkLabel(theme, tr("Show the arguments"), this);
    more->setObjectName(QStringLiteral("approval-raw"));
    m_layout->addWidget(more, 0, Qt::AlignLeft);
    auto *raw = table(arguments);
    raw->hide();
    m_layout->addWidget(raw);
    connect(more, &LinkLabel::clicked, this, [more, raw] {
        raw->setVisible(raw->isHidden());
        more->setText(raw->isHidden() ? tr("Show the arguments") : tr("Hide the arguments"));
    });
}

QWidget *CallView::table(const QJsonObject &arguments)
{
    if (arguments.isEmpty())
        return new Label(m_theme, tr("(no arguments)"), Label::Style::Hint, this);
    if (arguments.size() > mostRows) {
        auto *box = new JsonBox(m_theme, 24, this);
        box->show(arguments);
        return box;
    }
    auto *table = new QWidget(this);
    auto *grid = new QGridLayout(table);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(metrics::Margin);
    grid->setVerticalSpacing(metrics::GapSmall);
    grid->setColumnStretch(1, 1);
    int row = 0;
    for (auto it = arguments.begin(); it != arguments.end(); ++it) {
        const QJsonValue value = it.value();
        auto *name = new Label(m_theme, it.key().left(80), Label::Style::Secondary, table);
        name->setTextFormat(Qt::PlainText);
        const QString text = value.isString() ? value.toString() : QString::fromUtf8(json::pretty(value)).trimmed();
        const bool deep = value.isObject() || value.isArray();
        const bool isShort = text.size() <= longestCell && !text.contains(QLatin1Char('\n'));
        if (deep && !isShort) {
            grid->addWidget(name, row++, 0, 1, 2);
            auto *box = new JsonBox(m_theme, 10, table);
            box->show(value);
            grid->addWidget(box, row++, 0, 1, 2);
        } else if (isShort) {
            auto *shown = new Label(m_theme, text.isEmpty() ? tr("(empty)") : text, text.isEmpty() ? Label::Style::Hint : Label::Style::Code, table);
            shown->setTextFormat(Qt::PlainText);
            shown->setWordWrap(true);
            shown->setTextInteractionFlags(Qt::TextSelectableByMouse);
            grid->addWidget(name, row, 0, Qt::AlignTop);
            grid->addWidget(shown, row++, 1);
        } else {
            grid->addWidget(name, row++, 0, 1, 2);
            auto *block = new TextBlock(m_theme, TextBlock::Look::Code, table);
            block->setLimit(4000, 30);
            block->setText(text);
            grid->addWidget(block, row++, 0, 1, 2);
        }
    }
    return table;
}

QString CallView::line(const QJsonObject &arguments)
{
    QStringList parts;
    for (auto it = arguments.begin(); it != arguments.end() && parts.size() < 6; ++it)
        parts.append(QStringLiteral("%1: %2").arg(it.key().left(40), format::oneLine(it.value().isString() ? it.value().toString() : json::compactString(it.value()), 60)));
    return parts.join(QStringLiteral(", "));
}

} // namespace lathe
