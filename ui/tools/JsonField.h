// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonValue>
#include <QWidget>

#include <optional>

namespace lathe {

class CodeEditor;
class ProblemLine;

// A JSON value as text. Only valid text is reported; while it is not, the line below says what is wrong.
class JsonField : public QWidget
{
    Q_OBJECT
public:
    explicit JsonField(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonValue &value); // Undefined: empty
    // Undefined when empty, nothing while the text is no JSON.
    std::optional<QJsonValue> value() const;
    QString text() const;
    void setText(const QString &text);
    CodeEditor *editor() const { return m_editor; }

Q_SIGNALS:
    void edited();

private:
    void check();
    CodeEditor *m_editor;
    ProblemLine *m_problem;
    QJsonValue m_shown = QJsonValue(QJsonValue::Undefined);
};

} // namespace lathe
