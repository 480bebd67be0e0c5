// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ReadableText.h"

#include "core/tool/HtmlTree.h"

#include <QHash>
#include <QRegularExpression>
#include <QSet>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr size_t maxLinks = 300;
constexpr qsizetype maxLinkText = 200;
constexpr int minContent = 200; // characters that make a content

QSet<QString> words(const char *text)
{
    const QStringList list = QString::fromLatin1(text).split(u' ');
    return QSet<QString>(list.begin(), list.end());
}

bool isBlock(const QString &tag)
{
    static const QSet<QString> tags = words("p div ul ol dl dt dd table tr section article aside header footer nav main h1 h2 h3 h4 h5 h6 "
                                            "pre blockquote form figure figcaption "
                                            "address details summary caption hgroup fieldset body center");
    return tags.contains(tag);
}

// What surrounds the content of a page.
bool isSurrounding(const HtmlTree::Node &node)
{
    static const QSet<QString> tags = words("nav aside footer form button dialog menu");
    static const QSet<QString> roles = words("navigation banner complementary contentinfo search dialog menu toolbar");
    return tags.contains(node.tag) || roles.contains(node.attributes.value(QStringLiteral("role")));
}

bool isHidden(const HtmlTree::Node &node)
{
    if (node.attributes.isEmpty())
        return false;
    static const QRegularExpression style(QStringLiteral("display\\s*:\\s*none|visibility\\s*:\\s*hidden|opacity\\s*:\\s*0(\\.0+)?\\s*(;|"
                                                         "\\z|!)|font-size\\s*:\\s*0(px|pt|em|rem|%)?\\s*(;|\\z|!)"),
                                          QRegularExpression::CaseInsensitiveOption);
    const auto value = [&node](const char *name) { return node.attributes.value(QLatin1String(name)); };
    return (node.attributes.contains(QStringLiteral("hidden")) && value("hidden") != QLatin1String("false"))
           || value("aria-hidden") == QLatin1String("true") || value("style").contains(style);
}

