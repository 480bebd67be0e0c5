// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/SampleFields.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonTokenizer.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int NameWidth = 104;
constexpr int TypeWidth = 44;
using Type = SampleFields::Type;

struct TypeName {
    Type type;
    const char *id;
    const char *sign; // on the button
    const char *name;
};
constexpr TypeName typeNames[] = {{Type::Text, "text", "abc", QT_TRANSLATE_NOOP("lathe::SampleFields", "Text")},
                                  {Type::Number, "number", "123", QT_TRANSLATE_NOOP("lathe::SampleFields", "Number")},
                                  {Type::Bool, "bool", "y/n", QT_TRANSLATE_NOOP("lathe::SampleFields", "Yes or no")},
                                  {Type::List, "list", "[ ]", QT_TRANSLATE_NOOP("lathe::SampleFields", "List (JSON)")},
                                  {Type::Object, "object", "{ }", QT_TRANSLATE_NOOP("lathe::SampleFields", "Object (JSON)")}};

const TypeName &nameOf(Type type)
{
    return typeNames[int(type)];
}

// What becomes of a value when its type is changed.
QJsonValue converted(const QJsonValue &value, Type type)
{
    const QString text = value.isString() ? value.toString() : value.isUndefined() || value.isNull() ? QString() : json::compactString(value);
    const auto parsed = json::parse(text.toUtf8());
    switch (type) {
    case Type::Text:
        return text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text);
    case Type::Number:
        return parsed && parsed->isDouble() ? *parsed : QJsonValue(0);
    case Type::Bool:
        return QJsonValue(value.isBool() ? value.toBool() : !text.isEmpty() && text != QLatin1String("false") && text != QLatin1String("0"));
    case Type::List: {
        if (parsed && parsed->isArray())
            return *parsed;
        QJsonArray list;
        for (const QString &line : text.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
            list.append(line);
        return list;
    }
    case Type::Object:
        return parsed && parsed->isObject() ? *parsed : QJsonValue(QJsonObject());
    }
    return value;
}
}

SampleFields::SampleFields(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-samples"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
}

Type SampleFields::typeOfValue(const QJsonValue &value)
{
    return value.isDouble() ? Type::Number : value.isBool() ? Type::Bool : value.isArray() ? Type::List : value.isObject() ? Type::Object : Type::Text;
}

Type SampleFields::typeOf(const QString &name) const
{
    for (const auto &row : m_rows) {
        if (row->name == name)
            return row->kind;
    }
    return typeOfValue(m_values.value(name));
}

std::shared_ptr<SampleFields::Row> SampleFields::makeRow(const QString &name)
{
    auto row = std::make_shared<Row>();
    row->name = name;
    row->box = new QWidget(this);
    auto *column = new QVBoxLayout(row->box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::GapSmall);
    auto *label = new Label(m_theme, QString(), Label::Style::Secondary, row->box);
    label->setTextFormat(Qt::PlainText);
    label->setFixedSize(NameWidth, metrics::ControlHeight);
    label->setText(label->fontMetrics().elidedText(name, Qt::ElideRight, NameWidth));
    label->setToolTip(name);
    line->addWidget(label, 0, Qt::AlignTop);
    row->type = new QToolButton(row->box);
    row->type->setObjectName(QStringLiteral("prompt-sample-type-") + name);
    row->type->setFixedSize(TypeWidth, metrics::ControlHeight);
    row->type->setAutoRaise(true);
    row->type->setFont(m_theme->smallFont());
    line->addWidget(row->type, 0, Qt::AlignTop);
    row->line = new QLineEdit(row->box);
    row->line->setObjectName(QStringLiteral("prompt-sample-") + name);
    row->line->setAccessibleName(tr("Sample value of %1").arg(name));
    label->setBuddy(row->line);
    row->truth = new QToolButton(row->box);
    row->truth->setObjectName(QStringLiteral("prompt-sample-truth-") + name);
    row->truth->setAccessibleName(tr("Sample value of %1").arg(name));
    row->truth->setCheckable(true);
    row->truth->setFixedHeight(metrics::ControlHeight);
    row->truth->setMinimumWidth(64);
    row->json = new CodeEditor(m_theme, row->box);
    row->json->setObjectName(QStringLiteral("prompt-sample-json-") + name);
    row->json->setAccessibleName(tr("Sample value of %1, as JSON").arg(name));
    row->json->setLineNumbersVisible(false);
    row->json->setTabChangesFocus(true);
    row->json->setTokenizer(jsonTokenizer(m_theme));
    row->json->setAutoHeight(2, 8);
    line->addWidget(row->line, 1, Qt::AlignTop);
    line->addWidget(row->truth, 1, Qt::AlignTop | Qt::AlignLeft);
    line->addWidget(row->json, 1);
    column->addLayout(line);
    row->problem = new ProblemLine(m_theme, row->box);
    column->addWidget(row->problem);
    const std::weak_ptr<Row> own = row;
    connect(row->type, &QToolButton::clicked, this, [this, own] {
        const auto at = own.lock();
        if (!at)
            return;
        auto *menu = new QMenu(at->type);
        menu->setObjectName(QStringLiteral("prompt-sample-types"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        for (const TypeName &type : typeNames) {
            QAction *action = menu->addAction(tr(type.name));
            action->setObjectName(QStringLiteral("sample-type-") + QString::fromLatin1(type.id));
            action->setCheckable(true);
            action->setChecked(type.type == at->kind);
            connect(action, &QAction::triggered, this, [this, name = at->name, wanted = type.type] { setType(name, wanted); });
        }
        menu->popup(at->type->mapToGlobal(QPoint(0, at->type->height())));
    });
    const auto changed = [this, own] {
        if (const auto at = own.lock())
            read(*at);
    };
    connect(row->line, &QLineEdit::textEdited, this, changed);
    connect(row->truth, &QToolButton::clicked, this, changed);
    connect(row->json, &CodeEditor::edited, this, changed);
    return row;
}

void SampleFields::setVariables(const QStringList &names, const PromptSpec &spec)
{
    QStringList before;
    for (const auto &row : m_rows)
        before.append(row->name);
    const QStringList wanted = names.mid(0, MostFields);
    if (wanted != before) {
        // A field that goes on keeps its text and its cursor.
        std::vector<std::shared_ptr<Row>> kept = std::move(m_rows);
        m_rows.clear();
        for (const QString &name : wanted) {
            const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto &row) { return row && row->name == name; });
            std::shared_ptr<Row> row;
            if (found != kept.end()) {
                row = std::move(*found);
                m_layout->removeWidget(row->box);
            } else {
                row = makeRow(name);
                row->kind = typeOfValue(m_values.value(name));
                show(*row);
            }
            m_layout->addWidget(row->box);
            row->box->show();
            m_rows.push_back(std::move(row));
        }
        for (const auto &row : kept) {
            if (!row)
                continue;
            row->box->hide();
            row->box->deleteLater();
        }
        setVisible(!wanted.isEmpty());
    }
    for (const auto &row : m_rows) {
        row->hint = tr("not declared");
        if (row->name == QLatin1String("input"))
            row->hint = tr("the run's input");
        for (const PromptVariable &variable : spec.variables) {
            if (variable.name == row->name)
                row->hint = !variable.defaultValue.isEmpty() ? tr("default: %1").arg(format::oneLine(variable.defaultValue, 60))
                            : variable.required              ? tr("required")
                                                             : tr("optional");
        }
        row->line->setPlaceholderText(row->hint);
    }
}

