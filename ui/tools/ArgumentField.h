// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/tools/SchemaFacts.h"

#include <QStringList>
#include <QWidget>

#include <memory>

namespace lathe {

// What the fields of one form share.
struct ArgumentContext {
    Theme *theme = nullptr;
    QJsonObject root;  // references of schemas start here
    int budget = 400;  // fields that may still be made as what they are; then groups are drawn as JSON, and in the end nothing is
};
using ArgumentContextPtr = std::shared_ptr<ArgumentContext>;

// The part of an arguments form that holds the value of one schema: a line, a choice, a group, a list. Its editing widget is named
// "argument-" and the path of names.
class ArgumentField : public QWidget
{
    Q_OBJECT
public:
    struct Finding {
        QStringList path; // from here, members and indexes
        QString message;
    };
    // Never null. `depth` counts groups; beyond some it is drawn as JSON.
    static ArgumentField *make(const ArgumentContextPtr &context, const QJsonValue &schema, const QString &path, bool required, int depth);

    virtual QJsonValue value() const = 0; // Undefined: left out
    // Undefined empties it. What does not fit the schema is shown as well as it can be.
    virtual void setValue(const QJsonValue &value) = 0;
    // What the field itself sees: text that is no number, no date, a key twice.
    virtual void findings(const QStringList &path, std::vector<Finding> *list) const;
    // Shows what is wrong at a place below it. False: the place is this field itself, or unknown here; then whoever holds it says so.
    virtual bool showProblem(const QStringList &path, const QString &message, bool missing, bool strict);
    virtual void clearProblems() {}

Q_SIGNALS:
    void edited();

protected:
    explicit ArgumentField(ArgumentContextPtr context) : m_context(std::move(context)) {}
    ArgumentContextPtr m_context;
};

namespace argumentparts {
constexpr int MostItems = 100;
constexpr int LastBudget = -400; // below it nothing is made any more: values are kept undrawn

// Out of sight at once, gone when nothing of it runs any more.
inline void drop(QWidget *widget)
{
    if (!widget)
        return;
    widget->hide();
    widget->deleteLater();
}
}

// For make(); each gives one kind of field.
ArgumentField *makeScalarField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required);
ArgumentField *makeListField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth);
ArgumentField *makeGroupField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth);

} // namespace lathe
