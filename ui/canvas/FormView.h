// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/InlineMessage.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QVBoxLayout;

namespace lathe {

class BodyBinding;
class FormField;
class FormViewKeys;

// Draws a form that core describes over a JSON object of settings, and reports each edit of a person by its key. Fields are named
// "field-KEY" ('/' becomes '-'). Showing a value never touches a field that has it already, so that typing keeps its cursor.
class FormView : public QWidget
{
    Q_OBJECT
public:
    FormView(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~FormView() override;
    void setFields(const std::vector<FormFieldInfo> &fields); // made anew only when they differ
    void setValue(const QJsonObject &settings);
    const QJsonObject &value() const { return m_value; }
    void setVariables(std::function<QStringList()> names); // completed after "{{" in templates; asked when that is typed
    void setSuggestions(const QString &key, const QStringList &texts); // offered while a line is typed
    void setEditable(bool editable);
    // By key, or a place inside of a key's value ("routes/0/rule"). False: no field shows that key now.
    bool setProblem(const QString &key, Severity severity, const QString &text);
    void clearProblems();
    QString problem(const QString &key) const;
    bool focusKey(const QString &key);

Q_SIGNALS:
    // Undefined: the key is to be removed.
    void edited(const QString &key, const QJsonValue &value, const QString &what);
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind, const QString &key);
    void undoRequested();
    void redoRequested();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Row {
        FormFieldInfo info;
        FormField *line = nullptr;
        QWidget *field = nullptr;
    };
    QWidget *makeField(const FormFieldInfo &info);
    QWidget *makeText(const FormFieldInfo &info, const QString &pointer, const QString &what);
    QWidget *makeNumber(const FormFieldInfo &info, const QString &pointer, const QString &what);
    QWidget *makeChoice(const FormFieldInfo &info, const QString &pointer, const QString &what);
    QWidget *makeRows(const FormFieldInfo &info, const QString &pointer);
    QWidget *makeRouteChoice(const QString &pointer, const QString &what);
    bool hasRoutes() const;
    bool isWrittenHere(const QString &key) const; // empty: other fields of the form take its place
    void showConditions();
    const Row *rowOf(const QString &key) const;
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_layout;
    QWidget *m_body = nullptr; // holds the fields; replaced with them
    BodyBinding *m_binding = nullptr;
    FormViewKeys *m_keys;
    std::vector<Row> m_rows;
    std::vector<FormFieldInfo> m_fields;
    QJsonObject m_value;
    std::function<QStringList()> m_variables;
    QTimer m_fit; // texts to their heights
    bool m_editable = true;
};

} // namespace lathe
