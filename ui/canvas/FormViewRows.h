// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonArray>
#include <QWidget>

#include <vector>

class QVBoxLayout;

namespace lathe {

class Button;
class Label;

// A list of small things, each as a row of a few fields: routes, form fields, state keys, plain strings, or the members of an object
// by name. Rows are added, removed and moved. Fields are named "KEY-ROW" within it.
class FormViewRows : public QWidget
{
    Q_OBJECT
public:
    struct Column {
        enum class Type { Line, Code, Choice, Json };
        QString key;
        QString title;
        Type type = Type::Line;
        QString hint;        // placeholder
        QStringList choices; // Choice
        int share = 1;       // of the line's width
        bool newLine = false; // begins a line of its own
        bool optional = false; // removed from the row's object when empty
    };
    enum class Shape { Objects, Strings, Members };
    FormViewRows(Theme *theme, std::vector<Column> columns, Shape shape, QWidget *parent = nullptr);
    void setWords(const QString &one, const QString &empty); // "route"; what is said when there are none
    void setIdKey(const QString &key, const QString &stem) { m_idKey = key, m_idStem = stem; } // a new row gets the smallest free "r1"
    void setNewRow(const QJsonObject &row) { m_newRow = row; }
    void setValue(const QJsonValue &value);
    void setEditable(bool editable);
    int count() const { return int(m_rows.size()); }
    bool focusRow(int row, const QString &key = QString());

Q_SIGNALS:
    void edited(const QJsonValue &value, const QString &what);
    void rowsMade(); // new fields exist

private:
    struct Row {
        QWidget *box = nullptr;
        std::vector<QWidget *> fields; // by column
        std::vector<QWidget *> buttons;
    };
    void makeRow();
    void showRow(size_t row);
    void change(int row, size_t column, const QString &text);
    void addNew();
    void remove(int row);
    void move(int row, int by);
    void report(const QString &what);
    QJsonValue value() const;

    Theme *m_theme;
    std::vector<Column> m_columns;
    Shape m_shape;
    QString m_word, m_idKey, m_idStem;
    QJsonObject m_newRow;
    QVBoxLayout *m_layout;
    Label *m_empty;
    Button *m_add;
    std::vector<Row> m_rows;
    QJsonArray m_value; // objects, whatever the shape
    bool m_editable = true;
    bool m_loading = false;
};

} // namespace lathe
