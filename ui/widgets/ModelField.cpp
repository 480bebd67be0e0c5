// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ModelField.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/ProblemLine.h"

#include <QLineEdit>
#include <QPointer>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace lathe {

ModelBox::ModelBox(Source source, QWidget *parent) : QComboBox(parent), m_source(std::move(source))
{
    setAccessibleName(tr("Model"));
    setEditable(true);
    setInsertPolicy(QComboBox::NoInsert);
    lineEdit()->setPlaceholderText(tr("Name of the model"));
}

void ModelBox::setConnection(const QString &connection)
{
    if (connection.isEmpty() || connection == m_connection)
        return;
    m_connection = connection;
    m_models.clear();
    m_source(connection, [self = QPointer<ModelBox>(this), connection](const QStringList &models) {
        if (!self || connection != self->m_connection)
            return;
        self->m_models = models;
        const QString text = self->currentText();
        {
            const QSignalBlocker blocker(self);
            self->clear();
            for (const QString &model : models)
                self->addItem(model, model);
            self->setCurrentIndex(self->findData(text));
            self->setEditText(text);
        }
        Q_EMIT self->listed(models);
    });
}

void ModelBox::setName(const QString &model)
{
    if (currentText() != model)
        setEditText(model);
}

ModelField::ModelField(Theme *theme, ModelBox::Source source, QWidget *parent)
    : QWidget(parent), m_connection(new QComboBox(this)), m_model(new ModelBox(std::move(source), this)), m_problem(new ProblemLine(theme, this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    m_connection->setAccessibleName(tr("Connection"));
    m_connection->setPlaceholderText(tr("connection"));
    for (QComboBox *box : {m_connection, static_cast<QComboBox *>(m_model)}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
        column->addWidget(box);
    }
    column->addWidget(m_problem);
    setFocusProxy(m_connection);
    connect(m_connection, &QComboBox::activated, this, [this] {
        if (m_connection->currentData().toString().isEmpty())
            m_model->setEditText(QString());
        m_model->setConnection(m_connection->currentData().toString());
        report();
    });
    connect(m_model, &QComboBox::activated, this, [this](int row) {
        m_model->setEditText(m_model->itemText(row));
        report();
    });
    connect(m_model->lineEdit(), &QLineEdit::textEdited, this, &ModelField::report);
    connect(m_model, &ModelBox::listed, this, &ModelField::mark);
}

void ModelField::setNone(const QString &text)
{
    m_none = text;
}

void ModelField::setMarksUnknown(bool marks)
{
    m_marks = marks;
    mark();
}

void ModelField::setConnections(const QStringList &names)
{
    m_names = names;
    m_connection->clear();
    if (!m_none.isNull())
        m_connection->addItem(m_none, QString());
    for (const QString &name : names)
        m_connection->addItem(name, name);
    setValue(m_shownConnection, m_shownModel);
}

void ModelField::setValue(const QString &connection, const QString &model)
{
    m_shownConnection = connection;
    m_shownModel = model;
    int row = m_connection->findData(connection);
    if (row < 0 && !connection.isEmpty()) {
        m_connection->addItem(connection, connection);
        row = m_connection->count() - 1;
    }
    m_connection->setCurrentIndex(row);
    m_model->setName(model);
    m_model->setConnection(connection);
    mark();
}

void ModelField::setEditable(bool editable)
{
    m_connection->setEnabled(editable);
    m_model->setEnabled(editable);
}

void ModelField::report()
{
    const QString connection = m_connection->currentData().toString(), model = m_model->currentText().trimmed();
    mark();
    if (connection == m_shownConnection && model == m_shownModel)
        return;
    m_shownConnection = connection;
    m_shownModel = model;
    Q_EMIT edited(connection, model);
}

void ModelField::mark()
{
    const QString connection = m_connection->currentData().toString(), model = m_model->currentText().trimmed();
    m_model->setVisible(m_none.isNull() || !connection.isEmpty() || !model.isEmpty());
    QString text;
    if (m_marks && !connection.isEmpty() && !m_names.contains(connection))
        text = tr("The project has no connection named \"%1\".").arg(connection.left(100));
    else if (m_marks && !model.isEmpty() && !m_model->models().isEmpty() && !m_model->models().contains(model))
        text = tr("%1 does not list the model \"%2\".").arg(connection.left(100), model.left(100));
    m_problem->setProblem(Severity::Warning, text);
}

} // namespace lathe
