// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

#include <functional>
#include <vector>

class QStackedWidget;

namespace lathe {

class FormField;
class FormLayout;
class JsonField;

// The arguments of a call as a form made from their JSON Schema: texts, numbers, switches, choices; lists and nested objects as
// JSON. The same as raw JSON by a switch. What a person typed stays when the schema changes and the name is still there.
class ArgumentsForm : public QWidget
{
    Q_OBJECT
public:
    explicit ArgumentsForm(Theme *theme, QWidget *parent = nullptr);
    void setSchema(const QJsonObject &schema);
    bool isRaw() const;
    void setRaw(bool raw);
    // The JSON text of the call, as a model would write it. Errors are the tool's to find, so broken raw text goes through.
    QString argumentsText() const;
    void setArguments(const QJsonObject &arguments);
    bool isEmpty() const { return m_fields.empty(); }

private:
    struct Field {
        QString name;
        bool required = false;
        FormField *line = nullptr;
        std::function<QJsonValue()> get; // Undefined: left out
        std::function<void(const QJsonValue &)> set;
    };
    void addField(const QString &name, const QJsonObject &schema, bool required);
    QJsonObject values() const;
    Theme *m_theme;
    QStackedWidget *m_pages;
    QWidget *m_formPage;
    FormLayout *m_form = nullptr;
    JsonField *m_raw;
    std::vector<Field> m_fields;
    QJsonObject m_schema;
    bool m_hasSchema = false;
};

} // namespace lathe
