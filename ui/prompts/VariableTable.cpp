// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/VariableTable.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int NameWidth = 132;
constexpr int DefaultWidth = 132;
constexpr int RequiredWidth = 72;
constexpr int RemoveWidth = 24;
}

VariableTable::VariableTable(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-variables"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
    m_undeclaredBox = new QWidget(this);
    m_undeclaredLine = new QHBoxLayout(m_undeclaredBox);
    m_undeclaredLine->setContentsMargins(0, 0, 0, 4);
    m_undeclaredLine->setSpacing(metrics::GapSmall);
    m_undeclaredBox->hide();
    m_layout->addWidget(m_undeclaredBox);
    m_heads = new QWidget(this);
    auto *heads = new QHBoxLayout(m_heads);
    heads->setContentsMargins(0, 0, 0, 0);
    heads->setSpacing(metrics::GapSmall);
    const auto head = [&](const QString &text, int width) {
        auto *label = new Label(theme, text, Label::Style::Caption, m_heads);
        if (width > 0)
            label->setFixedWidth(width);
        heads->addWidget(label, width > 0 ? 0 : 1);
    };
    head(tr("Name"), NameWidth);
    head(tr("Description"), 0);
    head(tr("Default"), DefaultWidth);
    head(tr("Required"), RequiredWidth);
    heads->addSpacing(RemoveWidth + metrics::GapSmall);
    m_layout->addWidget(m_heads);
    m_empty = new Label(theme, tr("No variables. Type {{name}} in the text, then declare it here."), Label::Style::Hint, this);
    m_empty->setWordWrap(true);
    m_layout->addWidget(m_empty);
    m_add = new Button(tr("Add variable"), ButtonRole::Secondary, this);
    m_add->setObjectName(QStringLiteral("variable-add"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    m_layout->addStretch(1);
    connect(m_add, &QAbstractButton::clicked, this, [this] {
        declare(freeName());
        focusRow(int(m_rows.size()) - 1);
    });
}

QString VariableTable::freeName() const
{
    QStringList names;
    for (const QJsonValue &item : m_value)
        names.append(item[QLatin1String("name")].toString());
    QString name = QStringLiteral("variable");
    for (int i = 2; names.contains(name); ++i)
        name = QStringLiteral("variable_%1").arg(i);
    return name;
}

void VariableTable::declare(const QString &name)
{
    QJsonArray value = m_value;
    value.append(QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("description"), QString()},
                             {QStringLiteral("default"), QString()}, {QStringLiteral("required"), true}});
    Q_EMIT edited(QStringLiteral("/variables"), value, tr("Add variable %1").arg(name));
}

void VariableTable::addRow()
{
    const int row = int(m_rows.size());
    Row made;
    made.box = new QWidget(this);
    auto *column = new QVBoxLayout(made.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::GapSmall);
    const auto field = [&](const char *key, const QString &title, int width, const QString &what) {
        auto *edit = new QLineEdit(made.box);
        edit->setObjectName(QStringLiteral("variable-%1-%2").arg(QString::fromLatin1(key)).arg(row));
        edit->setAccessibleName(tr("%1 of variable %2").arg(title).arg(row + 1));
        if (width > 0)
            edit->setFixedWidth(width);
        line->addWidget(edit, width > 0 ? 0 : 1);
        const QString pointer = QStringLiteral("/variables/%1/%2").arg(row).arg(QString::fromLatin1(key));
        connect(edit, &QLineEdit::textEdited, this, [this, pointer, what](const QString &text) { Q_EMIT edited(pointer, text, what); });
        return edit;
    };
    made.name = field("name", tr("Name"), NameWidth, tr("Rename variable"));
    made.name->setFont(m_theme->codeFont());
    made.description = field("description", tr("Description"), 0, tr("Describe variable"));
    made.description->setPlaceholderText(tr("What it holds"));
    made.standard = field("default", tr("Default"), DefaultWidth, tr("Change default of variable"));
    made.standard->setPlaceholderText(tr("none"));
    auto *cell = new QWidget(made.box);
    cell->setFixedWidth(RequiredWidth);
    auto *middle = new QHBoxLayout(cell);
    middle->setContentsMargins(0, 0, 0, 0);
    made.required = new QCheckBox(cell);
    made.required->setObjectName(QStringLiteral("variable-required-%1").arg(row));
    made.required->setAccessibleName(tr("Variable %1 is required").arg(row + 1));
    made.required->setToolTip(tr("A run without a value and without a default is told so"));
    middle->addWidget(made.required);
    middle->addStretch();
    connect(made.required, &QCheckBox::toggled, this, [this, row](bool on) {
        if (!m_loading)
            Q_EMIT edited(QStringLiteral("/variables/%1/required").arg(row), on, tr("Change variable"));
    });
    line->addWidget(cell);
    made.remove = new IconButton(m_theme, QStringLiteral("close"), tr("Remove this variable"), made.box);
    made.remove->setObjectName(QStringLiteral("variable-remove-%1").arg(row));
    made.remove->setCompact(true);
    connect(made.remove, &QAbstractButton::clicked, this, [this, row] {
        QJsonArray value = m_value;
        const QString name = value[row][QLatin1String("name")].toString();
        value.removeAt(row);
        Q_EMIT edited(QStringLiteral("/variables"), value, tr("Remove variable %1").arg(name));
    });
    line->addWidget(made.remove);
    column->addLayout(line);
    made.problem = new ProblemLine(m_theme, made.box);
    column->addWidget(made.problem);
    m_layout->insertWidget(m_layout->indexOf(m_add), made.box);
    m_rows.push_back(made);
}

