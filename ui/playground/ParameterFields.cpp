// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ParameterFields.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"

#include <QGridLayout>
#include <QLineEdit>

namespace lathe {

namespace {
constexpr int enoughForFour = 380; // pixels
}

ParameterFields::ParameterFields(Theme *theme, QWidget *parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_problem(new ProblemLine(theme, this))
{
    setObjectName(QStringLiteral("parameters"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::Gap);
    m_grid->setVerticalSpacing(2);
    const auto add = [&](const char *key, const QString &title, const QString &tip, double least,
                         double most, bool whole, const QString &range) {
        auto *label = new Label(theme, title, Label::Style::Caption, this);
        auto *edit = new QLineEdit(this);
        edit->setObjectName(QStringLiteral("parameter-") + QString::fromLatin1(key));
        edit->setAccessibleName(title);
        edit->setPlaceholderText(tr("default"));
        edit->setToolTip(tip);
        edit->setMaxLength(20);
        edit->setMinimumWidth(48);
        label->setBuddy(edit);
        m_fields.push_back({key, label, edit, least, most, whole, range});
        connect(edit, &QLineEdit::textEdited, this, &ParameterFields::read);
    };
    add("temperature", tr("Temperature"),
        tr("How freely words are drawn: 0 is the most likely ones, 2 is wild. Empty leaves it to the "
           "agent"),
        0, 2, false, tr("a number from 0 to 2"));
    add("top_p", tr("Top p"),
        tr("Words are drawn from the likeliest that make up this share. Empty leaves it to the provider"),
        0, 1, false, tr("a number from 0 to 1"));
    add("max_output_tokens", tr("Most tokens"),
        tr("The answer ends after so many tokens. Empty leaves it to the agent"), 1, 10'000'000, true,
        tr("a whole number from 1"));
    add("seed", tr("Seed"), tr("The same seed draws the same words where a provider supports it"), 0,
        9'007'199'254'740'991.0, true, tr("a whole number from 0"));
    arrange(2);
}

void ParameterFields::arrange(int columns)
{
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (int i = 0; i < int(m_fields.size()); ++i) {
        m_grid->addWidget(m_fields[size_t(i)].label, i / columns * 2,
                          i % columns); // takes it from where it was
        m_grid->addWidget(m_fields[size_t(i)].edit, i / columns * 2 + 1, i % columns);
    }
    m_grid->addWidget(m_problem, 4, 0, 1, 4);
    for (int column = 0; column < 4; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
}

void ParameterFields::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange(width() >= enoughForFour ? 4 : 2);
}

void ParameterFields::show(const QJsonObject &parameters)
{
    if (parameters == m_parameters)
        return;
    m_parameters = parameters;
    for (const Field &field : m_fields) {
        const QJsonValue value = parameters.value(QLatin1String(field.key));
        field.edit->setText(value.isDouble() ? QString::number(value.toDouble(), field.whole ? 'f' : 'g',
                                                               field.whole ? 0 : 6)
                                             : QString());
    }
    m_problem->clear();
}

void ParameterFields::focusFirst()
{
    m_fields.front().edit->setFocus(Qt::OtherFocusReason);
}

void ParameterFields::read()
{
    QJsonObject now = m_parameters;
    QString problem;
    for (const Field &field : m_fields) {
        const QString text = field.edit->text().trimmed().replace(QLatin1Char(','), QLatin1Char('.'));
        bool ok = false;
        const double value = text.toDouble(&ok);
        const bool good = ok && value >= field.least && value <= field.most
                          && (!field.whole || value == double(qint64(value)));
        if (text.isEmpty())
            now.remove(QLatin1String(field.key));
        else if (good)
            now.insert(QLatin1String(field.key), value);
        else if (problem.isEmpty())
            problem = tr("%1 needs %2; the last good value stays.")
                          .arg(field.edit->accessibleName(), field.range);
    }
    m_problem->setProblem(Severity::Error, problem);
    if (now == m_parameters)
        return;
    m_parameters = now;
    Q_EMIT edited(now);
}

} // namespace lathe
