// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QPlainTextEdit;

namespace lathe {

class Button;
class Label;
class ProblemLine;
class ReferenceBox;

// Who prefers: a person, blind or by stars, or a model with a rubric.
class JudgeCard : public Card
{
    Q_OBJECT
public:
    JudgeCard(Session *session, Theme *theme, int index, QWidget *parent);
    ~JudgeCard() override;
    void load(const QJsonObject &judge);
    void setProblem(Problem::Severity severity, const QString &text);

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);
    void removeRequested();
    void judgeRequested(const QString &judge);

private:
    void report(const QString &member, const QJsonValue &value, const QString &what);
    void showKind();
    Session *m_session;
    int m_index;
    QString m_id;
    QComboBox *m_kind;
    ReferenceBox *m_model;
    QPlainTextEdit *m_rubric;
    Button *m_judge;
    ProblemLine *m_problem;
    bool m_loading = false;
};

} // namespace lathe
