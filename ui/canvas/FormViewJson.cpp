// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewJson.h"

#include "core/base/Json.h"
#include "ui/canvas/FormViewText.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonTokenizer.h"
#include "ui/widgets/ProblemLine.h"

#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype MostOnOneLine = 32;
}

FormViewJson::FormViewJson(Theme *theme, QWidget *parent)
    : QWidget(parent), m_editor(new CodeEditor(theme, this)), m_problem(new ProblemLine(theme, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_editor->setLineNumbersVisible(false);
    m_editor->setTabChangesFocus(true);
    m_editor->setAutoHeight(2, 12);
    m_editor->setTokenizer(jsonTokenizer(theme));
    m_editor->setPlaceholderText(QStringLiteral("{ }"));
    layout->addWidget(m_editor);
    layout->addWidget(m_problem);
    setFocusProxy(m_editor);
    connect(m_editor, &CodeEditor::edited, this, &FormViewJson::typed);
}

void FormViewJson::setValue(const QJsonValue &value)
{
    if (value == m_value && (m_editor->hasFocus() || !m_editor->text().isEmpty() || value.isUndefined()))
        return; // what a person is typing stays as typed, as long as it means the same
    m_value = value;
    const QString line = value.isUndefined() ? QString() : json::compactString(value);
    m_editor->setText(line.size() <= MostOnOneLine ? line : json::fromUtf8Lossy(json::pretty(value)).trimmed());
    m_problem->clear();
    m_valid = true;
}

void FormViewJson::setEditable(bool editable)
{
    m_editor->setReadOnly(!editable);
}

void FormViewJson::typed()
{
    const QString text = m_editor->text();
    const bool was = m_valid;
    QJsonValue now(QJsonValue::Undefined);
    m_valid = true;
    m_problem->clear();
    if (!text.trimmed().isEmpty()) {
        const auto parsed = json::parse(text.toUtf8());
        m_valid = parsed.ok() && (!m_objectsOnly || parsed->isObject());
        if (!parsed)
            m_problem->setProblem(Severity::Error, tr("Not saved: %1").arg(parsed.error().message));
        else if (!m_valid)
            m_problem->setProblem(Severity::Error, tr("Not saved: this must be an object, { ... }."));
        else
            now = *parsed;
    }
    if (was != m_valid)
        Q_EMIT validChanged();
    if (!m_valid || now == m_value)
        return;
    m_value = now;
    Q_EMIT edited(m_value);
}

} // namespace lathe
