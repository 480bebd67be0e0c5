// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/EmailDraft.h"

#include "core/tool/ToolText.h"

#include <QLocale>
#include <QMimeDatabase>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype headerLine = 76;

bool isControl(QChar c)
{
    return c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0) || c == QChar(0x2028) || c == QChar(0x2029);
}

bool hasControl(const QString &text)
{
    return std::any_of(text.begin(), text.end(), isControl);
}

bool isAscii(const QString &text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x80; });
}

// Encoded words of at most 75 characters each, none of which splits a character.
QByteArray encodedWords(const QString &text)
{
    QByteArray out, piece;
    const auto flush = [&] {
        if (!out.isEmpty())
            out += "\r\n ";
        out += "=?UTF-8?B?" + piece.toBase64() + "?=";
        piece.clear();
    };
    for (const uint point : text.toUcs4()) {
        const QByteArray bytes = QString::fromUcs4(reinterpret_cast<const char32_t *>(&point), 1).toUtf8();
        if (piece.size() + bytes.size() > 42) // 56 as base64, 68 with its frame, 75 with the name of most headers
            flush();
        piece += bytes;
    }
    if (!piece.isEmpty())
        flush();
    return out;
}

// Text of a header that has no structure.
QByteArray headerText(const QByteArray &name, const QString &text)
{
    bool plain = isAscii(text) && !text.contains(QLatin1String("=?")) && !text.startsWith(u' ') && !text.endsWith(u' ');
    const auto words = text.split(u' ');
    plain = plain && std::all_of(words.begin(), words.end(), [](const QString &word) { return word.size() <= 60; });
    QByteArray line = name + ": ";
    if (!plain)
        return line + (name.size() > 20 ? "\r\n " : "") + encodedWords(text) + "\r\n";
    QByteArray out;
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QByteArray word = words[i].toLatin1();
        if (i > 0 && line.size() + 1 + word.size() > headerLine && !word.isEmpty()) {
            out += line + "\r\n";
            line = ' ' + word;
        } else {
            line += (i > 0 ? " " : "") + word;
        }
    }
    return out + line + "\r\n";
}

QByteArray addressHeader(const QByteArray &name, const std::vector<MailAddress> &addresses)
{
    if (addresses.empty())
        return {};
    QByteArray out = name + ": ";
    for (size_t i = 0; i < addresses.size(); ++i)
        out += (i ? ",\r\n " : "") + addresses[i].header();
    return out + "\r\n";
}

// Lines end in LF alone afterwards.
QByteArray normalLines(const QString &text)
{
    QByteArray bytes = text.toUtf8();
    return bytes.replace("\r\n", "\n").replace('\r', '\n');
}

QByteArray quotedPrintable(const QByteArray &bytes)
{
    static const char hex[] = "0123456789ABCDEF";
    QByteArray out, line;
    const auto put = [&](const QByteArray &token) {
        if (line.size() + token.size() > 75) {
            out += line + "=\r\n";
            line.clear();
        }
        line += token;
    };
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        const auto c = uchar(bytes[i]);
        const bool last = i + 1 == bytes.size() || bytes[i + 1] == '\n';
        if (c == '\n') {
            out += line + "\r\n";
            line.clear();
        } else if ((c >= 33 && c <= 126 && c != '=' && !(line.isEmpty() && (c == '.' || c == 'F'))) || ((c == ' ' || c == '\t') && !last)) {
            put(QByteArray(1, char(c)));
        } else {
            put(QByteArray("=") + hex[c >> 4] + hex[c & 15]); // also "." and "From " where a mail server might change them
        }
    }
    return out + line;
}

QByteArray base64Lines(const QByteArray &bytes)
{
    const QByteArray all = bytes.toBase64();
    QByteArray out;
    for (qsizetype i = 0; i < all.size(); i += 76)
        out += all.mid(i, 76) + "\r\n";
    return out;
}

QByteArray textPart(const QString &body)
{
    QByteArray bytes = normalLines(body);
    if (!bytes.endsWith('\n'))
        bytes += '\n';
    const auto special = std::count_if(bytes.begin(), bytes.end(), [](char c) { return uchar(c) >= 0x80; });
    const bool base64 = special * 3 > bytes.size();
    QByteArray out = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ";
    out += base64 ? "base64\r\n\r\n" + base64Lines(bytes.replace("\n", "\r\n")) : "quoted-printable\r\n\r\n" + quotedPrintable(bytes);
    return out;
}

QByteArray attachmentPart(const MailAttachment &attachment)
{
    static const QMimeDatabase types;
    const QByteArray type = types.mimeTypeForFile(attachment.name, QMimeDatabase::MatchExtension).name().toLatin1();
    const QString &name = attachment.name;
    const bool plain = isAscii(name) && name.size() <= 60 && !hasControl(name) && !name.contains(u'"') && !name.contains(u'\\');
    return "Content-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n "
           + (plain ? "filename=\"" + name.toLatin1() + '"' : "filename*=UTF-8''" + QUrl::toPercentEncoding(name)) + "\r\n\r\n"
           + base64Lines(attachment.content);
}

QString list(const std::vector<MailAddress> &addresses)
{
    QStringList all;
    for (const MailAddress &address : addresses)
        all += address.display();
    return all.join(QStringLiteral(", "));
}
} // namespace

