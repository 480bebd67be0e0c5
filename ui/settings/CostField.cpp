// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/CostField.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

CostField::CostField(Theme *theme, QWidget *parent) : QWidget(parent), m_kind(new QComboBox(this)), m_prices(new QWidget(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    m_kind->setObjectName(QStringLiteral("connection-cost"));
    m_kind->setAccessibleName(tr("Cost of the answers"));
    m_kind->addItem(tr("As in the price list"), int(Kind::Listed));
    m_kind->addItem(tr("Free: a model server of my own"), int(Kind::Free));
    m_kind->addItem(tr("Prices of its own"), int(Kind::Own));
    column->addWidget(m_kind);
    auto *line = new QHBoxLayout(m_prices);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::Gap);
    m_input = price("connection-price-input", tr("Dollars for a million tokens of input"));
    m_output = price("connection-price-output", tr("Dollars for a million tokens of output"));
    line->addWidget(new Label(theme, tr("input"), Label::Style::Secondary, m_prices));
    line->addWidget(m_input, 1);
    line->addWidget(new Label(theme, tr("output"), Label::Style::Secondary, m_prices));
    line->addWidget(m_output, 1);
    line->addWidget(new Label(theme, tr("for a million tokens"), Label::Style::Secondary, m_prices));
    column->addWidget(m_prices);
    setFocusProxy(m_kind);
    connect(m_kind, &QComboBox::activated, this, [this] {
        m_prices->setVisible(kind() == Kind::Own);
        Q_EMIT edited();
    });
    m_prices->hide();
}

QDoubleSpinBox *CostField::price(const char *name, const QString &accessible)
{
    auto *spin = new QDoubleSpinBox(m_prices);
    spin->setObjectName(QString::fromLatin1(name));
    spin->setAccessibleName(accessible);
    spin->setToolTip(accessible);
    spin->setPrefix(QStringLiteral("$ "));
    spin->setDecimals(3);
    spin->setRange(0, 100'000);
    spin->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    connect(spin, &QDoubleSpinBox::valueChanged, this, [this] {
        if (!m_loading)
            Q_EMIT edited();
    });
    return spin;
}

void CostField::setBody(const QJsonObject &connection)
{
    const QJsonValue price = connection.value(QStringLiteral("price"));
    const Kind kind = price.isObject() ? Kind::Own : connection.value(QStringLiteral("local")).toBool() ? Kind::Free : Kind::Listed;
    m_loading = true;
    m_kind->setCurrentIndex(m_kind->findData(int(kind)));
    const auto show = [&price](QDoubleSpinBox *spin, QLatin1String key) {
        const double value = price.toObject().value(key).toDouble();
        if (!qFuzzyCompare(1 + spin->value(), 1 + value)) // what is being typed stays
            spin->setValue(value);
    };
    show(m_input, QLatin1String("input"));
    show(m_output, QLatin1String("output"));
    m_prices->setVisible(kind == Kind::Own);
    m_loading = false;
}

CostField::Kind CostField::kind() const
{
    return Kind(m_kind->currentData().toInt());
}

QJsonObject CostField::applied(QJsonObject body) const
{
    if (kind() == Kind::Free)
        body.insert(QStringLiteral("local"), true);
    else
        body.remove(QStringLiteral("local"));
    if (kind() != Kind::Own) {
        body.remove(QStringLiteral("price"));
        return body;
    }
    QJsonObject price = body.value(QStringLiteral("price")).toObject(); // may say more, such as cached tokens
    price.insert(QStringLiteral("input"), m_input->value());
    price.insert(QStringLiteral("output"), m_output->value());
    body.insert(QStringLiteral("price"), price);
    return body;
}

} // namespace lathe