void SampleFields::setValues(const QJsonObject &values)
{
    m_values = values;
    for (const auto &row : m_rows) {
        const QJsonValue value = values.value(row->name);
        if (!value.isUndefined() && !value.isNull())
            row->kind = typeOfValue(value);
        show(*row);
    }
}

void SampleFields::setType(const QString &name, Type type)
{
    for (const auto &row : m_rows) {
        if (row->name != name || row->kind == type)
            continue;
        row->kind = type;
        const QJsonValue value = converted(m_values.value(name), type);
        if (value.isUndefined())
            m_values.remove(name);
        else
            m_values.insert(name, value);
        show(*row);
        Q_EMIT edited();
    }
}

void SampleFields::show(Row &row)
{
    const TypeName &type = nameOf(row.kind);
    row.type->setText(QString::fromLatin1(type.sign));
    row.type->setToolTip(tr("Type: %1").arg(tr(type.name)));
    row.type->setAccessibleName(tr("Type of %1: %2").arg(row.name, tr(type.name)));
    const bool json = row.kind == Type::List || row.kind == Type::Object;
    row.line->setVisible(row.kind == Type::Text || row.kind == Type::Number);
    row.truth->setVisible(row.kind == Type::Bool);
    row.json->setVisible(json);
    row.problem->clear();
    const QJsonValue value = m_values.value(row.name);
    if (row.kind == Type::Bool) {
        row.truth->setChecked(value.toBool());
        row.truth->setText(value.toBool() ? tr("yes") : tr("no"));
    } else if (json) {
        const QString text = QString::fromUtf8(lathe::json::pretty(value.isUndefined() || value.isNull() ? converted(value, row.kind) : value)).trimmed();
        const auto now = lathe::json::parse(row.json->text().toUtf8());
        if (!now || *now != value)
            row.json->setText(text);
    } else {
        const QString text = value.isString() ? value.toString() : value.isUndefined() || value.isNull() ? QString() : lathe::json::compactString(value);
        if (row.line->text() != text)
            row.line->setText(text);
    }
}

void SampleFields::read(Row &row)
{
    row.problem->clear();
    switch (row.kind) {
    case Type::Text:
        if (row.line->text().isEmpty())
            m_values.remove(row.name);
        else
            m_values.insert(row.name, row.line->text());
        break;
    case Type::Number: {
        const QString text = row.line->text().trimmed();
        bool fits = false;
        const double number = QLocale::c().toDouble(text, &fits);
        if (text.isEmpty())
            m_values.remove(row.name);
        else if (fits)
            m_values.insert(row.name, number);
        else
            return row.problem->setProblem(Severity::Error, tr("Not a number; write it like 3 or 2.5."));
        break;
    }
    case Type::Bool:
        row.truth->setText(row.truth->isChecked() ? tr("yes") : tr("no"));
        m_values.insert(row.name, row.truth->isChecked());
        break;
    case Type::List:
    case Type::Object: {
        const QString text = row.json->text().trimmed();
        if (text.isEmpty()) {
            m_values.remove(row.name);
            break;
        }
        const auto value = json::parse(text.toUtf8());
        if (!value)
            return row.problem->setProblem(Severity::Error, value.error().message);
        if (row.kind == Type::List ? !value->isArray() : !value->isObject())
            return row.problem->setProblem(Severity::Error, row.kind == Type::List ? tr("A list is written in [ and ].") : tr("An object is written in { and }."));
        m_values.insert(row.name, *value);
        break;
    }
    }
    Q_EMIT edited();
}

} // namespace lathe
