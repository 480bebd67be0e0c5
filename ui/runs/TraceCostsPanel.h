// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/TraceCosts.h"
#include "ui/theme/TabularFont.h"
#include "ui/theme/Theme.h"

#include <QAbstractButton>

class QHBoxLayout;
class QTabBar;

namespace lathe {

class Label;

// One line of a list of shares: name, bar, figure. A click asks for the steps behind it.
class CostBar : public QAbstractButton
{
    Q_OBJECT
public:
    CostBar(Theme *theme, const QString &name, QWidget *parent = nullptr);
    void setFigures(double share, double pathShare, const QString &figure, ColorToken color, bool failed);
    QSize sizeHint() const override { return QSize(160, 24); }
    QSize minimumSizeHint() const override { return QSize(90, 24); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    TabularFont m_small;
    QString m_figure;
    double m_share = 0;
    double m_pathShare = 0; // of it, on the critical path
    ColorToken m_color = ColorToken::Model;
    bool m_failed = false;
};

// Where time, tokens and money of a run went: by kind, model, tool, agent and wait, the largest first.
class TraceCostsPanel : public QWidget
{
    Q_OBJECT
public:
    enum class Measure { Time, Tokens, Money };
    explicit TraceCostsPanel(Theme *theme, QWidget *parent = nullptr);
    void setCosts(const TraceCosts &costs);
    void setBusy();
    void setMeasure(Measure measure);

Q_SIGNALS:
    void filterRequested(const QString &word);

private:
    void build();
    QWidget *column(const QString &title, const std::vector<CostRow> &rows, ColorToken color, bool waits);
    Theme *m_theme;
    QTabBar *m_measures;
    Label *m_total;
    QWidget *m_host;
    QHBoxLayout *m_columns;
    TraceCosts m_costs;
};

} // namespace lathe
