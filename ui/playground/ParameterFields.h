// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

class QGridLayout;
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

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Field {
        const char *key;
        QWidget *label;
        QLineEdit *edit;
        double least, most;
        bool whole;
        QString range;
    };
    void read();
    void arrange(int columns);
    QGridLayout *m_grid;
    int m_columns = 0;
    std::vector<Field> m_fields;
    ProblemLine *m_problem;
    QJsonObject m_parameters;
};

} // namespace lathe
