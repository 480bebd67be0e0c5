// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/FormField.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

// A column of labelled fields. Labels stand left of the fields when there is room and above them
// when there is not.
class FormLayout : public QWidget
{
    Q_OBJECT
public:
    enum class Labels { Auto, Left, Above };
    explicit FormLayout(Theme *theme, QWidget *parent = nullptr);
    void setLabels(Labels labels);
    // The form takes ownership of `field`. `help` is a sentence under the field; may be empty.
    FormField *addField(const QString &label, QWidget *field, const QString &help = QString());
    // A heading over the fields that follow.
    void addSection(const QString &title, const QString &detail = QString());
    // Anything as wide as the form.
    void addWidget(QWidget *widget);
    // Pushes the fields to the top; call it after the last one.
    void addStretch();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void updateLabels();

    Theme *m_theme;
    QVBoxLayout *m_layout;
    QList<FormField *> m_fields;
    Labels m_labels = Labels::Auto;
};

} // namespace lathe
