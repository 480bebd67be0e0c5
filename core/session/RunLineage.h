// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"

namespace lathe {

// The tree of forks that a run belongs to.
struct RunLineage {
    struct Node {
        RunId run;
        RunId parent;    // invalid: the root
        int parentIndex = -1; // in nodes
        int depth = 0;   // 0: the root
        QString step;    // of the parent: where it parts
        QString stepName; // "chat gpt-5", as the parent's trace names it; empty: not known
        QString change;  // one sentence: "Another answer of the model." Empty for the root
        QString agent;
        RunStatus status = RunStatus::Running;
        qint64 startUs = 0, endUs = 0;
        Usage usage;
        QString output; // first 500 characters
        bool pinned = false;
        std::vector<int> children; // in nodes, oldest first
    };
    RunId asked;
    std::vector<Node> nodes;  // the root first, then depth first, children oldest first: as a tree is drawn line by line
    bool truncated = false;   // there are more than `most`
    static constexpr int most = 2000;
    int indexOf(RunId run) const; // -1: not in it
    RunLineage() = default;
};

// What a fork changed, in one sentence.
QString forkSentence(const QJsonObject &changes);

} // namespace lathe
