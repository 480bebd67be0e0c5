// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamSpec.h"

#include "core/design/TeamReader.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostAtOnce = 64;
constexpr int mostRetries = 10;

qsizetype digitsEnd(const QString &text, qsizetype from)
{
    while (from < text.size() && text[from] >= u'0' && text[from] <= u'9')
        ++from;
    return from;
}

// A number that must lie within bounds. Outside of them it is read as the nearest bound, so that nothing later must fear it;
// the problem tells the person.
int bounded(BodyReader &reader, const QString &key, int absent, int least, int most, const QString &what,
            std::vector<Problem> *problems)
{
    const int value = reader.small(key, absent);
    if (value >= least && value <= most)
        return value;
    Problem problem;
    problem.severity = Problem::Severity::Error;
    problem.pointer = reader.pointerOf(key);
    problem.code = QStringLiteral("team.range");
    problem.message =
        QStringLiteral("%1 is %2; it must be from %3 to %4.").arg(what).arg(value).arg(least).arg(most);
    problem.fix = QStringLiteral("Use %1, or leave it empty.").arg(absent);
    problems->push_back(std::move(problem));
    return std::clamp(value, least, most);
}

Limits readLimits(BodyReader reader)
{
    Limits limits;
    limits.steps = reader.small(QStringLiteral("steps"), limits.steps);
    limits.seconds = reader.number(QStringLiteral("seconds"), limits.seconds);
    limits.tokens = reader.integer(QStringLiteral("tokens"), limits.tokens);
    limits.costUsd = reader.number(QStringLiteral("cost_usd"), limits.costUsd);
    return limits;
}

std::vector<std::pair<QString, QJsonValue>> naturalItems(const QJsonObject &object)
{
    std::vector<std::pair<QString, QJsonValue>> items;
    items.reserve(size_t(object.size()));
    for (auto it = object.begin(); it != object.end(); ++it)
        items.emplace_back(it.key(), it.value());
    std::sort(items.begin(), items.end(), [](const auto &a, const auto &b) { return naturalLess(a.first, b.first); });
    return items;
}

// The members of a node or an edge. Thousands are read at each change, so what is right takes one look; what is wrong goes
// through a BodyReader, which names it.
class ItemReader
{
public:
    ItemReader(QJsonObject object, QString (*pointer)(const QString &), const QString &id, std::vector<Problem> *problems)
        : m_object(std::move(object)), m_pointer(pointer), m_id(id), m_problems(problems)
    {
    }
    QString string(const QString &key, const QString &absent = QString()) const
    {
        const QJsonValue value = m_object.value(key);
        return value.isString() ? value.toString() : value.isUndefined() ? absent : named().string(key, absent);
    }
    QJsonObject object(const QString &key) const
    {
        const QJsonValue value = m_object.value(key);
        return value.isObject() ? value.toObject() : value.isUndefined() ? QJsonObject() : named().object(key);
    }
    bool has(const QString &key) const { return m_object.contains(key); }
    BodyReader named() const { return BodyReader(m_object, m_pointer(m_id), m_problems); }

private:
    QJsonObject m_object;
    QString (*m_pointer)(const QString &);
    const QString &m_id;
    std::vector<Problem> *m_problems;
};

std::optional<TeamNode> readNode(const QString &id, const ItemReader &reader, std::vector<Problem> *problems)
{
    TeamNode node;
    node.id = id;
    const QString kindText = reader.string(QStringLiteral("kind"));
    const auto kind = nodeKindFromName(kindText);
    node.name = reader.string(QStringLiteral("name"));
    if (!kind) {
        Problem problem;
        problem.severity = Problem::Severity::Error;
        problem.pointer = reader.named().pointerOf(QStringLiteral("kind"));
        problem.code = QStringLiteral("body.type");
        problem.message =
            QStringLiteral("The node %1 is of the kind %2, which this version of Lathe does not know.")
                .arg(quoted(node.name.isEmpty() ? id : node.name), quoted(kindText));
        problem.fix = QStringLiteral("Remove it, or open the project with a newer Lathe.");
        problems->push_back(std::move(problem));
        return std::nullopt;
    }
    node.kind = *kind;
    if (node.name.trimmed().isEmpty())
        node.name = id;
    node.settings = reader.object(QStringLiteral("settings"));
    if (!reader.has(QStringLiteral("on_error")))
        return node;
    BodyReader policy = reader.named().child(QStringLiteral("on_error"));
    node.onError.retries = bounded(policy, QStringLiteral("retries"), 0, 0, mostRetries,
                                   QStringLiteral("The number of retries of %1").arg(quoted(node.name)),
                                   problems);
    const QString then = policy.string(QStringLiteral("then"), QStringLiteral("fail"));
    if (then == QLatin1String("fallback"))
        node.onError.then = ErrorPolicy::Then::Fallback;
    else if (then != QLatin1String("fail"))
        policy.wrong(QStringLiteral("then"), QStringLiteral("\"fail\" or \"fallback\""));
    return node;
}

