// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "ui/theme/Theme.h"

#include <QTextBrowser>

namespace lathe {

// The text of an output with what others did differently marked word by word, and what checks said of it below. Read only; what is
// longer than MostShown is cut, and it says so.
class OutputText : public QTextBrowser
{
    Q_OBJECT
public:
    static constexpr qsizetype MostShown = 20'000;
    static constexpr qsizetype MostCompared = 8'000; // longer texts are shown without marks
    explicit OutputText(Theme *theme, QWidget *parent = nullptr);
    // `other`: text to compare with; null: nothing. `added`: this is the newer of the two.
    void setOutput(const QString &text, const QString *other, bool added, const std::vector<TrialCheck> &checks, const QString &error);
    // Several paragraphs under quiet titles, such as the columns of an example.
    void setSections(const QList<QPair<QString, QString>> &sections);
    // Larger text, for reading one card after the other.
    void setReading(bool reading);
    // How tall the whole text is at this width.
    int heightFor(int width) const;
    const QString &text() const { return m_text; }
    bool isCut() const { return m_text.size() > MostShown; }

private:
    void rebuild();
    Theme *m_theme;
    QString m_text, m_other, m_error;
    bool m_compare = false, m_added = false, m_reading = false;
    std::vector<TrialCheck> m_checks;
    QList<QPair<QString, QString>> m_sections;
};

} // namespace lathe
