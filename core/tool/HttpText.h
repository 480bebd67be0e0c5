// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringView>

#include <optional>

namespace lathe {

// The body of an answer as text for a model, by its Content-Type; nullopt when it is binary. HTML
// becomes plain text.
std::optional<QString> bodyText(const QByteArray &body, const QByteArray &contentType);
// Tags, scripts and styles out, blocks on lines of their own, entities decoded. One pass, any
// input.
QString htmlToText(const QString &html);
// The bytes of a text in the encoding its Content-Type names, UTF-8 when it names none or one that
// is unknown; a byte order mark decides before it.
QString decodedBody(const QByteArray &body, const QByteArray &contentType);
// What "&name;" of HTML stands for ("amp", "#8364"); empty when it is not known.
QString htmlEntity(QStringView name);

} // namespace lathe
