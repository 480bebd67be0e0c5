// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/Comparison.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QScrollArea;
class QVBoxLayout;

namespace lathe {

class Button;
class InlineMessage;
class Label;
class StatusDot;

// The answer of an experiment: one sentence large on top, then each metric with means and differences as intervals, counts, adjusted
// p, and how many more examples would settle it; agreement of judges below. Shows a value; computes nothing.
class ResultView : public QWidget
{
    Q_OBJECT
public:
    explicit ResultView(Theme *theme, QWidget *parent = nullptr);
    void setResult(const QString &question, const ComparisonResult &result);
    // While nothing was measured: what to do to get there.
    void setEmpty(const QString &sentence);
    // Running: offers to stop when it is sure enough.
    void setRunning(bool running, bool mayStop);
    void setConclusion(const QString &conclusion) { m_conclusion = conclusion; }
    bool hasResult() const { return m_hasResult; }
    QString sentence() const;
    QString asMarkdown() const;
    // For a place in a header, where there is one.
    Button *copyButton() const { return m_copy; }
    Button *exportButton() const { return m_export; }

Q_SIGNALS:
    void stopRequested();
    void exportRequested();
    void copied();

private:
    void rebuild();
    void addMetric(QVBoxLayout *layout, int index);
    void addRanking(QVBoxLayout *layout, const MetricResult &metric);
    void addAgreements(QVBoxLayout *layout);
    Theme *m_theme;
    StatusDot *m_dot;
    Label *m_sentence;
    Label *m_detail;
    InlineMessage *m_stop;
    Button *m_copy;
    Button *m_export;
    QScrollArea *m_scroll;
    QString m_question, m_conclusion;
    ComparisonResult m_result;
    bool m_hasResult = false;
};

} // namespace lathe
