// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/NodeInspectorForms.h"

#include <QCoreApplication>

namespace lathe::inspectorforms {

namespace {
using Type = FormFieldInfo::Type;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::inspectorforms", text);
}

FormFieldInfo field(const char *key, const QString &title, Type type, const QString &about = QString())
{
    FormFieldInfo info;
    info.key = QString::fromLatin1(key);
    info.title = title;
    info.type = type;
    info.about = about;
    return info;
}

FormFieldInfo number(const char *key, const QString &title, double absent, double least, double most, const QString &about = QString())
{
    FormFieldInfo info = field(key, title, Type::Number, about);
    info.absent = absent;
    info.least = least;
    info.most = most;
    return info;
}
}

std::vector<FormFieldInfo> team()
{
    return {field("job", tr("Job"), Type::Text, tr("One sentence: what the team does, with what, for whom."))};
}

std::vector<FormFieldInfo> limits()
{
    const Limits defaults;
    // Money may be a fraction of a dollar, so it is no whole number: its field has steps of cents.
    FormFieldInfo cost = number("limits/cost_usd", tr("Money in $"), defaults.costUsd, 0, 10'000, tr("0 is no bound."));
    return {number("at_once", tr("At once"), 8, 1, 64, tr("Nodes and branches that run concurrently.")),
            number("limits/steps", tr("Steps"), defaults.steps, 1, 10'000, tr("Model and tool calls of the whole run.")),
            number("limits/seconds", tr("Seconds"), defaults.seconds, 0, 86'400),
            number("limits/tokens", tr("Tokens"), double(defaults.tokens), 0, 100'000'000), cost};
}

std::vector<FormFieldInfo> name()
{
    return {field("name", tr("Name"), Type::Line)};
}

std::vector<FormFieldInfo> onError()
{
    FormFieldInfo then = field("on_error/then", tr("When it fails"), Type::Choice);
    then.choices = {QStringLiteral("fail"), QStringLiteral("fallback")};
    then.choiceTitles = {tr("The run fails"), tr("The error leaves by a port of its own")};
    then.absent = QStringLiteral("fail");
    return {
        number("on_error/retries", tr("Tries again"), 0, 0, 10, tr("How often the whole node is repeated before it has failed.")),
        then};
}

std::vector<FormFieldInfo> edge()
{
    return {field("label", tr("Label"), Type::Line, tr("Shown on the edge; means nothing to a run."))};
}

std::vector<FormFieldInfo> frame()
{
    FormFieldInfo color = field("color", tr("Color"), Type::Choice);
    color.choices = {QStringLiteral("agent"),  QStringLiteral("model"),   QStringLiteral("tool"),
                     QStringLiteral("memory"), QStringLiteral("control"), QStringLiteral("human")};
    color.choiceTitles = {tr("Violet"), tr("Blue"), tr("Green"), tr("Pink"), tr("Teal"), tr("Yellow")};
    return {field("title", tr("Title"), Type::Line), color};
}

std::vector<FormFieldInfo> note()
{
    return {field("text", tr("Text"), Type::Text)};
}

QStringList variables(const QJsonObject &body)
{
    QStringList names{QStringLiteral("input")};
    for (const QJsonValue &key : body.value(QStringLiteral("state")).toArray())
        names.append(QStringLiteral("state.") + key[QLatin1String("name")].toString());
    const QJsonObject nodes = body.value(QStringLiteral("nodes")).toObject();
    for (const QJsonValue &node : nodes) {
        if (node[QLatin1String("kind")].toString() != QLatin1String("input"))
            continue;
        for (const QJsonValue &of : node[QLatin1String("settings")][QLatin1String("fields")].toArray())
            names.append(QStringLiteral("variables.") + of[QLatin1String("name")].toString());
    }
    names += {QStringLiteral("item"), QStringLiteral("index"), QStringLiteral("iteration")};
    names.removeDuplicates();
    return names;
}

} // namespace lathe::inspectorforms
