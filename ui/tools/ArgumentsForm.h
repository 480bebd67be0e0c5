// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <vector>

class QStackedWidget;
class QVBoxLayout;

namespace lathe {

class ArgumentField;
class JsonField;
class Label;
class ProblemLine;

// The arguments of a call as a form made from their JSON Schema: texts, numbers, switches, choices, dates; lists, nested objects and choices
// of forms as groups. The same as raw JSON by a switch. What is wrong stands under the field as one types; a required field that nobody got
// to yet is only named by showAllProblems(). What a person typed stays when the schema changes and the name is still there.
class ArgumentsForm : public QWidget
{
    Q_OBJECT
public:
    // What is wrong with a value by its schema; pointers go into the value, a missing member has the code "required".
    using Check = std::function<std::vector<Problem>(const QJsonObject &schema, const QJsonValue &value)>;
    explicit ArgumentsForm(Theme *theme, QWidget *parent = nullptr);
    void setCheck(Check check) { m_check = std::move(check); }
    void setSchema(const QJsonObject &schema);
    bool isRaw() const;
    void setRaw(bool raw);
    // The JSON text of the call, as a model would write it. Errors are the tool's to find, so broken raw text goes through.
    QString argumentsText() const;
    QJsonObject arguments() const; // of raw text that is no object: what the form holds
    void setArguments(const QJsonObject &arguments);
    void focusFirst(); // ready to type
    void focusProblem(); // the first field that is wrong, if any
    void reset(); // back to defaults and examples
    bool isEmpty() const { return m_fields == 0; }
    // Also of fields nobody touched. Gives how many there are.
    int showAllProblems();
    int problemCount() const { return m_problemCount; }

Q_SIGNALS:
    void edited();
    void checked(int problems);

private:
    void build(const QJsonObject &values);
    void check(bool strict);
    QJsonObject values() const;
    Theme *m_theme;
    QStackedWidget *m_pages;
    QWidget *m_formPage;
    QVBoxLayout *m_formLayout;
    ArgumentField *m_form = nullptr;
    Label *m_none;
    ProblemLine *m_whole; // what belongs to no field
    JsonField *m_raw;
    ProblemLine *m_rawProblem;
    QJsonObject m_schema;
    bool m_hasSchema = false;
    int m_fields = 0;
    int m_problemCount = 0;
    Check m_check;
    QTimer m_soon;
};

} // namespace lathe
