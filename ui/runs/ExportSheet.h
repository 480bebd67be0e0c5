// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/widgets/Sheet.h"

#include <memory>

namespace lathe {

// Gives runs out: as a page for a colleague, OTLP, JSONL or CSV, to a file or live to a collector, with what must stay private taken
// out. Make it, connect, open(); it deletes itself when it closes. The runs are read when they are written, not before.
//     auto *sheet = new ExportSheet(m_session, m_theme, this, ids);
//     connect(sheet, &ExportSheet::statusMessage, this, &RunListView::statusMessage);
//     sheet->open();
class ExportSheet : public Sheet
{
    Q_OBJECT
public:
    ExportSheet(Session *session, Theme *theme, QWidget *anchor, std::vector<RunId> runs);
    ~ExportSheet() override;

Q_SIGNALS:
    void statusMessage(const QString &text); // "Exported 12 runs to runs.html"

private:
    class Parts;
    std::unique_ptr<Parts> d;
};

} // namespace lathe
