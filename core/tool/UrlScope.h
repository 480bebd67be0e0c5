// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/HttpGuard.h"

#include <QJsonObject>

namespace lathe {

// Which hosts and paths the arguments of a call may name (ToolPolicy::allowedHosts, allowedPaths), whatever tool it is: beyond what the tool
// itself allows. It judges texts and touches no disk and no network, so that the same call is judged equally at any time; links in the file
// system are the tool's own affair (FolderAccess).
class UrlScope
{
public:
    UrlScope() = default;
    // Empty lists allow everything.
    UrlScope(const QStringList &hosts, const QStringList &paths);
    bool isEmpty() const { return !m_bindsHosts && !m_bindsPaths; }

    struct Refusal {
        QString code;    // "host", "path"
        QString message; // a sentence that says what and where
    };
    // Looks at every text in the arguments, at any depth: URLs (also within longer text, and without a scheme under names like "url" or
    // "host") and paths (file: URLs, and texts under names like "path", "file" or "directory").
    std::optional<Refusal> check(const QJsonObject &arguments) const;

private:
    struct Path {
        QString text; // clean, without a slash at its end
        bool absolute;
    };
    void checkValue(const QJsonValue &value, const QString &key, const QString &pointer, int depth, std::optional<Refusal> *refusal) const;
    void checkText(const QString &text, const QString &key, const QString &pointer, std::optional<Refusal> *refusal) const;
    bool allowsPath(const QString &text) const;
    bool allowsUrl(const QString &text) const;

    bool m_bindsHosts = false, m_bindsPaths = false;
    HostAllowList m_hosts;
    std::vector<Path> m_paths;
};

} // namespace lathe
