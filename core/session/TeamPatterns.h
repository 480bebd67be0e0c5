// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QStringList>

#include <vector>

namespace lathe {

// A team to start from, shipped in resources/data/teams. Its agents are inline and use the connection "offline".
struct TeamPattern {
    QString id;    // file name without .json, also the name of the team in a sample
    QString title;
    QString about; // one sentence
    QStringList examples; // inputs to try
    QJsonObject body;
    // The body with another model in all of its agents.
    QJsonObject bodyFor(const QString &connection, const QString &model) const;
};

// All of them, by title; files that cannot be read are left out and logged.
const std::vector<TeamPattern> &teamPatterns();

} // namespace lathe
