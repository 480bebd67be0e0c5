// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/JsonField.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/EditorHeight.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ProblemLine.h"

#include <QVBoxLayout>

namespace lathe {

JsonField::JsonField(Theme *theme, QWidget *parent) : QWidget(parent), m_editor(new CodeEditor(theme, this)), m_problem(new ProblemLine(theme, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_editor->setLineNumbersVisible(false);
    m_editor->setTabChangesFocus(true);
    growWithText(m_editor, 3, 10);
    layout->addWidget(m_editor);
    layout->addWidget(m_problem);
    setFocusProxy(m_editor);
    connect(m_editor, &CodeEditor::edited, this, [this] {
        check();
        Q_EMIT edited();
    });
}

void JsonField::setValue(const QJsonValue &value)
{
    // What is typed stays as typed while it means the same, and while it means nothing yet.
    if (value == m_shown && !(m_editor->text().isEmpty() && !value.isUndefined()))
        return;
    m_shown = value;
    const auto now = this->value();
    if (now && *now == value)
        return;
    setText(value.isUndefined() ? QString() : json::fromUtf8Lossy(json::pretty(value)).trimmed());
}

std::optional<QJsonValue> JsonField::value() const
{
    const QString typed = m_editor->text();
    if (typed.trimmed().isEmpty())
        return QJsonValue(QJsonValue::Undefined);
    const auto parsed = json::parse(typed.toUtf8());
    return parsed ? std::optional<QJsonValue>(*parsed) : std::nullopt;
}

QString JsonField::text() const
{
    return m_editor->text();
}

void JsonField::setText(const QString &text)
{
    m_editor->setText(text);
    check();
}

void JsonField::check()
{
    const QString typed = m_editor->text();
    const auto parsed = json::parse(typed.toUtf8());
    if (typed.trimmed().isEmpty() || parsed)
        m_problem->clear();
    else
        m_problem->setProblem(Severity::Error, parsed.error().message);
}

} // namespace lathe
