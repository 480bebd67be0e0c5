// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

// The arguments of a call with nothing hidden: each value in full under its name, a statement or a path wrapped, not cut.
// What is long beyond reading is cut with a way to see all; objects of many members show as a tree.
class ArgumentsView : public QWidget
{
    Q_OBJECT
public:
    explicit ArgumentsView(Theme *theme, QWidget *parent = nullptr);
    void show(const QJsonObject &arguments);
    // JSON text as a model wrote it, maybe broken.
    void show(const QString &text);

private:
    void clear();
    Theme *m_theme;
    QVBoxLayout *m_layout;
};

} // namespace lathe
