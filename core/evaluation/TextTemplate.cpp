// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TextTemplate.h"

#include "core/base/Json.h"
#include "core/evaluation/TextExpression.h"

#include <QRegularExpression>

namespace lathe {

// A piece of a template. Root and For hold `body`; If holds pairs of condition and body.
struct TemplatePart {
    enum class Kind { Root, Text, Value, If, For, Set };
    Kind kind = Kind::Root;
    QString text;   // or the name a For or Set gives
    QString second; // of "for key, value in object"
    std::shared_ptr<const TextExpression> value;
    std::vector<std::shared_ptr<TemplatePart>> body;
    std::vector<std::pair<std::shared_ptr<const TextExpression>,
                          std::vector<std::shared_ptr<TemplatePart>>>>
        branches;
};

namespace {
using Part = TemplatePart;
using Body = std::vector<std::shared_ptr<Part>>;
constexpr qsizetype longestText = 16'000'000;
constexpr int mostSteps = 1'000'000;
constexpr int deepest = 32;

class Parser
{
public:
    Parser(const QString &text, std::vector<TemplateDefect> *defects)
        : m_text(text), m_defects(defects)
    {
    }

    std::shared_ptr<Part> run()
    {
        auto root = std::make_shared<Part>();
        QString word;
        while (true) {
            readBody(&root->body, &word, 0);
            if (word.isEmpty())
                return root;
            defect(m_tagAt, QStringLiteral("\"%1\" closes nothing").arg(word));
            word.clear();
        }
    }

private:
    void defect(qsizetype at, const QString &what)
    {
        if (m_defects->size() >= 20)
            return;
        const int line = 1 + int(QStringView(m_text).left(at).count(QLatin1Char('\n')));
        m_defects->push_back({at, line, what});
    }
    static std::shared_ptr<Part> made(Part::Kind kind, const QString &text)
    {
        auto part = std::make_shared<Part>();
        part->kind = kind;
        part->text = text;
        return part;
    }
    void addText(Body *body, QString text)
    {
        if (m_trimNext) {
            qsizetype start = 0;
            while (start < text.size() && text[start].isSpace())
                ++start;
            text = text.mid(start);
        }
        m_trimNext = false;
        if (!text.isEmpty())
            body->push_back(made(Part::Kind::Text, text));
    }
    static void trimEnd(Body *body)
    {
        if (body->empty() || body->back()->kind != Part::Kind::Text)
            return;
        QString &text = body->back()->text;
        while (!text.isEmpty() && text.back().isSpace())
            text.chop(1);
    }

    // Up to the end or a tag that is not understood here: `word` is its first word, the rest of it m_rest.
    void readBody(Body *body, QString *word, int depth)
    {
        word->clear();
        while (m_at < m_text.size()) {
            qsizetype open = m_at;
            while (open < m_text.size()) {
                open = m_text.indexOf(QLatin1Char('{'), open);
                if (open < 0 || open + 1 >= m_text.size()) {
                    open = m_text.size();
                    break;
                }
                const QChar next = m_text[open + 1];
                if (next == QLatin1Char('{') || next == QLatin1Char('%')
                    || next == QLatin1Char('#'))
                    break;
                ++open;
            }
            if (open > m_at)
                addText(body, m_text.mid(m_at, open - m_at));
            m_at = open;
            if (open >= m_text.size())
                return;
            const QChar kind = m_text[open + 1];
            const QLatin1String closing(kind == QLatin1Char('{')   ? "}}"
                                        : kind == QLatin1Char('%') ? "%}"
                                                                   : "#}");
            const qsizetype close = closingOf(open + 2, closing, kind != QLatin1Char('#'));
            if (close < 0) {
                defect(open, QStringLiteral("\"{%1\" is not closed").arg(kind));
                addText(body, m_text.mid(open));
                m_at = m_text.size();
                return;
            }
            QStringView inner = QStringView(m_text).mid(open + 2, close - open - 2);
            m_at = close + 2;
            m_trimNext = false;
            if (inner.startsWith(QLatin1Char('-'))) {
                inner = inner.mid(1);
                trimEnd(body);
            }
            if (inner.endsWith(QLatin1Char('-'))) {
                inner.chop(1);
                m_trimNext = true;
            }
            if (kind == QLatin1Char('#'))
                continue;
            if (kind == QLatin1Char('{')) {
                readValue(body, inner, open);
                continue;
            }
            m_tagAt = open;
            const QString tag = inner.trimmed().toString();
            static const QRegularExpression space(QStringLiteral("\\s"));
            const qsizetype cut = tag.indexOf(space);
            const QString name = cut < 0 ? tag : tag.left(cut);
            m_rest = cut < 0 ? QString() : tag.mid(cut).trimmed();
            if (!readTag(body, name, open, depth)) {
                *word = name;
                return;
            }
        }
    }

