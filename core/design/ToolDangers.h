// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolPolicyRules.h"

#include <QSet>

namespace lathe {

// What the tools of an agent, or of all agents of a team, can do together.
class ToolDangers
{
public:
    // The tools by whose names the three come together; they need not be three different ones.
    struct Combination {
        QString priv, untrusted, outward;
        QString message() const; // a sentence that names them
        QString fix() const;
    };
    // What is not known (lookup.toolBody) adds nothing. A tool that is an agent or a team counts with what it uses, so far as lookup.body
    // tells; else with the worst.
    void add(const ToolAttachment &attachment, const DesignLookup &lookup);
    // Nothing: not all three, or each call of every way out is approved by a person.
    std::optional<Combination> combination() const;

private:
    void addTraits(const QString &name, const ToolTraits &traits, bool watched);
    void addUsed(const QString &name, const QJsonObject &body, const DesignLookup &lookup, bool watched, int depth);
    QSet<QString> m_seen; // agents and teams looked into
    QString m_private, m_untrusted, m_outward; // names; the first of each
};

} // namespace lathe
