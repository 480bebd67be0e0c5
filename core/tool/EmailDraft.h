// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QDateTime>
#include <QStringList>

#include <vector>

namespace lathe {

// "Ada <ada@example.com>" or "ada@example.com".
struct MailAddress {
    QString name;
    QString address; // the domain in its ASCII form and lower case
    static Result<MailAddress> parse(const QString &text);
    QString domain() const { return address.section(u'@', -1); }
    QString display() const; // for people
    QByteArray header() const; // RFC 5322, name encoded where needed
};

struct MailAttachment {
    QString name; // of the file, without folders
    QByteArray content;
};

// A mail as it would go out.
struct EmailDraft {
    MailAddress from;
    std::optional<MailAddress> replyTo;
    std::vector<MailAddress> to, cc, bcc;
    QString subject, body;
    std::vector<MailAttachment> attachments;
    QStringList recipients() const; // addresses, each once
};

// What a person sees who decides about it.
QString emailPreview(const EmailDraft &draft);
// The message by RFC 5322 and MIME: headers by RFC 2047 where they need it, the body as quoted-printable or base64, lines of at most 78
// (headers) and 76 characters that end in CR LF. `id` is a word of its own for Message-ID and boundary: letters and digits.
// InvalidInput when a header holds a line end or another control character.
Result<QByteArray> renderEmail(const EmailDraft &draft, const QDateTime &when, const QByteArray &id);

// Whether the list of allowed recipients holds the address: itself, "@its.domain", or "*".
bool mayWriteTo(const QStringList &allowed, const MailAddress &address);

} // namespace lathe
