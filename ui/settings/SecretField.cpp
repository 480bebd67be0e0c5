// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/SecretField.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/StatusDot.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

SecretField::SecretField(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("secret-field"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_dot = new StatusDot(theme, Status::Idle, this);
    m_state = new Label(theme, QString(), Label::Style::Body, this);
    m_state->setObjectName(QStringLiteral("secret-state"));
    m_state->setMinimumHeight(metrics::ControlHeight);
    m_state->setTextFormat(Qt::PlainText);
    m_state->setWordWrap(true);
    line->addWidget(m_dot);
    line->addWidget(m_state, 1);
    column->addLayout(line);
    m_entry = new QWidget(this);
    auto *entry = new QHBoxLayout(m_entry);
    entry->setContentsMargins(0, 0, 0, 0);
    entry->setSpacing(metrics::Gap);
    m_value = new QLineEdit(m_entry);
    m_value->setObjectName(QStringLiteral("secret-value"));
    m_value->setAccessibleName(tr("Key"));
    m_value->setEchoMode(QLineEdit::Password);
    m_value->setPlaceholderText(tr("Paste the key"));
    m_store = new Button(tr("Store in keychain"), ButtonRole::Secondary, m_entry);
    m_store->setObjectName(QStringLiteral("secret-store"));
    m_store->setToolTip(tr("Keeps the key in the system keychain, never in the project file (Enter)"));
    m_store->setEnabled(false);
    entry->addWidget(m_value, 1);
    entry->addWidget(m_store);
    column->addWidget(m_entry);
    m_message = new InlineMessage(theme, Severity::Error, QString(), this);
    m_message->setObjectName(QStringLiteral("secret-message"));
    m_message->hide();
    column->addWidget(m_message);
    connect(m_value, &QLineEdit::textChanged, this, [this](const QString &text) { m_store->setEnabled(!text.trimmed().isEmpty() && !m_name.isEmpty()); });
    connect(m_value, &QLineEdit::returnPressed, this, &SecretField::store);
    connect(m_store, &QAbstractButton::clicked, this, &SecretField::store);
    setName(QString());
}

QString SecretField::state() const
{
    return m_state->text();
}

void SecretField::setName(const QString &name)
{
    if (name == m_name && !m_state->text().isEmpty())
        return;
    m_name = name;
    m_message->hide();
    m_entry->setVisible(!name.isEmpty());
    if (name.isEmpty()) {
        m_dot->setStatus(Status::Idle);
        m_state->setText(tr("No key is sent."));
        return;
    }
    ask();
}

void SecretField::ask()
{
    if (!qEnvironmentVariable(m_name.toUtf8().constData()).isEmpty()) {
        m_dot->setStatus(Status::Ok);
        m_state->setText(tr("From the environment variable %1, which wins over the keychain.").arg(m_name));
        return;
    }
    m_dot->setStatus(Status::Running);
    m_state->setText(tr("Looking for %1 ...").arg(m_name));
    runTask(this, m_session->hasSecret(m_name), [this, name = m_name](bool has) {
        if (name != m_name)
            return;
        m_dot->setStatus(has ? Status::Ok : Status::Warning);
        m_state->setText(has ? tr("%1 is in the system keychain.").arg(name)
                             : tr("%1 is not set: neither in the environment nor in the keychain.").arg(name));
    }, [this, name = m_name](const Error &error) {
        if (name != m_name)
            return;
        m_dot->setStatus(Status::Warning);
        m_state->setText(error.message);
    });
}

void SecretField::store()
{
    const QString value = m_value->text().trimmed();
    if (value.isEmpty() || m_name.isEmpty())
        return;
    m_store->setEnabled(false);
    runTask(this, m_session->storeSecret(m_name, value), [this] {
        m_value->clear();
        m_message->setMessage(Severity::Success, tr("Stored in the system keychain."));
        m_message->show();
        ask();
        Q_EMIT stored();
    }, [this](const Error &error) {
        m_store->setEnabled(true);
        m_message->setMessage(Severity::Error, error.message);
        m_message->show();
    });
}

} // namespace lathe
