// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Mailbox.h"

#include <QCoreApplication>
#include <QEvent>
#include <QPointer>

namespace lathe {

Mailbox::Mailbox(QObject *parent) : QObject(parent) {}

void Mailbox::post(std::function<void()> work)
{
    bool first = false;
    {
        const std::scoped_lock lock(m_mutex);
        first = m_work.empty();
        m_work.push_back(std::move(work));
    }
    if (first)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::HighEventPriority);
}

bool Mailbox::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    std::vector<std::function<void()>> work;
    {
        const std::scoped_lock lock(m_mutex);
        work.swap(m_work);
    }
    // Work may delete this mailbox; the rest is dropped then.
    const QPointer<Mailbox> self(this);
    for (auto &item : work) {
        if (!self)
            return true;
        item();
    }
    return true;
}

} // namespace lathe
