// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/PolicyRules.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
struct Operation {
    const char *id;
    const char *words;
};
const Operation operations[] = {{"exists", QT_TRANSLATE_NOOP("lathe::PolicyRules", "is given")},
                                {"equals", QT_TRANSLATE_NOOP("lathe::PolicyRules", "is")},
                                {"not_equals", QT_TRANSLATE_NOOP("lathe::PolicyRules", "is not")},
                                {"contains", QT_TRANSLATE_NOOP("lathe::PolicyRules", "contains")},
                                {"matches", QT_TRANSLATE_NOOP("lathe::PolicyRules", "matches")},
                                {"greater", QT_TRANSLATE_NOOP("lathe::PolicyRules", "is over")},
                                {"less", QT_TRANSLATE_NOOP("lathe::PolicyRules", "is under")}};

// What is typed means a number, true or a text; texts that look like those stand in quotes.
QJsonValue valueOf(const QString &text, const QString &op)
{
    if (op == QLatin1String("contains") || op == QLatin1String("matches"))
        return text;
    const auto parsed = json::parse(text.trimmed().toUtf8());
    return parsed ? *parsed : QJsonValue(text);
}

QString textOf(const QJsonValue &value)
{
    if (!value.isString())
        return value.isUndefined() || value.isNull() ? QString() : json::compactString(value);
    return json::parse(value.toString().toUtf8()).ok() ? json::compactString(value) : value.toString();
}
}

PolicyRules::PolicyRules(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(metrics::GapSmall);
    layout->addLayout(m_rows);
    m_add = new Button(tr("Add a rule"), ButtonRole::Ghost, this);
    m_add->setObjectName(QStringLiteral("policy-add-rule"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QAbstractButton::clicked, this, &PolicyRules::addRule);
}

void PolicyRules::setValue(const QJsonArray &rules)
{
    if (rules == m_value)
        return;
    m_value = rules;
    rebuild();
}

void PolicyRules::setPointers(const QStringList &pointers)
{
    if (pointers == m_pointers)
        return;
    m_pointers = pointers;
    rebuild();
}

void PolicyRules::addRule()
{
    m_value.append(QJsonObject{{QStringLiteral("pointer"), m_pointers.value(0)}, {QStringLiteral("op"), QStringLiteral("exists")}});
    const int row = int(m_value.size()) - 1;
    addRow(row);
    auto *pointer = findChild<QComboBox *>(QStringLiteral("policy-rule-pointer-%1").arg(row));
    Q_EMIT edited(m_value);
    pointer->setFocus(Qt::OtherFocusReason); // to be typed at once
    pointer->lineEdit()->selectAll();
}

void PolicyRules::change(int row, const QString &key, const QJsonValue &value)
{
    QJsonObject rule = m_value[row].toObject();
    if (value.isUndefined())
        rule.remove(key);
    else
        rule.insert(key, value);
    m_value[row] = rule;
    Q_EMIT edited(m_value);
}

void PolicyRules::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (int row = 0; row < int(m_value.size()) && row < 50; ++row)
        addRow(row);
}

void PolicyRules::addRow(int row)
{
    const QJsonObject rule = m_value[row].toObject();
    auto *box = new QWidget(this);
    auto *layout = new QHBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *pointer = new QComboBox(box);
    pointer->setObjectName(QStringLiteral("policy-rule-pointer-%1").arg(row));
    pointer->setAccessibleName(tr("Argument of rule %1").arg(row + 1));
    pointer->setToolTip(tr("A JSON pointer into the arguments; * stands for any element of a list"));
    pointer->setEditable(true);
    pointer->setInsertPolicy(QComboBox::NoInsert);
    pointer->addItems(m_pointers);
    pointer->setCurrentText(rule.value(QStringLiteral("pointer")).toString());
    pointer->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    pointer->setMinimumWidth(80);
    pointer->lineEdit()->setFont(m_theme->codeFont());
    pointer->lineEdit()->setPlaceholderText(tr("/argument"));
    auto *op = new QComboBox(box);
    op->setObjectName(QStringLiteral("policy-rule-op-%1").arg(row));
    op->setAccessibleName(tr("Comparison of rule %1").arg(row + 1));
    for (const Operation &one : operations)
        op->addItem(tr(one.words), QLatin1String(one.id));
    op->setItemData(4, tr("A regular expression"), Qt::ToolTipRole);
    op->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    op->setMinimumWidth(88);
    op->setCurrentIndex(std::max(0, op->findData(rule.value(QStringLiteral("op")).toString())));
    auto *value = new QLineEdit(textOf(rule.value(QStringLiteral("value"))), box);
    value->setObjectName(QStringLiteral("policy-rule-value-%1").arg(row));
    value->setAccessibleName(tr("Value of rule %1").arg(row + 1));
    value->setPlaceholderText(tr("value"));
    value->setEnabled(op->currentIndex() > 0);
    value->setMinimumWidth(56);
    auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Remove the rule"), box);
    remove->setObjectName(QStringLiteral("policy-rule-remove-%1").arg(row));
    remove->setCompact(true);
    layout->addWidget(pointer, 3);
    layout->addWidget(op, 2);
    layout->addWidget(value, 3);
    layout->addWidget(remove);
    m_rows->addWidget(box);
    connect(pointer, &QComboBox::currentTextChanged, this, [this, row](const QString &text) { change(row, QStringLiteral("pointer"), text); });
    connect(op, &QComboBox::activated, this, [this, row, op, value] {
        const QString id = op->currentData().toString();
        const bool needs = id != QLatin1String("exists");
        value->setEnabled(needs);
        QJsonObject rule = m_value[row].toObject();
        rule.insert(QStringLiteral("op"), id);
        if (needs)
            rule.insert(QStringLiteral("value"), valueOf(value->text(), id));
        else
            rule.remove(QStringLiteral("value"));
        m_value[row] = rule;
        Q_EMIT edited(m_value);
    });
    connect(value, &QLineEdit::textEdited, this,
            [this, row, op](const QString &text) { change(row, QStringLiteral("value"), valueOf(text, op->currentData().toString())); });
    connect(remove, &QAbstractButton::clicked, this, [this, row] {
        m_value.removeAt(row);
        rebuild();
        Q_EMIT edited(m_value);
    });
}

} // namespace lathe
