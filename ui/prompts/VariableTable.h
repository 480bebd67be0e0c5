// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QJsonArray>
#include <QWidget>

class QCheckBox;
class QHBoxLayout;
class QLineEdit;
class QVBoxLayout;

namespace lathe {

class Button;
class IconButton;
class Label;
class ProblemLine;

// The declared variables of a prompt, one row each, and one click for each name that is used but not declared.
class VariableTable : public QWidget
{
    Q_OBJECT
public:
    explicit VariableTable(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &variables);
    void setUndeclared(const QStringList &names);
    void setProblems(const std::vector<Problem> &problems); // those under /variables
    void setEditable(bool editable);
    void focusRow(int row);

Q_SIGNALS:
    // `pointer` is in the body, below /variables.
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    struct Row {
        QWidget *box = nullptr;
        QLineEdit *name = nullptr;
        QLineEdit *description = nullptr;
        QLineEdit *standard = nullptr;
        QCheckBox *required = nullptr;
        IconButton *remove = nullptr;
        ProblemLine *problem = nullptr;
    };
    void addRow();
    void declare(const QString &name);
    QString freeName() const;
    Theme *m_theme;
    QVBoxLayout *m_layout;
    QWidget *m_heads;
    Label *m_empty;
    QWidget *m_undeclaredBox;
    QHBoxLayout *m_undeclaredLine;
    QStringList m_undeclared;
    Button *m_add;
    std::vector<Row> m_rows;
    QJsonArray m_value;
    bool m_editable = true;
    bool m_loading = false;
};

} // namespace lathe
