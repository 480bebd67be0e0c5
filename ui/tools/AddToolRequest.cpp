// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolRequest.h"

#include "core/base/Json.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ScrollColumn.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSet>
#include <QUrl>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr size_t mostValues = 40;
constexpr qsizetype longestBody = 200'000;

QString parameterName(const QString &wish)
{
    QString name;
    for (const QChar c : wish.left(40))
        name += (c.isLetterOrNumber() && c.unicode() < 128) || c == QLatin1Char('_') ? c : QLatin1Char('_');
    while (name.startsWith(QLatin1Char('_')))
        name.remove(0, 1);
    if (name.isEmpty() || name.at(0).isDigit())
        name.prepend(QStringLiteral("value_"));
    return name;
}

// "a=1&b=2" from an offset of the text.
void addPairs(const QString &text, qsizetype from, qsizetype to, bool inBody, const QString &place, std::vector<RequestValue> *values)
{
    while (from < to && values->size() < mostValues) {
        qsizetype end = text.indexOf(QLatin1Char('&'), from);
        if (end < 0 || end > to)
            end = to;
        const qsizetype equals = text.indexOf(QLatin1Char('='), from);
        if (equals > 0 && equals < end) {
            RequestValue value;
            value.inBody = inBody;
            value.from = equals + 1;
            value.length = end - equals - 1;
            const QString raw = text.mid(value.from, value.length);
            value.name = parameterName(QUrl::fromPercentEncoding(text.mid(from, equals - from).toUtf8()));
            value.value = QUrl::fromPercentEncoding(QString(raw).replace(QLatin1Char('+'), QLatin1Char(' ')).toUtf8());
            value.type = QStringLiteral("string");
            value.place = place;
            if (!raw.contains(QLatin1String("{{")))
                values->push_back(std::move(value));
        }
        from = end + 1;
    }
}

void addPath(const QString &url, qsizetype from, qsizetype to, std::vector<RequestValue> *values)
{
    static const QRegularExpression id(QStringLiteral("^([0-9]+|[0-9a-fA-F-]{16,}|[A-Za-z]+[-_]?[0-9]{2,})$"));
    QString before;
    while (from <= to && values->size() < mostValues) {
        qsizetype end = url.indexOf(QLatin1Char('/'), from);
        if (end < 0 || end > to)
            end = to;
        const QString segment = url.mid(from, end - from);
        if (id.match(segment).hasMatch()) {
            RequestValue value;
            value.from = from;
            value.length = end - from;
            QString noun = before;
            if (noun.endsWith(QLatin1Char('s')))
                noun.chop(1);
            value.name = parameterName(noun.isEmpty() ? QStringLiteral("id") : noun + QStringLiteral("_id"));
            value.value = segment;
            value.type = QStringLiteral("string");
            value.place = QStringLiteral("path");
            values->push_back(std::move(value));
        }
        before = segment;
        from = end + 1;
    }
}

// The leaves of a JSON text with where they stand. The text was parsed before, so it is well formed.
class JsonLeaves
{
public:
    JsonLeaves(const QString &text, std::vector<RequestValue> *values) : m_text(text), m_values(values) {}
    void scan()
    {
        QStringList path; // open objects and lists: the key a value stands under
        QString key;
        bool expectsKey = false;
        QString open; // of brackets
        for (qsizetype i = 0; i < m_text.size() && m_values->size() < mostValues && open.size() < 100;) {
            const QChar c = m_text.at(i);
            if (c == QLatin1Char('{') || c == QLatin1Char('[')) {
                open += c;
                path.append(key);
                expectsKey = c == QLatin1Char('{');
                ++i;
            } else if (c == QLatin1Char('}') || c == QLatin1Char(']')) {
                open.chop(1);
                key = path.isEmpty() ? QString() : path.takeLast();
                expectsKey = false;
                ++i;
            } else if (c == QLatin1Char(',')) {
                expectsKey = open.endsWith(QLatin1Char('{'));
                ++i;
            } else if (c == QLatin1Char('"')) {
                const qsizetype end = endOfString(i);
                if (expectsKey) {
                    key = m_text.mid(i + 1, end - i - 1);
                    expectsKey = false;
                } else {
                    add(key, i + 1, end - i - 1, QStringLiteral("string"));
                }
                i = end + 1;
            } else if (c.isSpace() || c == QLatin1Char(':')) {
                ++i;
            } else {
                const qsizetype from = i;
                while (i < m_text.size() && !QStringLiteral(",]} \n\r\t").contains(m_text.at(i)))
                    ++i;
                const QString token = m_text.mid(from, i - from);
                if (token != QLatin1String("null"))
                    add(key, from, i - from, token == QLatin1String("true") || token == QLatin1String("false") ? QStringLiteral("boolean") : QStringLiteral("number"));
            }
        }
    }

private:
    qsizetype endOfString(qsizetype from) const
    {
        qsizetype i = from + 1;
        while (i < m_text.size() && m_text.at(i) != QLatin1Char('"'))
            i += m_text.at(i) == QLatin1Char('\\') ? 2 : 1;
        return std::min(i, m_text.size());
    }
    void add(const QString &key, qsizetype from, qsizetype length, const QString &type)
    {
        RequestValue value;
        value.inBody = true;
        value.from = from;
        value.length = length;
        value.name = parameterName(key.isEmpty() ? QStringLiteral("value") : key);
        value.type = type;
        const QString raw = m_text.mid(from, length);
        const QJsonValue read = type == QLatin1String("string") ? json::parse(QString(QLatin1Char('"') + raw + QLatin1Char('"')).toUtf8()).valueOr(raw) : QJsonValue(raw);
        value.value = read.toString();
        value.place = QStringLiteral("JSON body");
        if (!raw.contains(QLatin1String("{{")))
            m_values->push_back(std::move(value));
    }
    const QString &m_text;
    std::vector<RequestValue> *m_values;
};
}

