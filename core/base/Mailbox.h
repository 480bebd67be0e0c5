// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <functional>
#include <mutex>
#include <vector>

namespace lathe {

// Hands work from another thread to the thread this object lives on. Many posts between two turns of the event
// loop cost one event. What is still posted when the mailbox is destroyed is dropped.
class Mailbox : public QObject
{
public:
    explicit Mailbox(QObject *parent = nullptr);
    // Any thread. Runs `work` later on the mailbox's thread, in the order of the posts.
    void post(std::function<void()> work);

protected:
    bool event(QEvent *event) override;

private:
    std::mutex m_mutex;
    std::vector<std::function<void()>> m_work;
};

} // namespace lathe
