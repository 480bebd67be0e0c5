// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QLineEdit;
class QVBoxLayout;

namespace lathe {

class Button;

// HTTP headers as rows of name and value. A row whose name is empty is not reported yet.
class HeaderTable : public QWidget
{
    Q_OBJECT
public:
    explicit HeaderTable(Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonObject &headers);

Q_SIGNALS:
    void edited(const QJsonObject &headers);

private:
    struct Row {
        QWidget *box = nullptr;
        QLineEdit *name = nullptr;
        QLineEdit *value = nullptr;
    };
    void addRow(const QString &name, const QString &value);
    void report();
    QJsonObject value() const;
    Theme *m_theme;
    QVBoxLayout *m_layout;
    Button *m_add;
    std::vector<Row> m_rows;
};

} // namespace lathe
