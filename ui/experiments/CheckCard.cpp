// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/CheckCard.h"

#include "core/base/Json.h"
#include "ui/experiments/ReferenceBox.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString asText(const QJsonValue &value)
{
    if (value.isUndefined() || value.isNull())
        return {};
    if (value.isArray()) {
        QStringList lines;
        const QJsonArray array = value.toArray();
        for (const QJsonValue &one : array)
            lines.append(one.isString() ? one.toString() : json::compactString(one));
        return lines.join(QLatin1Char('\n'));
    }
    return value.isString() ? value.toString() : value.isObject() ? QString::fromUtf8(json::pretty(value)) : json::compactString(value);
}
}

CheckCard::CheckCard(Session *session, Theme *theme, int index, QWidget *parent)
    : Card(theme, parent), m_session(session), m_index(index), m_type(new QComboBox(this)), m_negated(new QCheckBox(tr("not"), this)),
      m_line(new QLineEdit(this)), m_text(new QPlainTextEdit(this)), m_threshold(new QDoubleSpinBox(this)), m_weight(new QDoubleSpinBox(this)),
      m_thresholdRow(new QWidget(this)), m_help(new Label(theme, QString(), Label::Style::Hint, this)), m_grader(new ReferenceBox(this)),
      m_graderRow(new QWidget(this)), m_problem(new ProblemLine(theme, this))
{
    setObjectName(QStringLiteral("check-%1").arg(index));
    body()->setSpacing(6);
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::Gap);
    m_negated->setObjectName(QStringLiteral("check-negated-%1").arg(index));
    m_negated->setToolTip(tr("Passes when the check would fail"));
    m_type->setObjectName(QStringLiteral("check-type-%1").arg(index));
    m_type->setAccessibleName(tr("Type of check %1").arg(index + 1));
    m_type->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_type->setMinimumContentsLength(10);
    m_type->setMaxVisibleItems(18);
    for (const CheckTypeInfo &type : checkTypes()) {
        m_type->addItem(type.title, type.type);
        m_type->setItemData(m_type->count() - 1, type.help, Qt::ToolTipRole);
    }
    head->addWidget(m_negated);
    head->addWidget(m_type, 1);
    auto *remove = new IconButton(theme, QStringLiteral("trash"), tr("Remove this check"), this);
    remove->setObjectName(QStringLiteral("check-remove-%1").arg(index));
    remove->setCompact(true);
    connect(remove, &QAbstractButton::clicked, this, &CheckCard::removeRequested);
    head->addWidget(remove);
    body()->addLayout(head);
    m_line->setObjectName(QStringLiteral("check-value-%1").arg(index));
    m_line->setAccessibleName(tr("Value of check %1").arg(index + 1));
    body()->addWidget(m_line);
    m_text->setObjectName(QStringLiteral("check-text-%1").arg(index));
    m_text->setAccessibleName(tr("Value of check %1").arg(index + 1));
    m_text->setFixedHeight(84);
    m_text->setTabChangesFocus(true);
    body()->addWidget(m_text);
    auto *graderLine = new QHBoxLayout(m_graderRow);
    graderLine->setContentsMargins(0, 0, 0, 0);
    graderLine->addWidget(new Label(theme, tr("Graded by"), Label::Style::Secondary, m_graderRow));
    m_grader->setNone(tr("the project's grader"));
    m_grader->setObjectName(QStringLiteral("check-grader-%1").arg(index));
    graderLine->addWidget(m_grader, 1);
    body()->addWidget(m_graderRow);
    auto *numbers = new QHBoxLayout(m_thresholdRow);
    numbers->setContentsMargins(0, 0, 0, 0);
    numbers->setSpacing(metrics::Gap);
    m_thresholdLabel = new Label(theme, tr("at least"), Label::Style::Secondary, m_thresholdRow);
    m_threshold->setObjectName(QStringLiteral("check-threshold-%1").arg(index));
    m_threshold->setAccessibleName(tr("Threshold of check %1").arg(index + 1));
    numbers->addWidget(m_thresholdLabel);
    numbers->addWidget(m_threshold, 1);
    body()->addWidget(m_thresholdRow);
    m_weight->setObjectName(QStringLiteral("check-weight-%1").arg(index));
    m_weight->setAccessibleName(tr("Weight of check %1").arg(index + 1));
    m_weight->setRange(0, 100);
    m_weight->setDecimals(1);
    m_weight->setPrefix(QStringLiteral("\u00d7 "));
    m_weight->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_weight->setFixedWidth(56);
    m_weight->setToolTip(tr("Weight in the score; 0 only measures"));
    head->insertWidget(2, m_weight);
    m_help->setWordWrap(true);
    body()->addWidget(m_help);
    body()->addWidget(m_problem);
    for (QWidget *box : std::initializer_list<QWidget *>{m_threshold, m_weight, m_type})
        box->setFocusPolicy(Qt::StrongFocus);

    connect(m_type, &QComboBox::activated, this, [this] {
        showType();
        report(QStringLiteral("type"), m_type->currentData().toString(), tr("Change check"));
    });
    connect(m_negated, &QCheckBox::toggled, this, [this](bool on) {
        report(QStringLiteral("negated"), on ? QJsonValue(true) : QJsonValue(QJsonValue::Undefined), tr("Turn check round"));
    });
    connect(m_line, &QLineEdit::textEdited, this, [this](const QString &text) {
        report(QStringLiteral("value"), text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text), tr("Change value of check"));
    });
    connect(m_text, &QPlainTextEdit::textChanged, this, &CheckCard::reportText);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        report(QStringLiteral("threshold"), value <= m_threshold->minimum() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change threshold"));
    });
    connect(m_weight, &QDoubleSpinBox::valueChanged, this, [this](double value) { report(QStringLiteral("weight"), value, tr("Change weight")); });
    connect(m_grader, &ReferenceBox::chosen, this, [this](const QString &model) {
        report(QStringLiteral("options/model"), model.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(model), tr("Change grader"));
    });
    showType();
}

