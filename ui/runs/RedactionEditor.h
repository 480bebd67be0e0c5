// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RedactionRules.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace lathe {

class CodeEditor;
class IconButton;
class Label;
class ProblemLine;

// What is taken out of runs before they are given away: presets as toggles, own expressions and keys, and beside them one run's text as
// it would be given.
class RedactionEditor : public QWidget
{
    Q_OBJECT
public:
    explicit RedactionEditor(Theme *theme, QWidget *parent = nullptr);
    ~RedactionEditor() override;
    void setRules(const RedactionRules &rules);
    const RedactionRules &rules() const { return m_rules; }
    bool hasProblems() const { return m_problems; }
    // The run the preview shows; its first 200 steps, 60,000 characters.
    void setPreview(const Trace &trace, const QString &input);

Q_SIGNALS:
    void edited();

private:
    struct OwnRow {
        QWidget *box = nullptr;
        QComboBox *type = nullptr;
        QLineEdit *what = nullptr;
        ProblemLine *problem = nullptr;
    };
    struct Piece {
        QString title, text;
        QJsonObject object;
    };
    void addOwn(const RedactionRule &rule);
    void removeOwn(QWidget *box);
    void read(); // fields into rules
    void refreshPreview();
    Theme *m_theme;
    RedactionRules m_rules;
    std::vector<QCheckBox *> m_presets;
    QCheckBox *m_pseudonyms;
    QVBoxLayout *m_ownLayout;
    std::vector<OwnRow> m_own;
    CodeEditor *m_preview;
    Label *m_count;
    std::vector<Piece> m_pieces;
    QTimer m_soon;
    quint64 m_generation = 0;
    bool m_problems = false;
    bool m_reading = true;
};

} // namespace lathe
