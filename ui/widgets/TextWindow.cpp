// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/TextWindow.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>

namespace lathe {

TextWindow::TextWindow(Theme *theme, const QString &title, const QString &text, QWidget *parent)
    : QWidget(parent, Qt::Window), m_editor(new CodeEditor(theme))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin, metrics::Margin, metrics::Margin, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    if (text.size() > MostShown) {
        layout->addWidget(new InlineMessage(
            theme, Severity::Info,
            tr("Shown are the first %1 of %2 characters. Copy takes all of them.")
                .arg(QLocale().toString(MostShown), QLocale().toString(text.size()))));
    }
    m_editor->setReadOnly(true);
    m_editor->setText(text.left(MostShown));
    m_editor->setAccessibleName(title);
    layout->addWidget(m_editor, 1);
    auto *buttons = new QHBoxLayout;
    auto *copy = new Button(tr("Copy"));
    auto *close = new Button(tr("Close"));
    buttons->addStretch(1);
    buttons->addWidget(copy);
    buttons->addWidget(close);
    layout->addLayout(buttons);
    connect(copy, &Button::clicked, this, [text] { QGuiApplication::clipboard()->setText(text); });
    connect(close, &Button::clicked, this, &QWidget::close);
    resize(760, 560);
}

void TextWindow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        close();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace lathe
