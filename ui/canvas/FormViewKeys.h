// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QWidget;

namespace lathe {

// Ctrl+Z in a field is the draft's undo, not the field's own: one history, the same from everywhere.
class FormViewKeys : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    void watch(QWidget *field);
    void watchAll(QWidget *parent); // the line and text edits below it

Q_SIGNALS:
    void undoRequested();
    void redoRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace lathe
