// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QComboBox;

namespace lathe {

class Button;
class ElidedLabel;
class EmptyState;
class LinkLabel;
class OutputText;
class StatusDot;

// All of one example: its columns, two variants' outputs side by side with the words that differ marked, what the checks said, time
// and cost, and the way to the trace.
class TrialDetail : public QWidget
{
    Q_OBJECT
public:
    struct Variant {
        QString name;
        std::vector<TrialView> trials; // with whole outputs
    };
    explicit TrialDetail(Theme *theme, QWidget *parent = nullptr);
    void clear();
    // `chosen`: the variant whose cell was selected.
    void showExample(const ExperimentExample &example, std::vector<Variant> variants, int chosen);
    int exampleRow() const { return m_row; }

Q_SIGNALS:
    void openTrace(lathe::RunId run);
    // The output shall become a row of a dataset, as the expected answer.
    void makeExample(const QJsonObject &vars, const QString &input, const QString &output, QWidget *anchor);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Side {
        QWidget *box = nullptr;
        QComboBox *variant = nullptr;
        StatusDot *dot = nullptr;
        ElidedLabel *numbers = nullptr;
        QComboBox *repetition = nullptr;
        LinkLabel *trace = nullptr;
        Button *keep = nullptr;
        OutputText *text = nullptr;
    };
    Side buildSide(bool right);
    void showSide(Side &side, bool right);
    void showSides();
    const TrialView *shown(const Side &side) const;
    Theme *m_theme;
    QWidget *m_content;
    EmptyState *m_empty;
    OutputText *m_example;
    Side m_sides[2];
    ExperimentExample m_shown;
    std::vector<Variant> m_variants;
    int m_row = -1;
    bool m_filling = false;
};

} // namespace lathe
