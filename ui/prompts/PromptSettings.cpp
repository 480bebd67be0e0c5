// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptSettings.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/prompts/MessageList.h"
#include "ui/prompts/SchemaEditor.h"
#include "ui/prompts/VariableTable.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/ScrollColumn.h"

#include <QComboBox>
#include <QLineEdit>
#include <QScrollArea>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>

namespace lathe {

namespace {
enum Tab { Variables, Output, Behaviour, Messages };

QWidget *scrolled(QWidget *content)
{
    auto *scroll = new QScrollArea;
    auto *page = new QWidget(scroll);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::Margin);
    layout->addWidget(content);
    fillScrollColumn(scroll, page);
    return scroll;
}
}

PromptSettings::PromptSettings(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-settings"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) {
        Q_EMIT edited(pointer, value, what);
    }, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_tabs = new QTabBar(this);
    m_tabs->setObjectName(QStringLiteral("prompt-settings-tabs"));
    m_tabs->setAccessibleName(tr("Settings of the prompt"));
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    m_pages = new QStackedWidget(this);
    for (const QString &title : {tr("Variables"), tr("Output"), tr("Behaviour"), tr("Messages")})
        m_tabs->addTab(title);
    m_variables = new VariableTable(theme, this);
    connect(m_variables, &VariableTable::edited, this, [this](const QString &pointer, const QJsonValue &value, const QString &what) {
        m_binding->report(pointer, value, what);
    });
    m_pages->addWidget(scrolled(m_variables));
    m_pages->addWidget(scrolled(buildOutput()));
    m_pages->addWidget(scrolled(buildBehaviour()));
    m_messages = new MessageList(theme, this);
    connect(m_messages, &MessageList::edited, this, [this](const QString &pointer, const QJsonValue &value, const QString &what) {
        m_binding->report(pointer, value, what);
    });
    m_pages->addWidget(scrolled(m_messages));
    connect(m_tabs, &QTabBar::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
    layout->addWidget(m_tabs);
    layout->addWidget(m_pages, 1);
}

QWidget *PromptSettings::buildOutput()
{
    auto *form = new FormLayout(m_theme);
    m_format = new QComboBox(form);
    m_format->setObjectName(QStringLiteral("prompt-format"));
    m_format->addItem(tr("Plain text"), QStringLiteral("text"));
    m_format->addItem(tr("Markdown"), QStringLiteral("markdown"));
    m_format->addItem(tr("JSON by a JSON Schema"), QStringLiteral("json_schema"));
    m_binding->bind(m_format, QStringLiteral("/output/format"), tr("Change output format"));
    m_fields.insert(QStringLiteral("/output/format"), form->addField(tr("Format"), m_format, tr("The model is told, and an answer that breaks it is sent back.")));
    m_schema = new SchemaEditor(m_theme, form);
    connect(m_schema, &SchemaEditor::edited, this, [this](const QString &text) {
        m_binding->report(QStringLiteral("/output/schema"), text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text), tr("Change schema"));
    });
    m_schemaField = form->addField(tr("JSON Schema"), m_schema);
    m_fields.insert(QStringLiteral("/output/schema"), m_schemaField);
    m_retry = new QSpinBox(form);
    m_retry->setObjectName(QStringLiteral("prompt-retry"));
    m_retry->setRange(0, 10);
    m_retry->setSpecialValueText(tr("never"));
    m_binding->bind(m_retry, QStringLiteral("/retry/attempts"), tr("Change retry attempts"), 1);
    m_fields.insert(QStringLiteral("/retry"), form->addField(tr("Send back"), m_retry, tr("Times an answer that breaks the format is sent back to be mended.")));
    form->addStretch();
    return form;
}

QWidget *PromptSettings::buildBehaviour()
{
    auto *form = new FormLayout(m_theme);
    m_tone = new QLineEdit(form);
    m_tone->setObjectName(QStringLiteral("prompt-tone"));
    m_tone->setPlaceholderText(tr("Factual, friendly, formal ..."));
    m_binding->bind(m_tone, QStringLiteral("/tone"), tr("Change tone"));
    m_fields.insert(QStringLiteral("/tone"), form->addField(tr("Tone"), m_tone));
    const auto prose = [&](const char *name, int least) {
        auto *editor = new CodeEditor(m_theme, form);
        editor->setObjectName(QString::fromLatin1(name));
        editor->setLineNumbersVisible(false);
        editor->setTabChangesFocus(true);
        editor->setAutoHeight(least, 8);
        editor->setProperty("least", least);
        editor->installEventFilter(this);
        return editor;
    };
    m_criteria = prose("prompt-criteria", 3);
    m_binding->bind(QStringLiteral("/success_criteria"), [this](const QJsonValue &value) {
        const QStringList list = json::toStringList(value);
        if (linesOf(m_criteria->text()) != list)
            m_criteria->setText(list.join(QLatin1Char('\n')));
    });
    connect(m_criteria, &CodeEditor::edited, this, [this] {
        m_binding->report(QStringLiteral("/success_criteria"), json::fromStringList(linesOf(m_criteria->text())), tr("Change success criteria"));
    });
    m_fields.insert(QStringLiteral("/success_criteria"),
                    form->addField(tr("Success criteria"), m_criteria, tr("One a line: how a person would tell a good answer from a bad one.")));
    m_fallback = prose("prompt-fallback", 2);
    m_binding->bind(m_fallback, QStringLiteral("/fallback"), tr("Change fallback rule"));
    m_fields.insert(QStringLiteral("/fallback"), form->addField(tr("Fallback rule"), m_fallback, tr("What to answer when the job cannot be done.")));
    form->addStretch();
    return form;
}

