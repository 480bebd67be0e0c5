// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/SchemaEditor.h"

#include "core/base/OrderedObject.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonTokenizer.h"
#include "ui/widgets/ProblemLine.h"

#include <QJsonDocument>
#include <QVBoxLayout>

namespace lathe {

SchemaEditor::SchemaEditor(Theme *theme, QWidget *parent) : QWidget(parent), m_editor(new CodeEditor(theme, this)), m_verdict(new ProblemLine(theme, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_editor->setObjectName(QStringLiteral("prompt-schema"));
    m_editor->setAccessibleName(tr("JSON Schema of the answer"));
    m_editor->setTokenizer(jsonTokenizer(theme));
    m_editor->setAutoHeight(6, 16);
    layout->addWidget(m_editor);
    layout->addWidget(m_verdict);
    m_verdict->setObjectName(QStringLiteral("prompt-schema-verdict"));
    connect(m_editor, &CodeEditor::edited, this, [this] { check(true); });
}

QString SchemaEditor::verdict() const
{
    return m_verdict->text();
}

void SchemaEditor::setValue(const QJsonValue &schema)
{
    const QJsonValue value = schema.isNull() ? QJsonValue(QJsonValue::Undefined) : schema;
    if (value == m_value && !m_editor->text().isEmpty())
        return; // perhaps something half typed, which must stay
    m_value = value;
    const auto written = OrderedObject::fromValue(value);
    const QString text = !written ? value.toString() : written->isEmpty() ? QString() : written->text();
    if (m_editor->text() != text)
        m_editor->setText(text);
    check(false);
}

void SchemaEditor::setEditable(bool editable)
{
    m_editor->setReadOnly(!editable);
}

void SchemaEditor::check(bool report)
{
    const QString text = m_editor->text();
    if (text.trimmed().isEmpty()) {
        m_editor->setProblems({});
        m_verdict->setProblem(Severity::Warning, tr("No schema yet. Paste one, for example {\"type\": \"object\", \"properties\": {...}}."));
        if (report && !m_value.isUndefined()) {
            m_value = QJsonValue(QJsonValue::Undefined);
            Q_EMIT edited(QString());
        }
        return;
    }
    const QByteArray bytes = text.toUtf8();
    const auto parsed = json::parseObject(bytes);
    if (!parsed) {
        QJsonParseError where;
        const QJsonDocument document = QJsonDocument::fromJson(bytes, &where);
        Q_UNUSED(document)
        const int at = where.error == QJsonParseError::NoError ? 0 : int(json::fromUtf8Lossy(bytes.left(where.offset)).size());
        CodeProblem problem;
        problem.from = std::clamp(at - 1, 0, std::max(0, int(text.size()) - 1));
        problem.length = 1;
        problem.message = parsed.error().message;
        m_editor->setProblems({problem});
        m_verdict->setProblem(Severity::Error, tr("Not saved: %1").arg(parsed.error().message));
        return;
    }
    m_editor->setProblems({});
    const qsizetype fields = parsed->value(QStringLiteral("properties")).toObject().size();
    const QString type = parsed->value(QStringLiteral("type")).toString();
    if (type.isEmpty() && !parsed->contains(QStringLiteral("$ref")) && !parsed->contains(QStringLiteral("anyOf")))
        m_verdict->setProblem(Severity::Warning, tr("Valid JSON, but the schema names no \"type\"; most providers want \"object\"."));
    else if (type == QLatin1String("object") && fields == 0)
        m_verdict->setProblem(Severity::Warning, tr("Valid JSON, but the object has no properties."));
    else
        m_verdict->setProblem(Severity::Success, type == QLatin1String("object") ? tr("Valid JSON Schema with %1.").arg(format::count(fields, tr("field"), tr("fields"))) : tr("Valid JSON Schema."));
    if (report && QJsonValue(text) != m_value) {
        m_value = text;
        Q_EMIT edited(text);
    }
}

} // namespace lathe
