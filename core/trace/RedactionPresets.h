// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

namespace lathe::redaction {

// A place in a text.
struct Span {
    qsizetype from = 0;
    qsizetype to = 0;
};

// Searches that a regular expression cannot do, as they check sums and ranges. Each gives the first place at or behind `from`; linear time.
std::optional<Span> findCard(QStringView text, qsizetype from);  // 13-19 digits, also in groups, with a right Luhn digit
std::optional<Span> findIban(QStringView text, qsizetype from);  // right by its check digits (ISO 7064)
std::optional<Span> findAddress(QStringView text, qsizetype from); // IPv4 and IPv6
std::optional<Span> findPhone(QStringView text, qsizetype from); // +49 30 1234567, (030) 123-4567, 555-123-4567; 7-15 digits

} // namespace lathe::redaction
