// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentField.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/JsonField.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <functional>

namespace lathe {

namespace {
const QJsonValue nothing(QJsonValue::Undefined);

// One value by two functions; what is special about a kind of field is in how it is made.
class ScalarField : public ArgumentField
{
public:
    ScalarField(const ArgumentContextPtr &context, bool nullable) : ArgumentField(context), m_row(new QHBoxLayout(this))
    {
        m_row->setContentsMargins(0, 0, 0, 0);
        m_row->setSpacing(metrics::Gap);
        if (nullable) {
            m_null = new QCheckBox(tr("null"));
            m_null->setToolTip(tr("Send null: the value is there and says \"nothing\""));
        }
    }
    void setContent(QWidget *content, const QString &path)
    {
        m_content = content;
        if (content->objectName().isEmpty() && !qobject_cast<JsonField *>(content))
            content->setObjectName(QStringLiteral("argument-") + path);
        const bool narrow = content->maximumWidth() < QWIDGETSIZE_MAX;
        m_row->addWidget(content, narrow ? 1000 : 1); // as wide as it may be, at the left
        if (narrow)
            m_row->addStretch(1);
        setFocusProxy(content);
        if (!m_null)
            return;
        m_null->setObjectName(QStringLiteral("argument-null-") + path);
        m_row->insertWidget(1, m_null, 0, Qt::AlignTop);
        connect(m_null, &QCheckBox::toggled, this, [this](bool on) {
            m_content->setEnabled(!on);
            Q_EMIT edited();
        });
    }
    void addButton(QWidget *button) { m_row->insertWidget(1, button, 0, Qt::AlignTop); }
    QJsonValue value() const override { return m_null && m_null->isChecked() ? QJsonValue(QJsonValue::Null) : get(); }
    void setValue(const QJsonValue &value) override
    {
        if (m_null)
            m_null->setChecked(value.isNull());
        set(m_null && value.isNull() ? nothing : value);
    }
    void findings(const QStringList &path, std::vector<Finding> *list) const override
    {
        if (!check || (m_null && m_null->isChecked()))
            return;
        const QString wrong = check();
        if (!wrong.isEmpty())
            list->push_back({path, wrong});
    }
    std::function<QJsonValue()> get;
    std::function<void(const QJsonValue &)> set;
    std::function<QString()> check; // null: nothing to see; a sentence when something is wrong

private:
    QHBoxLayout *m_row;
    QWidget *m_content = nullptr;
    QCheckBox *m_null = nullptr;
};

ScalarField *makeChoice(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required)
{
    auto *field = new ScalarField(context, false);
    auto *box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    auto values = std::make_shared<std::vector<QJsonValue>>();
    const auto add = [&](const QString &title, const QJsonValue &value, const QString &about) {
        box->addItem(title.left(120));
        box->setItemData(box->count() - 1, about.isEmpty() ? title : about, Qt::ToolTipRole);
        values->push_back(value);
    };
    if (!required)
        add(ArgumentField::tr("left out"), nothing, ArgumentField::tr("The call does not name it"));
    if (facts.kind == SchemaFacts::Kind::Boolean) { // three states: a switch could not be left out
        add(QStringLiteral("true"), true, QString());
        add(QStringLiteral("false"), false, QString());
    }
    for (const SchemaFacts::Choice &choice : facts.choices)
        add(choice.title, choice.value, choice.about);
    if (facts.nullable)
        add(QStringLiteral("null"), QJsonValue(QJsonValue::Null), QString());
    field->get = [box, values] {
        const int row = box->currentIndex();
        return row >= 0 && size_t(row) < values->size() ? (*values)[size_t(row)] : nothing;
    };
    field->set = [box, values](const QJsonValue &value) {
        const auto found = std::find(values->begin(), values->end(), value);
        box->setCurrentIndex(found == values->end() ? 0 : int(found - values->begin()));
    };
    QObject::connect(box, &QComboBox::currentIndexChanged, field, &ArgumentField::edited);
    field->setContent(box, path);
    return field;
}

ScalarField *makeChecks(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required)
{
    auto *field = new ScalarField(context, facts.nullable);
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 2, 0, 2);
    column->setSpacing(metrics::GapSmall);
    std::vector<std::pair<QCheckBox *, QJsonValue>> checks;
    for (const SchemaFacts::Choice &choice : facts.choices) {
        auto *check = new QCheckBox(choice.title.left(120));
        check->setObjectName(QStringLiteral("argument-%1/%2").arg(path, choice.title.left(60)));
        check->setToolTip(choice.about.isEmpty() ? choice.title.left(400).toHtmlEscaped() : choice.about);
        check->setMinimumWidth(80); // a long one is cut, and whole in the tooltip
        column->addWidget(check);
        checks.emplace_back(check, choice.value);
        QObject::connect(check, &QCheckBox::toggled, field, &ArgumentField::edited);
    }
    field->get = [checks, required] {
        QJsonArray chosen;
        for (const auto &[check, value] : checks) {
            if (check->isChecked())
                chosen.append(value);
        }
        return chosen.isEmpty() && !required ? nothing : QJsonValue(chosen);
    };
    field->set = [checks](const QJsonValue &value) {
        const QJsonArray chosen = value.toArray();
        for (const auto &[check, own] : checks)
            check->setChecked(chosen.contains(own));
    };
    field->setContent(box, path);
    return field;
}

ScalarField *makeNumber(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path)
{
    auto *field = new ScalarField(context, facts.nullable);
    // A line, not a spin box: it can be empty, and what is no number is said beside it.
    auto *line = new QLineEdit;
    const bool whole = facts.kind == SchemaFacts::Kind::Integer;
    line->setPlaceholderText(whole ? ArgumentField::tr("whole number") : ArgumentField::tr("number"));
    line->setMaximumWidth(260);
    field->get = [line] {
        const QString text = line->text().trimmed();
        if (text.isEmpty())
            return nothing;
        bool isWhole = false;
        const qint64 integer = text.toLongLong(&isWhole);
        if (isWhole)
            return QJsonValue(integer);
        bool number = false;
        const double real = text.toDouble(&number);
        return number && std::isfinite(real) ? QJsonValue(real) : QJsonValue(text);
    };
    field->set = [line](const QJsonValue &value) {
        const double number = value.toDouble();
        line->setText(!value.isDouble() ? value.toString()
                      : number == double(value.toInteger()) ? QString::number(value.toInteger())
                                                            : QString::number(number, 'g', 15));
    };
    field->check = [line, get = field->get, whole] {
        const QJsonValue value = get();
        if (value.isString())
            return ArgumentField::tr("\"%1\" is no number. Write digits, with a point for fractions.").arg(value.toString().left(40));
        if (whole && value.isDouble() && value.toDouble() != std::floor(value.toDouble()))
            return ArgumentField::tr("%1 is no whole number.").arg(line->text().trimmed().left(40));
        return QString();
    };
    QObject::connect(line, &QLineEdit::textChanged, field, &ArgumentField::edited);
    field->setContent(line, path);
    return field;
}

// Empty: fine.
QString wrongFormat(const QString &format, const QString &text)
{
    if (text.isEmpty())
        return QString();
    if (format == QLatin1String("date") && !QDate::fromString(text, Qt::ISODate).isValid())
        return ArgumentField::tr("Not a date. Write it as 2026-11-23.");
    if (format == QLatin1String("date-time") && (!text.contains(QLatin1Char('T'), Qt::CaseInsensitive) || !QDateTime::fromString(text, Qt::ISODate).isValid()))
        return ArgumentField::tr("Not a time. Write it as 2026-11-23T14:30:00Z.");
    if (format == QLatin1String("time") && !QTime::fromString(text.left(8), QStringLiteral("HH:mm:ss")).isValid())
        return ArgumentField::tr("Not a time of day. Write it as 14:30:00Z.");
    static const QRegularExpression mail(QStringLiteral("\\A[^\\s@]+@[^\\s@]+\\.[^\\s@]+\\z"));
    if (format == QLatin1String("email") && !mail.match(text).hasMatch())
        return ArgumentField::tr("Not an e-mail address. Write it as name@example.com.");
    if (format == QLatin1String("uri") || format == QLatin1String("url")) {
        const QUrl url(text, QUrl::StrictMode);
        if (!url.isValid() || url.scheme().isEmpty())
            return ArgumentField::tr("Not an address. Write it with its beginning, as https://example.com/page.");
    }
    static const QRegularExpression uuid(QStringLiteral("\\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\z"));
    if (format == QLatin1String("uuid") && !uuid.match(text).hasMatch())
        return ArgumentField::tr("Not a UUID. It has 36 characters: 8-4-4-4-12.");
    return QString();
}

QString formatHint(const QString &format)
{
    if (format == QLatin1String("date"))
        return QStringLiteral("2026-11-23");
    if (format == QLatin1String("date-time"))
        return QStringLiteral("2026-11-23T14:30:00Z");
    if (format == QLatin1String("time"))
        return QStringLiteral("14:30:00Z");
    if (format == QLatin1String("email"))
        return QStringLiteral("name@example.com");
    if (format == QLatin1String("uri") || format == QLatin1String("url"))
        return QStringLiteral("https://");
    return QString();
}

ScalarField *makeLine(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path)
{
    auto *field = new ScalarField(context, facts.nullable);
    auto *line = new QLineEdit;
    const QString format = facts.schema.value(QStringLiteral("format")).toString();
    line->setPlaceholderText(formatHint(format));
    QStringList offered;
    for (const QJsonValue &example : facts.examples())
        offered.append(example.toString());
    if (offered.size() > 1) {
        auto *completer = new QCompleter(offered, line);
        completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
        line->setCompleter(completer);
        line->setToolTip(ArgumentField::tr("Examples: %1").arg(offered.mid(0, 8).join(QStringLiteral(", ")).left(400)));
    }
    // An empty text is left out; who means "" writes it as JSON.
    field->get = [line] { return line->text().isEmpty() ? nothing : QJsonValue(line->text()); };
    field->set = [line](const QJsonValue &value) {
        line->setText(value.isString() || value.isUndefined() ? value.toString() : json::compactString(value));
        line->setCursorPosition(0);
    };
    if (!format.isEmpty())
        field->check = [line, format] { return wrongFormat(format, line->text().trimmed()); };
    QObject::connect(line, &QLineEdit::textChanged, field, &ArgumentField::edited);
    const bool isTime = format == QLatin1String("date") || format == QLatin1String("date-time");
    if (isTime)
        line->setMaximumWidth(260);
    field->setContent(line, path);
    if (isTime) {
        const bool day = format == QLatin1String("date");
        auto *now = new Button(day ? ArgumentField::tr("Today") : ArgumentField::tr("Now"), ButtonRole::Ghost);
        now->setObjectName(QStringLiteral("argument-now-") + path);
        QObject::connect(now, &QAbstractButton::clicked, line, [line, day] {
            line->setText(day ? QDate::currentDate().toString(Qt::ISODate) : QDateTime::currentDateTimeUtc().toString(Qt::ISODate));
        });
        field->addButton(now);
    }
    return field;
}

ScalarField *makeText(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path)
{
    auto *field = new ScalarField(context, facts.nullable);
    auto *editor = new CodeEditor(context->theme);
    editor->setLineNumbersVisible(false);
    editor->setTabChangesFocus(true);
    growWithText(editor, 2, 10);
    field->get = [editor] {
        const QString text = editor->text();
        return text.isEmpty() ? nothing : QJsonValue(text);
    };
    field->set = [editor](const QJsonValue &value) { editor->setText(value.isString() || value.isUndefined() ? value.toString() : json::compactString(value)); };
    QObject::connect(editor, &CodeEditor::textChanged, field, &ArgumentField::edited);
    field->setContent(editor, path);
    return field;
}

ScalarField *makeJson(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path)
{
    auto *field = new ScalarField(context, false);
    auto *editor = new JsonField(context->theme);
    const QString type = facts.schema.value(QStringLiteral("type")).toString();
    editor->editor()->setPlaceholderText(type == QLatin1String("array") ? QStringLiteral("[ ... ]") : type == QLatin1String("object") ? QStringLiteral("{ ... }")
                                                                                                                                     : ArgumentField::tr("any JSON: \"text\", 12, true, [ ... ], { ... }"));
    editor->editor()->setObjectName(QStringLiteral("argument-") + path);
    editor->editor()->setAccessibleName(path);
    // Text that is no JSON goes as a text, so that the check says what is wrong; the line below the text does, too.
    field->get = [editor] { return editor->value().value_or(QJsonValue(editor->text())); };
    field->set = [editor](const QJsonValue &value) { editor->setValue(value); };
    QObject::connect(editor->editor(), &CodeEditor::textChanged, field, &ArgumentField::edited);
    field->setContent(editor, path);
    return field;
}
}

void ArgumentField::findings(const QStringList &, std::vector<Finding> *) const
{
}

bool ArgumentField::showProblem(const QStringList &, const QString &, bool, bool)
{
    return false;
}

ArgumentField *makeScalarField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required)
{
    switch (facts.kind) {
    case SchemaFacts::Kind::Choice:
    case SchemaFacts::Kind::Boolean:
        return makeChoice(context, facts, path, required);
    case SchemaFacts::Kind::Checks:
        return makeChecks(context, facts, path, required);
    case SchemaFacts::Kind::Number:
    case SchemaFacts::Kind::Integer:
        return makeNumber(context, facts, path);
    case SchemaFacts::Kind::Text:
        return makeLine(context, facts, path);
    case SchemaFacts::Kind::LongText:
        return makeText(context, facts, path);
    default:
        return makeJson(context, facts, path);
    }
}

} // namespace lathe
