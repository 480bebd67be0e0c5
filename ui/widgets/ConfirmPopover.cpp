// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ConfirmPopover.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"

#include <QBoxLayout>

namespace lathe {

ConfirmPopover::ConfirmPopover(Theme *theme, QWidget *anchor, const QString &question,
                               const QString &confirm, std::function<void()> run,
                               const QString &cancel)
    : Popover(theme, anchor),
      m_confirm(new Button(confirm, ButtonRole::Danger)),
      m_cancel(new Button(cancel.isEmpty() ? tr("Cancel") : cancel))
{
    setDeleteOnClose(true);
    setAccessibleName(question);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Margin);
    auto *text = new Label(theme, question);
    const int line = text->fontMetrics().horizontalAdvance(question) + 4;
    text->setWordWrap(line > 360);
    text->setMinimumWidth(std::min(line, 360));
    layout->addWidget(text);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(metrics::Gap);
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_confirm);
    layout->addLayout(buttons);
    setContent(content);
    connect(m_cancel, &Button::clicked, this, &Overlay::dismiss);
    connect(m_confirm, &Button::clicked, this, [this, run = std::move(run)] {
        const auto action = run; // dismissing may lead to this object's end
        dismiss();
        if (action)
            action();
    });
}

QWidget *ConfirmPopover::firstFocus() const
{
    return m_cancel;
}

} // namespace lathe
