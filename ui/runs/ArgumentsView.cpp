// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ArgumentsView.h"

#include "core/base/Json.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/TextBlock.h"
#include "ui/widgets/Label.h"

#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostMembers = 12;
}

ArgumentsView::ArgumentsView(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(2);
}

void ArgumentsView::clear()
{
    while (QLayoutItem *item = m_layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void ArgumentsView::show(const QJsonObject &arguments)
{
    clear();
    if (arguments.isEmpty()) {
        m_layout->addWidget(new Label(m_theme, tr("(no arguments)"), Label::Style::Hint, this));
        return;
    }
    if (arguments.size() > mostMembers) {
        auto *box = new JsonBox(m_theme, 24, this);
        box->show(arguments);
        m_layout->addWidget(box);
        return;
    }
    for (auto it = arguments.begin(); it != arguments.end(); ++it) {
        const QJsonValue value = it.value();
        m_layout->addWidget(new Label(m_theme, it.key().left(200), Label::Style::Caption, this));
        auto *block = new TextBlock(m_theme, TextBlock::Look::Code, this);
        block->setLimit(4000);
        block->setText(value.isString() ? value.toString() : QString::fromUtf8(json::pretty(value)).trimmed());
        m_layout->addWidget(block);
    }
}

void ArgumentsView::show(const QString &text)
{
    const QJsonValue value = JsonBox::parse(text);
    if (value.isObject())
        return show(value.toObject());
    clear();
    auto *block = new TextBlock(m_theme, TextBlock::Look::Code, this);
    block->setText(text.isEmpty() ? tr("(no arguments)") : text);
    m_layout->addWidget(block);
}

} // namespace lathe
