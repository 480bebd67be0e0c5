// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/tools/ToolDiff.h"

#include <QScrollArea>

class QVBoxLayout;

namespace lathe {

// What differs between two bodies of a tool, in words under headings: settings, functions, policy; long texts word by word; what lets more
// through than before is marked.
class ToolDiffView : public QScrollArea
{
    Q_OBJECT
public:
    explicit ToolDiffView(Theme *theme, QWidget *parent = nullptr);
    void setBodies(const QJsonObject &before, const QJsonObject &after);
    const std::vector<ToolChange> &changes() const { return m_changes; }
    // "3 changes, 1 lets more through"
    QString summary() const;
    QString asText() const; // for the clipboard

private:
    void rebuild();
    Theme *m_theme;
    QVBoxLayout *m_rows;
    QWidget *m_content;
    std::vector<ToolChange> m_changes;
};

} // namespace lathe
