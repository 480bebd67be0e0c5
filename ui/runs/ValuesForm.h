// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace lathe {

class FormField;
class FormLayout;

// Values for a schema of type object that a card asks for: texts, numbers, switches, choices and several choices as fields, with titles,
// descriptions, formats and defaults; anything deeper as JSON. Checked as one types (Session::checkArguments): a field says what is wrong
// with it once it was touched, all of them when somebody wants to send. Fields are named "value-NAME".
class ValuesForm : public QWidget
{
    Q_OBJECT
public:
    ValuesForm(Theme *theme, const QJsonObject &schema, QWidget *parent = nullptr);
    // A call to be edited: what is not changed stays as it was. Optional members that are not there show their default and stay left out.
    void setValues(const QJsonObject &values);
    QJsonObject values() const;                // what was left empty is left out
    // Whether they fit. `tell`: all fields say what is wrong, and the first such one gets the focus.
    bool check(bool tell);
    QWidget *first() const; // the first field; null: none
    // Every member can be shown as a field, so that nothing of a value would be lost.
    static bool fits(const QJsonObject &schema, const QJsonObject &values);

Q_SIGNALS:
    void edited();
    void submitted(); // Enter in a line

private:
    struct Entry {
        QString name;
        bool required = false;
        bool touched = false; // may say what is wrong
        bool changed = false; // since setValues()
        FormField *field = nullptr;
        QWidget *editor = nullptr;
        std::function<QJsonValue()> get; // Undefined: left out
        std::function<void(const QJsonValue &)> set;
    };
    void add(const QString &name, const QJsonObject &schema, bool required);
    QWidget *addChoice(Entry *entry, const std::vector<std::pair<QJsonValue, QString>> &choices);
    QWidget *addSeveral(Entry *entry, const std::vector<std::pair<QJsonValue, QString>> &choices);
    QWidget *addText(Entry *entry, const QJsonObject &schema, const QString &type);
    void touched(const QString &name);
    Theme *m_theme;
    QJsonObject m_schema;
    std::optional<QJsonObject> m_given;
    FormLayout *m_form;
    std::vector<Entry> m_entries;
    bool m_loading = false;
};

} // namespace lathe