    qsizetype closingOf(qsizetype from, QLatin1String closing, bool quotes) const
    {
        QChar quote;
        for (qsizetype i = from; i + 1 < m_text.size(); ++i) {
            const QChar c = m_text[i];
            if (!quote.isNull()) {
                if (c == QLatin1Char('\\'))
                    ++i;
                else if (c == quote)
                    quote = QChar();
            } else if (quotes && (c == QLatin1Char('"') || c == QLatin1Char('\''))) {
                quote = c;
            } else if (c == closing[0] && m_text[i + 1] == closing[1]) {
                return i;
            }
        }
        return quote.isNull() ? -1 : m_text.indexOf(closing, from);
    }

    std::shared_ptr<const TextExpression> expression(QStringView text, qsizetype at)
    {
        QString why;
        auto value = TextExpression::parse(text, &why);
        if (!value)
            defect(at, QStringLiteral("\"%1\": %2").arg(text.trimmed().left(80).toString(), why));
        return value;
    }

    void readValue(Body *body, QStringView inner, qsizetype open)
    {
        auto value = expression(inner, open);
        if (!value) {
            body->push_back(made(Part::Kind::Text, m_text.mid(open, m_at - open)));
            return;
        }
        auto part = made(Part::Kind::Value, QString());
        part->value = std::move(value);
        body->push_back(part);
    }

    // False: the tag is none that opens something.
    bool readTag(Body *body, const QString &name, qsizetype open, int depth)
    {
        if (name == QLatin1String("raw") || name == QLatin1String("verbatim")) {
            static const QRegularExpression end(
                QStringLiteral("\\{%-?\\s*end(raw|verbatim)\\s*-?%\\}"));
            const auto match = end.match(m_text, m_at);
            const qsizetype to = match.hasMatch() ? match.capturedStart() : m_text.size();
            if (!match.hasMatch())
                defect(open, QStringLiteral("\"raw\" is not closed"));
            addText(body, m_text.mid(m_at, to - m_at));
            m_at = match.hasMatch() ? match.capturedEnd() : m_text.size();
            return true;
        }
        if (name == QLatin1String("set")) {
            static const QRegularExpression form(QStringLiteral("^(\\w+)\\s*=(?!=)\\s*(.+)$"),
                                                 QRegularExpression::DotMatchesEverythingOption);
            const auto match = form.match(m_rest);
            auto value = match.hasMatch() ? expression(match.capturedView(2), open) : nullptr;
            if (!match.hasMatch())
                defect(open, QStringLiteral("\"set\" is written {% set name = value %}"));
            if (value) {
                auto part = made(Part::Kind::Set, match.captured(1));
                part->value = std::move(value);
                body->push_back(part);
            }
            return true;
        }
        if (name == QLatin1String("if") || name == QLatin1String("for")) {
            if (depth >= deepest) {
                defect(open, QStringLiteral("it is nested too deeply"));
                return true;
            }
            if (name == QLatin1String("if"))
                readIf(body, open, depth);
            else
                readFor(body, open, depth);
            return true;
        }
        static const QStringList closers{QStringLiteral("endif"), QStringLiteral("else"),
                                         QStringLiteral("elif"), QStringLiteral("elseif"),
                                         QStringLiteral("endfor")};
        if (closers.contains(name))
            return false;
        defect(open, QStringLiteral("the tag \"%1\" is not supported").arg(name.left(40)));
        return true;
    }