void PromptSettings::load(const QJsonObject &body)
{
    const QJsonArray variables = body.value(QStringLiteral("variables")).toArray();
    m_variableCount = int(variables.size());
    m_variables->setValue(variables);
    const QJsonArray messages = body.value(QStringLiteral("messages")).toArray();
    m_messageCount = int(messages.size());
    m_messages->setValue(messages);
    const QJsonObject output = body.value(QStringLiteral("output")).toObject();
    m_schema->setValue(output.value(QStringLiteral("schema")));
    m_schemaField->setVisible(output.value(QStringLiteral("format")).toString() == QLatin1String("json_schema"));
    m_binding->load(body);
    if (m_format->currentIndex() < 0)
        m_format->setCurrentIndex(0);
    showTabTitles();
}

void PromptSettings::setProblems(const std::vector<Problem> &problems, const QStringList &undeclared)
{
    for (FormField *field : std::as_const(m_fields))
        field->clearProblem();
    std::fill(std::begin(m_counts), std::end(m_counts), 0);
    m_counts[Variables] = int(undeclared.size());
    for (const Problem &problem : problems) {
        if (problem.pointer.startsWith(QLatin1String("/variables")))
            ++m_counts[Variables];
        if (problem.pointer.startsWith(QLatin1String("/messages")))
            ++m_counts[Messages];
        const auto field = m_fields.constFind(problem.pointer);
        if (field == m_fields.constEnd())
            continue;
        ++m_counts[problem.pointer.startsWith(QLatin1String("/output")) || problem.pointer.startsWith(QLatin1String("/retry")) ? Output : Behaviour];
        const Severity severity = problem.severity == Problem::Severity::Error     ? Severity::Error
                                  : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                                                   : Severity::Info;
        if ((*field)->problem().isEmpty())
            (*field)->setProblem(severity, problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix);
    }
    m_variables->setProblems(problems);
    m_messages->setProblems(problems);
    m_variables->setUndeclared(undeclared);
    showTabTitles();
}

void PromptSettings::showTabTitles()
{
    const QString titles[] = {m_variableCount > 0 ? tr("Variables %1").arg(m_variableCount) : tr("Variables"), tr("Output"), tr("Behaviour"),
                              m_messageCount > 0 ? tr("Messages %1").arg(m_messageCount) : tr("Messages")};
    for (int tab = 0; tab < 4; ++tab) {
        m_tabs->setTabText(tab, titles[tab]);
        m_tabs->setTabIcon(tab, m_counts[tab] > 0 ? m_theme->icon(QStringLiteral("warning"), ColorToken::Warning) : QIcon());
        m_tabs->setTabToolTip(tab, m_counts[tab] > 0 ? format::count(m_counts[tab], tr("problem"), tr("problems")) : QString());
    }
}

void PromptSettings::setEditable(bool editable)
{
    m_variables->setEditable(editable);
    m_messages->setEditable(editable);
    m_schema->setEditable(editable);
    m_format->setEnabled(editable);
    m_retry->setEnabled(editable);
    m_tone->setReadOnly(!editable);
    m_criteria->setReadOnly(!editable);
    m_fallback->setReadOnly(!editable);
}

bool PromptSettings::eventFilter(QObject *watched, QEvent *event)
{
    // The editors count wrapped lines only once they are laid out at their width.
    if (event->type() == QEvent::Resize && (watched == m_criteria || watched == m_fallback)) {
        auto *editor = static_cast<CodeEditor *>(watched);
        QTimer::singleShot(0, editor, [editor] { editor->setAutoHeight(editor->property("least").toInt(), 8); });
    }
    return QWidget::eventFilter(watched, event);
}

bool PromptSettings::focusPointer(const QString &pointer)
{
    if (pointer.startsWith(QLatin1String("/variables"))) {
        m_tabs->setCurrentIndex(Variables);
        m_variables->focusRow(pointer.section(QLatin1Char('/'), 2, 2).toInt());
        return true;
    }
    if (pointer.startsWith(QLatin1String("/messages"))) {
        m_tabs->setCurrentIndex(Messages);
        m_messages->focusRow(pointer.section(QLatin1Char('/'), 2, 2).toInt());
        return true;
    }
    FormField *field = m_fields.value(pointer);
    if (!field)
        return false;
    m_tabs->setCurrentIndex(pointer.startsWith(QLatin1String("/output")) || pointer.startsWith(QLatin1String("/retry")) ? Output : Behaviour);
    QWidget *target = field->field() == m_schema ? m_schema->editor() : field->field();
    target->setFocus(Qt::OtherFocusReason);
    return true;
}

} // namespace lathe
