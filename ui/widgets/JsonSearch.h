// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonValue>
#include <QString>

#include <vector>

namespace lathe {

// Looks through a JSON value for a text in member names and scalars, any case, in slices: call
// run() until it says done. Keeps its own stack, so depth costs nothing.
class JsonSearch
{
public:
    static constexpr size_t MostMatches = 500;
    JsonSearch(const QJsonValue &root, QString needle);
    // Works for about `milliseconds`; true when everything was seen or MostMatches were found.
    bool run(int milliseconds);
    const std::vector<std::vector<int>> &matches() const { return m_matches; }

private:
    struct Frame {
        QJsonValue container;
        int next = 0;
        int count = 0;
    };
    bool matchesScalar(const QJsonValue &value) const;

    QString m_needle;
    std::vector<Frame> m_stack;
    std::vector<int> m_path;
    std::vector<std::vector<int>> m_matches;
};

} // namespace lathe
