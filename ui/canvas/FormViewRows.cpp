// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewRows.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSet>
#include <QVBoxLayout>

namespace lathe {

namespace {
// What a text means where any JSON may stand: a number, a list... or simply the text.
QJsonValue typedValue(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return QJsonValue(QJsonValue::Undefined);
    const auto parsed = json::parse(trimmed.toUtf8());
    return parsed ? *parsed : QJsonValue(text);
}

QString shownValue(const QJsonValue &value)
{
    if (value.isUndefined())
        return {};
    if (!value.isString())
        return json::compactString(value);
    // A text that would read as something else is shown in quotes.
    const QString text = value.toString();
    return json::parse(text.toUtf8()) ? json::compactString(value) : text;
}
}

FormViewRows::FormViewRows(Theme *theme, std::vector<Column> columns, Shape shape, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_columns(std::move(columns)), m_shape(shape), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    const bool several = std::any_of(m_columns.begin(), m_columns.end(), [](const Column &of) { return of.newLine; });
    m_layout->setSpacing(several ? metrics::Margin : metrics::GapSmall); // rows of several lines stand apart
    m_empty = new Label(theme, QString(), Label::Style::Hint, this);
    m_empty->setWordWrap(true);
    m_layout->addWidget(m_empty);
    m_add = new Button(tr("Add"), ButtonRole::Ghost, this);
    m_add->setObjectName(QStringLiteral("add-row"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QAbstractButton::clicked, this, &FormViewRows::addNew);
}

void FormViewRows::setWords(const QString &one, const QString &empty)
{
    m_word = one;
    m_add->setText(tr("Add %1").arg(one));
    m_empty->setText(empty);
}

void FormViewRows::makeRow()
{
    const int row = int(m_rows.size());
    Row made;
    made.box = new QWidget(this);
    auto *column = new QVBoxLayout(made.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    QHBoxLayout *line = nullptr;
    for (size_t i = 0; i < m_columns.size(); ++i) {
        const Column &of = m_columns[i];
        if (!line || of.newLine) {
            line = new QHBoxLayout;
            line->setSpacing(metrics::GapSmall);
            column->addLayout(line);
        }
        const QString name = QStringLiteral("%1-%2").arg(of.key).arg(row);
        QWidget *field = nullptr;
        if (of.type == Column::Type::Choice) {
            auto *box = new QComboBox(made.box);
            for (const QString &choice : of.choices)
                box->addItem(choice, choice);
            connect(box, &QComboBox::activated, this, [this, row, i, box](int at) { change(row, i, box->itemData(at).toString()); });
            field = box;
        } else {
            auto *edit = new QLineEdit(made.box);
            edit->setPlaceholderText(of.hint);
            if (of.type != Column::Type::Line)
                edit->setFont(m_theme->codeFont());
            connect(edit, &QLineEdit::textEdited, this, [this, row, i](const QString &text) { change(row, i, text); });
            field = edit;
        }
        field->setObjectName(name);
        field->setAccessibleName(tr("%1 of %2 %3").arg(of.title, m_word).arg(row + 1));
        field->setToolTip(of.title);
        line->addWidget(field, of.share);
        made.fields.push_back(field);
        if (!made.buttons.empty() || (i + 1 < m_columns.size() && !m_columns[i + 1].newLine))
            continue;
        // The buttons stand at the end of the first line.
        const auto button = [&](const QString &icon, const QString &tip, const QString &id, auto action) {
            auto *pressed = new IconButton(m_theme, icon, tip, made.box);
            pressed->setObjectName(QStringLiteral("%1-%2").arg(id).arg(row));
            pressed->setCompact(true);
            connect(pressed, &QAbstractButton::clicked, this, action);
            line->addWidget(pressed);
            made.buttons.push_back(pressed);
        };
        if (m_shape != Shape::Members)
            button(QStringLiteral("chevron-down"), tr("Move %1 %2 down").arg(m_word).arg(row + 1), QStringLiteral("down"),
                   [this, row] { move(row, 1); });
        button(QStringLiteral("close"), tr("Remove %1 %2").arg(m_word).arg(row + 1), QStringLiteral("remove"),
               [this, row] { remove(row); });
    }
    m_layout->insertWidget(m_layout->indexOf(m_add), made.box);
    m_rows.push_back(std::move(made));
}

void FormViewRows::setValue(const QJsonValue &value)
{
    QJsonArray rows;
    if (m_shape == Shape::Members) {
        const QJsonObject members = value.toObject();
        // Names being typed stay where they are: the order of the rows is kept as long as it means the same.
        if (members == this->value().toObject() && !m_value.isEmpty())
            return;
        for (auto it = members.begin(); it != members.end(); ++it)
            rows.append(QJsonObject{{m_columns[0].key, it.key()}, {m_columns[1].key, it.value()}});
    } else if (m_shape == Shape::Strings) {
        for (const QJsonValue &item : value.toArray())
            rows.append(QJsonObject{{m_columns[0].key, item}});
    } else {
        rows = value.toArray();
    }
    m_value = rows;
    m_loading = true;
    const size_t before = m_rows.size();
    while (m_rows.size() < size_t(rows.size()))
        makeRow();
    while (m_rows.size() > size_t(rows.size())) {
        m_rows.back().box->hide();
        m_rows.back().box->deleteLater(); // its own button may be what was pressed
        m_rows.pop_back();
    }
    for (size_t row = 0; row < m_rows.size(); ++row)
        showRow(row);
    m_loading = false;
    m_empty->setVisible(m_rows.empty() && !m_empty->text().isEmpty());
    setEditable(m_editable);
    if (m_rows.size() > before)
        Q_EMIT rowsMade();
}

void FormViewRows::showRow(size_t row)
{
    const QJsonObject item = m_value[int(row)].toObject();
    for (size_t i = 0; i < m_columns.size(); ++i) {
        const QJsonValue value = item.value(m_columns[i].key);
        if (auto *box = qobject_cast<QComboBox *>(m_rows[row].fields[i])) {
            const QString text = value.toString(m_columns[i].choices.value(0));
            if (box->findData(text) < 0)
                box->addItem(text, text);
            box->setCurrentIndex(box->findData(text));
        } else if (auto *edit = qobject_cast<QLineEdit *>(m_rows[row].fields[i])) {
            const bool json = m_columns[i].type == Column::Type::Json;
            const QString text = json ? shownValue(value)
                : value.isArray() ? json::toStringList(value).join(QLatin1String(", ")) : value.toString();
            if (edit->text() == text || (json && typedValue(edit->text()) == value && !edit->text().isEmpty()))
                continue;
            edit->setText(text);
            if (!edit->hasFocus())
                edit->setCursorPosition(0);
        }
    }
}

QJsonValue FormViewRows::value() const
{
    if (m_shape == Shape::Objects)
        return m_value;
    if (m_shape == Shape::Strings) {
        QJsonArray list;
        for (const QJsonValue &item : m_value)
            list.append(item[m_columns[0].key]);
        return list;
    }
    QJsonObject members;
    for (const QJsonValue &item : m_value) {
        const QString name = item[m_columns[0].key].toString();
        const QJsonValue value = item[m_columns[1].key];
        if (!name.isEmpty())
            members.insert(name, value.isUndefined() ? QJsonValue(QString()) : value);
    }
    return members;
}

void FormViewRows::change(int row, size_t column, const QString &text)
{
    if (m_loading || row >= m_value.size())
        return;
    const Column &of = m_columns[column];
    QJsonObject item = m_value[row].toObject();
    QJsonValue value = text;
    if (of.type == Column::Type::Json)
        value = typedValue(text);
    else if (of.key == QLatin1String("choices")) {
        QJsonArray list;
        for (const QString &part : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
            list.append(part.trimmed());
        value = list;
    }
    const bool nothing = value.isUndefined() || text.isEmpty();
    if (nothing && (of.optional || value.isUndefined()))
        item.remove(of.key);
    else
        item.insert(of.key, value);
    m_value[row] = item;
    report(tr("Change %1").arg(m_word));
}

void FormViewRows::addNew()
{
    QJsonObject item = m_newRow;
    if (!m_idKey.isEmpty()) {
        QSet<QString> used;
        for (const QJsonValue &other : std::as_const(m_value))
            used.insert(other[m_idKey].toString());
        int number = 1;
        while (used.contains(m_idStem + QString::number(number)))
            ++number;
        item.insert(m_idKey, m_idStem + QString::number(number));
    }
    if (m_shape == Shape::Members) {
        QSet<QString> used;
        for (const QJsonValue &other : std::as_const(m_value))
            used.insert(other[m_columns[0].key].toString());
        QString name = m_word;
        for (int i = 2; used.contains(name); ++i)
            name = QStringLiteral("%1_%2").arg(m_word).arg(i);
        item.insert(m_columns[0].key, name);
    }
    m_value.append(item);
    const QString name = item.value(m_columns[0].key).toString();
    report(tr("Add %1").arg(m_word));
    int row = count() - 1;
    for (int i = 0; m_shape == Shape::Members && i < int(m_value.size()); ++i) {
        if (m_value[i][m_columns[0].key].toString() == name)
            row = i;
    }
    focusRow(row);
}

void FormViewRows::remove(int row)
{
    if (row >= m_value.size())
        return;
    m_value.removeAt(row);
    report(tr("Remove %1").arg(m_word));
}

void FormViewRows::move(int row, int by)
{
    // The last one goes to the top, so that one button reaches every order.
    const int to = row + by >= int(m_value.size()) ? 0 : row + by;
    if (row >= m_value.size() || to == row)
        return;
    const QJsonValue item = m_value.takeAt(row);
    m_value.insert(to, item);
    report(tr("Move %1").arg(m_word));
    focusRow(to);
}

void FormViewRows::report(const QString &what)
{
    const QJsonValue now = value();
    const QJsonArray rows = m_value;
    Q_EMIT edited(now, what);
    // Whoever listens shows the new value; nobody does in a read-only project.
    if (size_t(rows.size()) != m_rows.size()) {
        m_value = QJsonArray();
        setValue(now);
    }
}

bool FormViewRows::focusRow(int row, const QString &key)
{
    if (row < 0 || row >= count())
        return false;
    size_t column = 0;
    for (size_t i = 0; i < m_columns.size(); ++i) {
        if (m_columns[i].key == key)
            column = i;
    }
    QWidget *field = m_rows[size_t(row)].fields[column];
    field->setFocus(Qt::OtherFocusReason);
    if (auto *edit = qobject_cast<QLineEdit *>(field))
        edit->selectAll();
    return true;
}

void FormViewRows::setEditable(bool editable)
{
    m_editable = editable;
    for (Row &row : m_rows) {
        for (QWidget *field : row.fields) {
            if (auto *edit = qobject_cast<QLineEdit *>(field))
                edit->setReadOnly(!editable);
            else
                field->setEnabled(editable);
        }
        for (QWidget *button : row.buttons)
            button->setVisible(editable);
        if (row.buttons.size() > 1)
            row.buttons.front()->setEnabled(m_rows.size() > 1);
    }
    m_add->setVisible(editable);
}

} // namespace lathe
