// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/InputPanel.h"

#include "ui/playground/RowPicker.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int formWidth = 360;
constexpr int longDefault = 60; // characters; longer ones get a small editor
}

QString InputPanel::Field::text() const
{
    return line ? line->text() : editor->text();
}

void InputPanel::Field::setText(const QString &text) const
{
    if (editor) {
        editor->setText(text);
    } else {
        line->setText(text);
        line->setCursorPosition(0);
    }
}

InputPanel::InputPanel(Session *session, Theme *theme, int mostRows, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_theme(theme),
      m_typeMode(new Button(tr("Type"), ButtonRole::Ghost, this)),
      m_rowMode(new Button(tr("Rows of a dataset"), ButtonRole::Ghost, this)),
      m_note(new Label(theme, QString(), Label::Style::Caption, this)),
      m_restart(new Button(tr("New conversation"), ButtonRole::Ghost, this)),
      m_send(new PrimaryButton(tr("Send"), this)),
      m_stop(new Button(tr("Stop"), ButtonRole::Danger, this)),
      m_pages(new QStackedWidget(this)),
      m_editor(new CodeEditor(theme, m_pages)),
      m_formArea(new QScrollArea(this)),
      m_rows(new RowPicker(session, theme, mostRows, m_pages)),
      m_problem(new ProblemLine(theme, this))
{
    setObjectName(QStringLiteral("playground-input-panel"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin, metrics::GapSmall, metrics::Margin, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::GapSmall);
    top->addWidget(m_typeMode);
    top->addWidget(m_rowMode);
    top->addSpacing(metrics::Gap);
    top->addWidget(m_note, 1);
    top->addWidget(m_restart);
    top->addWidget(m_stop);
    top->addWidget(m_send);
    layout->addLayout(top);
    layout->addWidget(m_problem);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(metrics::Gap);
    middle->addWidget(m_pages, 1);
    middle->addWidget(m_formArea);
    layout->addLayout(middle, 1);
    m_pages->addWidget(m_editor);
    m_pages->addWidget(m_rows);

    for (Button *mode : {m_typeMode, m_rowMode}) {
        mode->setCheckable(true);
        mode->setAutoExclusive(true);
    }
    m_typeMode->setChecked(true);
    m_typeMode->setObjectName(QStringLiteral("input-type"));
    m_typeMode->setIcon(theme->icon(QStringLiteral("input")));
    m_typeMode->setToolTip(tr("One input, typed here, goes to all columns"));
    m_rowMode->setObjectName(QStringLiteral("input-rows"));
    m_rowMode->setIcon(theme->icon(QStringLiteral("dataset")));
    m_rowMode->setToolTip(withShortcut(tr("Picked rows of a dataset go to all columns"),
                                       QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R)));
    m_note->setObjectName(QStringLiteral("input-note"));
    m_note->setMinimumWidth(20);
    m_restart->setObjectName(QStringLiteral("conversation-restart"));
    m_restart->setToolTip(tr("Forgets the turns; the next input begins anew in every column"));
    m_restart->hide();
    m_send->setObjectName(QStringLiteral("send-button"));
    m_send->setIcon(theme->icon(QStringLiteral("run"), ColorToken::OnAccent));
    m_stop->setObjectName(QStringLiteral("stop-button"));
    m_stop->setIcon(theme->icon(QStringLiteral("stop"), ColorToken::Error));
    m_stop->setToolTip(withShortcut(tr("Stop everything that is under way"), QKeySequence(Qt::Key_Escape)));
    m_stop->hide();
    m_editor->setObjectName(QStringLiteral("playground-input"));
    m_editor->setAccessibleName(tr("Input for all columns"));
    m_editor->setLineNumbersVisible(false);
    m_editor->setMinimumHeight(56);
    m_editor->installEventFilter(this);
    m_formArea->setFrameShape(QFrame::NoFrame);
    m_formArea->setWidgetResizable(true);
    m_formArea->setFixedWidth(formWidth);
    m_formArea->setFocusPolicy(Qt::NoFocus);
    m_formArea->hide();
    connect(m_typeMode, &QAbstractButton::clicked, this, [this] {
        setRowsMode(false);
        Q_EMIT rowsModeChanged();
    });
    connect(m_rowMode, &QAbstractButton::clicked, this, [this] {
        setRowsMode(true);
        Q_EMIT rowsModeChanged();
    });
    connect(m_send, &QAbstractButton::clicked, this, &InputPanel::sendRequested);
    connect(m_stop, &QAbstractButton::clicked, this, &InputPanel::stopRequested);
    connect(m_restart, &QAbstractButton::clicked, this, &InputPanel::restartRequested);
    connect(m_editor, &CodeEditor::edited, this, &InputPanel::edited);
    setFocusProxy(m_editor);
    showState();
}

InputPanel::~InputPanel()
{
    silence(this);
}

QString InputPanel::text() const
{
    return m_editor->text();
}

void InputPanel::setText(const QString &text)
{
    if (text != m_editor->text())
        m_editor->setText(text);
}

QJsonObject InputPanel::variables() const
{
    QJsonObject values;
    for (const Field &field : m_fields) {
        if (const QString text = field.text(); !text.isEmpty())
            values.insert(field.name, text);
    }
    return values;
}

void InputPanel::setVariableValues(const QJsonObject &values)
{
    for (const Field &field : m_fields) {
        const QString text = values.value(field.name).toVariant().toString();
        if (values.contains(field.name) && text != field.text())
            field.setText(text);
    }
}

void InputPanel::setVariables(const std::vector<PromptVariable> &variables)
{
    if (variables == m_variables)
        return;
    QJsonObject typed = this->variables();
    m_variables = variables;
    m_fields.clear();
    if (m_form) {
        m_form->hide();
        m_formArea->takeWidget()->deleteLater();
        m_form = nullptr;
    }
    if (!variables.empty()) {
        m_form = new QWidget;
        auto *grid = new QGridLayout(m_form);
        grid->setContentsMargins(0, 0, metrics::GapSmall, 0);
        grid->setHorizontalSpacing(metrics::Gap);
        grid->setVerticalSpacing(metrics::GapSmall);
        int at = 0;
        for (const PromptVariable &variable : variables) {
            Field field;
            field.name = variable.name;
            field.offered = variable.defaultValue;
            QWidget *widget = nullptr;
            if (variable.defaultValue.size() > longDefault
                || variable.defaultValue.contains(QLatin1Char('\n'))) {
                field.editor = new CodeEditor(m_theme, m_form);
                field.editor->setLineNumbersVisible(false);
                field.editor->setAutoHeight(2, 4);
                connect(field.editor, &CodeEditor::edited, this, &InputPanel::edited);
                widget = field.editor;
            } else {
                field.line = new QLineEdit(m_form);
                field.line->setPlaceholderText(variable.description);
                connect(field.line, &QLineEdit::textEdited, this, &InputPanel::edited);
                widget = field.line;
            }
            widget->setObjectName(QStringLiteral("variable-") + variable.name);
            widget->setAccessibleName(variable.name);
            widget->setAccessibleDescription(variable.description);
            widget->setToolTip(variable.description.toHtmlEscaped());
            widget->installEventFilter(this);
            field.setText(typed.contains(variable.name) ? typed.value(variable.name).toString()
                                                        : variable.defaultValue);
            auto *label =
                new Label(m_theme, QStringLiteral("{{%1}}").arg(variable.name), Label::Style::Code, m_form);
            label->setColor(ColorToken::Text2);
            label->setToolTip(widget->toolTip());
            label->setMinimumHeight(metrics::ControlHeight);
            grid->addWidget(label, at, 0, Qt::AlignTop);
            grid->addWidget(widget, at, 1);
            m_fields.push_back(field);
            ++at;
        }
        grid->setColumnStretch(1, 1);
        grid->setRowStretch(at, 1);
        m_formArea->setWidget(m_form);
        m_form->show();
    }
    showState();
}

void InputPanel::setRowsMode(bool rows)
{
    m_rowsMode = rows;
    (rows ? m_rowMode : m_typeMode)->setChecked(true);
    showState();
}

void InputPanel::setConversation(bool on)
{
    m_conversation = on;
    showState();
}

void InputPanel::setRunning(bool running)
{
    const bool hadFocus = m_stop->hasFocus();
    m_running = running;
    showState();
    if (hadFocus && !running)
        m_send->setFocus(Qt::OtherFocusReason);
}

void InputPanel::showState()
{
    m_pages->setCurrentWidget(m_rowsMode ? static_cast<QWidget *>(m_rows) : m_editor);
    m_formArea->setVisible(!m_rowsMode && m_form);
    m_rowMode->setEnabled(!m_conversation);
    m_restart->setVisible(m_conversation && !m_running);
    m_stop->setVisible(m_running);
    m_send->setEnabled(!m_running);
    m_send->setText(m_conversation ? tr("Say") : m_rowsMode ? tr("Send rows") : tr("Send"));
    m_send->setToolTip(
        withShortcut(m_conversation ? tr("The next turn, to every column") : tr("Send to every column"),
                     QKeySequence(Qt::CTRL | Qt::Key_Return)));
    m_editor->setPlaceholderText(m_conversation ? tr("Say the next thing to every column. Ctrl+Enter sends")
                                                : tr("One input for every column. Ctrl+Enter sends"));
}

void InputPanel::setNote(const QString &note)
{
    m_note->setText(note);
}

void InputPanel::setProblem(const QString &problem)
{
    m_problem->setProblem(Severity::Error, problem);
}

void InputPanel::focusText()
{
    if (m_rowsMode)
        m_rows->focusFilter();
    else
        m_editor->setFocus(Qt::OtherFocusReason);
}

void InputPanel::focusVariable(const QString &name)
{
    for (const Field &field : m_fields) {
        if (field.name == name)
            (field.line ? static_cast<QWidget *>(field.line) : field.editor)
                ->setFocus(Qt::OtherFocusReason);
    }
}

bool InputPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    auto *editor = qobject_cast<CodeEditor *>(watched);
    if (enter && key->modifiers().testFlag(Qt::ControlModifier)) {
        if (!m_running)
            Q_EMIT sendRequested();
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
