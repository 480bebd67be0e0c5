// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <optional>
#include <vector>

namespace lathe {

// One change of a body with its inverse: at `pointer`, `before` became `after` (Undefined: absent).
struct Edit {
    QString pointer;
    QJsonValue before = QJsonValue(QJsonValue::Undefined);
    QJsonValue after = QJsonValue(QJsonValue::Undefined);
    QString what; // "Change job", for the undo menu
    qint64 timeUs = 0;
    bool joined = false; // part of the same gesture as the edit before it: undone and redone with it
    bool closed = false; // what is typed next is an edit of its own, however soon it comes
    // The edit that sets `pointer` of `body` to `after`, with its exact inverse: where parents are missing it is the nearest
    // one that there is, or has to be made, that changes; "-" of an array becomes its index. An edit put together by hand
    // can be undone exactly only if the parent of `pointer` exists.
    static Edit of(const QJsonObject &body, const QString &pointer, const QJsonValue &after, const QString &what, qint64 timeUs);
    // Without a value before, an array index inserts; without one after, it removes.
    QJsonObject applied(const QJsonObject &body) const;
    QJsonObject undone(const QJsonObject &body) const;
    QJsonObject toJson() const;
    static Result<Edit> fromJson(const QJsonObject &json);
};

// What one gesture changes: values at pointers of a body, in order.
struct BodyChange {
    QString pointer;
    QJsonValue after = QJsonValue(QJsonValue::Undefined); // Undefined removes
};
using BodyChanges = std::vector<BodyChange>;
// The same changes with many under one parent made into one of the parent: a body of thousands of nodes is not copied for each.
BodyChanges gathered(const QJsonObject &body, const BodyChanges &changes);

// Undo and redo of one body. Typing in one text field within two seconds makes one entry. A value: it is stored with the draft.
class EditHistory
{
public:
    // Notes the change and drops what could be redone. Changes of nothing are ignored.
    void push(Edit edit);
    // The next edit stands for itself: a commit (or another landmark) lies between. False when that is so already, and the stored
    // history need not be written again.
    bool endMerging();
    bool canUndo() const { return m_position > 0; }
    bool canRedo() const { return m_position < int(m_edits.size()); }
    QString undoText() const;
    QString redoText() const;
    std::optional<QJsonObject> undo(const QJsonObject &body);
    std::optional<QJsonObject> redo(const QJsonObject &body);
    QJsonArray toJson() const;
    int position() const { return m_position; }
    int size() const { return int(m_edits.size()); }
    static EditHistory fromJson(const QJsonArray &edits, int position);
    static constexpr int maxEdits = 500;

private:
    std::vector<Edit> m_edits;
    int m_position = 0;
};

} // namespace lathe
