// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Button;

// The rules of "ask when": each says of one argument when a person decides. One matching rule is enough.
class PolicyRules : public QWidget
{
    Q_OBJECT
public:
    explicit PolicyRules(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &rules);
    void setPointers(const QStringList &pointers); // offered
    void addRule();

Q_SIGNALS:
    void edited(const QJsonArray &rules);

private:
    void rebuild();
    void addRow(int row);
    void change(int row, const QString &key, const QJsonValue &value);
    Theme *m_theme;
    QVBoxLayout *m_rows;
    Button *m_add;
    QJsonArray m_value;
    QStringList m_pointers;
};

} // namespace lathe
