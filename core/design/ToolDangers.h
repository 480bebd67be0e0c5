// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ToolPolicyRules.h"

#include <QSet>

namespace lathe {

// What the tools of an agent, or of all agents of a team, can do together.
class ToolDangers
{
public:
    // A way out without a person's approval of each call.
    struct Outward {
        QString tool;
        QStringList functions; // when only some of the tool's functions are it; at most three
        QString named() const;
    };
    // The tools by whose names the three come together; they need not be three different ones.
    struct Combination {
        QString priv, untrusted;
        std::vector<Outward> outward; // all ways out, at least one
        QString message() const; // a sentence that names them
        QString fix() const;
    };
    // What is not known (lookup.toolBody) adds nothing. A tool that is an agent or a team counts with what it uses, so far as lookup.body
    // tells; else with the worst.
    void add(const ToolAttachment &attachment, const DesignLookup &lookup);
    // Nothing: not all three, or each call of every way out is approved by a person.
    std::optional<Combination> combination() const;

private:
    void addTraits(const QString &name, const ToolTraits &traits, bool watched, const QStringList &functions = QStringList());
    void addUsed(const QString &name, const QJsonObject &body, const DesignLookup &lookup, bool watched, int depth);
    QSet<QString> m_seen; // agents and teams looked into
    QString m_private, m_untrusted; // names; the first of each
    std::vector<Outward> m_outward;
};

} // namespace lathe
