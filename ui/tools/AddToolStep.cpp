// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolStep.h"

#include "core/base/Json.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QPointer>
#include <QRegularExpression>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostSecrets = 20;

// Only characters that a name of an artifact may have; never empty.
QString artifactName(const QString &wish)
{
    QString name;
    for (const QChar c : wish.simplified().left(48))
        name += c.isLetterOrNumber() || QStringLiteral("-_. ").contains(c) ? c : QLatin1Char('-');
    name = name.trimmed();
    return name.isEmpty() ? QStringLiteral("tool") : name;
}
}

QStringList secretNames(const QJsonValue &value)
{
    static const QRegularExpression pattern(QStringLiteral("\\{\\{secret:([^{}]+)\\}\\}"));
    QStringList names;
    auto it = pattern.globalMatch(json::compactString(value));
    while (it.hasNext() && names.size() < mostSecrets) {
        const QString name = it.next().captured(1).trimmed();
        if (!names.contains(name))
            names.append(name);
    }
    return names;
}

Task<Result<QList<ArtifactId>>> createTools(Session *session, std::vector<std::pair<QString, QJsonObject>> tools)
{
    const QPointer<Session> alive(session);
    QList<ArtifactId> ids;
    for (const auto &[name, body] : tools) {
        if (!alive)
            co_return Error::cancelled();
        const QString free = session->freeName(ArtifactKind::Tool, artifactName(name));
        const auto id = co_await session->createArtifact(ArtifactKind::Tool, free, body);
        if (!id)
            co_return id.error();
        ids.append(*id);
    }
    co_return ids;
}

AddToolSecrets::AddToolSecrets(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("add-secrets"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    auto *head = new Label(theme, tr("Secrets: kept in the system keychain, never in the project file"), Label::Style::Caption, this);
    layout->addWidget(head);
    hide();
}

void AddToolSecrets::setSecrets(const QJsonObject &body, const QList<std::pair<QString, QString>> &found)
{
    const QStringList names = secretNames(body);
    if (names == m_names && found.isEmpty())
        return;
    m_names = names;
    m_fields.clear();
    if (m_rows)
        m_rows->deleteLater();
    m_rows = new QWidget(this);
    auto *grid = new QGridLayout(m_rows);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(metrics::Gap);
    grid->setVerticalSpacing(metrics::GapSmall);
    grid->setColumnStretch(1, 1);
    for (const QString &name : m_names) {
        const int row = int(m_fields.size());
        auto *label = new Label(m_theme, name.left(80), Label::Style::Code, m_rows);
        auto *field = new QLineEdit(m_rows);
        field->setObjectName(QStringLiteral("secret-") + name);
        field->setAccessibleName(name);
        field->setEchoMode(QLineEdit::Password);
        for (const auto &[known, value] : found) {
            if (known == name)
                field->setText(value);
        }
        auto *state = new Label(m_theme, field->text().isEmpty() ? QString() : tr("from what you pasted"), Label::Style::Hint, m_rows);
        grid->addWidget(label, row, 0);
        grid->addWidget(field, row, 1);
        grid->addWidget(state, row, 2);
        m_fields.emplace_back(name, field);
        if (!field->text().isEmpty())
            continue;
        field->setPlaceholderText(tr("value, or set the environment variable of this name"));
        runTask(field, m_session->hasSecret(name), [field, state](bool has) {
            if (has)
                field->setPlaceholderText(tr("kept already; type to replace it"));
            state->setText(has ? tr("known") : tr("missing"));
        }, [state](const Error &) { state->setText(tr("missing")); });
    }
    layout()->addWidget(m_rows);
    setVisible(!m_names.isEmpty());
}

Task<Result<void>> AddToolSecrets::storeAll(Session *session, QList<std::pair<QString, QString>> values)
{
    const QPointer<Session> alive(session);
    for (const auto &[name, value] : values) {
        if (!alive)
            co_return Error::cancelled();
        const auto kept = co_await session->storeSecret(name, value);
        if (!kept) {
            Error error = kept.error();
            error.message = tr("The secret %1 could not be kept: %2 To go on without it, empty its field.").arg(name, error.message);
            co_return error;
        }
    }
    co_return Result<void>();
}

Task<Result<void>> AddToolSecrets::store()
{
    QList<std::pair<QString, QString>> values;
    for (const auto &[name, field] : m_fields) {
        if (!field->text().isEmpty())
            values.append({name, field->text()});
    }
    return storeAll(m_session, values);
}

void AddToolSecrets::focusField()
{
    const auto typed = std::find_if(m_fields.begin(), m_fields.end(), [](const auto &one) { return !one.second->text().isEmpty(); });
    if (typed != m_fields.end())
        typed->second->setFocus(Qt::OtherFocusReason);
    else if (!m_fields.empty())
        m_fields.front().second->setFocus(Qt::OtherFocusReason);
}

} // namespace lathe
