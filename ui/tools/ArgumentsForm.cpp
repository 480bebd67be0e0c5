// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentsForm.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/JsonField.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/Label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int LongText = 200; // a text that may be longer than this gets a field of several lines

QString typeOf(const QJsonObject &schema)
{
    const QJsonValue type = schema.value(QStringLiteral("type"));
    if (type.isString())
        return type.toString();
    // ["string", "null"]: the first that says something.
    for (const QJsonValue &one : type.toArray()) {
        if (one.toString() != QLatin1String("null"))
            return one.toString();
    }
    return QString();
}

QJsonValue exampleOf(const QJsonObject &schema)
{
    if (schema.contains(QStringLiteral("default")))
        return schema.value(QStringLiteral("default"));
    const QJsonArray examples = schema.value(QStringLiteral("examples")).toArray();
    return examples.isEmpty() ? QJsonValue(QJsonValue::Undefined) : examples.first();
}

QString helpOf(const QJsonObject &schema)
{
    QStringList parts;
    if (const QString text = schema.value(QStringLiteral("description")).toString(); !text.isEmpty())
        parts.append(text);
    const QJsonValue least = schema.value(QStringLiteral("minimum")), most = schema.value(QStringLiteral("maximum"));
    if (least.isDouble() && most.isDouble())
        parts.append(ArgumentsForm::tr("From %1 to %2.").arg(least.toDouble()).arg(most.toDouble()));
    else if (least.isDouble())
        parts.append(ArgumentsForm::tr("At least %1.").arg(least.toDouble()));
    else if (most.isDouble())
        parts.append(ArgumentsForm::tr("At most %1.").arg(most.toDouble()));
    return parts.join(QLatin1Char(' ')).left(400);
}
}

