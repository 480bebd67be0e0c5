// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/HeaderTable.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

HeaderTable::HeaderTable(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("connection-headers"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
    m_add = new Button(tr("Add header"), ButtonRole::Secondary, this);
    m_add->setObjectName(QStringLiteral("header-add"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QAbstractButton::clicked, this, [this] {
        addRow(QString(), QString());
        m_rows.back().name->setFocus(Qt::OtherFocusReason);
    });
}

QJsonObject HeaderTable::value() const
{
    QJsonObject headers;
    for (const Row &row : m_rows) {
        if (!row.name->text().trimmed().isEmpty())
            headers.insert(row.name->text().trimmed(), row.value->text());
    }
    return headers;
}

void HeaderTable::setValue(const QJsonObject &headers)
{
    if (value() == headers)
        return;
    for (const Row &row : m_rows) {
        row.box->hide();
        row.box->deleteLater();
    }
    m_rows.clear();
    for (auto it = headers.begin(); it != headers.end(); ++it)
        addRow(it.key(), it.value().toString());
}

void HeaderTable::addRow(const QString &name, const QString &value)
{
    Row row;
    row.box = new QWidget(this);
    auto *line = new QHBoxLayout(row.box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::GapSmall);
    row.name = new QLineEdit(name, row.box);
    row.name->setObjectName(QStringLiteral("header-name-%1").arg(m_rows.size()));
    row.name->setAccessibleName(tr("Name of the header"));
    row.name->setPlaceholderText(QStringLiteral("X-Name"));
    row.name->setFixedWidth(180);
    row.value = new QLineEdit(value, row.box);
    row.value->setObjectName(QStringLiteral("header-value-%1").arg(m_rows.size()));
    row.value->setAccessibleName(tr("Value of the header"));
    row.value->setPlaceholderText(tr("value; no keys here, they would be in the file"));
    auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Remove this header"), row.box);
    remove->setCompact(true);
    line->addWidget(row.name);
    line->addWidget(row.value, 1);
    line->addWidget(remove);
    connect(row.name, &QLineEdit::textEdited, this, &HeaderTable::report);
    connect(row.value, &QLineEdit::textEdited, this, &HeaderTable::report);
    connect(remove, &QAbstractButton::clicked, this, [this, box = row.box] {
        std::erase_if(m_rows, [box](const Row &one) { return one.box == box; });
        box->hide();
        box->deleteLater();
        report();
    });
    m_layout->insertWidget(m_layout->count() - 1, row.box);
    m_rows.push_back(row);
}

void HeaderTable::report()
{
    Q_EMIT edited(value());
}

} // namespace lathe
