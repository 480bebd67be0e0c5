// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

#include <functional>

class QComboBox;
class QSpinBox;

namespace lathe {

class BodyBinding;
class FormField;
class FormLayout;
class IconButton;
class Label;
class PolicyRules;
class SectionHeader;

// How a tool may be used, as a form under one sentence that says it in plain words. Of a whole tool, or of what an attachment or a function
// of a set has of its own: then each line shows what holds, a mark where it is its own, and a button that takes it back to "as the tool says".
class ToolPolicyEditor : public QWidget
{
    Q_OBJECT
public:
    enum class Scope { Tool, Override };
    ToolPolicyEditor(Theme *theme, Scope scope, QWidget *parent = nullptr);
    // Tool: the whole body; `own` is not used. Override: `body` of the tool, `own` the members that replace its (keys as in a tool's body).
    void load(const QJsonObject &body, const QJsonObject &own = QJsonObject());
    // Of the arguments: offers pointers for rules and redaction.
    void setSchema(const QJsonObject &schema);
    QString sentence() const;
    void revealProblems(); // unfolds the groups in which a line has a problem
    // By pointer into the body, for problems.
    const QHash<QString, FormField *> &fields() const { return m_fields; }

    // An editor of an override for who must not know this folder (ui/design), by way of the shell.
    using Factory = std::function<QWidget *(const QString &toolName, const QJsonObject &toolBody, const QJsonObject &own,
                                            std::function<void(const QJsonObject &own, const QString &what)> changed)>;
    static Factory forAttachments(Session *session, Theme *theme);

Q_SIGNALS:
    // `value` Undefined: the member is removed. Pointers go into the body (Tool) or into the override.
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    FormLayout *addGroup(const QString &id, const QString &title, bool open);
    void add(FormLayout *form, const QString &pointer, const QString &label, QWidget *widget, const QString &help);
    void addChoice(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help, const QString &what,
                   const QList<std::pair<QString, QString>> &choices);
    void addCount(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help, const QString &what,
                  int least, int most, int fallback, const QString &zero = QString(), const QString &suffix = QString());
    void addAmount(FormLayout *form, const QString &pointer, const QString &name, const QString &label, const QString &help, const QString &what,
                   double least, double most, double fallback, int decimals, const QString &prefix, const QString &suffix, const QString &zero);
    void buildApproval();
    void buildLimits();
    void buildReach();
    void buildRepeats();
    void buildResults();
    void change(const QString &pointer, const QJsonValue &value, const QString &what);
    void refresh();
    Theme *m_theme;
    Scope m_scope;
    BodyBinding *m_binding;
    Label *m_sentence;
    QComboBox *m_approval = nullptr;
    QComboBox *m_effect = nullptr;
    QComboBox *m_idempotent = nullptr;
    PolicyRules *m_rules = nullptr;
    QSpinBox *m_retries = nullptr;
    QSpinBox *m_cache = nullptr;
    QHash<QString, SectionHeader *> m_groups;
    QHash<QString, FormField *> m_fields;
    QHash<QString, IconButton *> m_resets; // Override
    QHash<QString, SectionHeader *> m_groupOf; // by pointer
    SectionHeader *m_group = nullptr;          // that is being built
    QHash<QString, QString> m_help;        // as given, by pointer
    QJsonObject m_body;
    QJsonObject m_own;
    QJsonObject m_shown; // what holds
};

} // namespace lathe
