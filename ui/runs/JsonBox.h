// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/JsonTree.h"

#include <QJsonValue>
#include <QTimer>

namespace lathe {

// A JSON tree as tall as its open rows, up to a limit; then it scrolls by itself.
class JsonBox : public JsonTree
{
    Q_OBJECT
public:
    explicit JsonBox(Theme *theme, int mostRows = 18, QWidget *parent = nullptr);
    void show(const QJsonValue &value);
    // JSON as text: large ones are parsed off the UI thread. unreadable() when it is none, at once or later.
    void showText(const QString &text);
    // Begins and ends as an object or array does; any size.
    static bool looksLikeJson(const QString &text);

    // The JSON in a text when it is an object or array and small enough to be read at once; Undefined else.
    static QJsonValue parse(const QString &text);

Q_SIGNALS:
    void unreadable();

private:
    void updateHeight();
    int m_mostRows;
    QTimer m_update;
};

} // namespace lathe
