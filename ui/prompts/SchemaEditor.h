// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonValue>
#include <QWidget>

namespace lathe {

class CodeEditor;
class ProblemLine;

// A JSON Schema as text, which is kept as typed: its order matters to models and its lines to people. Only text that is a JSON
// object is reported; while it is not, the line below says where and why, and what was last valid stays in the draft.
class SchemaEditor : public QWidget
{
    Q_OBJECT
public:
    explicit SchemaEditor(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonValue &schema); // an object or the text of one
    void setEditable(bool editable);
    CodeEditor *editor() const { return m_editor; }
    QString verdict() const;

Q_SIGNALS:
    void edited(const QString &text); // empty: no schema any more

private:
    void check(bool report);
    CodeEditor *m_editor;
    ProblemLine *m_verdict;
    QJsonValue m_value = QJsonValue::Undefined; // what is in the draft
};

} // namespace lathe
