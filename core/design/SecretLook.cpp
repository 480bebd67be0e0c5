// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/SecretLook.h"

#include <QRegularExpression>

namespace lathe {

namespace {
// How known providers begin their keys.
bool hasKnownForm(const QString &value)
{
    static const QRegularExpression forms(QStringLiteral(
        "\\A(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
        "|xox[abeoprs]-[A-Za-z0-9-]{10,}|AKIA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{30,}|ya29\\.[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}"
        "|eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*|ntn_[A-Za-z0-9]{20,}|secret_[A-Za-z0-9]{20,}|lin_api_[A-Za-z0-9]{20,}"
        "|[rs]k_(live|test)_[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{20,}|tvly-[A-Za-z0-9-]{10,}|BSA[A-Za-z0-9_-]{20,}|pat[A-Za-z0-9]{14}\\.[0-9a-f]{20,})\\z"));
    return forms.match(value).hasMatch();
}

// user:password@ in an address, such as a database's.
bool hasPasswordInAddress(const QString &value)
{
    static const QRegularExpression address(QStringLiteral("\\A[a-z][a-z0-9+.-]*://[^/@\\s:]*:[^/@\\s]+@"), QRegularExpression::CaseInsensitiveOption);
    return address.match(value).hasMatch();
}
}

QString secretReference(const QString &name)
{
    return QStringLiteral("{{secret:%1}}").arg(name);
}

bool looksLikeSecret(const QString &name, const QString &value)
{
    if (value.trimmed().isEmpty() || value.contains(QLatin1String("{{secret:")))
        return false;
    static const QRegularExpression names(
        QStringLiteral("(\\A|[-_.\\s])(key|apikey|token|secret|password|passwd|passphrase|pwd|pat|credentials?|auth|authorization|cookie|bearer|jwt)"
                       "(\\z|[-_.\\s])|(api|access|auth|private|secret|client)[-_]?(key|token|secret)|password|passwd|token\\z|secret\\z"),
        QRegularExpression::CaseInsensitiveOption);
    // Names that only point at one, and values that can be none.
    static const QRegularExpression harmless(
        QStringLiteral("(file|path|dir|url|uri|endpoint|host|port|region|type|mode|method|scopes?|name|id|limit|max|count|length|ttl|expiry)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression plainValue(QStringLiteral("\\A(true|false|yes|no|on|off|none|null|\\d{1,8})\\z"), QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression scheme(QStringLiteral("\\A(bearer|basic|token)\\s+(\\S+)\\z"), QRegularExpression::CaseInsensitiveOption);
    QString bare = value.trimmed();
    if (const auto match = scheme.match(bare); match.hasMatch())
        return true;
    if (hasKnownForm(bare) || hasPasswordInAddress(bare))
        return true;
    if (plainValue.match(bare).hasMatch())
        return false;
    return names.match(name).hasMatch() && !harmless.match(name).hasMatch();
}

QString secretNameFor(const QString &owner, const QString &name)
{
    const auto upper = [](const QString &text) {
        QString result;
        for (const QChar c : text.normalized(QString::NormalizationForm_KD)) {
            const ushort u = c.unicode();
            if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9'))
                result += c.toUpper();
            else if (!c.isMark() && !result.isEmpty() && !result.endsWith(u'_'))
                result += u'_';
        }
        while (result.endsWith(u'_'))
            result.chop(1);
        return result;
    };
    const QString of = upper(owner);
    const QString what = upper(name);
    if (what.isEmpty())
        return of.isEmpty() ? QStringLiteral("SECRET") : of + QStringLiteral("_SECRET");
    // The name says whose it is already.
    const bool says = of.isEmpty() || (QLatin1Char('_') + what + QLatin1Char('_')).contains(QLatin1Char('_') + of + QLatin1Char('_'));
    const QString whole = says ? what : of + u'_' + what;
    return whole.front().isDigit() ? QStringLiteral("S_") + whole : whole;
}

} // namespace lathe
