// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/EditHistory.h"

#include <QHash>

namespace lathe {

namespace {
constexpr qint64 typingGapUs = 2'000'000;

// Puts `to` where `from` was. Unlike json::with it takes back what it did: a value that comes into being in an array is
// inserted, so that what goes can come back to its place.
QJsonObject change(const QJsonObject &body, const QString &pointer, const QJsonValue &from,
                   const QJsonValue &to)
{
    if (from == to)
        return body;
    if (pointer.isEmpty())
        return to.toObject();
    const qsizetype slash = pointer.lastIndexOf(QLatin1Char('/'));
    const QString parentPointer = pointer.left(slash);
    const QJsonValue parent = json::at(body, parentPointer);
    if (parent.isArray() && from.isUndefined() != to.isUndefined()) {
        QJsonArray array = parent.toArray();
        const QString last = pointer.mid(slash + 1);
        bool numeric = true;
        const bool append = last == QLatin1String("-");
        const int index =
            append ? int(array.size()) - (to.isUndefined() ? 1 : 0) : last.toInt(&numeric);
        if (!numeric || index < 0 || index > array.size()
            || (to.isUndefined() && index == array.size()))
            return body;
        if (to.isUndefined())
            array.removeAt(index);
        else
            array.insert(index, to);
        return json::with(body, parentPointer, array).toObject();
    }
    if (to.isUndefined() && !parent.isObject() && !parent.isArray())
        return body; // json::with would make the parents of what is to go
    return json::with(body, pointer, to).toObject();
}

bool isTyping(const Edit &last, const Edit &next)
{
    const qint64 gap = next.timeUs - last.timeUs;
    return !last.closed && !last.joined && !next.joined && last.pointer == next.pointer && last.before.isString() && last.after.isString()
           && next.before.isString() && next.after.isString() && last.after == next.before
           && gap >= 0 && gap <= typingGapUs;
}

// How many of the oldest edits go; a gesture goes as a whole.
int tooMany(const std::vector<Edit> &edits)
{
    int cut = std::max(0, int(edits.size()) - EditHistory::maxEdits);
    while (cut > 0 && cut < int(edits.size()) && edits[size_t(cut)].joined)
        ++cut;
    return cut;
}
} // namespace

Edit Edit::of(const QJsonObject &body, const QString &pointer, const QJsonValue &after,
              const QString &what, qint64 timeUs)
{
    Edit edit;
    edit.what = what;
    edit.timeUs = timeUs;
    QJsonValue value = after;
    QString at = pointer;
    // Up to where the body can hold the value: a parent that is missing, or is no container, is part of the change.
    while (!at.isEmpty()) {
        const qsizetype slash = at.lastIndexOf(QLatin1Char('/'));
        const QString parentPointer = at.left(std::max<qsizetype>(slash, 0));
        const QJsonValue parent = json::at(body, parentPointer);
        if (parent.isArray()) {
            const QString last = at.mid(slash + 1);
            bool numeric = false;
            const int size = int(parent.toArray().size());
            const int index = last == QLatin1String("-") ? size : last.toInt(&numeric);
            if (last == QLatin1String("-"))
                at = parentPointer + QLatin1Char('/') + QString::number(size);
            else if (!numeric || index < 0 || index > size)
                value = QJsonValue(QJsonValue::Undefined); // no such place: a change of nothing
            break;
        }
        if (parent.isObject())
            break;
        if (!value.isUndefined()) {
            QString key = at.mid(slash + 1);
            key.replace(QLatin1String("~1"), QLatin1String("/"))
                .replace(QLatin1String("~0"), QLatin1String("~"));
            value = QJsonObject{{key, value}};
        } else {
            break; // nothing there to remove
        }
        at = parentPointer;
    }
    edit.pointer = at;
    edit.before = at.isEmpty() ? QJsonValue(body) : json::at(body, at);
    const bool impossible = (!pointer.isEmpty() && !pointer.startsWith(QLatin1Char('/')))
                            || (at.isEmpty() && !value.isObject());
    edit.after = impossible ? edit.before : value;
    return edit;
}

BodyChanges gathered(const QJsonObject &body, const BodyChanges &changes)
{
    constexpr int fewEnough = 16;
    QHash<QString, int> underParent;
    for (const BodyChange &change : changes)
        ++underParent[change.pointer.left(change.pointer.lastIndexOf(QLatin1Char('/')))];
    BodyChanges result;
    QHash<QString, std::pair<size_t, QJsonObject>> parents; // where in the result, and its members so far
    for (const BodyChange &change : changes) {
        const qsizetype slash = change.pointer.lastIndexOf(QLatin1Char('/'));
        const QString parent = change.pointer.left(slash);
        const QString key = change.pointer.mid(slash + 1);
        const QJsonValue there = json::at(body, parent);
        if (slash <= 0 || underParent.value(parent) <= fewEnough || !there.isObject() || key.contains(QLatin1Char('~'))) {
            result.push_back(change);
            continue;
        }
        auto it = parents.find(parent);
        if (it == parents.end()) {
            it = parents.insert(parent, {result.size(), there.toObject()});
            result.push_back({parent, QJsonValue()});
        }
        if (change.after.isUndefined())
            it->second.remove(key);
        else
            it->second.insert(key, change.after);
    }
    for (const auto &[at, members] : parents)
        result[at].after = members;
    return result;
}

QJsonObject Edit::applied(const QJsonObject &body) const
{
    return change(body, pointer, before, after);
}

QJsonObject Edit::undone(const QJsonObject &body) const
{
    return change(body, pointer, after, before);
}

QJsonObject Edit::toJson() const
{
    QJsonObject json{{QStringLiteral("pointer"), pointer},
                     {QStringLiteral("what"), what},
                     {QStringLiteral("time_us"), timeUs}};
    if (!before.isUndefined())
        json.insert(QStringLiteral("before"), before);
    if (!after.isUndefined())
        json.insert(QStringLiteral("after"), after);
    if (closed)
        json.insert(QStringLiteral("closed"), true);
    if (joined)
        json.insert(QStringLiteral("joined"), true);
    return json;
}

Result<Edit> Edit::fromJson(const QJsonObject &json)
{
    const QJsonValue pointer = json.value(QStringLiteral("pointer"));
    const QJsonValue what = json.value(QStringLiteral("what"));
    const QJsonValue time = json.value(QStringLiteral("time_us"));
    const bool isPointer =
        pointer.isString()
        && (pointer.toString().isEmpty() || pointer.toString().startsWith(QLatin1Char('/')));
    const QString wrong = !isPointer                                ? QStringLiteral("pointer")
                          : !what.isUndefined() && !what.isString() ? QStringLiteral("what")
                          : !time.isUndefined() && !time.isDouble() ? QStringLiteral("time_us")
                                                                    : QString();
    if (!wrong.isEmpty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("An entry of the undo history cannot be read: \"%1\" is "
                                    "missing or of the wrong type.")
                         .arg(wrong));
    Edit edit;
    edit.pointer = pointer.toString();
    edit.before = json.value(QStringLiteral("before"));
    edit.after = json.value(QStringLiteral("after"));
    edit.what = what.toString();
    edit.timeUs = time.toInteger();
    edit.closed = json.value(QStringLiteral("closed")).toBool();
    edit.joined = json.value(QStringLiteral("joined")).toBool();
    return edit;
}

void EditHistory::push(Edit edit)
{
    if (edit.before == edit.after)
        return;
    const bool undone = canRedo(); // what is typed after an undo is a change of its own
    m_edits.resize(size_t(m_position));
    if (!undone && !m_edits.empty() && isTyping(m_edits.back(), edit)) {
        Edit &last = m_edits.back();
        last.after = edit.after;
        last.timeUs = edit.timeUs;
        if (last.before == last.after) { // typed and taken back
            m_edits.pop_back();
            --m_position;
        }
        return;
    }
    m_edits.push_back(std::move(edit));
    m_edits.erase(m_edits.begin(), m_edits.begin() + tooMany(m_edits));
    m_position = int(m_edits.size());
}

bool EditHistory::endMerging()
{
    // Only the newest edit takes up what is typed, and none does once something was undone.
    if (m_edits.empty() || canRedo() || m_edits.back().closed)
        return false;
    m_edits.back().closed = true;
    return true;
}

QString EditHistory::undoText() const
{
    if (!canUndo())
        return QString();
    int first = m_position - 1;
    while (first > 0 && m_edits[size_t(first)].joined)
        --first;
    return m_edits[size_t(first)].what;
}

QString EditHistory::redoText() const
{
    return canRedo() ? m_edits[size_t(m_position)].what : QString();
}

std::optional<QJsonObject> EditHistory::undo(const QJsonObject &body)
{
    if (!canUndo())
        return std::nullopt;
    QJsonObject undone = body;
    bool joined = false;
    do {
        const Edit &edit = m_edits[size_t(--m_position)];
        undone = edit.undone(undone);
        joined = edit.joined;
    } while (joined && m_position > 0);
    return undone;
}

std::optional<QJsonObject> EditHistory::redo(const QJsonObject &body)
{
    if (!canRedo())
        return std::nullopt;
    QJsonObject redone = body;
    do {
        redone = m_edits[size_t(m_position++)].applied(redone);
    } while (canRedo() && m_edits[size_t(m_position)].joined);
    return redone;
}

QJsonArray EditHistory::toJson() const
{
    QJsonArray array;
    for (const Edit &edit : m_edits)
        array.append(edit.toJson());
    return array;
}

EditHistory EditHistory::fromJson(const QJsonArray &edits, int position)
{
    EditHistory history;
    for (const QJsonValue &item : edits) {
        auto edit = Edit::fromJson(item.toObject());
        if (!edit) // a chain with a broken link would give wrong bodies
            return EditHistory();
        history.m_edits.push_back(std::move(*edit));
    }
    const int cut = tooMany(history.m_edits);
    history.m_edits.erase(history.m_edits.begin(), history.m_edits.begin() + cut);
    history.m_position = std::clamp(position - cut, 0, int(history.m_edits.size()));
    return history;
}

} // namespace lathe
