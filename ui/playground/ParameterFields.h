// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QLineEdit;

namespace lathe {

class ProblemLine;

// Temperature, top p, most tokens and seed of one variant; an empty field leaves it to the agent or the provider. What is not a
// number in range is said below and not reported.
class ParameterFields : public QWidget
{
    Q_OBJECT
public:
    ParameterFields(Theme *theme, QWidget *parent = nullptr);
    void show(const QJsonObject &parameters);
    void focusFirst();

Q_SIGNALS:
    void edited(const QJsonObject &parameters);

private:
    struct Field {
        const char *key;
        QLineEdit *edit;
        double least, most;
        bool whole;
        QString range;
    };
    void read();
    std::vector<Field> m_fields;
    ProblemLine *m_problem;
    QJsonObject m_parameters;
};

} // namespace lathe