    void readIf(Body *body, qsizetype open, int depth)
    {
        auto part = made(Part::Kind::If, QString());
        auto condition = expression(m_rest, open);
        while (true) {
            Body branch;
            QString word;
            readBody(&branch, &word, depth + 1);
            part->branches.emplace_back(std::move(condition), std::move(branch));
            if (word == QLatin1String("endif"))
                break;
            if (word == QLatin1String("elif") || word == QLatin1String("elseif")) {
                condition = expression(m_rest, m_tagAt);
            } else if (word == QLatin1String("else")) {
                QString why;
                condition = TextExpression::parse(u"true", &why);
            } else {
                defect(open, QStringLiteral("\"if\" is not closed by \"endif\""));
                break;
            }
        }
        body->push_back(part);
    }

    void readFor(Body *body, qsizetype open, int depth)
    {
        static const QRegularExpression form(
            QStringLiteral("^(\\w+)(?:\\s*,\\s*(\\w+))?\\s+in\\s+(.+)$"),
            QRegularExpression::DotMatchesEverythingOption);
        const auto match = form.match(m_rest);
        auto part = made(Part::Kind::For, match.captured(1));
        part->second = match.captured(2);
        if (match.hasMatch())
            part->value = expression(match.capturedView(3), open);
        else
            defect(open, QStringLiteral("\"for\" is written {% for item in list %}"));
        QString word;
        readBody(&part->body, &word, depth + 1);
        if (word == QLatin1String("else")) {
            Body otherwise;
            readBody(&otherwise, &word, depth + 1);
            part->branches.emplace_back(nullptr, std::move(otherwise));
        }
        if (word != QLatin1String("endfor"))
            defect(open, QStringLiteral("\"for\" is not closed by \"endfor\""));
        body->push_back(part);
    }

    const QString &m_text;
    std::vector<TemplateDefect> *m_defects;
    qsizetype m_at = 0;
    qsizetype m_tagAt = 0;
    QString m_rest;
    bool m_trimNext = false;
};

struct Renderer {
    QString text;
    int steps = 0;
    bool tooMuch = false;

