// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/sources/SourceHub.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

// What an import of one file did: the format that was found, the runs that were made, what was not understood with counts and examples,
// problems by line.
class ImportReportView : public QWidget
{
    Q_OBJECT
public:
    ImportReportView(const SourceHub::ImportEntry &entry, Theme *theme, bool open, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
};

} // namespace lathe