CheckCard::ValueForm CheckCard::formOf(const CheckTypeInfo &type) const
{
    if (type.value == CheckTypeInfo::Value::None)
        return ValueForm::None;
    if (type.type.endsWith(QLatin1String("-all")) || type.type.endsWith(QLatin1String("-any")))
        return ValueForm::List;
    if (type.needs == CheckTypeInfo::Needs::Schema)
        return ValueForm::Json;
    if (type.needs == CheckTypeInfo::Needs::Expression || type.needs == CheckTypeInfo::Needs::Judge)
        return ValueForm::Text;
    return ValueForm::Line;
}

void CheckCard::showType()
{
    const CheckTypeInfo *type = checkType(m_type->currentData().toString());
    const bool before = std::exchange(m_loading, true);
    const ValueForm form = type ? formOf(*type) : ValueForm::Line;
    m_line->setVisible(form == ValueForm::Line);
    m_text->setVisible(form == ValueForm::Text || form == ValueForm::List || form == ValueForm::Json);
    const bool optional = type && type->value == CheckTypeInfo::Value::Optional;
    m_line->setPlaceholderText(optional ? tr("empty: the expected answer") : tr("text, or {{column}} of the example; empty: the expected answer"));
    m_text->setPlaceholderText(form == ValueForm::List   ? tr("one a line")
                               : form == ValueForm::Json ? tr("a JSON Schema the output must fit; may be empty")
                               : type && type->needs == CheckTypeInfo::Needs::Judge ? tr("what a good answer is, in words")
                                                                                    : tr("an expression over output and vars, such as output.length < 400"));
    m_graderRow->setVisible(type && type->needs == CheckTypeInfo::Needs::Judge);
    if (m_graderRow->isVisibleTo(this) && m_grader->count() == 0)
        m_grader->fillModels(m_session);
    const bool hasThreshold = type && type->threshold != CheckTypeInfo::Threshold::None;
    m_thresholdRow->setVisible(hasThreshold);
    if (hasThreshold) {
        const bool share = type->threshold == CheckTypeInfo::Threshold::Share;
        m_thresholdLabel->setText(share ? tr("score at least") : tr("at most"));
        m_threshold->setRange(share ? -0.05 : -1, share ? 1 : 1e9);
        m_threshold->setDecimals(share ? 2 : type->thresholdUnit == QLatin1String("$") ? 4 : 2);
        m_threshold->setSingleStep(share ? 0.05 : 1);
        m_threshold->setSuffix(type->thresholdUnit.isEmpty() ? QString() : QLatin1Char(' ') + type->thresholdUnit);
        m_threshold->setSpecialValueText(type->usualThreshold >= 0 ? tr("usual: %1").arg(type->usualThreshold) : type->thresholdNeeded ? tr("needed") : tr("none"));
    }
    m_help->setText(type ? type->help : QString());
    m_help->setVisible(!m_help->text().isEmpty());
    m_loading = before;
}