ArgumentsForm::ArgumentsForm(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("tool-arguments"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_pages = new QStackedWidget(this);
    m_formPage = new QWidget(m_pages);
    auto *formLayout = new QVBoxLayout(m_formPage);
    formLayout->setContentsMargins(0, 0, 0, 0);
    m_pages->addWidget(m_formPage);
    m_raw = new JsonField(theme, m_pages);
    m_raw->editor()->setObjectName(QStringLiteral("tool-arguments-raw"));
    m_raw->editor()->setAccessibleName(tr("Arguments as JSON"));
    m_raw->editor()->setTabChangesFocus(false);
    growWithText(m_raw->editor(), 4, 14);
    m_pages->addWidget(m_raw);
    layout->addWidget(m_pages);
}

void ArgumentsForm::setSchema(const QJsonObject &schema)
{
    if (m_hasSchema && schema == m_schema)
        return;
    const QJsonObject before = m_hasSchema ? values() : QJsonObject();
    m_hasSchema = true;
    m_schema = schema;
    m_fields.clear();
    if (m_form) {
        m_form->hide();
        m_form->deleteLater();
    }
    m_form = new FormLayout(m_theme, m_formPage);
    m_form->setLabels(FormLayout::Labels::Above);
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    const QStringList required = json::toStringList(schema.value(QStringLiteral("required")));
    // What a call needs comes first.
    for (const bool wanted : {true, false}) {
        for (auto it = properties.begin(); it != properties.end(); ++it) {
            if (required.contains(it.key()) == wanted)
                addField(it.key(), it.value().toObject(), wanted);
        }
    }
    if (m_fields.empty()) {
        auto *none = new Label(m_theme, tr("This tool takes no arguments."), Label::Style::Hint, m_form);
        m_form->addWidget(none);
    }
    m_formPage->layout()->addWidget(m_form);
    for (Field &field : m_fields) {
        if (before.contains(field.name))
            field.set(before.value(field.name));
    }
    if (isRaw() && m_raw->text().trimmed().isEmpty())
        m_raw->setText(json::fromUtf8Lossy(json::pretty(values())).trimmed());
}

void ArgumentsForm::addField(const QString &name, const QJsonObject &schema, bool required)
{
    Field field;
    field.name = name;
    field.required = required;
    const QString label = required ? tr("%1 (required)").arg(name) : name;
    const QString objectName = QStringLiteral("argument-") + name;
    const QString type = typeOf(schema);
    const QJsonArray choices = schema.value(QStringLiteral("enum")).toArray();
    const QJsonValue example = exampleOf(schema);
    QWidget *widget = nullptr;
    if (!choices.isEmpty()) {
        auto *box = new QComboBox;
        if (!required)
            box->addItem(tr("left out"), QVariant());
        for (const QJsonValue &choice : choices)
            box->addItem(choice.isString() ? choice.toString() : json::compactString(choice), choice.toVariant());
        field.get = [box] {
            const QVariant data = box->currentData();
            return data.isValid() ? QJsonValue::fromVariant(data) : QJsonValue(QJsonValue::Undefined);
        };
        field.set = [box](const QJsonValue &value) { box->setCurrentIndex(std::max(0, box->findData(value.toVariant()))); };
        widget = box;
    } else if (type == QLatin1String("boolean")) {
        auto *box = new QComboBox; // three states: a switch could not be left out
        if (!required)
            box->addItem(tr("left out"));
        box->addItem(tr("true"), true);
        box->addItem(tr("false"), false);
        field.get = [box] {
            const QVariant data = box->currentData();
            return data.isValid() ? QJsonValue(data.toBool()) : QJsonValue(QJsonValue::Undefined);
        };
        field.set = [box](const QJsonValue &value) { box->setCurrentIndex(std::max(0, box->findData(value.toBool()))); };
        widget = box;
    } else if (type == QLatin1String("number") || type == QLatin1String("integer")) {
        // A line, not a spin box: it can be empty, and what is no number is shown to the tool's own check.
        auto *line = new QLineEdit;
        line->setPlaceholderText(type == QLatin1String("integer") ? tr("whole number") : tr("number"));
        field.get = [line] {
            const QString text = line->text().trimmed();
            if (text.isEmpty())
                return QJsonValue(QJsonValue::Undefined);
            bool whole = false;
            const qint64 integer = text.toLongLong(&whole);
            if (whole)
                return QJsonValue(integer);
            bool number = false;
            const double real = text.toDouble(&number);
            return number ? QJsonValue(real) : QJsonValue(text);
        };
        field.set = [line](const QJsonValue &value) {
            line->setText(value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : value.toString());
        };
        widget = line;
    } else if (type == QLatin1String("string")) {
        const int longest = schema.value(QStringLiteral("maxLength")).toInt(LongText);
        if (longest > LongText) {
            auto *editor = new CodeEditor(m_theme);
            editor->setLineNumbersVisible(false);
            editor->setTabChangesFocus(true);
            growWithText(editor, 2, 10);
            field.get = [editor] {
                const QString text = editor->text();
                return text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text);
            };
            field.set = [editor](const QJsonValue &value) { editor->setText(value.toString()); };
            widget = editor;
        } else {
            auto *line = new QLineEdit;
            field.get = [line] { return line->text().isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(line->text()); };
            field.set = [line](const QJsonValue &value) { line->setText(value.toString()); };
            widget = line;
        }
    } else {
        auto *editor = new JsonField(m_theme);
        editor->editor()->setPlaceholderText(type == QLatin1String("array") ? QStringLiteral("[ ... ]") : QStringLiteral("{ ... }"));
        editor->editor()->setObjectName(objectName);
        editor->editor()->setAccessibleName(name);
        // Text that is no JSON goes as a text, so that the tool's check says what is wrong.
        field.get = [editor] { return editor->value().value_or(QJsonValue(editor->text())); };
        field.set = [editor](const QJsonValue &value) { editor->setValue(value); };
        widget = editor;
    }
    if (widget->objectName().isEmpty() && !qobject_cast<JsonField *>(widget))
        widget->setObjectName(objectName);
    field.line = m_form->addField(label, widget, helpOf(schema));
    if (!example.isUndefined())
        field.set(example);
    m_fields.push_back(std::move(field));
}

QJsonObject ArgumentsForm::values() const
{
    QJsonObject object;
    for (const Field &field : m_fields) {
        const QJsonValue value = field.get();
        if (!value.isUndefined())
            object.insert(field.name, value);
    }
    return object;
}

bool ArgumentsForm::isRaw() const
{
    return m_pages->currentIndex() == 1;
}

void ArgumentsForm::setRaw(bool raw)
{
    if (raw == isRaw())
        return;
    if (raw) {
        m_raw->setText(json::fromUtf8Lossy(json::pretty(values())).trimmed());
    } else if (const auto typed = m_raw->value(); typed && typed->isObject()) {
        const QJsonObject object = typed->toObject();
        for (Field &field : m_fields)
            field.set(object.value(field.name));
    }
    m_pages->setCurrentIndex(raw ? 1 : 0);
}

QString ArgumentsForm::argumentsText() const
{
    return isRaw() ? m_raw->text() : json::compactString(values());
}

void ArgumentsForm::setArguments(const QJsonObject &arguments)
{
    for (Field &field : m_fields)
        field.set(arguments.value(field.name));
    m_raw->setText(json::fromUtf8Lossy(json::pretty(arguments)).trimmed());
}

} // namespace lathe
