// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QUrl>

#include <vector>

namespace lathe {

// A web page as a person would read it: no scripts, styles, comments and nothing that the page hides from people. Headings begin with #,
// items with -, links end in [1], which is their place in the list.
struct ReadablePage {
    QString title;
    QString language; // "en"; empty when the page does not say
    QString text;
    struct Link {
        QString text;
        QString url; // http or https, resolved
        bool operator==(const Link &) const = default;
    };
    std::vector<Link> links; // of the text, each URL once, at most 300
    bool wholePage = false;  // no main content was found, so everything is in the text
};

// Any input; time and memory are bounded by its size. `url`: where it came from, for its links.
ReadablePage readablePage(const QString &html, const QUrl &url);

// Without characters that people do not see but models read: zero-width ones, bidirectional controls, tag characters.
QString withoutInvisible(const QString &text);

} // namespace lathe
