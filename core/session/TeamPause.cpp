// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/TeamPause.h"

namespace lathe {

TeamPause::TeamPause(RunId run, std::function<bool(const QString &)> stopsAt, std::function<void()> changed)
    : m_run(run), m_stopsAt(std::move(stopsAt)), m_changed(std::move(changed))
{
}

Task<Result<void>> TeamPause::beforeSuperstep(QString scope, std::vector<PendingNode> nodes, QJsonObject state, CancelToken cancel)
{
    const bool stop = std::any_of(nodes.begin(), nodes.end(), [this](const PendingNode &node) { return m_stopsAt(node.node); });
    if (!stop)
        co_return Result<void>();
    auto waiting = std::make_shared<Waiting>();
    waiting->paused = PausedRun{m_run, std::move(scope), std::move(nodes), std::move(state)};
    m_waiting.push_back(waiting);
    m_changed();
    const auto registration = cancel.onCancelled([waiting] { waiting->done.complete(Error::cancelled()); });
    auto ended = co_await waiting->done;
    std::erase(m_waiting, waiting);
    m_changed();
    co_return ended;
}

std::optional<PausedRun> TeamPause::paused() const
{
    return m_waiting.empty() ? std::nullopt : std::optional(m_waiting.front()->paused);
}

void TeamPause::goOn()
{
    if (m_waiting.empty())
        return;
    const auto waiting = m_waiting.front(); // completing takes it out
    waiting->done.complete(Result<void>());
}

} // namespace lathe
