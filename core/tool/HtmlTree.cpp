// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HtmlTree.h"

#include "core/tool/HttpText.h"

#include <QSet>
#include <QStringList>

namespace lathe {

namespace {
constexpr qsizetype maxEntity = 32;
constexpr qsizetype maxAttribute = 4000;

QSet<QString> words(const char *text)
{
    const QStringList list = QString::fromLatin1(text).split(u' ');
    return QSet<QString>(list.begin(), list.end());
}

bool isVoid(const QString &tag)
{
    static const QSet<QString> tags = words("area base br col embed hr img input link meta param source track wbr");
    return tags.contains(tag);
}

// Up to their end tag there is only text, which is not for reading.
bool isSkipped(const QString &tag)
{
    static const QSet<QString> tags =
        words("script style noscript template svg iframe object math canvas textarea select noembed noframes audio video");
    return tags.contains(tag);
}

bool isWanted(const QString &attribute)
{
    static const QSet<QString> names = words("href class id role alt title hidden aria-hidden style lang content name property open");
    return names.contains(attribute);
}

// Open elements that a new one ends, and where to stop looking for them.
struct Implied {
    QSet<QString> ended, scope;
};
const Implied *impliedEnd(const QString &tag)
{
    static const Implied item{words("li"), words("ul ol menu")};
    static const Implied term{words("dt dd"), words("dl")};
    static const Implied row{words("tr td th"), words("table")};
    static const Implied cell{words("td th"), words("tr table")};
    static const Implied section{words("tr td th thead tbody tfoot"), words("table")};
    static const Implied paragraph{words("p"), words("td th li blockquote div section article main body button")};
    static const QSet<QString> blocks = words("p div ul ol dl table section article aside header footer nav main h1 h2 h3 h4 h5 h6 pre "
                                              "blockquote form hr figure address details");
    if (tag == QLatin1String("li"))
        return &item;
    if (tag == QLatin1String("dt") || tag == QLatin1String("dd"))
        return &term;
    if (tag == QLatin1String("tr"))
        return &row;
    if (tag == QLatin1String("td") || tag == QLatin1String("th"))
        return &cell;
    if (tag == QLatin1String("thead") || tag == QLatin1String("tbody") || tag == QLatin1String("tfoot"))
        return &section;
    return blocks.contains(tag) ? &paragraph : nullptr;
}

class Parser
{
public:
    explicit Parser(const QString &html) : m_html(html)
    {
        m_tree.nodes.push_back({QStringLiteral("#root"), {}, {}});
        m_last.push_back(-1);
        m_stack.push_back(0);
    }
    HtmlTree parse()
    {
        while (m_i < m_html.size() && int(m_tree.nodes.size()) < HtmlTree::maxNodes) {
            const qsizetype tag = m_html.indexOf(u'<', m_i);
            const qsizetype end = tag < 0 ? m_html.size() : tag;
            if (end > m_i)
                addText(QStringView(m_html).mid(m_i, end - m_i));
            m_i = end;
            if (tag >= 0)
                markup();
        }
        return std::move(m_tree);
    }

private:
    QChar peek(qsizetype ahead) const { return m_i + ahead < m_html.size() ? m_html[m_i + ahead] : QChar(); }

    void markup()
    {
        const QChar next = peek(1);
        if (next == u'!' || next == u'?') {
            const bool comment = QStringView(m_html).mid(m_i, 4) == QLatin1String("<!--");
            const qsizetype end = comment ? m_html.indexOf(QLatin1String("-->"), m_i + 4) : m_html.indexOf(u'>', m_i);
            m_i = end < 0 ? m_html.size() : end + (comment ? 3 : 1);
        } else if (next == u'/' && peek(2).isLetter()) {
            m_i += 2;
            const QString tag = name();
            const qsizetype end = m_html.indexOf(u'>', m_i);
            m_i = end < 0 ? m_html.size() : end + 1;
            close(tag);
        } else if (next.isLetter()) {
            ++m_i;
            open();
        } else {
            addText(QStringView(m_html).mid(m_i, 1));
            ++m_i;
        }
    }

    // Of a tag or an attribute, in lower case; what follows its first 40 characters is skipped.
    QString name()
    {
        const qsizetype start = m_i;
        while (m_i < m_html.size() && !m_html[m_i].isSpace() && m_html[m_i] != u'>' && m_html[m_i] != u'/' && m_html[m_i] != u'=')
            ++m_i;
        return m_html.mid(start, std::min<qsizetype>(m_i - start, 40)).toLower();
    }

