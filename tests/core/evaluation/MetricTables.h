// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"

namespace lathe::test {

inline QStringList names(int count)
{
    QStringList list;
    for (int i = 0; i < count; ++i) {
        list << QString(QChar(u'A' + i));
    }
    return list;
}

// Both pass, only the second, only the first, neither.
inline MetricTable passFail(int both, int second, int first, int neither)
{
    MetricTable table;
    table.id = QStringLiteral("checks");
    table.title = QStringLiteral("Checks");
    table.variants = names(2);
    table.values.resize(2);
    const auto add = [&](int count, double a, double b) {
        for (int i = 0; i < count; ++i) {
            table.values[0].push_back({a});
            table.values[1].push_back({b});
        }
    };
    add(both, 1, 1);
    add(second, 0, 1);
    add(first, 1, 0);
    add(neither, 0, 0);
    return table;
}

inline MetricTable numberTable(const QString &unit, bool higherIsBetter, int variants)
{
    MetricTable table;
    table.id = table.title =
        unit == QLatin1String("s") ? QStringLiteral("latency") : QStringLiteral("number");
    table.unit = unit;
    table.kind = MetricTable::Kind::Number;
    table.higherIsBetter = higherIsBetter;
    table.variants = names(variants);
    table.values.resize(size_t(variants));
    return table;
}

} // namespace lathe::test