Result<MailAddress> MailAddress::parse(const QString &text)
{
    const auto wrong = [&] {
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no e-mail address; write bob@example.com or Bob <bob@example.com>.")
                                                  .arg(cleanText(text.left(100)).simplified()));
    };
    if (hasControl(text) || text.size() > 400)
        return wrong();
    MailAddress result;
    QString address = text.trimmed();
    if (address.endsWith(u'>')) {
        const qsizetype open = address.lastIndexOf(u'<');
        if (open < 0)
            return wrong();
        result.name = address.left(open).trimmed();
        address = address.mid(open + 1, address.size() - open - 2).trimmed();
        if (result.name.size() >= 2 && result.name.startsWith(u'"') && result.name.endsWith(u'"'))
            result.name = result.name.mid(1, result.name.size() - 2);
        if (result.name.contains(u'<') || result.name.contains(u'@')) // "boss@example.com <thief@example.org>" misleads
            return wrong();
    }
    const qsizetype at = address.lastIndexOf(u'@');
    const QString local = address.left(at);
    const QString domain = QString::fromLatin1(QUrl::toAce(address.mid(at + 1))).toLower();
    const auto badLocal = [](QChar c) { return c.isSpace() || QStringLiteral("\"(),:;<>@[]\\").contains(c); };
    if (at < 1 || local.toUtf8().size() > 64 || domain.isEmpty() || domain.size() > 253 || std::any_of(local.begin(), local.end(), badLocal)
        || local.startsWith(u'.') || local.endsWith(u'.') || local.contains(QLatin1String("..")))
        return wrong();
    for (const QChar c : domain) {
        if (!((c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'-' || c == u'.'))
            return wrong();
    }
    result.address = local + u'@' + domain;
    return result;
}

QString MailAddress::display() const
{
    return name.isEmpty() ? address : name + QStringLiteral(" <") + address + u'>';
}

QByteArray MailAddress::header() const
{
    const QByteArray plain = address.toUtf8(); // a local part beyond ASCII needs SMTPUTF8
    if (name.isEmpty())
        return plain;
    if (isAscii(name) && !name.contains(QLatin1String("=?")) && name.size() <= 60)
        return '"' + name.toLatin1().replace('\\', "\\\\").replace('"', "\\\"") + "\"\r\n <" + plain + '>';
    return encodedWords(name) + "\r\n <" + plain + '>';
}

QStringList EmailDraft::recipients() const
{
    QStringList all;
    for (const auto *some : {&to, &cc, &bcc}) {
        for (const MailAddress &address : *some)
            all += address.address;
    }
    all.removeDuplicates();
    return all;
}

QString emailPreview(const EmailDraft &draft)
{
    QString text = QStringLiteral("From: %1\nTo: %2\n").arg(draft.from.display(), list(draft.to));
    if (draft.replyTo)
        text += QStringLiteral("Reply-To: %1\n").arg(draft.replyTo->display());
    if (!draft.cc.empty())
        text += QStringLiteral("Cc: %1\n").arg(list(draft.cc));
    if (!draft.bcc.empty())
        text += QStringLiteral("Bcc: %1\n").arg(list(draft.bcc));
    text += QStringLiteral("Subject: %1\n").arg(draft.subject);
    for (const MailAttachment &attachment : draft.attachments) {
        text += attachment.content.isNull() ? QStringLiteral("Attached: %1\n").arg(attachment.name)
                                            : QStringLiteral("Attached: %1 (%2)\n").arg(attachment.name, sizeText(attachment.content.size()));
    }
    return cleanText(text + u'\n' + draft.body);
}

Result<QByteArray> renderEmail(const EmailDraft &draft, const QDateTime &when, const QByteArray &id)
{
    const auto bad = [](const char *what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The %1 of a mail must be one line without control characters.").arg(QLatin1String(what)));
    };
    if (hasControl(draft.subject))
        return bad("subject");
    for (const auto *some : {&draft.to, &draft.cc, &draft.bcc}) {
        for (const MailAddress &address : *some) {
            if (hasControl(address.name) || hasControl(address.address))
                return bad("recipient");
        }
    }
    if (hasControl(draft.from.name) || hasControl(draft.from.address) || (draft.replyTo && hasControl(draft.replyTo->display())))
        return bad("sender");
    for (const MailAttachment &attachment : draft.attachments) {
        if (hasControl(attachment.name))
            return bad("attachment's name");
    }
    QByteArray out = addressHeader("From", {draft.from});
    if (draft.replyTo)
        out += addressHeader("Reply-To", {*draft.replyTo});
    out += addressHeader("To", draft.to) + addressHeader("Cc", draft.cc); // Bcc is in the envelope alone
    out += headerText("Subject", draft.subject);
    out += "Date: " + QLocale::c().toString(when.toUTC(), QStringLiteral("ddd, dd MMM yyyy HH:mm:ss")).toLatin1() + " +0000\r\n";
    out += "Message-ID: <" + id + '@' + draft.from.domain().toLatin1() + ">\r\n";
    out += "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n";
    const QByteArray text = textPart(draft.body);
    if (draft.attachments.empty())
        return out + text;
    const QByteArray boundary = "=_" + id; // "=_" comes in neither encoding
    out += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n" + text;
    for (const MailAttachment &attachment : draft.attachments)
        out += "\r\n--" + boundary + "\r\n" + attachmentPart(attachment);
    return out + "\r\n--" + boundary + "--\r\n";
}

bool mayWriteTo(const QStringList &allowed, const MailAddress &address)
{
    for (const QString &entry : allowed) {
        const QString one = entry.trimmed();
        if (one == QLatin1String("*"))
            return true;
        if (one.startsWith(u'@')) {
            if (const auto parsed = MailAddress::parse(u'a' + one); parsed && parsed->domain() == address.domain())
                return true;
        } else if (const auto parsed = MailAddress::parse(one); parsed && parsed->address.compare(address.address, Qt::CaseInsensitive) == 0) {
            return true;
        }
    }
    return false;
}

} // namespace lathe