    void run(const Body &body, QJsonObject &values)
    {
        for (const auto &part : body) {
            if (tooMuch || ++steps > mostSteps || text.size() > longestText) {
                tooMuch = true;
                return;
            }
            step(*part, values);
        }
    }
    void step(const Part &part, QJsonObject &values)
    {
        switch (part.kind) {
        case Part::Kind::Text:
            text += part.text;
            break;
        case Part::Kind::Value:
            text += templateText(part.value->evaluate(values));
            break;
        case Part::Kind::Set:
            values.insert(part.text, part.value->evaluate(values));
            break;
        case Part::Kind::If:
            for (const auto &[condition, body] : part.branches) {
                if (condition && isTruthy(condition->evaluate(values))) {
                    run(body, values);
                    break;
                }
            }
            break;
        case Part::Kind::For:
            loop(part, values);
            break;
        case Part::Kind::Root:
            run(part.body, values);
            break;
        }
    }
    void loop(const Part &part, QJsonObject &values)
    {
        const QJsonValue over = part.value ? part.value->evaluate(values) : QJsonValue();
        const QJsonArray list = over.toArray();
        const QJsonObject object = over.toObject();
        const QStringList keys = object.keys();
        const qsizetype count = over.isObject() ? keys.size() : list.size();
        if (count == 0 && !part.branches.empty())
            run(part.branches.front().second, values);
        for (qsizetype i = 0; i < count && !tooMuch; ++i) {
            QJsonObject inner = values;
            if (over.isObject()) {
                inner.insert(part.text, keys[i]);
                if (!part.second.isEmpty())
                    inner.insert(part.second, object.value(keys[i]));
            } else if (!part.second.isEmpty()) {
                inner.insert(part.text, list[i].toArray().at(0));
                inner.insert(part.second, list[i].toArray().at(1));
            } else {
                inner.insert(part.text, list[i]);
            }
            inner.insert(QStringLiteral("loop"),
                         QJsonObject{{QStringLiteral("index"), i + 1},
                                     {QStringLiteral("index0"), i},
                                     {QStringLiteral("first"), i == 0},
                                     {QStringLiteral("last"), i + 1 == count},
                                     {QStringLiteral("length"), count}});
            run(part.body, inner);
        }
    }
};

// Names that are read from outside; those that loops and sets give are left out.
void collect(const Body &body, QStringList *names, const QStringList &own)
{
    QStringList known = own;
    const auto add = [&](const std::shared_ptr<const TextExpression> &expression) {
        if (!expression)
            return;
        QStringList all;
        expression->collectNames(&all);
        for (const QString &name : all) {
            if (!known.contains(name) && !names->contains(name))
                names->append(name);
        }
    };
    for (const auto &part : body) {
        add(part->value);
        if (part->kind == Part::Kind::Set)
            known.append(part->text);
        const QStringList inner =
            part->kind == Part::Kind::For
                ? known + QStringList{part->text, part->second, QStringLiteral("loop")}
                : known;
        collect(part->body, names, inner);
        for (const auto &[condition, branch] : part->branches) {
            add(condition);
            collect(branch, names, known);
        }
    }
}
} // namespace

TextTemplate::TextTemplate(const QString &text)
{
    m_root = Parser(text, &m_defects).run();
}

QStringList TextTemplate::variables() const
{
    QStringList names;
    collect(m_root->body, &names, {});
    return names;
}

Result<QString> TextTemplate::render(const QJsonObject &values) const
{
    if (!m_defects.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The template cannot be filled in: in line %1, %2.")
                         .arg(m_defects.front().line)
                         .arg(m_defects.front().what));
    Renderer renderer;
    QJsonObject own = values;
    renderer.run(m_root->body, own);
    if (renderer.tooMuch || renderer.text.size() > longestText)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The template grows too large when it is filled in (over %1 "
                                    "million characters or steps).")
                         .arg(renderer.text.size() > longestText ? longestText / 1'000'000
                                                                 : mostSteps / 1'000'000));
    return renderer.text;
}

Result<QString> fillText(const QString &text, const QJsonObject &values)
{
    if (!text.contains(QLatin1String("{{")) && !text.contains(QLatin1String("{%"))
        && !text.contains(QLatin1String("{#")))
        return text;
    return TextTemplate(text).render(values);
}

Result<QJsonValue> fillTexts(const QJsonValue &value, const QJsonObject &values)
{
    if (value.isString()) {
        auto text = fillText(value.toString(), values);
        return text ? Result<QJsonValue>(QJsonValue(*text)) : Result<QJsonValue>(text.error());
    }
    if (value.isArray()) {
        QJsonArray list;
        for (const QJsonValue &item : value.toArray()) {
            auto rendered = fillTexts(item, values);
            if (!rendered)
                return rendered;
            list.append(*rendered);
        }
        return QJsonValue(list);
    }
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            auto rendered = fillTexts(it.value(), values);
            if (!rendered)
                return rendered;
            *it = *rendered;
        }
        return QJsonValue(object);
    }
    return value;
}

QString templateText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    if (value.isNull() || value.isUndefined())
        return {};
    if (value.isArray()) {
        QStringList texts;
        for (const QJsonValue &item : value.toArray()) {
            if (item.isArray() || item.isObject())
                return json::compactString(value);
            texts.append(templateText(item));
        }
        return texts.join(QLatin1Char(','));
    }
    return json::compactString(value);
}

} // namespace lathe
