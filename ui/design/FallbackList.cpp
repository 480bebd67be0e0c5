// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/design/FallbackList.h"

#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

FallbackList::FallbackList(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_rows = new QVBoxLayout;
    m_rows->setSpacing(4);
    layout->addLayout(m_rows);
    auto *add = new Button(tr("Add a fallback"), ButtonRole::Ghost, this);
    add->setObjectName(QStringLiteral("add-fallback"));
    add->setIcon(theme->icon(QStringLiteral("plus")));
    layout->addWidget(add, 0, Qt::AlignLeft);
    connect(add, &QAbstractButton::clicked, this, [this] {
        const auto connections = m_session->project().artifacts().list(ArtifactKind::Connection);
        m_value.append(QJsonObject{{QStringLiteral("connection"), connections.empty() ? QString() : connections.front().name},
                                   {QStringLiteral("model"), QString()}});
        rebuild();
        Q_EMIT edited(m_value);
    });
}

void FallbackList::setValue(const QJsonArray &value)
{
    if (value == m_value)
        return;
    m_value = value;
    rebuild();
}

void FallbackList::change(int row, const QString &key, const QString &text)
{
    QJsonObject item = m_value[row].toObject();
    item.insert(key, text);
    m_value[row] = item;
    Q_EMIT edited(m_value);
}

void FallbackList::rebuild()
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater(); // a signal of its own child may be under way
        }
        delete item;
    }
    const auto connections = m_session->project().artifacts().list(ArtifactKind::Connection);
    for (int row = 0; row < int(m_value.size()); ++row) {
        const QJsonObject item = m_value[row].toObject();
        auto *line = new QWidget(this);
        auto *layout = new QHBoxLayout(line);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(4);
        auto *connection = new QComboBox(line);
        connection->setAccessibleName(tr("Connection of fallback %1").arg(row + 1));
        for (const ArtifactInfo &info : connections)
            connection->addItem(info.name, info.name);
        connection->setCurrentIndex(connection->findData(item.value(QStringLiteral("connection")).toString()));
        auto *model = new QLineEdit(item.value(QStringLiteral("model")).toString(), line);
        model->setPlaceholderText(tr("model"));
        model->setAccessibleName(tr("Model of fallback %1").arg(row + 1));
        auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Remove"), line);
        remove->setCompact(true);
        layout->addWidget(connection, 1);
        layout->addWidget(model, 1);
        layout->addWidget(remove);
        connect(connection, &QComboBox::activated, this, [this, row, connection] {
            change(row, QStringLiteral("connection"), connection->currentData().toString());
        });
        connect(model, &QLineEdit::textEdited, this, [this, row](const QString &text) { change(row, QStringLiteral("model"), text); });
        connect(remove, &QAbstractButton::clicked, this, [this, row] {
            m_value.removeAt(row);
            rebuild();
            Q_EMIT edited(m_value);
        });
        m_rows->addWidget(line);
    }
}

} // namespace lathe
