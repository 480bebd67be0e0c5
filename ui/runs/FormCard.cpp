// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FormCard.h"

#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/PrimaryButton.h"

#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
// What was typed as a value of the field's type; nothing when it is none.
std::optional<QJsonValue> valueOf(const QString &type, const QString &text)
{
    const QString trimmed = text.trimmed();
    if (type == QLatin1String("number")) {
        bool good = false;
        const double number = QLocale::c().toDouble(trimmed, &good);
        return good ? std::optional<QJsonValue>(number) : std::nullopt;
    }
    if (type == QLatin1String("boolean"))
        return QJsonValue(trimmed == QLatin1String("true"));
    if (type == QLatin1String("json")) {
        // In a list, so that a bare number or string is a value too.
        const QJsonDocument document = QJsonDocument::fromJson('[' + trimmed.toUtf8() + ']');
        return document.array().size() == 1 ? std::optional<QJsonValue>(document.array().first()) : std::nullopt;
    }
    return QJsonValue(trimmed);
}
}

FormCard::FormCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("form-card"), parent)
{
    const HumanQuestion &question = pending.question;
    addTitle(tr("%1 asks you").arg(pending.agent));
    addText(question.text, 2000);
    auto *form = new FormLayout(theme, this);
    for (const QJsonValue &value : question.fields) {
        const QJsonObject field = value.toObject();
        QWidget *editor = addEntry(theme, field);
        const QString name = field.value(QStringLiteral("name")).toString();
        m_entries.back().field = form->addField(name, editor, field.value(QStringLiteral("about")).toString());
        if (m_entries.size() == 1)
            setFocusProxy(editor);
    }
    body()->addWidget(form);
    auto *answer = new PrimaryButton(tr("Answer"), this);
    answer->setObjectName(QStringLiteral("form-answer"));
    auto *no = new Button(tr("Decline"), ButtonRole::Secondary, this);
    no->setObjectName(QStringLiteral("form-decline"));
    no->setToolTip(tr("The node fails; its error policy decides how the run goes on."));
    addButtons({answer, no});
    connect(answer, &QAbstractButton::clicked, this, &FormCard::send);
    connect(no, &QAbstractButton::clicked, this, [this] { refuse(tr("The person declined.")); });
}

QWidget *FormCard::addEntry(Theme *theme, const QJsonObject &field)
{
    Entry entry;
    entry.name = field.value(QStringLiteral("name")).toString();
    entry.type = field.value(QStringLiteral("type")).toString();
    const QJsonArray choices = field.value(QStringLiteral("choices")).toArray();
    QWidget *editor = nullptr;
    if (!choices.isEmpty()) {
        auto *box = new QComboBox(this);
        for (const QJsonValue &choice : choices)
            box->addItem(choice.toVariant().toString());
        entry.text = [box] { return box->currentText(); };
        editor = box;
    } else if (entry.type == QLatin1String("boolean")) {
        auto *box = new QCheckBox(tr("Yes"), this);
        entry.text = [box] { return box->isChecked() ? QStringLiteral("true") : QStringLiteral("false"); };
        editor = box;
    } else if (entry.type == QLatin1String("json")) {
        auto *code = new CodeEditor(theme, this);
        code->setAutoHeight(2, 10);
        entry.text = [code] { return code->toPlainText(); };
        editor = code;
    } else {
        auto *line = new QLineEdit(this);
        line->setPlaceholderText(entry.type == QLatin1String("number") ? tr("a number") : QString());
        connect(line, &QLineEdit::returnPressed, this, &FormCard::send);
        entry.text = [line] { return line->text(); };
        editor = line;
    }
    editor->setObjectName(QStringLiteral("form-") + entry.name);
    editor->setAccessibleName(entry.name);
    m_entries.push_back(entry);
    return editor;
}

void FormCard::send()
{
    QJsonObject filled;
    const Entry *wrong = nullptr;
    for (const Entry &entry : m_entries) {
        const QString typed = entry.text();
        const auto value = valueOf(entry.type, typed);
        entry.field->clearProblem();
        if (!value) {
            entry.field->setProblem(Severity::Error, entry.type == QLatin1String("number") ? tr("This is no number; write it like 12.5.")
                                                                                            : tr("This is no JSON; strings want quotes."));
            wrong = wrong ? wrong : &entry;
        } else {
            filled.insert(entry.name, *value);
        }
    }
    if (wrong)
        return wrong->field->field()->setFocus();
    approve({}, filled);
}

} // namespace lathe
