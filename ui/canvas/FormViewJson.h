// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonValue>
#include <QWidget>

namespace lathe {

class CodeEditor;
class ProblemLine;

// A JSON value as text. Only what is valid is reported; while it is not, the line below says what is wrong, and nothing is lost.
class FormViewJson : public QWidget
{
    Q_OBJECT
public:
    explicit FormViewJson(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonValue &value); // Undefined: empty
    const QJsonValue &value() const { return m_value; }
    bool isValid() const { return m_valid; }
    void setEditable(bool editable);
    void setObjectsOnly(bool only) { m_objectsOnly = only; }
    CodeEditor *editor() const { return m_editor; }

Q_SIGNALS:
    void edited(const QJsonValue &value); // Undefined when it was emptied
    void validChanged();

private:
    void typed();
    CodeEditor *m_editor;
    ProblemLine *m_problem;
    QJsonValue m_value = QJsonValue(QJsonValue::Undefined);
    bool m_valid = true;
    bool m_objectsOnly = false;
};

} // namespace lathe
