// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonSearch.h"

#include "core/base/Json.h"
#include "ui/widgets/JsonTreeModel.h"

#include <QElapsedTimer>

namespace lathe {

JsonSearch::JsonSearch(const QJsonValue &root, QString needle) : m_needle(std::move(needle))
{
    if (!m_needle.isEmpty() && jsonMemberCount(root) > 0)
        m_stack.push_back({root, 0, static_cast<int>(jsonMemberCount(root))});
}

bool JsonSearch::matchesScalar(const QJsonValue &value) const
{
    if (value.isString())
        return value.toString().contains(m_needle, Qt::CaseInsensitive);
    return json::compactString(value).contains(m_needle, Qt::CaseInsensitive);
}

bool JsonSearch::run(int milliseconds)
{
    QElapsedTimer clock;
    clock.start();
    for (int steps = 0; !m_stack.empty(); ++steps) {
        if (m_matches.size() >= MostMatches)
            return true;
        if (steps % 64 == 63 && clock.elapsed() >= milliseconds)
            return false;
        Frame &frame = m_stack.back();
        if (frame.next >= frame.count) {
            m_stack.pop_back();
            if (!m_path.empty())
                m_path.pop_back();
            continue;
        }
        const int member = frame.next++;
        const QJsonValue value = jsonMember(frame.container, member);
        const qsizetype count = jsonMemberCount(value);
        const bool hit =
            (frame.container.isObject()
             && jsonMemberName(frame.container, member).contains(m_needle, Qt::CaseInsensitive))
            || (count == 0 && matchesScalar(value));
        m_path.push_back(member);
        if (hit)
            m_matches.push_back(m_path);
        if (count > 0)
            m_stack.push_back({value, 0, static_cast<int>(count)}); // invalidates `frame`
        else
            m_path.pop_back();
    }
    return true;
}

} // namespace lathe
