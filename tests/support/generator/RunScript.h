// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "tests/support/generator/ProjectGenerator.h"

#include <random>

namespace lathe::test {

// Texts and numbers of the shape of the real ones, from a seed. Draws are our own: those of the standard library differ between
// implementations.
class Dice
{
public:
    explicit Dice(quint64 seed) : m_engine(seed) {}
    double unit() { return double(m_engine() >> 11) * 0x1.0p-53; }
    int below(int bound) { return int(unit() * bound); }
    bool chance(double p) { return unit() < p; }
    double lognormal(double median, double sigma);
    QString words(int count); // a few words are frequent, most are rare
    template<typename List>
    const auto &oneOf(const List &list) { return list[size_t(below(int(std::size(list))))]; }

private:
    std::mt19937_64 m_engine;
};

struct ScriptedRun {
    RunInfo info; // without id
    std::vector<RunEvent> events;
    std::vector<StoredEntry> journal;
    std::optional<Rating> rating;
    int steps = 0;
};

// One run that begins at `startUs`, of about `steps` steps.
ScriptedRun scriptRun(Dice &dice, qint64 startUs, int steps);
// What the runs name: kind and name.
struct AgentName {
    ArtifactKind kind;
    const char *name;
    int revisions;
};
const std::vector<AgentName> &scriptedAgents();

} // namespace lathe::test