TeamEdge readEdge(const QString &id, const ItemReader &reader)
{
    TeamEdge edge;
    edge.id = id;
    edge.from = reader.string(QStringLiteral("from"));
    edge.fromPort = reader.string(QStringLiteral("from_port"), QStringLiteral("out"));
    edge.to = reader.string(QStringLiteral("to"));
    edge.toPort = reader.string(QStringLiteral("to_port"), QStringLiteral("in"));
    edge.label = reader.string(QStringLiteral("label"));
    return edge;
}

// Sorted as QJsonObject sorts, so that each insertion is at the end.
template<typename Item>
std::vector<const Item *> byKey(const std::vector<Item> &items)
{
    std::vector<const Item *> sorted;
    sorted.reserve(items.size());
    for (const Item &item : items)
        sorted.push_back(&item);
    std::sort(sorted.begin(), sorted.end(), [](auto *a, auto *b) { return a->id < b->id; });
    return sorted;
}
} // namespace

bool naturalLess(const QString &a, const QString &b)
{
    qsizetype i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        const qsizetype endA = digitsEnd(a, i), endB = digitsEnd(b, j);
        if (endA > i && endB > j) {
            while (i < endA - 1 && a[i] == u'0')
                ++i;
            while (j < endB - 1 && b[j] == u'0')
                ++j;
            if (endA - i != endB - j)
                return endA - i < endB - j;
            const int order = QStringView(a).sliced(i, endA - i).compare(QStringView(b).sliced(j, endB - j));
            if (order != 0)
                return order < 0;
            i = endA;
            j = endB;
            continue;
        }
        if (a[i] != b[j])
            return a[i] < b[j];
        ++i;
        ++j;
    }
    if (a.size() - i != b.size() - j)
        return a.size() - i < b.size() - j;
    return a < b; // "n01" and "n1": different ids, so the order must tell them apart
}

QString shortened(const QString &text, qsizetype most)
{
    // Only what is shown is tidied, so a huge text costs no more than a short one.
    const QString start = text.left(most * 4).simplified();
    if (start.size() <= most && text.size() <= most * 4)
        return start;
    qsizetype cut = std::min(most - 1, start.size());
    if (cut > 0 && start[cut - 1].isHighSurrogate())
        --cut;
    return start.left(cut).trimmed() + QChar(0x2026);
}

QString quoted(const QString &name)
{
    const QString shown = shortened(name);
    const bool rightToLeft = std::any_of(shown.begin(), shown.end(), [](QChar c) {
        return c.direction() == QChar::DirR || c.direction() == QChar::DirAL;
    });
    // Isolates keep such a name from turning round the sentence it stands in.
    return rightToLeft ? QLatin1Char('"') + QChar(0x2068) + shown + QChar(0x2069) + QLatin1Char('"')
                       : QLatin1Char('"') + shown + QLatin1Char('"');
}

QString escapedKey(QString key)
{
    return key.replace(QLatin1String("~"), QLatin1String("~0")).replace(QLatin1String("/"), QLatin1String("~1"));
}

QString nodePointer(const QString &id)
{
    return QStringLiteral("/nodes/") + escapedKey(id);
}

QString edgePointer(const QString &id)
{
    return QStringLiteral("/edges/") + escapedKey(id);
}

