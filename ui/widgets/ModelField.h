// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QComboBox>

#include <functional>

namespace lathe {

class ProblemLine;

// The name of a model: those that a connection lists are offered, any can be typed.
class ModelBox : public QComboBox
{
    Q_OBJECT
public:
    // Asks what models a connection has; answers once, later, or never (the name can be typed; a bad connection shows when it is used).
    using Source = std::function<void(const QString &connection, std::function<void(const QStringList &)> answer)>;
    explicit ModelBox(Source source, QWidget *parent = nullptr);
    void setConnection(const QString &connection); // asks when it is another one; the text stays
    void setName(const QString &model);
    const QStringList &models() const { return m_models; } // empty: not known

Q_SIGNALS:
    void listed(const QStringList &models);

private:
    Source m_source;
    QString m_connection;
    QStringList m_models;
};

// Which model answers: a connection, below it one of its models.
class ModelField : public QWidget
{
    Q_OBJECT
public:
    ModelField(Theme *theme, ModelBox::Source source, QWidget *parent = nullptr);
    void setNone(const QString &text); // one can choose to have none, named so; before setConnections()
    void setMarksUnknown(bool marks);  // says below it what is not there; where the page around does not
    void setConnections(const QStringList &names);
    void setValue(const QString &connection, const QString &model);
    void setEditable(bool editable);
    QComboBox *connectionBox() const { return m_connection; }
    ModelBox *modelBox() const { return m_model; }

Q_SIGNALS:
    void edited(const QString &connection, const QString &model);

private:
    void report();
    void mark();
    QComboBox *m_connection;
    ModelBox *m_model;
    ProblemLine *m_problem;
    QString m_none;
    QStringList m_names;
    bool m_marks = false;
    QString m_shownConnection, m_shownModel;
};

} // namespace lathe
