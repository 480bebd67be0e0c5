// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/TeamState.h"

namespace lathe {

namespace {
const StateKey *findKey(const TeamSpec &spec, const QString &name)
{
    for (const StateKey &key : spec.state) {
        if (key.name == name)
            return &key;
    }
    return nullptr;
}

QString typeText(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Bool:
        return QStringLiteral("true or false");
    case QJsonValue::Double:
        return QStringLiteral("a number");
    case QJsonValue::String:
        return QStringLiteral("text");
    case QJsonValue::Array:
        return QStringLiteral("a list");
    case QJsonValue::Object:
        return QStringLiteral("an object");
    default:
        return QStringLiteral("nothing");
    }
}

// What the key holds after the write; Undefined when the two do not fit.
QJsonValue reduced(const QString &reducer, const QJsonValue &before, const QJsonValue &value)
{
    const bool nothing = before.isNull() || before.isUndefined();
    if (reducer == QLatin1String("append")) {
        if (!nothing && !before.isArray())
            return QJsonValue::Undefined;
        QJsonArray list = before.toArray();
        list.append(value);
        return list;
    }
    if (reducer == QLatin1String("add")) {
        if (!value.isDouble() || (!nothing && !before.isDouble()))
            return QJsonValue::Undefined;
        return nothing ? value : QJsonValue(before.toDouble() + value.toDouble());
    }
    if (reducer == QLatin1String("merge")) {
        if (!value.isObject() || (!nothing && !before.isObject()))
            return QJsonValue::Undefined;
        QJsonObject merged = before.toObject();
        const QJsonObject added = value.toObject();
        for (auto it = added.begin(); it != added.end(); ++it)
            merged.insert(it.key(), it.value());
        return merged;
    }
    if (reducer == QLatin1String("max") || reducer == QLatin1String("min")) {
        if (!value.isDouble() || (!nothing && !before.isDouble()))
            return QJsonValue::Undefined;
        if (nothing)
            return value;
        const bool more = value.toDouble() > before.toDouble();
        return more == (reducer == QLatin1String("max")) ? value : before;
    }
    return value; // replace
}
} // namespace

QJsonObject initialState(const TeamSpec &spec)
{
    QJsonObject state;
    for (const StateKey &key : spec.state)
        state.insert(key.name, key.initial.isUndefined() ? QJsonValue(QJsonValue::Null) : key.initial);
    return state;
}

Result<void> applyWrites(const TeamSpec &spec, const std::vector<StateWrite> &writes, QJsonObject *state)
{
    for (const StateWrite &write : writes) {
        if (write.exact) {
            state->insert(write.key, write.value);
            continue;
        }
        const StateKey *key = findKey(spec, write.key);
        if (!key) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("Node \"%1\": the team's state has no key \"%2\"; add it to the "
                                        "state, or choose another key.")
                             .arg(write.node, write.key));
        }
        const QJsonValue value = write.value.isUndefined() ? QJsonValue(QJsonValue::Null) : write.value;
        const QJsonValue merged = reduced(key->reducer, state->value(write.key), value);
        if (merged.isUndefined()) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral(
                    "Node \"%1\": %2 cannot be written to \"%3\", which holds %4 and merges by \"%5\".")
                    .arg(write.node, typeText(value), write.key, typeText(state->value(write.key)),
                         key->reducer));
        }
        state->insert(write.key, merged);
    }
    return {};
}

} // namespace lathe