std::vector<RequestValue> requestValues(const QJsonObject &config)
{
    std::vector<RequestValue> values;
    const QString url = config.value(QStringLiteral("url")).toString();
    const qsizetype host = url.indexOf(QLatin1String("//"));
    const qsizetype path = host < 0 ? -1 : url.indexOf(QLatin1Char('/'), host + 2);
    qsizetype query = url.indexOf(QLatin1Char('?'));
    qsizetype end = url.indexOf(QLatin1Char('#'));
    if (end < 0)
        end = url.size();
    if (query < 0 || query > end)
        query = end;
    if (path > 0 && path < query)
        addPath(url, path + 1, query, &values);
    if (query < end)
        addPairs(url, query + 1, end, false, QStringLiteral("query"), &values);
    const QString body = config.value(QStringLiteral("body")).toString();
    const QString type = config.value(QStringLiteral("body_type")).toString();
    if (body.size() <= longestBody) {
        if (type == QLatin1String("form") || type == QLatin1String("multipart"))
            addPairs(body, 0, body.size(), true, QStringLiteral("form"), &values);
        else if (type == QLatin1String("json") && json::parse(body.toUtf8()))
            JsonLeaves(body, &values).scan();
    }
    QSet<QString> names;
    for (const QJsonValue &known : config.value(QStringLiteral("parameters")).toArray())
        names.insert(known[QLatin1String("name")].toString());
    for (RequestValue &value : values) { // each name once
        QString name = value.name;
        for (int i = 2; names.contains(name); ++i)
            name = QStringLiteral("%1_%2").arg(value.name).arg(i);
        value.name = name;
        names.insert(name);
    }
    return values;
}

QJsonObject withParameters(const QJsonObject &config, const std::vector<RequestValue> &values,
                           const std::map<size_t, std::pair<QString, QString>> &chosen)
{
    QJsonObject out = config;
    QJsonArray parameters = config.value(QStringLiteral("parameters")).toArray();
    QString url = config.value(QStringLiteral("url")).toString(), body = config.value(QStringLiteral("body")).toString();
    // From the end, so that the offsets before stay right; values are in the order of their places.
    for (auto it = chosen.rbegin(); it != chosen.rend(); ++it) {
        const RequestValue &value = values[it->first];
        QString &text = value.inBody ? body : url;
        text.replace(value.from, value.length, QStringLiteral("{{%1}}").arg(it->second.first));
    }
    for (const auto &[index, named] : chosen) {
        const RequestValue &value = values[index];
        QJsonValue example = value.value;
        if (value.type != QLatin1String("string"))
            example = json::parse(value.value.toUtf8()).valueOr(value.value);
        QJsonObject parameter{{QStringLiteral("name"), named.first}, {QStringLiteral("type"), value.type}, {QStringLiteral("default"), example}};
        if (!named.second.isEmpty())
            parameter.insert(QStringLiteral("description"), named.second);
        parameters.append(parameter);
    }
    out.insert(QStringLiteral("url"), url);
    if (config.contains(QStringLiteral("body")))
        out.insert(QStringLiteral("body"), body);
    if (!parameters.isEmpty())
        out.insert(QStringLiteral("parameters"), parameters);
    return out;
}

