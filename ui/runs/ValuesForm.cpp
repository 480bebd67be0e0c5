// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ValuesForm.h"

#include "core/base/Json.h"
#include "core/session/Session.h"
#include "ui/itemmodels/SchemaMembers.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/Label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonArray>
#include <QLineEdit>
#include <QPointer>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostFields = 60;
constexpr int mostChoices = 500;
constexpr int severalInARow = 12; // more choices than this at once read better as JSON
constexpr int longText = 1000;
using Choices = std::vector<std::pair<QJsonValue, QString>>;

QString typeOf(const QJsonObject &schema)
{
    const QJsonValue type = schema.value(QStringLiteral("type"));
    if (type.isString())
        return type.toString();
    for (const QJsonValue &one : type.toArray()) {
        if (one.toString() != QLatin1String("null"))
            return one.toString();
    }
    return {};
}

QString shown(const QJsonValue &value)
{
    return value.isString() ? value.toString() : json::compactString(value);
}

// enum with enumNames, or oneOf/anyOf of consts with titles; empty: no choices.
Choices choicesOf(const QJsonObject &schema)
{
    Choices choices;
    const QJsonArray values = schema.value(QStringLiteral("enum")).toArray(), names = schema.value(QStringLiteral("enumNames")).toArray();
    for (qsizetype i = 0; i < std::min<qsizetype>(values.size(), mostChoices); ++i) {
        const QString name = names.at(i).toString();
        choices.emplace_back(values.at(i), name.isEmpty() ? shown(values.at(i)) : name);
    }
    if (!choices.empty())
        return choices;
    for (const char *key : {"oneOf", "anyOf"}) {
        const QJsonArray list = schema.value(QLatin1String(key)).toArray();
        for (const QJsonValue &one : list) {
            const QJsonObject object = one.toObject();
            if (!object.contains(QStringLiteral("const")) || choices.size() >= mostChoices)
                return {};
            const QString title = object.value(QStringLiteral("title")).toString();
            const QJsonValue value = object.value(QStringLiteral("const"));
            choices.emplace_back(value, title.isEmpty() ? shown(value) : title);
        }
        if (!choices.empty())
            return choices;
    }
    return choices;
}

Choices severalOf(const QJsonObject &schema)
{
    return typeOf(schema) == QLatin1String("array") ? choicesOf(schema.value(QStringLiteral("items")).toObject()) : Choices();
}

QString helpOf(const QJsonObject &schema)
{
    QStringList parts;
    if (const QString text = schema.value(QStringLiteral("description")).toString(); !text.isEmpty())
        parts.append(text.back().isPunct() ? text : text + QLatin1Char('.'));
    const QJsonValue least = schema.value(QStringLiteral("minimum")), most = schema.value(QStringLiteral("maximum"));
    if (least.isDouble() && most.isDouble())
        parts.append(ValuesForm::tr("From %1 to %2.").arg(least.toDouble()).arg(most.toDouble()));
    else if (least.isDouble())
        parts.append(ValuesForm::tr("At least %1.").arg(least.toDouble()));
    else if (most.isDouble())
        parts.append(ValuesForm::tr("At most %1.").arg(most.toDouble()));
    const int fewest = schema.value(QStringLiteral("minItems")).toInt(), highest = schema.value(QStringLiteral("maxItems")).toInt();
    if (fewest > 0 && highest > 0)
        parts.append(ValuesForm::tr("From %1 to %2 of them.").arg(fewest).arg(highest));
    else if (fewest > 0)
        parts.append(ValuesForm::tr("At least %1.").arg(fewest));
    else if (highest > 0)
        parts.append(ValuesForm::tr("At most %1.").arg(highest));
    return parts.join(QLatin1Char(' ')).left(500);
}

QString placeholderOf(const QString &type, const QString &format)
{
    if (type == QLatin1String("integer"))
        return ValuesForm::tr("whole number");
    if (type == QLatin1String("number"))
        return ValuesForm::tr("number");
    if (format == QLatin1String("email"))
        return QStringLiteral("name@example.com");
    if (format == QLatin1String("uri"))
        return QStringLiteral("https://...");
    if (format == QLatin1String("date"))
        return QStringLiteral("2026-11-23");
    if (format == QLatin1String("date-time"))
        return QStringLiteral("2026-11-23T14:00:00Z");
    return {};
}
}

