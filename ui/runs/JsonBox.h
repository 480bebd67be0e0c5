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

    // The JSON in a text when it is an object or array and small enough to be read at once; Undefined else.
    static QJsonValue parse(const QString &text);

private:
    void updateHeight();
    int m_mostRows;
    QTimer m_update;
};

} // namespace lathe
