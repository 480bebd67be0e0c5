// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "core/session/Session.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Card.h"

class QDoubleSpinBox;
class QLineEdit;
class QSpinBox;

namespace lathe {

class BodyBinding;
class Label;
class ProblemLine;
class ReferenceBox;

// What is compared, as a card: its letter and name, and the one thing that is different.
class VariantCard : public Card
{
    Q_OBJECT
public:
    VariantCard(Session *session, Theme *theme, int index, QWidget *parent);
    ~VariantCard() override;
    void load(const QJsonObject &variant);
    void setUses(const QString &text, const QString &name);
    void setProblem(Problem::Severity severity, const QString &text);
    bool hasProblem() const;
    void setRemovable(bool removable);
    void fill(); // choices anew
    QLineEdit *nameField() const { return m_name; }

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);
    void duplicateRequested();
    void removeRequested();

private:
    void report(const QString &member, const QJsonValue &value, const QString &what);
    Session *m_session;
    Theme *m_theme;
    int m_index;
    QLineEdit *m_name;
    ReferenceBox *m_agent;
    ReferenceBox *m_prompt;
    ReferenceBox *m_model;
    QDoubleSpinBox *m_temperature;
    QSpinBox *m_tokens;
    QSpinBox *m_seed;
    QWidget *m_parameters;
    QWidget *m_remove;
    Label *m_uses;
    ProblemLine *m_problem;
    bool m_loading = false;
};

} // namespace lathe
