// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

// Facts that can be read off a text by their form. The patterns are linear and look at no more than the first 20,000 characters.
namespace lathe::offline {

struct NumberFact {
    qsizetype from = 0;
    qsizetype length = 0;
    double value = 0;
    bool isInteger = true;
    QString unit; // "EUR", "USD", "GBP", "%", or empty
};

QStringList findUrls(const QString &text);
QStringList findEmails(const QString &text);
QStringList findPhones(const QString &text);
QStringList findPaths(const QString &text);
// Texts between quotation marks of any kind, at most 200 characters each.
QStringList findQuoted(const QString &text);
// Dates as YYYY-MM-DD: 2026-03-01, 1 March 2026, March 1st, 2026, 01.03.2026. Dates without a year are left out.
QStringList findDates(const QString &text);
// Order, invoice or ticket numbers as written: "INV-2041", "#4711", "order 7731".
QStringList findReferences(const QString &text);
// Numbers that are not part of a date or reference; "1,200.50" and "three" are read. In order.
std::vector<NumberFact> findNumbers(const QString &text);
// A name given as "my name is", "I am", "Best regards,\nName" or "From: Name".
QString findPersonName(const QString &text);
// An arithmetic expression in digits and signs, or said in words ("15 percent of 340", "the average of 3, 4 and 5").
QString findExpression(const QString &text);

} // namespace lathe::offline