// How the names that its makers gave a part speak for or against its being the content.
int weightOfNames(const HtmlTree::Node &node)
{
    static const QRegularExpression good(QStringLiteral("article|body|content|entry|main|page|post|text|blog|story"),
                                         QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression bad(
        QStringLiteral(
            "combx|comment|contact|foot|masthead|media|meta|promo|related|scroll|share|shoutbox|sidebar|sponsor|shopping|tags|widget|"
            "cookie|consent|banner|advert|newsletter|subscribe|breadcrumb|pagination|menu|navbar"),
        QRegularExpression::CaseInsensitiveOption);
    int weight = 0;
    for (const char *name : {"class", "id"}) {
        const QString value = node.attributes.value(QLatin1String(name));
        if (value.isEmpty())
            continue;
        if (value.contains(bad))
            weight -= 25;
        if (value.contains(good))
            weight += 25;
    }
    return weight;
}

struct Measure {
    int text = 0;      // characters, without those of hidden and surrounding parts
    int linkText = 0;  // of these in links
    int commas = 0;
    double score = 0;  // as a candidate
    bool hidden = false; // it or a part around it
};

// Finds the part of a page that is its content.
class ContentFinder
{
public:
    explicit ContentFinder(const HtmlTree &tree) : m_tree(tree), m_measures(tree.nodes.size()) { measure(); }
    // 0: the whole page.
    int best()
    {
        const int whole = m_measures[0].text;
        int marked = -1;
        for (size_t i = 1; i < m_tree.nodes.size(); ++i) {
            const HtmlTree::Node &node = m_tree.nodes[i];
            const QString role = node.attributes.value(QStringLiteral("role"));
            const bool says = node.tag == QLatin1String("main") || node.tag == QLatin1String("article") || role == QLatin1String("main");
            if (says && !m_measures[i].hidden && (marked < 0 || m_measures[i].text > m_measures[size_t(marked)].text))
                marked = int(i);
        }
        if (marked > 0 && m_measures[size_t(marked)].text >= std::max(minContent, whole / 4))
            return marked;
        const int candidate = bestCandidate();
        if (candidate > 0 && m_measures[size_t(candidate)].text >= std::max(minContent, whole * 2 / 5))
            return candidate;
        return 0;
    }

private:
    const HtmlTree::Node &node(int i) const { return m_tree.nodes[size_t(i)]; }

    void measure()
    {
        // Parents come first, so forward to hand down and backward to sum up.
        std::vector<bool> inLink(m_tree.nodes.size());
        for (size_t i = 1; i < m_tree.nodes.size(); ++i) {
            const HtmlTree::Node &own = m_tree.nodes[i];
            const auto parent = size_t(own.parent);
            m_measures[i].hidden = m_measures[parent].hidden || isHidden(own) || isSurrounding(own);
            inLink[i] = inLink[parent] || own.tag == QLatin1String("a");
        }
        for (size_t i = m_tree.nodes.size(); i-- > 1;) {
            const HtmlTree::Node &own = m_tree.nodes[i];
            Measure &here = m_measures[i];
            if (own.tag.isEmpty() && !here.hidden) {
                const auto visible = int(std::count_if(own.text.begin(), own.text.end(), [](QChar c) { return !c.isSpace(); }));
                here.text += visible;
                here.linkText += inLink[i] ? visible : 0;
                here.commas += int(own.text.count(u',') + own.text.count(QChar(0x3001)) + own.text.count(QChar(0xff0c)));
            }
            Measure &up = m_measures[size_t(own.parent)];
            up.text += here.text;
            up.linkText += here.linkText;
            up.commas += here.commas;
        }
    }

    // Paragraphs give points to what holds them, as in Readability.
    int bestCandidate()
    {
        static const QSet<QString> paragraphs = words("p pre blockquote td dd li");
        for (size_t i = 1; i < m_tree.nodes.size(); ++i) {
            const Measure &here = m_measures[i];
            if (here.hidden || here.text < 25 || !paragraphs.contains(m_tree.nodes[i].tag))
                continue;
            const double points = 1 + here.commas + std::min(here.text / 100.0, 3.0);
            double share = m_tree.nodes[i].tag == QLatin1String("p") ? 1 : 0.5;
            int up = m_tree.nodes[i].parent;
            for (int level = 0; level < 3 && up > 0; ++level, up = node(up).parent) {
                m_measures[size_t(up)].score += points * share;
                share /= level == 0 ? 2 : 1.5;
            }
        }
        int best = -1;
        double most = 0;
        for (size_t i = 1; i < m_tree.nodes.size(); ++i) {
            const Measure &here = m_measures[i];
            if (here.score <= 0 || here.hidden || here.text == 0)
                continue;
            const double score = (here.score + weightOfNames(m_tree.nodes[i])) * (1 - double(here.linkText) / here.text);
            if (score > most) {
                most = score;
                best = int(i);
            }
        }
        return best;
    }

    const HtmlTree &m_tree;
    std::vector<Measure> m_measures;
};

// Writes a part of a page as text.
class Writer
{
public:
    Writer(const HtmlTree &tree, ReadablePage *page, QUrl base, bool everything)
        : m_tree(tree), m_page(page), m_base(std::move(base)), m_everything(everything)
    {
    }
    // Trees are at most HtmlTree::maxDepth deep.
    void write(int index)
    {
        const HtmlTree::Node &node = m_tree.nodes[size_t(index)];
        if (node.tag.isEmpty()) {
            text(node.text);
            return;
        }
        if (isHidden(node) || node.tag == QLatin1String("head") || node.tag == QLatin1String("title")
            || (!m_everything && isSurrounding(node)))
            return;
        const QString &tag = node.tag;
        if (tag == QLatin1String("br")) {
            lineBreak(1);
        } else if (tag == QLatin1String("hr")) {
            lineBreak(2);
        } else if (tag == QLatin1String("img")) {
            const QString alt = node.attributes.value(QStringLiteral("alt")).simplified();
            if (!alt.isEmpty())
                text(QStringLiteral("[image: %1]").arg(alt.left(maxLinkText)));
        } else if (tag == QLatin1String("a")) {
            link(node);
        } else if (tag.size() == 2 && tag[0] == u'h' && tag[1] >= u'1' && tag[1] <= u'6') {
            lineBreak(2);
            m_pending = QString(tag[1].digitValue(), u'#') + u' ';
            children(node);
            lineBreak(2);
        } else if (tag == QLatin1String("li")) {
            lineBreak(1);
            m_pending = QString(2 * std::clamp(m_lists - 1, 0, 6), u' ') + QStringLiteral("- ");
            children(node);
            lineBreak(1);
        } else if (tag == QLatin1String("ul") || tag == QLatin1String("ol")) {
            lineBreak(m_lists > 0 ? 1 : 2);
            ++m_lists;
            children(node);
            --m_lists;
            lineBreak(m_lists > 0 ? 1 : 2);
        } else if (tag == QLatin1String("pre")) {
            lineBreak(2);
            ++m_pre;
            children(node);
            --m_pre;
            lineBreak(2);
        } else if (tag == QLatin1String("tr")) {
            lineBreak(1);
            m_cells = 0;
            children(node);
            lineBreak(1);
        } else if (tag == QLatin1String("td") || tag == QLatin1String("th")) {
            if (m_cells++ > 0) {
                m_space = false; // of its own
                inlineText(QStringLiteral(" | "));
            }
            ++m_inCell;
            children(node);
            --m_inCell;
        } else {
            const bool block = isBlock(tag);
            if (block)
                lineBreak(m_inCell > 0 ? 0 : tag == QLatin1String("p") ? 2 : 1);
            children(node);
            if (block)
                lineBreak(m_inCell > 0 ? 0 : tag == QLatin1String("p") ? 2 : 1);
        }
    }
    QString take()
    {
        while (!m_out.isEmpty() && m_out.back().isSpace())
            m_out.chop(1);
        return std::move(m_out);
    }

private:
    void children(const HtmlTree::Node &node)
    {
        for (int child = node.first; child >= 0; child = m_tree.nodes[size_t(child)].next)
            write(child);
    }
    // At least so many line ends before what comes next; 0: a space.
    void lineBreak(int lines)
    {
        m_space |= lines == 0;
        m_breaks = std::max(m_breaks, lines);
        if (lines > 0)
            m_pending.clear(); // an item without text
    }
    void flush()
    {
        if (m_breaks > 0 && !m_out.isEmpty()) {
            while (m_out.endsWith(u' '))
                m_out.chop(1);
            qsizetype have = 0;
            while (have < m_out.size() && have < 2 && m_out[m_out.size() - 1 - have] == u'\n')
                ++have;
            m_out += QString(std::max<qsizetype>(m_breaks - have, 0), u'\n');
        } else if (m_space && !m_out.isEmpty() && !m_out.back().isSpace()) {
            m_out += u' ';
        }
        m_breaks = 0;
        m_space = false;
        m_out += m_pending;
        m_pending.clear();
    }
    void inlineText(const QString &text)
    {
        flush();
        m_out += text;
    }
    void text(const QString &raw)
    {
        if (m_pre > 0) {
            if (raw.trimmed().isEmpty() && m_breaks > 0)
                return;
            const bool first = m_breaks > 0 && raw.startsWith(u'\n'); // belongs to the tag
            flush();
            m_out += first ? raw.mid(1) : raw;
            return;
        }
        for (const QChar c : raw) {
            if (c.isSpace()) {
                m_space = true;
                continue;
            }
            if (m_space || m_breaks > 0 || !m_pending.isEmpty())
                flush();
            m_out += c;
        }
    }
    void link(const HtmlTree::Node &node)
    {
        const qsizetype before = m_out.size();
        children(node);
        QString shown = QStringView(m_out).mid(before).toString().simplified();
        const QString href = node.attributes.value(QStringLiteral("href")).trimmed();
        if (shown.isEmpty() || href.isEmpty() || href.startsWith(u'#') || m_pre > 0)
            return;
        QUrl url = m_base.resolved(QUrl(href, QUrl::TolerantMode));
        if ((url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https")) || url.host().isEmpty())
            return;
        url.setFragment(QString());
        const QString target = url.toString(QUrl::FullyEncoded);
        if (target.size() > 2000)
            return;
        auto known = m_numbers.constFind(target);
        if (known == m_numbers.constEnd()) {
            if (m_page->links.size() >= maxLinks)
                return;
            while (shown.startsWith(u'#') || shown.startsWith(u'-') || shown.startsWith(u' '))
                shown.remove(0, 1);
            m_page->links.push_back({shown.left(maxLinkText), target});
            known = m_numbers.insert(target, int(m_page->links.size()));
        }
        m_out += QStringLiteral(" [%1]").arg(*known);
    }

    const HtmlTree &m_tree;
    ReadablePage *m_page;
    const QUrl m_base;
    const bool m_everything;
    QString m_out, m_pending; // pending: the beginning of the next line
    int m_breaks = 0, m_lists = 0, m_pre = 0, m_cells = 0, m_inCell = 0;
    bool m_space = false;
    QHash<QString, int> m_numbers;
};

// What the head of the page says.
void readHead(const HtmlTree &tree, ReadablePage *page, QUrl *base)
{
    QString named;
    for (size_t i = 1; i < tree.nodes.size(); ++i) {
        const HtmlTree::Node &node = tree.nodes[i];
        const auto value = [&node](const char *name) { return node.attributes.value(QLatin1String(name)); };
        if (node.tag == QLatin1String("html") && page->language.isEmpty()) {
            page->language = value("lang").left(20);
        } else if (node.tag == QLatin1String("title") && page->title.isEmpty()) {
            for (int child = node.first; child >= 0; child = tree.nodes[size_t(child)].next)
                page->title += tree.nodes[size_t(child)].text;
            page->title = withoutInvisible(page->title).simplified().left(300);
        } else if (node.tag == QLatin1String("meta") && value("property") == QLatin1String("og:title") && named.isEmpty()) {
            named = withoutInvisible(value("content")).simplified().left(300);
        } else if (node.tag == QLatin1String("base") && !value("href").isEmpty()) {
            *base = base->resolved(QUrl(value("href"), QUrl::TolerantMode));
        } else if (node.tag == QLatin1String("h1") && !page->title.isEmpty()) {
            break; // far enough
        }
    }
    if (page->title.isEmpty())
        page->title = named;
}
} // namespace

QString withoutInvisible(const QString &text)
{
    QString out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        const ushort u = c.unicode();
        if (c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            const char32_t code = QChar::surrogateToUcs4(c, text[i + 1]);
            const bool tag = code >= 0xe0000 && code <= 0xe0fff; // tags and variation selectors
            if (!tag)
                out += QStringView(text).mid(i, 2);
            ++i;
            continue;
        }
        // U+200C and U+200D join letters of Persian and Indian scripts, and emoji: they stay.
        const bool invisible = u == 0x00ad || u == 0x200b || u == 0x200e || u == 0x200f || (u >= 0x202a && u <= 0x202e)
                               || (u >= 0x2060 && u <= 0x206f) || u == 0xfeff || u == 0x115f || u == 0x1160 || u == 0x3164
                               || (u < 0x20 && u != '\n' && u != '\t' && u != '\r') || u == 0x7f;
        if (!invisible)
            out += c;
    }
    return out;
}

ReadablePage readablePage(const QString &html, const QUrl &url)
{
    const HtmlTree tree = HtmlTree::parse(html);
    ReadablePage page;
    QUrl base = url;
    readHead(tree, &page, &base);
    const int content = ContentFinder(tree).best();
    page.wholePage = content == 0;
    Writer writer(tree, &page, base, false);
    writer.write(content);
    page.text = withoutInvisible(writer.take());
    if (page.text.isEmpty() && content == 0) { // nothing but what surrounds content elsewhere
        page.links.clear();
        Writer everything(tree, &page, base, true);
        everything.write(0);
        page.text = withoutInvisible(everything.take());
    }
    for (ReadablePage::Link &link : page.links)
        link.text = withoutInvisible(link.text);
    return page;
}

} // namespace lathe
