// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QLabel;

namespace lathe {

class Button;
class IconButton;

enum class Severity { Info, Warning, Error, Success };

ColorToken severityColor(Severity severity);
QString severityIcon(Severity severity);
// "Error: " and so on, for screen readers.
QString severityWord(Severity severity);

// A line beside the thing it is about: icon, selectable text, at most one action, and a cross when
// dismissable.
class InlineMessage : public QWidget
{
    Q_OBJECT
public:
    InlineMessage(Theme *theme, Severity severity, const QString &text, QWidget *parent = nullptr);
    void setMessage(Severity severity, const QString &text);
    QString text() const;
    Severity severity() const { return m_severity; }
    void setAction(const QString &text);
    Button *actionButton() const { return m_action; }
    void setDismissable(bool dismissable);

Q_SIGNALS:
    void actionTriggered();
    void dismissed();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    Severity m_severity;
    QLabel *m_text;
    Button *m_action;
    IconButton *m_close;
};

} // namespace lathe
