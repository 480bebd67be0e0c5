// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonValue>
#include <QString>
#include <QStringList>

namespace lathe {

// Takes known secrets out of everything that is stored, logged or shown. Secrets of under 6 characters are ignored (they
// would blank ordinary text). Also matches a secret as it looks percent-encoded or JSON-escaped, each any number of
// times and mixed. A text that comes in pieces must be joined first: a secret cut in two is not seen.
class Redactor
{
public:
    void addSecret(const QString &secret);
    bool isEmpty() const { return m_needles.isEmpty(); }
    QString redact(const QString &text) const; // each secret becomes "[secret]"
    QJsonValue redact(const QJsonValue &value) const; // keys and values, deep

private:
    QStringList m_needles; // longest first
};

} // namespace lathe