void CheckCard::load(const QJsonObject &check)
{
    const bool before = std::exchange(m_loading, true);
    const QString type = check.value(QStringLiteral("type")).toString();
    int row = m_type->findData(type);
    if (row < 0 && !type.isEmpty()) {
        m_type->addItem(type, type);
        row = m_type->count() - 1;
    }
    if (m_type->currentIndex() != row)
        m_type->setCurrentIndex(row);
    showType();
    m_negated->setChecked(check.value(QStringLiteral("negated")).toBool());
    const QString text = asText(check.value(QStringLiteral("value")));
    if (m_line->text() != text)
        m_line->setText(text);
    // What is typed may stand for the value in other words (empty lines, spaces): then it stays as typed.
    const QJsonValue held = check.contains(QStringLiteral("value")) ? check.value(QStringLiteral("value")) : QJsonValue(QJsonValue::Undefined);
    if (m_text->toPlainText() != text && (!m_text->hasFocus() || valueOfText() != held))
        m_text->setPlainText(text);
    m_threshold->setValue(check.contains(QStringLiteral("threshold")) ? check.value(QStringLiteral("threshold")).toDouble() : m_threshold->minimum());
    m_weight->setValue(check.value(QStringLiteral("weight")).toDouble(1));
    m_grader->setValue(check.value(QStringLiteral("options")).toObject().value(QStringLiteral("model")).toString());
    m_loading = before;
}

QJsonValue CheckCard::valueOfText() const
{
    const CheckTypeInfo *type = checkType(m_type->currentData().toString());
    const QString text = m_text->toPlainText();
    QJsonValue value = text.trimmed().isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text);
    if (type && formOf(*type) == ValueForm::List && !value.isUndefined()) {
        QJsonArray items;
        const QStringList lines = text.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        for (const QString &line : lines)
            items.append(line.trimmed());
        value = items;
    } else if (type && formOf(*type) == ValueForm::Json && !value.isUndefined()) {
        if (const auto parsed = json::parse(text.toUtf8()); parsed && parsed->isObject())
            value = *parsed;
    }
    return value;
}

void CheckCard::reportText()
{
    report(QStringLiteral("value"), valueOfText(), tr("Change value of check"));
}

void CheckCard::setProblem(Problem::Severity severity, const QString &text)
{
    m_problem->setProblem(severity == Problem::Severity::Error     ? Severity::Error
                          : severity == Problem::Severity::Warning ? Severity::Warning
                                                                   : Severity::Info,
                          text);
}

void CheckCard::report(const QString &member, const QJsonValue &value, const QString &what)
{
    if (!m_loading)
        Q_EMIT edited(QStringLiteral("/checks/%1/%2").arg(m_index).arg(member), value, what);
}

CheckCard::~CheckCard()
{
    silence(this);
}

} // namespace lathe
