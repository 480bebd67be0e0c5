// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/BodyBinding.h"

#include "core/base/Json.h"
#include "ui/widgets/CodeEditor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSpinBox>

namespace lathe {

BodyBinding::BodyBinding(Changed changed, QObject *parent) : QObject(parent), m_changed(std::move(changed)) {}

void BodyBinding::report(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (!m_loading)
        m_changed(pointer, value, what);
}

void BodyBinding::load(const QJsonObject &body)
{
    const bool before = std::exchange(m_loading, true);
    const QJsonValue root(body);
    for (const Entry &entry : m_entries)
        entry.show(json::at(root, entry.pointer));
    m_loading = before;
}

void BodyBinding::bind(const QString &pointer, std::function<void(const QJsonValue &)> show)
{
    m_entries.push_back({pointer, std::move(show)});
}

void BodyBinding::bind(QLineEdit *field, const QString &pointer, const QString &what, bool removeEmpty)
{
    bind(pointer, [field](const QJsonValue &value) {
        if (field->text() == value.toString())
            return;
        field->setText(value.toString());
        if (!field->hasFocus())
            field->setCursorPosition(0); // a long text shows its beginning
    });
    connect(field, &QLineEdit::textEdited, this, [this, pointer, what, removeEmpty](const QString &text) {
        report(pointer, removeEmpty && text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text), what);
    });
}

void BodyBinding::bind(QPlainTextEdit *field, const QString &pointer, const QString &what)
{
    bind(pointer, [field](const QJsonValue &value) {
        if (field->toPlainText() != value.toString())
            field->setPlainText(value.toString());
    });
    connect(field, &QPlainTextEdit::textChanged, this, [this, field, pointer, what] { report(pointer, field->toPlainText(), what); });
}

void BodyBinding::bind(CodeEditor *field, const QString &pointer, const QString &what)
{
    bind(pointer, [field](const QJsonValue &value) {
        if (field->text() != value.toString())
            field->setText(value.toString());
    });
    connect(field, &CodeEditor::edited, this, [this, field, pointer, what] { report(pointer, field->text(), what); });
}

QStringList linesOf(const QString &text)
{
    QStringList list;
    const QStringList all = text.split(QLatin1Char('\n'));
    for (const QString &line : all) {
        if (!line.trimmed().isEmpty())
            list.append(line.trimmed());
    }
    return list;
}

void BodyBinding::bindLines(QPlainTextEdit *field, const QString &pointer, const QString &what)
{
    bind(pointer, [field](const QJsonValue &value) {
        const QStringList list = json::toStringList(value);
        if (linesOf(field->toPlainText()) != list)
            field->setPlainText(list.join(QLatin1Char('\n')));
    });
    connect(field, &QPlainTextEdit::textChanged, this, [this, field, pointer, what] {
        report(pointer, json::fromStringList(linesOf(field->toPlainText())), what);
    });
}

void BodyBinding::bind(QSpinBox *field, const QString &pointer, const QString &what, const QJsonValue &fallback)
{
    bind(pointer, [field, fallback](const QJsonValue &value) {
        const int number = value.isDouble() ? value.toInt() : fallback.toInt();
        if (field->value() != number)
            field->setValue(number);
    });
    connect(field, &QSpinBox::valueChanged, this, [this, pointer, what](int value) { report(pointer, value, what); });
}

void BodyBinding::bind(QDoubleSpinBox *field, const QString &pointer, const QString &what, const QJsonValue &fallback)
{
    bind(pointer, [field, fallback](const QJsonValue &value) {
        const double number = value.isDouble() ? value.toDouble() : fallback.toDouble();
        if (field->value() != number)
            field->setValue(number);
    });
    connect(field, &QDoubleSpinBox::valueChanged, this, [this, pointer, what](double value) { report(pointer, value, what); });
}

void BodyBinding::bind(QCheckBox *field, const QString &pointer, const QString &what, bool fallback)
{
    bind(pointer, [field, fallback](const QJsonValue &value) { field->setChecked(value.toBool(fallback)); });
    connect(field, &QCheckBox::toggled, this, [this, pointer, what](bool on) { report(pointer, on, what); });
}

void BodyBinding::bind(QComboBox *field, const QString &pointer, const QString &what)
{
    bind(pointer, [field](const QJsonValue &value) {
        const QString text = value.toString();
        const int row = field->findData(text);
        if (row >= 0) {
            field->setCurrentIndex(row);
        } else if (field->isEditable()) {
            field->setCurrentIndex(-1);
            field->setEditText(text);
        } else if (text.isEmpty()) {
            field->setCurrentIndex(-1);
        } else {
            // What is stored is not among the choices: it is shown as it is, so that nothing changes by looking.
            field->addItem(text, text);
            field->setCurrentIndex(field->count() - 1);
        }
    });
    connect(field, &QComboBox::activated, this, [this, field, pointer, what](int row) { report(pointer, field->itemData(row).toString(), what); });
    if (field->isEditable())
        connect(field->lineEdit(), &QLineEdit::textEdited, this, [this, pointer, what](const QString &text) { report(pointer, text, what); });
}

} // namespace lathe
