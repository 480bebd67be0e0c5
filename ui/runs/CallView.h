// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class LinkLabel;

// The exact call that waits for approval: the tool's own preview (an e-mail as it would be sent, the SQL, the request) when it has one, with
// the arguments a click away; else the arguments as a table of names and values, long ones as blocks, many as a tree.
class CallView : public QWidget
{
    Q_OBJECT
public:
    CallView(Theme *theme, const QJsonObject &arguments, const QString &preview, QWidget *parent = nullptr);
    static QString line(const QJsonObject &arguments); // "to: ann@example.com, subject: Hello", for a folded card

private:
    QWidget *table(const QJsonObject &arguments);
    Theme *m_theme;
    QVBoxLayout *m_layout;
};

} // namespace lathe
