// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that knows yaml-cpp.
#include "core/evaluation/PromptfooNode.h"

#include "core/base/Json.h"
#include "core/evaluation/TextTemplate.h"

#include <QRegularExpression>
#include <QSet>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <map>
#include <sstream>

namespace lathe {

namespace {
constexpr size_t mostNodes = 3'000'000; // with what aliases copy
constexpr size_t deepest = 100;

struct Refused {
    int line;
    QString why;
};

// A plain scalar by the rules of YAML 1.2 as js-yaml has them; dates stay text.
QJsonValue resolved(const QString &text)
{
    static const QRegularExpression decimal(QStringLiteral("^[-+]?[0-9]+$"));
    static const QRegularExpression real(
        QStringLiteral("^[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"));
    static const QStringList nulls{QString(), QStringLiteral("~"), QStringLiteral("null"),
                                   QStringLiteral("Null"), QStringLiteral("NULL")};
    static const QStringList trues{QStringLiteral("true"), QStringLiteral("True"),
                                   QStringLiteral("TRUE")};
    static const QStringList falses{QStringLiteral("false"), QStringLiteral("False"),
                                    QStringLiteral("FALSE")};
    if (nulls.contains(text))
        return QJsonValue();
    if (trues.contains(text))
        return true;
    if (falses.contains(text))
        return false;
    const QChar first = text[0];
    if (!first.isDigit() && first != QLatin1Char('-') && first != QLatin1Char('+')
        && first != QLatin1Char('.'))
        return text;
    bool good = false;
    if (decimal.match(text).hasMatch()) {
        const qint64 whole = text.toLongLong(&good);
        return good ? QJsonValue(whole) : QJsonValue(text.toDouble());
    }
    if (real.match(text).hasMatch()) {
        const double number = text.toDouble(&good);
        return good && std::isfinite(number) ? QJsonValue(number) : QJsonValue(text);
    }
    const QString prefix = text.left(2);
    const int base = prefix == QLatin1String("0x")   ? 16
                     : prefix == QLatin1String("0o") ? 8
                     : prefix == QLatin1String("0b") ? 2
                                                     : 0;
    if (base > 0) {
        const qint64 whole = text.mid(2).toLongLong(&good, base);
        if (good)
            return whole;
    }
    return text;
}

class Builder : public YAML::EventHandler
{
public:
    explicit Builder(const QString &file) : m_file(file) {}
    PromptfooNode take() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        scalar(mark, anchor, QJsonValue());
    }
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        const auto found = m_anchors.find(anchor);
        if (found == m_anchors.end())
            throw Refused{mark.line + 1,
                          QStringLiteral("an alias stands inside the value it names")};
        count(mark.line + 1, found->second.second);
        add(found->second.first, mark, 0);
    }
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override
    {
        const QString text = QString::fromUtf8(value.data(), qsizetype(value.size()));
        m_plain = tag == "?" || tag.empty();
        scalar(mark, anchor, m_plain ? resolved(text) : QJsonValue(text), text);
    }
    void OnSequenceStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        open(mark, anchor, PromptfooNode::Kind::List);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        open(mark, anchor, PromptfooNode::Kind::Map);
    }
    void OnMapEnd() override { close(); }