AddToolRequest::AddToolRequest(Session *session, Theme *theme, CurlImport import, QWidget *parent)
    : AddToolStep(parent), m_session(session), m_theme(theme), m_import(std::move(import)),
      m_values(requestValues(m_import.body.value(QStringLiteral("config")).toObject()))
{
    setObjectName(QStringLiteral("add-request"));
    build();
    refresh();
}

void AddToolRequest::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::Margin);
    grid->setVerticalSpacing(metrics::Gap);
    grid->setColumnStretch(1, 1);
    m_name = new QLineEdit(m_import.name, this);
    m_name->setObjectName(QStringLiteral("add-request-name"));
    m_name->setAccessibleName(tr("Name of the tool"));
    m_purpose = new QLineEdit(this);
    m_purpose->setObjectName(QStringLiteral("add-request-purpose"));
    m_purpose->setAccessibleName(tr("Purpose"));
    m_purpose->setPlaceholderText(tr("One sentence; the model reads it to decide when to call"));
    grid->addWidget(new Label(m_theme, tr("Name"), Label::Style::Secondary, this), 0, 0);
    grid->addWidget(m_name, 0, 1);
    grid->addWidget(new Label(m_theme, tr("Purpose"), Label::Style::Secondary, this), 1, 0);
    grid->addWidget(m_purpose, 1, 1);
    layout->addLayout(grid);
    layout->addWidget(new Label(m_theme, tr("The request"), Label::Style::Strong, this));
    m_request = new CodeEditor(m_theme, this);
    m_request->setObjectName(QStringLiteral("add-request-text"));
    m_request->setAccessibleName(tr("The request as it was understood"));
    m_request->setReadOnly(true);
    m_request->setLineNumbersVisible(false);
    m_request->setTabChangesFocus(true);
    m_request->setAutoHeight(3, 12);
    layout->addWidget(m_request);
    m_message = new InlineMessage(m_theme, Severity::Info, QString(), this);
    m_message->setObjectName(QStringLiteral("add-request-message"));
    m_message->setVisible(!m_import.notes.isEmpty());
    m_message->setMessage(Severity::Info, m_import.notes.mid(0, 4).join(QLatin1Char(' ')));
    layout->addWidget(m_message);
    m_secrets = new AddToolSecrets(m_session, m_theme, this);
    QList<std::pair<QString, QString>> found;
    for (const CurlSecret &secret : m_import.secrets)
        found.append({secret.name, secret.value});
    m_secrets->setSecrets(m_import.body, found);
    layout->addWidget(m_secrets);
    layout->addWidget(new Label(m_theme, m_values.empty() ? tr("The request is always the same: nothing in it can vary.") : tr("What the agent gives: switch on the values that vary, and name them"),
                                m_values.empty() ? Label::Style::Hint : Label::Style::Strong, this));
    auto *scroll = new QScrollArea(this);
    auto *content = new QWidget(scroll);
    auto *rows = new QGridLayout(content);
    rows->setContentsMargins(0, 0, metrics::Gap, 0);
    rows->setHorizontalSpacing(metrics::Margin);
    rows->setVerticalSpacing(metrics::GapSmall);
    rows->setColumnStretch(3, 1);
    for (size_t i = 0; i < m_values.size(); ++i) {
        const RequestValue &value = m_values[i];
        Line line;
        const int row = int(i);
        line.on = new QCheckBox(content);
        line.on->setObjectName(QStringLiteral("parameter-on-%1").arg(i));
        line.on->setAccessibleName(tr("%1 varies").arg(value.name));
        line.name = new QLineEdit(value.name, content);
        line.name->setObjectName(QStringLiteral("parameter-name-%1").arg(i));
        line.name->setFixedWidth(150);
        line.about = new QLineEdit(content);
        line.about->setPlaceholderText(tr("what it means, for the model"));
        auto *shown = new ElidedLabel(m_theme, value.value.simplified().left(200), Qt::ElideRight, content);
        shown->setTextFont(m_theme->codeFont());
        shown->setFixedWidth(180);
        shown->setToolTip(tr("%1, now %2").arg(value.place, value.value.left(200)));
        auto *place = new Label(m_theme, value.place, Label::Style::Hint, content);
        rows->addWidget(line.on, row, 0);
        rows->addWidget(shown, row, 1);
        rows->addWidget(line.name, row, 2);
        rows->addWidget(line.about, row, 3);
        rows->addWidget(place, row, 4);
        connect(line.on, &QCheckBox::toggled, this, &AddToolRequest::refresh);
        connect(line.name, &QLineEdit::textEdited, this, [this, on = line.on] {
            if (on->isChecked())
                refresh();
        });
        m_lines.push_back(line);
    }
    rows->setRowStretch(int(m_values.size()), 1);
    fillScrollColumn(scroll, content);
    scroll->setVisible(!m_values.empty());
    layout->addWidget(scroll, 1);
    if (m_values.empty())
        layout->addStretch(1);
    connect(m_name, &QLineEdit::textEdited, this, &AddToolStep::stateChanged);
}

