// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"

#include <QWidget>

class QLabel;

namespace lathe {

// A small line under a field that says what is wrong with it. Takes no room while there is nothing
// to say.
class ProblemLine : public QWidget
{
    Q_OBJECT
public:
    explicit ProblemLine(Theme *theme, QWidget *parent = nullptr);
    void setProblem(Severity severity, const QString &text);
    void clear() { setProblem(Severity::Info, QString()); }
    QString text() const;
    bool hasProblem() const { return !text().isEmpty(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void applyTheme();

    Theme *m_theme;
    Severity m_severity = Severity::Info;
    QLabel *m_text;
};

} // namespace lathe
