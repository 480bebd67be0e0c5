// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include <optional>

namespace lathe {

// The body of an answer as text for a model, by its Content-Type; nullopt when it is binary. HTML
// becomes plain text.
std::optional<QString> bodyText(const QByteArray &body, const QByteArray &contentType);
// Tags, scripts and styles out, blocks on lines of their own, entities decoded. One pass, any
// input.
QString htmlToText(const QString &html);

} // namespace lathe
