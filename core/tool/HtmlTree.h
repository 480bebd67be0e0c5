// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>

#include <vector>

namespace lathe {

// A tolerant and bounded reading of HTML as a tree. Scripts, styles and comments are no part of it. Not the algorithm of the HTML
// standard, but close enough to read pages.
struct HtmlTree {
    struct Node {
        QString tag;  // lower case; empty: text
        QString text; // entities decoded
        // Those a reader needs: href, class, id, role, alt, title, hidden, aria-hidden, style, lang, content, name, property.
        QHash<QString, QString> attributes;
        int parent = -1;
        int next = -1; // of the same parent
        int first = -1;
    };
    static constexpr int maxNodes = 300'000;
    static constexpr int maxDepth = 200; // what is nested deeper becomes shallow
    std::vector<Node> nodes; // [0]: the root, of tag "#root"; parents come before their children

    static HtmlTree parse(const QString &html);
};

// "&amp;" and the like decoded.
QString htmlUnescaped(QStringView text);

} // namespace lathe