void VariableTable::setValue(const QJsonArray &variables)
{
    m_value = variables;
    m_loading = true;
    while (m_rows.size() < size_t(variables.size()))
        addRow();
    while (m_rows.size() > size_t(variables.size())) {
        m_rows.back().box->hide();
        m_rows.back().box->deleteLater(); // its own button may be what was pressed
        m_rows.pop_back();
    }
    const auto show = [](QLineEdit *field, const QString &text) {
        if (field->text() != text)
            field->setText(text);
    };
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const QJsonObject item = variables[int(i)].toObject();
        show(m_rows[i].name, item.value(QStringLiteral("name")).toString());
        show(m_rows[i].description, item.value(QStringLiteral("description")).toString());
        const QJsonValue standard = item.value(QStringLiteral("default"));
        show(m_rows[i].standard, standard.isString() || standard.isUndefined() || standard.isNull() ? standard.toString() : json::compactString(standard));
        m_rows[i].required->setChecked(item.value(QStringLiteral("required")).toBool(true));
    }
    m_loading = false;
    m_heads->setVisible(!m_rows.empty());
    m_empty->setVisible(m_rows.empty());
    setEditable(m_editable);
}

void VariableTable::setUndeclared(const QStringList &names)
{
    if (names == m_undeclared)
        return;
    m_undeclared = names;
    while (QLayoutItem *item = m_undeclaredLine->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    m_undeclaredBox->setVisible(!names.isEmpty() && m_editable);
    if (names.isEmpty())
        return;
    m_undeclaredLine->addWidget(new Label(m_theme, tr("Used but not declared:"), Label::Style::Secondary, m_undeclaredBox));
    for (const QString &name : names.mid(0, 8)) {
        auto *chip = new Chip(m_theme, name, ColorToken::Accent, m_undeclaredBox);
        chip->setObjectName(QStringLiteral("variable-declare-") + name);
        chip->setIconName(QStringLiteral("plus"));
        chip->setClickable(true);
        chip->setAccessibleName(tr("Declare %1").arg(name));
        chip->setToolTip(tr("Declare the variable %1").arg(name));
        connect(chip, &QAbstractButton::clicked, this, [this, name] { declare(name); });
        m_undeclaredLine->addWidget(chip);
    }
    m_undeclaredLine->addStretch();
}

void VariableTable::setProblems(const std::vector<Problem> &problems)
{
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const QString prefix = QStringLiteral("/variables/%1/").arg(i);
        const auto found = std::find_if(problems.begin(), problems.end(), [&](const Problem &problem) {
            return (problem.pointer + QLatin1Char('/')).startsWith(prefix);
        });
        if (found == problems.end())
            m_rows[i].problem->clear();
        else
            m_rows[i].problem->setProblem(found->severity == Problem::Severity::Error ? Severity::Error : Severity::Warning, found->message);
    }
}

void VariableTable::setEditable(bool editable)
{
    m_editable = editable;
    for (Row &row : m_rows) {
        for (QLineEdit *field : {row.name, row.description, row.standard})
            field->setReadOnly(!editable);
        row.required->setEnabled(editable);
        row.remove->setEnabled(editable);
    }
    m_add->setVisible(editable);
    m_undeclaredBox->setVisible(editable && !m_undeclared.isEmpty());
}

void VariableTable::focusRow(int row)
{
    if (row < 0 || row >= int(m_rows.size()))
        return;
    m_rows[size_t(row)].name->setFocus(Qt::OtherFocusReason);
    m_rows[size_t(row)].name->selectAll();
}

} // namespace lathe
