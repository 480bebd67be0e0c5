// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FormField.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"

#include <QGridLayout>

namespace lathe {

namespace {
constexpr int LabelColumn = 148;
constexpr int LeastLabel = 60;
constexpr int LongLabel = 30; // characters
}

FormField::FormField(Theme *theme, const QString &label, QWidget *field, const QString &help,
                     QWidget *parent)
    : QWidget(parent),
      m_label(new Label(theme, label, Label::Style::Secondary)),
      m_field(field),
      m_help(new Label(theme, help, Label::Style::Hint)),
      m_problem(new ProblemLine(theme)),
      m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::GapLarge);
    m_grid->setVerticalSpacing(metrics::GapSmall);
    m_grid->setColumnStretch(1, 1);
    m_label->setBuddy(field);
    m_label->setTextFormat(Qt::PlainText);
    m_help->setWordWrap(true);
    m_left = true;
    setLabelLeft(false); // gives the parts their parent: shown before, each would be a window
    m_help->setVisible(!help.isEmpty());
    setLabel(label);
}

void FormField::setLabel(const QString &label)
{
    m_label->setText(label);
    m_label->setVisible(!label.isEmpty());
    m_label->setToolTip(label.size() > LongLabel ? label.toHtmlEscaped() : QString()); // it may be cut
    if (m_field->accessibleName().isEmpty())
        m_field->setAccessibleName(label);
}

void FormField::setHelp(const QString &help)
{
    m_help->setText(help);
    m_help->setVisible(!help.isEmpty());
    m_field->setAccessibleDescription(help);
}

void FormField::setProblem(Severity severity, const QString &text)
{
    m_problem->setProblem(severity, text);
    m_field->setAccessibleDescription(text.isEmpty() ? m_help->text()
                                                     : m_problem->accessibleName());
}

void FormField::clearProblem()
{
    setProblem(Severity::Info, QString());
}

QString FormField::problem() const
{
    return m_problem->text();
}

void FormField::setLabelLeft(bool left)
{
    if (m_left == left)
        return;
    m_left = left;
    for (QWidget *widget : {static_cast<QWidget *>(m_label), m_field,
                            static_cast<QWidget *>(m_help), static_cast<QWidget *>(m_problem)})
        m_grid->removeWidget(widget);
    m_label->setFixedWidth(left ? LabelColumn : QWIDGETSIZE_MAX);
    m_label->setMinimumWidth(left ? LabelColumn : LeastLabel); // a name of any length does not widen the form
    m_label->setWordWrap(left);
    const int column = left ? 1 : 0;
    const int span = left ? 1 : 2;
    // Beside a field the label's first line stands level with the field's text.
    m_label->setMinimumHeight(left ? metrics::ControlHeight : 0);
    m_grid->addWidget(m_label, 0, 0, 1, left ? 1 : 2, left ? Qt::AlignTop : Qt::Alignment());
    // A field with a width of its own stands at the left; without an alignment it would bound and
    // centre the whole row.
    const bool narrow = m_field->maximumWidth() < QWIDGETSIZE_MAX;
    m_grid->addWidget(m_field, left ? 0 : 1, column, 1, span,
                      narrow ? Qt::AlignLeft : Qt::Alignment());
    m_grid->addWidget(m_help, left ? 1 : 2, column, 1, span);
    m_grid->addWidget(m_problem, left ? 2 : 3, column, 1, span);
}

} // namespace lathe
