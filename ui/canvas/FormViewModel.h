// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/widgets/ModelField.h"

#include <QJsonObject>

namespace lathe {

// Which model answers, as the body of an artifact has it: {connection, model}.
class FormViewModel : public ModelField
{
    Q_OBJECT
public:
    FormViewModel(Session *session, Theme *theme, QWidget *parent = nullptr);
    using ModelField::setValue;
    void setValue(const QJsonValue &value);

Q_SIGNALS:
    void valueEdited(const QJsonValue &value); // Undefined: none

private:
    QJsonObject m_value;
};

} // namespace lathe
