// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QStringList>

namespace lathe {

// The files outside of the project that a blueprint's SQL tools describe to models, as they stood when the tools were made. A value.
class DescribedFiles
{
public:
    // Of a snapshot with all that is within it. `folder`: where relative paths start. `sinceMs`: when the making began, by the system's clock.
    DescribedFiles(const QJsonObject &snapshot, const QString &folder, qint64 sinceMs);
    DescribedFiles() = default;
    // False: what the tools say may be out of date. Looks at the files' times and sizes, not at what is in them.
    bool areUnchanged() const;

private:
    QByteArray state() const;
    QStringList m_files;
    QByteArray m_state;
    bool m_settled = true; // the files were at rest for long enough that their times tell a later change
};

} // namespace lathe
