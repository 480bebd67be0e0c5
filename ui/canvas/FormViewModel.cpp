// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewModel.h"

#include "ui/itemmodels/ModelNames.h"

namespace lathe {

FormViewModel::FormViewModel(Session *session, Theme *theme, QWidget *parent) : ModelField(theme, modelNames(session), parent)
{
    connect(this, &ModelField::edited, this, [this](const QString &connection, const QString &model) {
        m_value.insert(QStringLiteral("connection"), connection); // keys we do not know stay
        m_value.insert(QStringLiteral("model"), model);
        const bool nothing = connection.isEmpty() && model.isEmpty();
        Q_EMIT valueEdited(nothing ? QJsonValue(QJsonValue::Undefined) : QJsonValue(m_value));
    });
    auto *artifacts = &session->project().artifacts();
    const auto fill = [this, session] { setConnections(connectionNames(session)); };
    connect(artifacts, &ArtifactRepository::added, this, fill);
    connect(artifacts, &ArtifactRepository::changed, this, fill);
    fill();
}

void FormViewModel::setValue(const QJsonValue &value)
{
    m_value = value.toObject();
    setValue(m_value.value(QStringLiteral("connection")).toString(), m_value.value(QStringLiteral("model")).toString());
}

} // namespace lathe
