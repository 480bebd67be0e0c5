// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/TrialSecrets.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolStep.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"

#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

TrialSecrets::TrialSecrets(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_secrets(new AddToolSecrets(session, theme, this)),
      m_store(new Button(tr("Store and run again"), ButtonRole::Secondary, this)),
      m_problem(new InlineMessage(theme, Severity::Error, QString(), this))
{
    setObjectName(QStringLiteral("trial-secrets"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    layout->addWidget(m_secrets);
    layout->addWidget(m_problem);
    layout->addWidget(m_store, 0, Qt::AlignLeft);
    m_store->setObjectName(QStringLiteral("trial-secrets-store"));
    m_problem->setObjectName(QStringLiteral("trial-secrets-problem"));
    m_problem->hide();
    connect(m_store, &QAbstractButton::clicked, this, &TrialSecrets::store);
    hide();
}

void TrialSecrets::offer(const QJsonObject &body)
{
    withdraw();
    const QStringList names = secretNames(body);
    for (const QString &name : names) {
        runTask(this, m_session->hasSecret(name), [this, body, offer = m_offer](bool has) {
            if (!has && offer == m_offer && !isVisible())
                show(body);
        }, [](const Error &) {});
    }
}

void TrialSecrets::withdraw()
{
    ++m_offer;
    hide();
    m_problem->hide();
}

void TrialSecrets::show(const QJsonObject &body)
{
    m_secrets->setSecrets(body, {});
    setVisible(true);
    const auto fields = m_secrets->findChildren<QLineEdit *>();
    for (QLineEdit *field : fields)
        connect(field, &QLineEdit::returnPressed, this, &TrialSecrets::store, Qt::UniqueConnection);
}

void TrialSecrets::store()
{
    if (std::exchange(m_storing, true))
        return;
    m_store->setEnabled(false);
    const auto over = [this] {
        m_storing = false;
        m_store->setEnabled(true);
    };
    runTask(this, m_secrets->store(), [this, over] {
        over();
        withdraw();
        m_secrets->setSecrets(QJsonObject(), {}); // what was typed does not stay here
        Q_EMIT stored();
    }, [this, over](const Error &error) {
        over();
        m_problem->setMessage(Severity::Error, error.message);
        m_problem->show();
        m_secrets->focusField();
    });
}

} // namespace lathe
