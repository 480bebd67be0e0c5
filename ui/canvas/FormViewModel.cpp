// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewModel.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"

#include <QComboBox>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

FormViewModel::FormViewModel(Session *session, Theme *, QWidget *parent) : QWidget(parent), m_session(session)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    m_connection = new QComboBox(this);
    m_connection->setAccessibleName(tr("Connection"));
    m_connection->setPlaceholderText(tr("connection"));
    m_model = new QComboBox(this);
    m_model->setAccessibleName(tr("Model"));
    m_model->setEditable(true);
    m_model->setInsertPolicy(QComboBox::NoInsert);
    m_model->lineEdit()->setPlaceholderText(tr("name of the model"));
    for (QComboBox *box : {m_connection, m_model}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
        column->addWidget(box);
    }
    setFocusProxy(m_connection);
    connect(m_connection, &QComboBox::activated, this, [this] {
        fillModels();
        report();
    });
    connect(m_model, &QComboBox::activated, this, [this](int row) {
        m_model->setEditText(m_model->itemText(row));
        report();
    });
    connect(m_model->lineEdit(), &QLineEdit::textEdited, this, &FormViewModel::report);
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &FormViewModel::fillConnections);
    connect(artifacts, &ArtifactRepository::changed, this, &FormViewModel::fillConnections);
    fillConnections();
}

void FormViewModel::fillConnections()
{
    m_connection->clear();
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Connection))
        m_connection->addItem(info.name, info.name);
    setValue(m_value);
}

void FormViewModel::setValue(const QJsonValue &value)
{
    m_value = value.toObject();
    const QString connection = m_value.value(QStringLiteral("connection")).toString();
    const QString model = m_value.value(QStringLiteral("model")).toString();
    int row = m_connection->findData(connection);
    if (row < 0 && !connection.isEmpty()) {
        m_connection->addItem(connection, connection);
        row = m_connection->count() - 1;
    }
    m_connection->setCurrentIndex(row);
    if (m_model->currentText() != model)
        m_model->setEditText(model);
    fillModels();
}

void FormViewModel::fillModels()
{
    const QString connection = m_connection->currentData().toString();
    if (connection.isEmpty() || connection == m_modelsOf)
        return;
    m_modelsOf = connection;
    runTask(this, m_session->listModels(connection, CancelToken()), [this, connection](const QStringList &models) {
        if (connection != m_modelsOf)
            return;
        const QString text = m_model->currentText();
        const QSignalBlocker blocker(m_model);
        m_model->clear();
        for (const QString &model : models)
            m_model->addItem(model, model);
        m_model->setCurrentIndex(m_model->findData(text));
        m_model->setEditText(text);
    }, [](const Error &) {}); // the name can be typed; a bad connection shows when it is tested or run
}

void FormViewModel::report()
{
    const QString connection = m_connection->currentData().toString(), model = m_model->currentText().trimmed();
    QJsonObject value = m_value; // keys we do not know stay
    value.insert(QStringLiteral("connection"), connection);
    value.insert(QStringLiteral("model"), model);
    if (value == m_value)
        return;
    m_value = value;
    const bool nothing = connection.isEmpty() && model.isEmpty();
    Q_EMIT edited(nothing ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value));
}

void FormViewModel::setEditable(bool editable)
{
    m_connection->setEnabled(editable);
    m_model->setEnabled(editable);
}

} // namespace lathe