private:
    struct Frame {
        PromptfooNode node;
        YAML::anchor_t anchor = 0;
        YAML::Mark mark;
        size_t before = 0; // nodes counted before it
        QString key;
        QSet<QString> keys;
        bool hasKey = false;
        bool keyMerges = false;
        std::vector<PromptfooNode> merged;
    };

    void count(int line, size_t more)
    {
        m_nodes += more;
        if (m_nodes > mostNodes)
            throw Refused{line, QStringLiteral(
                                    "it holds too many values, or grows too large by its aliases")};
    }
    PromptfooNode made(const YAML::Mark &mark, PromptfooNode::Kind kind) const
    {
        PromptfooNode node;
        node.kind = kind;
        node.file = m_file;
        node.line = mark.line + 1;
        return node;
    }
    void scalar(const YAML::Mark &mark, YAML::anchor_t anchor, const QJsonValue &value,
                const QString &text = QString())
    {
        if (!m_stack.empty() && m_stack.back().node.isMap() && !m_stack.back().hasKey) {
            Frame &frame = m_stack.back();
            frame.key = text;
            frame.hasKey = true;
            frame.keyMerges = m_plain && text == QLatin1String("<<");
            if (anchor)
                m_anchors[anchor] = {keyNode(mark, value), 1};
            return;
        }
        count(mark.line + 1, 1);
        add(keyNode(mark, value), mark, anchor);
    }
    PromptfooNode keyNode(const YAML::Mark &mark, const QJsonValue &value) const
    {
        PromptfooNode node = made(mark, PromptfooNode::Kind::Scalar);
        node.scalar = value;
        return node;
    }
    void open(const YAML::Mark &mark, YAML::anchor_t anchor, PromptfooNode::Kind kind)
    {
        if (m_stack.size() >= deepest)
            throw Refused{mark.line + 1, QStringLiteral("it is nested too deeply")};
        if (!m_stack.empty() && m_stack.back().node.isMap() && !m_stack.back().hasKey)
            throw Refused{
                mark.line + 1,
                QStringLiteral("the name of a member is a list or a map; put braces in quotes")};
        Frame frame;
        frame.before = m_nodes;
        count(mark.line + 1, 1);
        frame.node = made(mark, kind);
        frame.anchor = anchor;
        frame.mark = mark;
        m_stack.push_back(std::move(frame));
    }
    void close()
    {
        Frame frame = std::move(m_stack.back());
        m_stack.pop_back();
        for (const PromptfooNode &from : frame.merged) {
            for (const auto &[key, value] : from.members) {
                if (frame.keys.contains(key))
                    continue;
                frame.keys.insert(key);
                frame.node.members.emplace_back(key, value);
            }
        }
        m_closedSize = m_nodes - frame.before;
        add(std::move(frame.node), frame.mark, frame.anchor);
    }
    void add(PromptfooNode node, const YAML::Mark &mark, YAML::anchor_t anchor)
    {
        if (anchor) {
            const bool container = node.isList() || node.isMap();
            const size_t size = container ? m_closedSize : 1;
            count(mark.line + 1, size); // kept twice
            m_anchors[anchor] = {node, size};
        }
        if (m_stack.empty()) {
            m_root = std::move(node);
            return;
        }
        Frame &frame = m_stack.back();
        if (frame.node.isList()) {
            frame.node.items.push_back(std::move(node));
            return;
        }
        if (!frame.hasKey) { // an alias as name
            frame.key = node.text();
            frame.hasKey = true;
            frame.keyMerges = false;
            return;
        }
        frame.hasKey = false;
        if (frame.keyMerges && (node.isMap() || node.isList())) {
            if (node.isMap())
                frame.merged.push_back(std::move(node));
            else
                frame.merged.insert(frame.merged.end(), node.items.begin(), node.items.end());
            return;
        }
        if (frame.keys.contains(frame.key))
            throw Refused{mark.line + 1, QStringLiteral("\"%1\" is given twice").arg(frame.key)};
        frame.keys.insert(frame.key);
        frame.node.members.emplace_back(frame.key, std::move(node));
    }

    QString m_file;
    PromptfooNode m_root;
    std::vector<Frame> m_stack;
    std::map<YAML::anchor_t, std::pair<PromptfooNode, size_t>> m_anchors;
    size_t m_nodes = 0;
    size_t m_closedSize = 0;
    bool m_plain = false;
};

Error broken(const QString &file, int line, const QString &why)
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("%1 cannot be read: line %2: %3.").arg(file).arg(line).arg(why));
}
} // namespace

Result<PromptfooNode> PromptfooNode::fromYaml(const QByteArray &text, const QString &file)
{
    Builder builder(file);
    try {
        std::istringstream stream(text.toStdString());
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder))
            return PromptfooNode();
        PromptfooNode root = builder.take();
        Builder another(file);
        if (parser.HandleNextDocument(another) && another.take().isSet())
            return broken(file, 1, QStringLiteral("it holds several documents; keep one"));
        return root;
    } catch (const Refused &refused) {
        return broken(file, refused.line, refused.why);
    } catch (const YAML::Exception &exception) {
        QString why = QString::fromStdString(exception.msg);
        if (why == QLatin1String(YAML::ErrorMsg::UNKNOWN_ANCHOR))
            why = QStringLiteral("an alias names nothing");
        return broken(file, exception.mark.is_null() ? 1 : exception.mark.line + 1, why);
    } catch (const std::exception &exception) {
        return broken(file, 1, QString::fromLocal8Bit(exception.what()));
    }
}

PromptfooNode PromptfooNode::fromJson(const QJsonValue &value, const QString &file, int line)
{
    PromptfooNode node;
    node.file = file;
    node.line = line;
    if (value.isArray()) {
        node.kind = Kind::List;
        for (const QJsonValue &item : value.toArray())
            node.items.push_back(fromJson(item, file, line));
    } else if (value.isObject()) {
        node.kind = Kind::Map;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            node.members.emplace_back(it.key(), fromJson(it.value(), file, line));
    } else if (!value.isUndefined()) {
        node.kind = Kind::Scalar;
        node.scalar = value;
    }
    return node;
}

QJsonValue PromptfooNode::toJson() const
{
    switch (kind) {
    case Kind::Missing:
        return QJsonValue(QJsonValue::Undefined);
    case Kind::Scalar:
        return scalar;
    case Kind::List: {
        QJsonArray list;
        for (const PromptfooNode &item : items)
            list.append(item.toJson());
        return list;
    }
    case Kind::Map: {
        QJsonObject object;
        for (const auto &[key, value] : members)
            object.insert(key, value.toJson());
        return object;
    }
    }
    return {};
}

const PromptfooNode &PromptfooNode::at(QLatin1String key) const
{
    static const PromptfooNode missing;
    for (const auto &[name, value] : members) {
        if (name == key)
            return value;
    }
    return missing;
}

const PromptfooNode &PromptfooNode::at(const QString &key) const
{
    static const PromptfooNode missing;
    for (const auto &[name, value] : members) {
        if (name == key)
            return value;
    }
    return missing;
}

QString PromptfooNode::text() const
{
    return kind == Kind::Scalar ? templateText(scalar) : QString();
}

} // namespace lathe
