// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"

#include <QWidget>

class QGridLayout;

namespace lathe {

class Label;
class ProblemLine;

// One line of a form: label, field, help below, and a problem line that appears when there is
// something wrong.
class FormField : public QWidget
{
    Q_OBJECT
public:
    FormField(Theme *theme, const QString &label, QWidget *field, const QString &help,
              QWidget *parent = nullptr);
    QWidget *field() const { return m_field; }
    void setLabel(const QString &label);
    void setHelp(const QString &help);
    void setProblem(Severity severity, const QString &text);
    void clearProblem();
    QString problem() const;
    void setLabelLeft(bool left);

private:
    Label *m_label;
    QWidget *m_field;
    Label *m_help;
    ProblemLine *m_problem;
    QGridLayout *m_grid;
    bool m_left = false;
};

} // namespace lathe