QJsonObject AddToolRequest::config() const
{
    std::map<size_t, std::pair<QString, QString>> chosen;
    for (size_t i = 0; i < m_lines.size(); ++i) {
        if (m_lines[i].on->isChecked())
            chosen[i] = {m_lines[i].name->text().trimmed(), m_lines[i].about->text().trimmed()};
    }
    return withParameters(m_import.body.value(QStringLiteral("config")).toObject(), m_values, chosen);
}

void AddToolRequest::refresh()
{
    for (const Line &line : m_lines) {
        line.name->setEnabled(line.on->isChecked());
        line.about->setEnabled(line.on->isChecked());
    }
    const QJsonObject now = config();
    QString text = now.value(QStringLiteral("method")).toString() + QLatin1Char(' ') + now.value(QStringLiteral("url")).toString();
    const QJsonObject headers = now.value(QStringLiteral("headers")).toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it)
        text += QLatin1Char('\n') + it.key() + QStringLiteral(": ") + it.value().toString();
    if (const QString body = now.value(QStringLiteral("body")).toString(); !body.isEmpty())
        text += QStringLiteral("\n\n") + body.left(20'000);
    m_request->setText(text);
    if (const QString wrong = problem(); !wrong.isEmpty()) {
        m_message->setMessage(Severity::Error, wrong);
        m_message->show();
    } else {
        m_message->setMessage(Severity::Info, m_import.notes.mid(0, 4).join(QLatin1Char(' ')));
        m_message->setVisible(!m_import.notes.isEmpty());
    }
    Q_EMIT stateChanged();
}

QString AddToolRequest::problem() const
{
    static const QRegularExpression good(QStringLiteral("^[A-Za-z_][A-Za-z0-9_]{0,63}$"));
    QSet<QString> names;
    for (const Line &line : m_lines) {
        if (!line.on->isChecked())
            continue;
        const QString name = line.name->text().trimmed();
        if (!good.match(name).hasMatch())
            return tr("\"%1\" is no name of a parameter; use letters, digits and _.").arg(name.left(60));
        if (names.contains(name))
            return tr("Two parameters are called %1; name one differently.").arg(name);
        names.insert(name);
    }
    return {};
}

QString AddToolRequest::title() const
{
    return tr("Add an HTTP request");
}

QString AddToolRequest::primaryText() const
{
    return tr("Add tool");
}

bool AddToolRequest::canGoOn() const
{
    return !m_adding && !m_name->text().trimmed().isEmpty() && problem().isEmpty();
}

void AddToolRequest::goOn()
{
    if (!canGoOn())
        return;
    m_adding = true;
    Q_EMIT stateChanged();
    const auto failed = [this](const Error &error) {
        m_adding = false;
        m_message->setMessage(Severity::Error, error.message);
        m_message->show();
        Q_EMIT stateChanged();
    };
    runTask(this, m_secrets->store(), [this, failed] {
        QJsonObject body = m_import.body;
        body.insert(QStringLiteral("config"), config());
        if (const QString purpose = m_purpose->text().trimmed(); !purpose.isEmpty())
            body.insert(QStringLiteral("purpose"), purpose);
        std::vector<std::pair<QString, QJsonObject>> tools;
        tools.emplace_back(m_name->text().trimmed(), body);
        runTask(this, createTools(m_session, std::move(tools)), [this](const QList<ArtifactId> &ids) {
            const auto info = m_session->project().artifacts().info(ids.first());
            Q_EMIT created(ids, tr("Added %1").arg(info ? info->name : QString()));
        }, failed);
    }, [this, failed](const Error &error) {
        failed(error);
        m_secrets->focusField();
    });
}

} // namespace lathe
