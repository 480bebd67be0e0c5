// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QStringList>

#include <functional>
#include <vector>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace lathe {

class CodeEditor;

// The elements of a list that a person writes one a line: without blank lines and spaces around.
QStringList linesOf(const QString &text);

// Ties the fields of a form to places of a JSON object: load() shows the object, a person's edit is reported with its JSON
// pointer. load() never touches a field that shows the value already, so that typing keeps its cursor.
class BodyBinding : public QObject
{
    Q_OBJECT
public:
    // Called for each edit; `value` is Undefined when the field was emptied and `removeEmpty` was asked for.
    using Changed = std::function<void(const QString &pointer, const QJsonValue &value, const QString &what)>;
    BodyBinding(Changed changed, QObject *parent = nullptr);

    void bind(QLineEdit *field, const QString &pointer, const QString &what, bool removeEmpty = false);
    void bind(QPlainTextEdit *field, const QString &pointer, const QString &what);
    void bind(CodeEditor *field, const QString &pointer, const QString &what);
    void bindLines(QPlainTextEdit *field, const QString &pointer, const QString &what); // one array element a line
    void bind(QSpinBox *field, const QString &pointer, const QString &what, const QJsonValue &fallback);
    void bind(QDoubleSpinBox *field, const QString &pointer, const QString &what, const QJsonValue &fallback);
    void bind(QCheckBox *field, const QString &pointer, const QString &what, bool fallback);
    // Choices by item data (strings); an editable box reports its text.
    void bind(QComboBox *field, const QString &pointer, const QString &what);
    // Anything else: `show` puts the value into the field.
    void bind(const QString &pointer, std::function<void(const QJsonValue &)> show);

    void load(const QJsonObject &body);
    bool isLoading() const { return m_loading; }
    void report(const QString &pointer, const QJsonValue &value, const QString &what);

private:
    Changed m_changed;
    struct Entry {
        QString pointer;
        std::function<void(const QJsonValue &)> show;
    };
    std::vector<Entry> m_entries;
    bool m_loading = false;
};

} // namespace lathe
