// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunInputBox.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QVBoxLayout>

namespace lathe {

RunInputBox::RunInputBox(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_editor(new CodeEditor(theme, this)), m_formHost(new QWidget(this)),
      m_problem(new ProblemLine(theme, this)), m_note(new Label(theme, QString(), Label::Style::Caption, this)),
      m_menuButton(new IconButton(theme, QStringLiteral("history"), tr("Examples and recent inputs"), this)),
      m_run(new PrimaryButton(tr("Run"), this)), m_stop(new Button(tr("Stop"), ButtonRole::Danger, this))
{
    setObjectName(QStringLiteral("run-input"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::Gap);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(m_editor);
    layout->addWidget(m_formHost);
    layout->addWidget(m_problem);
    auto *row = new QHBoxLayout;
    row->setSpacing(metrics::Gap);
    row->addWidget(m_menuButton);
    row->addWidget(m_note, 1);
    row->addWidget(m_run);
    row->addWidget(m_stop);
    layout->addLayout(row);
    m_formHost->setLayout(new QVBoxLayout);
    m_formHost->layout()->setContentsMargins(0, 0, 0, 0);
    m_formHost->hide();

    m_editor->setObjectName(QStringLiteral("run-text"));
    m_editor->setAccessibleName(tr("Input of the run"));
    m_editor->setPlaceholderText(tr("What should the agent work on? Ctrl+Enter runs"));
    m_editor->setLineNumbersVisible(false);
    m_editor->setAutoHeight(2, 6);
    m_editor->installEventFilter(this);
    m_note->setMinimumWidth(40);
    m_note->setWordWrap(true);
    m_menuButton->setObjectName(QStringLiteral("run-examples"));
    m_run->setObjectName(QStringLiteral("run-button"));
    m_run->setIcon(theme->icon(QStringLiteral("run"), ColorToken::OnAccent));
    m_run->setToolTip(withShortcut(tr("Run the draft on this input"), QKeySequence(Qt::Key_F5)));
    m_stop->setObjectName(QStringLiteral("stop-button"));
    m_stop->setIcon(theme->icon(QStringLiteral("stop"), ColorToken::Error));
    m_stop->setToolTip(withShortcut(tr("Stop the run"), QKeySequence(Qt::SHIFT | Qt::Key_F5)));
    m_stop->hide();
    connect(m_run, &Button::clicked, this, &RunInputBox::runRequested);
    connect(m_stop, &Button::clicked, this, &RunInputBox::stopRequested);
    connect(m_menuButton, &IconButton::clicked, this, &RunInputBox::openMenu);
    setFocusProxy(m_editor);
}

QString RunInputBox::text() const
{
    return m_editor->text();
}

void RunInputBox::setText(const QString &text)
{
    m_editor->setText(text);
}

void RunInputBox::focusText()
{
    m_editor->setFocus(Qt::OtherFocusReason);
}

QString RunInputBox::Field::text() const
{
    return line ? line->text() : editor->text();
}

void RunInputBox::Field::setText(const QString &text) const
{
    if (editor) {
        editor->setText(text);
    } else {
        line->setText(text);
        line->setCursorPosition(0);
    }
}

bool RunInputBox::isUntouched() const
{
    return m_editor->text().trimmed().isEmpty()
        && std::all_of(m_fields.begin(), m_fields.end(), [](const Field &field) { return field.text() == field.offered; });
}

QJsonObject RunInputBox::variables() const
{
    QJsonObject values;
    for (const Field &field : m_fields) {
        if (const QString text = field.text(); !text.isEmpty())
            values.insert(field.name, text);
    }
    return values;
}

void RunInputBox::setVariableValues(const QJsonObject &values)
{
    for (const Field &field : m_fields)
        field.setText(values.value(field.name).toString());
}

void RunInputBox::setVariables(const std::vector<PromptVariable> &variables)
{
    if (variables == m_variables)
        return;
    const QJsonObject typed = this->variables();
    m_variables = variables;
    m_fields.clear();
    delete std::exchange(m_form, nullptr);
    m_formHost->setVisible(!variables.empty());
    if (variables.empty())
        return;
    m_form = new FormLayout(m_theme, m_formHost);
    m_form->setLabels(FormLayout::Labels::Left);
    m_formHost->layout()->addWidget(m_form);
    for (const PromptVariable &variable : variables) {
        Field field;
        field.name = variable.name;
        field.offered = variable.defaultValue;
        QWidget *widget = nullptr;
        if (variable.defaultValue.size() > 60 || variable.defaultValue.contains(QLatin1Char('\n'))) {
            field.editor = new CodeEditor(m_theme, m_form);
            field.editor->setLineNumbersVisible(false);
            field.editor->setAutoHeight(2, 4);
            widget = field.editor;
        } else {
            field.line = new QLineEdit(m_form);
            widget = field.line;
        }
        widget->setObjectName(QStringLiteral("variable-") + variable.name);
        widget->setAccessibleName(variable.name);
        widget->setAccessibleDescription(variable.description);
        widget->setToolTip(variable.description.toHtmlEscaped());
        widget->installEventFilter(this);
        if (field.line)
            field.line->setPlaceholderText(variable.description);
        field.setText(typed.value(variable.name).toString(variable.defaultValue));
        m_form->addField(variable.name, widget);
        m_fields.push_back(field);
    }
}

void RunInputBox::setRunning(bool running)
{
    const bool hadFocus = m_run->hasFocus() || m_stop->hasFocus();
    m_run->setVisible(!running);
    m_stop->setVisible(running);
    if (hadFocus)
        (running ? m_stop : m_run)->setFocus(Qt::OtherFocusReason);
}

void RunInputBox::setNote(const QString &note)
{
    m_note->setText(note);
}

void RunInputBox::setProblem(const QString &problem)
{
    m_problem->setProblem(Severity::Error, problem);
}

void RunInputBox::setMenuSource(std::function<void(QMenu *)> fill)
{
    m_fill = std::move(fill);
}

void RunInputBox::openMenu()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("examples-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    if (m_fill)
        m_fill(menu);
    if (menu->isEmpty())
        menu->addAction(tr("No examples and no runs yet"))->setEnabled(false);
    menu->popup(m_menuButton->mapToGlobal(QPoint(0, m_menuButton->height() + 4)));
}

bool RunInputBox::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    const auto *editor = qobject_cast<CodeEditor *>(watched);
    if (enter && (key->modifiers() == Qt::ControlModifier || !editor)) {
        if (m_run->isVisible())
            Q_EMIT runRequested();
        return true;
    }
    // These boxes hold a sentence, not code: Tab leaves them.
    if (editor && key->key() == Qt::Key_Tab && key->modifiers() == Qt::NoModifier)
        return focusNextChild();
    if (editor && key->key() == Qt::Key_Backtab)
        return focusPreviousChild();
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