    QString attributeValue()
    {
        while (m_i < m_html.size() && m_html[m_i].isSpace())
            ++m_i;
        if (m_i >= m_html.size())
            return {};
        const QChar quote = m_html[m_i];
        const qsizetype start = quote == u'"' || quote == u'\'' ? ++m_i : m_i;
        if (quote == u'"' || quote == u'\'') {
            const qsizetype end = m_html.indexOf(quote, m_i);
            m_i = end < 0 ? m_html.size() : end + 1;
            return m_html.mid(start, std::min((end < 0 ? m_html.size() : end) - start, maxAttribute));
        }
        while (m_i < m_html.size() && !m_html[m_i].isSpace() && m_html[m_i] != u'>')
            ++m_i;
        return m_html.mid(start, std::min(m_i - start, maxAttribute));
    }

    void open()
    {
        HtmlTree::Node node;
        node.tag = name();
        bool closed = false;
        while (m_i < m_html.size() && m_html[m_i] != u'>') {
            const QChar c = m_html[m_i];
            if (c.isSpace() || c == u'/' || c == u'=') {
                closed = c == u'/';
                ++m_i;
                continue;
            }
            const QString attribute = name();
            while (m_i < m_html.size() && m_html[m_i].isSpace())
                ++m_i;
            QString value;
            if (m_i < m_html.size() && m_html[m_i] == u'=') {
                ++m_i;
                value = attributeValue();
            }
            if (isWanted(attribute) && !node.attributes.contains(attribute))
                node.attributes.insert(attribute, htmlUnescaped(value));
        }
        ++m_i; // >
        const QString tag = node.tag;
        if (isSkipped(tag)) {
            if (!closed || tag == QLatin1String("script") || tag == QLatin1String("style"))
                skipTo(tag);
            return;
        }
        if (const Implied *implied = impliedEnd(tag))
            endImplied(*implied);
        const int made = add(std::move(node));
        if (!isVoid(tag) && !closed && int(m_stack.size()) < HtmlTree::maxDepth)
            m_stack.push_back(made);
    }

    void skipTo(const QString &tag)
    {
        const qsizetype end = m_html.indexOf(QStringLiteral("</") + tag, m_i, Qt::CaseInsensitive);
        const qsizetype closed = end < 0 ? -1 : m_html.indexOf(u'>', end);
        m_i = closed < 0 ? m_html.size() : closed + 1;
    }

    void endImplied(const Implied &implied)
    {
        size_t keep = m_stack.size();
        for (size_t i = m_stack.size(); i-- > 1;) {
            const QString &tag = m_tree.nodes[size_t(m_stack[i])].tag;
            if (implied.scope.contains(tag))
                break;
            if (implied.ended.contains(tag))
                keep = i;
        }
        m_stack.resize(keep);
    }

    void close(const QString &tag)
    {
        for (size_t i = m_stack.size(); i-- > 1;) {
            const QString &open = m_tree.nodes[size_t(m_stack[i])].tag;
            if (open == tag) {
                m_stack.resize(i);
                return;
            }
            if (open == QLatin1String("table") && tag != QLatin1String("body") && tag != QLatin1String("html"))
                return; // an end tag within a table does not end what is around it
        }
    }

    void addText(QStringView raw)
    {
        HtmlTree::Node node;
        node.text = htmlUnescaped(raw);
        add(std::move(node));
    }

    int add(HtmlTree::Node node)
    {
        const int index = int(m_tree.nodes.size());
        const int parent = m_stack.back();
        node.parent = parent;
        m_tree.nodes.push_back(std::move(node));
        m_last.push_back(-1);
        int &last = m_last[size_t(parent)];
        if (last < 0)
            m_tree.nodes[size_t(parent)].first = index;
        else
            m_tree.nodes[size_t(last)].next = index;
        last = index;
        return index;
    }

    const QString &m_html;
    qsizetype m_i = 0;
    HtmlTree m_tree;
    std::vector<int> m_last;  // child of each node
    std::vector<int> m_stack; // open elements
};
} // namespace

HtmlTree HtmlTree::parse(const QString &html)
{
    return Parser(html).parse();
}

QString htmlUnescaped(QStringView text)
{
    QString out;
    out.reserve(text.size());
    qsizetype from = 0;
    for (qsizetype at = text.indexOf(u'&'); at >= 0; at = text.indexOf(u'&', from)) {
        out += text.mid(from, at - from);
        const qsizetype length = text.mid(at + 1, maxEntity).indexOf(u';');
        const QString decoded = length > 0 ? htmlEntity(text.mid(at + 1, length)) : QString();
        out += decoded.isEmpty() ? QString(u'&') : decoded;
        from = decoded.isEmpty() ? at + 1 : at + length + 2;
    }
    out += text.mid(from);
    return out;
}

} // namespace lathe
