// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Check.h"
#include "core/session/Session.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QPlainTextEdit;

namespace lathe {

class Label;
class ProblemLine;
class ReferenceBox;

// One check: its type, and the fields that this type needs.
class CheckCard : public Card
{
    Q_OBJECT
public:
    CheckCard(Session *session, Theme *theme, int index, QWidget *parent);
    ~CheckCard() override;
    void load(const QJsonObject &check);
    void setProblem(Problem::Severity severity, const QString &text);
    QComboBox *typeBox() const { return m_type; }

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);
    void removeRequested();

private:
    enum class ValueForm { None, Line, Text, List, Json };
    ValueForm formOf(const CheckTypeInfo &type) const;
    void showType();
    void report(const QString &member, const QJsonValue &value, const QString &what);
    QJsonValue valueOfText() const;
    void reportText();
    Session *m_session;
    int m_index;
    QComboBox *m_type;
    QCheckBox *m_negated;
    QLineEdit *m_line;
    QPlainTextEdit *m_text;
    QDoubleSpinBox *m_threshold;
    QDoubleSpinBox *m_weight;
    QWidget *m_thresholdRow;
    Label *m_thresholdLabel;
    Label *m_help;
    ReferenceBox *m_grader;
    QWidget *m_graderRow;
    ProblemLine *m_problem;
    bool m_loading = false;
};

} // namespace lathe