TeamSpec readTeam(const QJsonObject &body, std::vector<Problem> *problems, QSet<QString> *unreadable)
{
    BodyReader reader(body, QString(), problems);
    TeamSpec spec;
    spec.job = reader.string(QStringLiteral("job"));
    spec.limits = readLimits(reader.child(QStringLiteral("limits")));
    spec.atOnce = bounded(reader, QStringLiteral("at_once"), spec.atOnce, 1, mostAtOnce,
                          QStringLiteral("The number of nodes that run at once"), problems);
    const QJsonArray state = body.value(QStringLiteral("state")).toArray();
    for (BodyReader &item : reader.children(QStringLiteral("state"))) {
        StateKey key;
        key.initial = state.at(qsizetype(spec.state.size())).toObject().value(QStringLiteral("initial"));
        if (key.initial.isUndefined())
            key.initial = QJsonValue::Null;
        key.name = item.string(QStringLiteral("name"));
        key.reducer = item.string(QStringLiteral("reducer"), key.reducer);
        spec.state.push_back(key);
    }
    const QJsonObject nodes = reader.object(QStringLiteral("nodes"));
    spec.nodes.reserve(size_t(nodes.size()));
    for (const auto &[id, value] : naturalItems(nodes)) {
        if (!value.isObject()) {
            reader.wrong(QStringLiteral("nodes/") + escapedKey(id), QStringLiteral("an object"));
            unreadable->insert(id);
            continue;
        }
        if (auto node = readNode(id, ItemReader(value.toObject(), nodePointer, id, problems), problems))
            spec.nodes.push_back(std::move(*node));
        else
            unreadable->insert(id);
    }
    const QJsonObject edges = reader.object(QStringLiteral("edges"));
    spec.edges.reserve(size_t(edges.size()));
    for (const auto &[id, value] : naturalItems(edges)) {
        if (!value.isObject())
            reader.wrong(QStringLiteral("edges/") + escapedKey(id), QStringLiteral("an object"));
        else
            spec.edges.push_back(readEdge(id, ItemReader(value.toObject(), edgePointer, id, problems)));
    }
    return spec;
}

Result<TeamSpec> TeamSpec::fromJson(const QJsonObject &body)
{
    std::vector<Problem> problems;
    QSet<QString> unreadable;
    TeamSpec spec = readTeam(body, &problems, &unreadable);
    for (const Problem &problem : problems) {
        if (problem.code == QLatin1String("body.type"))
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The team cannot be read: ") + problem.message, problem.pointer);
    }
    return spec;
}

QJsonObject TeamSpec::toJson() const
{
    QJsonArray keys;
    for (const StateKey &key : state)
        keys.append(QJsonObject{{QStringLiteral("name"), key.name},
                                {QStringLiteral("reducer"), key.reducer},
                                {QStringLiteral("initial"), key.initial}});
    QJsonObject nodesJson;
    for (const TeamNode *item : byKey(nodes)) {
        QJsonObject json{{QStringLiteral("kind"), nodeKindName(item->kind)},
                         {QStringLiteral("name"), item->name},
                         {QStringLiteral("settings"), item->settings}};
        if (item->onError != ErrorPolicy()) {
            const bool fallback = item->onError.then == ErrorPolicy::Then::Fallback;
            json.insert(QStringLiteral("on_error"),
                        QJsonObject{{QStringLiteral("retries"), item->onError.retries},
                                    {QStringLiteral("then"),
                                     fallback ? QStringLiteral("fallback") : QStringLiteral("fail")}});
        }
        nodesJson.insert(item->id, json);
    }
    QJsonObject edgesJson;
    for (const TeamEdge *item : byKey(edges)) {
        QJsonObject json{{QStringLiteral("from"), item->from},
                         {QStringLiteral("from_port"), item->fromPort},
                         {QStringLiteral("to"), item->to},
                         {QStringLiteral("to_port"), item->toPort}};
        if (!item->label.isEmpty())
            json.insert(QStringLiteral("label"), item->label);
        edgesJson.insert(item->id, json);
    }
    return {{QStringLiteral("job"), job},
            {QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), limits.steps},
                                                   {QStringLiteral("seconds"), limits.seconds},
                                                   {QStringLiteral("tokens"), limits.tokens},
                                                   {QStringLiteral("cost_usd"), limits.costUsd}}},
            {QStringLiteral("at_once"), atOnce},
            {QStringLiteral("state"), keys},
            {QStringLiteral("nodes"), nodesJson},
            {QStringLiteral("edges"), edgesJson}};
}

QJsonObject TeamSpec::executable(QJsonObject body)
{
    body.remove(QStringLiteral("layout"));
    return body;
}

const TeamNode *TeamSpec::node(const QString &id) const
{
    const auto sorted = std::lower_bound(nodes.begin(), nodes.end(), id, [](const TeamNode &a, const QString &b) {
        return naturalLess(a.id, b);
    });
    if (sorted != nodes.end() && sorted->id == id)
        return &*sorted;
    // A spec put together by hand need not be in order.
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const TeamNode &a) { return a.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

} // namespace lathe