ValuesForm::ValuesForm(Theme *theme, const QJsonObject &schema, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_schema(schema), m_form(new FormLayout(theme, this))
{
    setObjectName(QStringLiteral("values-form"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_form);
    m_form->setLabels(FormLayout::Labels::Above);
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    const QStringList required = json::toStringList(schema.value(QStringLiteral("required")));
    m_entries.reserve(size_t(std::min<qsizetype>(properties.size(), mostFields)));
    for (const QString &name : schemaMembers(schema).mid(0, mostFields))
        add(name, properties.value(name).toObject(), required.contains(name));
    if (m_entries.empty())
        m_form->addWidget(new Label(theme, tr("Nothing is to be filled in."), Label::Style::Hint));
    else
        setFocusProxy(m_entries.front().editor);
}

bool ValuesForm::fits(const QJsonObject &schema, const QJsonObject &values)
{
    const QJsonObject properties = schema.value(QStringLiteral("properties")).toObject();
    if (properties.isEmpty() || properties.size() > mostFields)
        return false;
    const auto names = values.keys();
    return std::all_of(names.begin(), names.end(), [&properties](const QString &name) { return properties.contains(name); });
}

void ValuesForm::add(const QString &name, const QJsonObject &schema, bool required)
{
    Entry entry;
    entry.name = name;
    entry.required = required;
    const QString type = typeOf(schema);
    const Choices choices = choicesOf(schema), several = severalOf(schema);
    if (!choices.empty()) {
        entry.editor = addChoice(&entry, choices);
    } else if (!several.empty() && several.size() <= severalInARow) {
        entry.editor = addSeveral(&entry, several);
    } else if (type == QLatin1String("boolean")) {
        auto *box = new QCheckBox(tr("Yes"), this);
        entry.get = [box] { return QJsonValue(box->isChecked()); };
        entry.set = [box](const QJsonValue &value) { box->setChecked(value.toBool()); };
        connect(box, &QCheckBox::toggled, this, [this, name] { touched(name); });
        entry.editor = box;
    } else {
        entry.editor = addText(&entry, schema, type);
    }
    entry.editor->setObjectName(QStringLiteral("value-") + name);
    entry.editor->setAccessibleName(name);
    QString label = schema.value(QStringLiteral("title")).toString();
    if (label.isEmpty())
        label = name;
    entry.field = m_form->addField((required ? tr("%1 (required)") : QStringLiteral("%1")).arg(label.left(100)), entry.editor, helpOf(schema));
    if (schema.contains(QStringLiteral("default"))) {
        m_loading = true;
        entry.set(schema.value(QStringLiteral("default")));
        m_loading = false;
    }
    m_entries.push_back(std::move(entry));
}

QWidget *ValuesForm::addChoice(Entry *entry, const std::vector<std::pair<QJsonValue, QString>> &choices)
{
    auto *box = new QComboBox(this);
    box->addItem(entry->required ? tr("Choose ...") : tr("left out"), -1);
    QList<QJsonValue> values;
    for (const auto &[value, title] : choices) {
        box->addItem(title.left(200), int(values.size()));
        values.append(value);
    }
    entry->get = [box, values] {
        const int at = box->currentData().toInt();
        return at >= 0 && at < values.size() ? values.at(at) : QJsonValue(QJsonValue::Undefined);
    };
    entry->set = [box, values](const QJsonValue &value) { box->setCurrentIndex(int(values.indexOf(value)) + 1); };
    connect(box, &QComboBox::currentIndexChanged, this, [this, name = entry->name] { touched(name); });
    return box;
}

QWidget *ValuesForm::addSeveral(Entry *entry, const std::vector<std::pair<QJsonValue, QString>> &choices)
{
    auto *group = new QWidget(this);
    auto *column = new QVBoxLayout(group);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    std::vector<std::pair<QCheckBox *, QJsonValue>> boxes;
    int number = 0;
    for (const auto &[value, title] : choices) {
        auto *box = new QCheckBox(title.left(200), group);
        box->setObjectName(QStringLiteral("value-%1-%2").arg(entry->name).arg(++number));
        connect(box, &QCheckBox::toggled, this, [this, name = entry->name] { touched(name); });
        column->addWidget(box);
        boxes.emplace_back(box, value);
    }
    if (!boxes.empty())
        group->setFocusProxy(boxes.front().first);
    entry->get = [boxes, required = entry->required] {
        QJsonArray chosen;
        for (const auto &[box, value] : boxes) {
            if (box->isChecked())
                chosen.append(value);
        }
        return chosen.isEmpty() && !required ? QJsonValue(QJsonValue::Undefined) : QJsonValue(chosen);
    };
    entry->set = [boxes](const QJsonValue &value) {
        const QJsonArray chosen = value.toArray();
        for (const auto &[box, own] : boxes)
            box->setChecked(chosen.contains(own));
    };
    return group;
}

QWidget *ValuesForm::addText(Entry *entry, const QJsonObject &schema, const QString &type)
{
    const bool number = type == QLatin1String("number") || type == QLatin1String("integer");
    const bool text = type == QLatin1String("string");
    const QString format = schema.value(QStringLiteral("format")).toString();
    const auto changed = [this, name = entry->name] { touched(name); };
    if (number || (text && (schema.value(QStringLiteral("maxLength")).toInt(longText) <= longText && format != QLatin1String("multiline")))) {
        auto *line = new QLineEdit(this);
        line->setPlaceholderText(placeholderOf(type, format));
        entry->get = [line, number]() -> QJsonValue {
            const QString typed = line->text();
            if (typed.isEmpty())
                return QJsonValue(QJsonValue::Undefined);
            if (!number)
                return typed;
            bool whole = false, real = false;
            const qint64 integer = typed.trimmed().toLongLong(&whole);
            const double value = QLocale::c().toDouble(typed.trimmed(), &real);
            return whole ? QJsonValue(integer) : real ? QJsonValue(value) : QJsonValue(typed); // the check says that it is no number
        };
        entry->set = [line](const QJsonValue &value) { line->setText(value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : value.toString()); };
        connect(line, &QLineEdit::textChanged, this, changed);
        connect(line, &QLineEdit::returnPressed, this, &ValuesForm::submitted);
        return line;
    }
    auto *editor = new CodeEditor(m_theme, this);
    editor->setLineNumbersVisible(false);
    editor->setTabChangesFocus(true);
    editor->setAutoHeight(2, 10);
    connect(editor, &CodeEditor::edited, this, changed);
    if (text) {
        entry->get = [editor] { return editor->text().isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(editor->text()); };
        entry->set = [editor](const QJsonValue &value) { editor->setText(value.toString()); };
        return editor;
    }
    // A list of texts is written one a line; whoever writes JSON there means JSON.
    const bool lines = type == QLatin1String("array") && typeOf(schema.value(QStringLiteral("items")).toObject()) == QLatin1String("string");
    editor->setPlaceholderText(lines ? tr("one a line") : type == QLatin1String("array") ? QStringLiteral("[ ... ]") : QStringLiteral("{ ... }"));
    entry->get = [editor, lines]() -> QJsonValue {
        const QString typed = editor->text().trimmed();
        if (typed.isEmpty())
            return QJsonValue(QJsonValue::Undefined);
        const auto value = json::parse(typed.toUtf8());
        if (!lines || (value && value->isArray()))
            return value ? *value : QJsonValue(typed);
        return json::fromStringList(linesOf(typed));
    };
    entry->set = [editor, lines](const QJsonValue &value) {
        const QJsonArray list = value.toArray();
        QStringList texts;
        bool plain = lines && value.isArray();
        for (const QJsonValue &one : list) {
            texts.append(one.toString());
            // What would read otherwise as a line stays JSON.
            plain = plain && one.isString() && texts.last() == texts.last().trimmed() && !texts.last().isEmpty() && !texts.last().contains(QLatin1Char('\n'));
        }
        plain = plain && !texts.value(0).startsWith(QLatin1Char('['));
        editor->setText(value.isUndefined() ? QString() : plain ? texts.join(QLatin1Char('\n')) : QString::fromUtf8(json::pretty(value)).trimmed());
    };
    return editor;
}

void ValuesForm::setValues(const QJsonObject &values)
{
    m_given = values;
    m_loading = true;
    const QJsonObject properties = m_schema.value(QStringLiteral("properties")).toObject();
    for (Entry &entry : m_entries) {
        entry.changed = false;
        const QJsonValue standard = properties.value(entry.name).toObject().value(QStringLiteral("default"));
        entry.set(values.contains(entry.name) ? values.value(entry.name) : standard);
    }
    m_loading = false;
}

QJsonObject ValuesForm::values() const
{
    QJsonObject object;
    for (const Entry &entry : m_entries) {
        const bool asGiven = m_given && !entry.changed && (!entry.required || m_given->contains(entry.name));
        const QJsonValue value = asGiven ? m_given->value(entry.name) : entry.get();
        if (!value.isUndefined())
            object.insert(entry.name, value);
    }
    return object;
}

QWidget *ValuesForm::first() const
{
    return m_entries.empty() ? nullptr : m_entries.front().editor;
}

void ValuesForm::touched(const QString &name)
{
    if (m_loading)
        return;
    for (Entry &entry : m_entries) {
        if (entry.name == name)
            entry.touched = entry.changed = true;
    }
    check(false);
    Q_EMIT edited();
}

bool ValuesForm::check(bool tell)
{
    const std::vector<Problem> problems = Session::checkArguments(m_schema, values());
    Entry *wrong = nullptr;
    for (Entry &entry : m_entries) {
        entry.touched = entry.touched || tell;
        QString text;
        for (const Problem &problem : problems) {
            QString at = problem.pointer.section(QLatin1Char('/'), 1, 1);
            at.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
            if (at == entry.name && text.isEmpty())
                text = problem.code == QLatin1String("required") ? tr("This is needed.") : problem.message;
        }
        if (text.isEmpty() || !entry.touched)
            entry.field->clearProblem();
        else
            entry.field->setProblem(Severity::Error, text);
        if (!text.isEmpty() && !wrong)
            wrong = &entry;
    }
    if (tell && wrong) {
        wrong->editor->setFocus(Qt::OtherFocusReason);
        QPointer<QWidget> field = wrong->field;
        QTimer::singleShot(0, this, [field] { // when the sentences below the fields have their room
            QWidget *at = field;
            while (at && !qobject_cast<QScrollArea *>(at))
                at = at->parentWidget();
            if (at)
                static_cast<QScrollArea *>(at)->ensureWidgetVisible(field, 0, 24);
        });
    }
    return problems.empty();
}

} // namespace lathe
