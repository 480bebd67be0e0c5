// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

class ProblemLine;

// The name of an artifact, to be changed in place: Enter or leaving the field asks for the new name, Escape gives up. A name that was
// refused stays as it was typed, with the reason below it, until it is mended.
class NameField : public QWidget
{
    Q_OBJECT
public:
    NameField(Theme *theme, const QString &accessibleName, QWidget *parent = nullptr);
    ~NameField() override;
    QLineEdit *line() const { return m_line; }
    QString name() const { return m_name; } // what the artifact is called, whatever is typed
    // What is being typed, or was refused, stays.
    void setName(const QString &name);
    void setReadOnly(bool readOnly);
    void refuse(const QString &reason);

Q_SIGNALS:
    // Another name than the artifact has, without spaces at its ends; comes once for each name that was typed.
    void renamed(const QString &name);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void finish();
    void clearProblem();
    QLineEdit *m_line;
    ProblemLine *m_problem;
    QString m_name;
    QString m_asked; // the name that was asked for last; null: none
};

} // namespace lathe
