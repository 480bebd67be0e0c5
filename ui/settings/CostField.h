// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QComboBox;
class QDoubleSpinBox;

namespace lathe {

// What the answers of a connection cost: as the price list says, nothing (a model server of one's own), or prices of its own.
// Knows the keys "local" and "price" of a connection's body.
class CostField : public QWidget
{
    Q_OBJECT
public:
    enum class Kind { Listed, Free, Own };
    explicit CostField(Theme *theme, QWidget *parent = nullptr);
    void setBody(const QJsonObject &connection);
    Kind kind() const;
    // `body` with what this shows, other keys as they are.
    QJsonObject applied(QJsonObject body) const;

Q_SIGNALS:
    void edited(); // by a person

private:
    QDoubleSpinBox *price(const char *name, const QString &accessible);
    QComboBox *m_kind;
    QWidget *m_prices;
    QDoubleSpinBox *m_input;
    QDoubleSpinBox *m_output;
    bool m_loading = false;
};

} // namespace lathe
