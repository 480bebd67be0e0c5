// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class ElidedLabel;
class IconButton;
class LinkLabel;
class StatusDot;

// The head of a column: which run, how it ended, its totals with deltas to the baseline, its rating.
class RunCard : public QWidget
{
    Q_OBJECT
public:
    explicit RunCard(Theme *theme, QWidget *parent = nullptr);
    // `baseline`: what the deltas are against; null for the baseline itself.
    void show(const RunInfo &info, const RunInfo *baseline, bool removable);

Q_SIGNALS:
    void opened();
    void baselineRequested();
    void removeRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void fit();
    Theme *m_theme;
    StatusDot *m_dot;
    LinkLabel *m_name;
    ElidedLabel *m_agent;
    LinkLabel *m_baseline;
    IconButton *m_remove;
    ElidedLabel *m_numbers;
    ElidedLabel *m_rating;
    bool m_isBaseline = false;
    QString m_longRating;
    QString m_shortRating;
};

} // namespace lathe
