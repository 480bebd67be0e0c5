// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

namespace lathe {

class CodeEditor;
class ProblemLine;

// A JSON Schema as text. Only text that is a JSON object is reported; while it is not, the line below says where and why, and what
// was last valid stays in the draft.
class SchemaEditor : public QWidget
{
    Q_OBJECT
public:
    explicit SchemaEditor(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonObject &schema);
    void setEditable(bool editable);
    CodeEditor *editor() const { return m_editor; }
    QString verdict() const;

Q_SIGNALS:
    void edited(const QJsonObject &schema);

private:
    void check(bool report);
    CodeEditor *m_editor;
    ProblemLine *m_verdict;
    QJsonObject m_value;
};

} // namespace lathe
