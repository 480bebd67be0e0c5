// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace lathe {

class CodeEditor;
class Label;
class ProblemLine;

// Sample values for the variables of a prompt, each of a type: text, number, yes or no, list, object. Lists and objects are written as
// JSON; what does not fit its type is said below the field and leaves the value as it was.
class SampleFields : public QWidget
{
    Q_OBJECT
public:
    enum class Type { Text, Number, Bool, List, Object };
    SampleFields(Theme *theme, QWidget *parent = nullptr);
    void setVariables(const QStringList &names, const PromptSpec &spec);
    void setValues(const QJsonObject &values); // of names without a field, too
    const QJsonObject &values() const { return m_values; }
    Type typeOf(const QString &name) const;
    void setType(const QString &name, Type type);
    static constexpr int MostFields = 40;

Q_SIGNALS:
    void edited(); // by the person

private:
    struct Row {
        QString name;
        QWidget *box = nullptr;
        QToolButton *type = nullptr;
        QLineEdit *line = nullptr;  // text, number
        QToolButton *truth = nullptr; // yes or no
        CodeEditor *json = nullptr; // list, object
        ProblemLine *problem = nullptr;
        Type kind = Type::Text;
        QString hint; // placeholder
    };
    std::shared_ptr<Row> makeRow(const QString &name);
    void show(Row &row); // the value in the field of its type
    void read(Row &row); // the other way, by the person
    static Type typeOfValue(const QJsonValue &value);
    Theme *m_theme;
    QVBoxLayout *m_layout;
    std::vector<std::shared_ptr<Row>> m_rows;
    QJsonObject m_values;
};

} // namespace lathe
