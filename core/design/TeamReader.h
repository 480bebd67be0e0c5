// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/BodyReader.h"
#include "core/design/TeamSpec.h"

#include <QSet>
#include <QStringList>

// What the sources of teams share within this folder.
namespace lathe {

// Reads what can be read and notes the rest. Fields of a wrong type have the code "body.type", numbers outside of their bounds
// "team.range". Ids of nodes that could not be read are in `unreadable`.
TeamSpec readTeam(const QJsonObject &body, std::vector<Problem> *problems, QSet<QString> *unreadable);

// n2 before n10. A total order: ids that differ are never equal.
bool naturalLess(const QString &a, const QString &b);
// A text of the person's on one line, cut with an ellipsis.
QString shortened(const QString &text, qsizetype most = 60);
// A name in a sentence: quoted, shortened, and set apart when it is written from right to left.
QString quoted(const QString &name);
// A key as a part of a JSON pointer.
QString escapedKey(QString key);
QString nodePointer(const QString &id);
QString edgePointer(const QString &id);

// A place in a template where a value is put in.
struct TemplateUse {
    QString name;           // "state.findings"
    qsizetype from = 0, length = 0;
    bool broken = false;    // not closed, or no name
    bool inSection = false; // within {{#x}}...{{/x}} names may be those of x's value
};
// In the syntax of prompts (core/prompt, which this folder may not use). Linear in the text.
std::vector<TemplateUse> scanTemplate(const QString &text);

// What an expression reads of an object: of "state.a + state.b.c" and "state" it is a, b. Texts within it are left out; an
// approximation that is good enough for a warning.
QStringList membersRead(const QString &expression, const QString &object);

} // namespace lathe
