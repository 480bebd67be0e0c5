// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CurlCommand.h"

#include "core/tool/CurlReader.h"
#include "core/tool/HttpGuard.h"
#include "core/tool/RequestTemplate.h"

#include <QJsonArray>
#include <QRegularExpression>

namespace lathe {

namespace {
constexpr qsizetype maxCommand = 1024 * 1024;
}

QJsonObject CurlCommand::toConfig() const
{
    QJsonObject object{{QStringLiteral("method"), method}, {QStringLiteral("url"), url}};
    QJsonObject values;
    QString all = url;
    for (const auto &[name, value] : headers) {
        values.insert(name, value);
        all += u'\n' + value;
    }
    object.insert(QStringLiteral("headers"), values);
    if (!basicAuth.isEmpty())
        object.insert(QStringLiteral("basic_auth"), basicAuth);
    object.insert(QStringLiteral("body_type"), bodyType);
    object.insert(QStringLiteral("body"), body);
    QJsonArray parameters;
    for (const QString &name : RequestTemplate::names(all + u'\n' + body))
        parameters.append(QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("type"), QStringLiteral("string")}});
    object.insert(QStringLiteral("parameters"), parameters);
    // A person who pastes an address of this network means it.
    const QString host = QUrl(url.section(QLatin1String("{{"), 0, 0)).host();
    static const QRegularExpression address(QStringLiteral("\\A[0-9.]+\\z|:"));
    const bool near = host == QLatin1String("localhost") || host.endsWith(QLatin1String(".localhost"))
                      || (host.contains(address) && !isPublicAddress(host));
    object.insert(QStringLiteral("allow_private_network"), near);
    return object;
}

QString CurlCommand::suggestedName() const
{
    QStringList parts{method.toLower()};
    const QString path =
        QString(url).remove(QRegularExpression(QStringLiteral("\\{\\{[^{}]*\\}\\}"))).section(u'?', 0, 0).section(QLatin1String("://"), 1);
    const QStringList segments = path.section(u'/', 1).split(u'/', Qt::SkipEmptyParts);
    static const QRegularExpression version(QStringLiteral("\\A(api|rest|v\\d+(\\.\\d+)?|\\d+)\\z"),
                                            QRegularExpression::CaseInsensitiveOption);
    for (const QString &segment : segments) {
        const QString word = curlPlaceholder(segment, QString());
        if (!version.match(segment).hasMatch() && !word.isEmpty())
            parts += word;
    }
    if (parts.size() == 1)
        parts += curlPlaceholder(path.section(u'/', 0, 0).section(u':', 0, 0), QStringLiteral("page"));
    return parts.mid(0, 5).join(u'_').left(60);
}

Result<CurlCommand> parseCurlCommand(const QString &text)
{
    if (text.size() > maxCommand)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The command is longer than 1 MB."));
    auto words = CurlWords::parse(text);
    if (!words)
        return words.error();
    return readCurlWords(std::move(*words));
}

bool looksLikeCurlCommand(const QString &text)
{
    static const QRegularExpression start(QStringLiteral("\\A\\s*(#[^\\n]*\\n\\s*)*([$%>]\\s+)?(\\S*[/\\\\])?curl(\\.exe)?\\s"),
                                          QRegularExpression::CaseInsensitiveOption);
    return start.match(text.left(300)).hasMatch();
}

} // namespace lathe
