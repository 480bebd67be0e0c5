// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QTabBar;

namespace lathe {

class IconButton;
class Button;
class Label;
class SearchField;

// The line above a trace: which picture, filter and hits, what to highlight, zoom.
class TraceBar : public QWidget
{
    Q_OBJECT
public:
    enum class Mode { Tree, Waterfall, Flame };
    explicit TraceBar(Theme *theme, QWidget *parent = nullptr);
    Mode mode() const;
    void setMode(Mode mode); // emits when it changes
    SearchField *field() const { return m_field; }
    // "3 of 41"; total -1: no filter is set. `searching`: more may come.
    void setHits(int position, int total, bool searching);
    Button *critical() const { return m_critical; }
    Button *costs() const { return m_costs; }
    Button *travel() const { return m_travel; }
    void setFitted(bool fitted);
    QSize minimumSizeHint() const override; // narrow: the buttons become icons

Q_SIGNALS:
    void modeChanged(lathe::TraceBar::Mode mode);
    void hitRequested(int direction);
    void zoomRequested(double factor); // 0: all

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitTexts();
    Theme *m_theme;
    QTabBar *m_modes;
    SearchField *m_field;
    Label *m_hits;
    IconButton *m_previous;
    IconButton *m_next;
    Button *m_critical;
    Button *m_costs;
    Button *m_travel;
    Button *m_fit;
};

} // namespace lathe
