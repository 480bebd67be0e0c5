// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/TeamRunControl.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Button;
class FormViewJson;
class Label;
class PrimaryButton;
class Theme;

// A run that waits at a breakpoint: what is about to run with what, and the state, both editable. Going on with changes makes a fork;
// history is never changed.
class TeamPausePanel : public QWidget
{
    Q_OBJECT
public:
    explicit TeamPausePanel(Theme *theme, QWidget *parent = nullptr);
    // Hidden when nothing waits. `names` of nodes by id. What was typed stays as long as the same run waits at the same place.
    void setPaused(const std::optional<PausedTeam> &paused, const QHash<QString, QString> &names);
    bool hasChanges() const;

Q_SIGNALS:
    void continueRequested(lathe::RunId run);
    void forkRequested(const lathe::TeamForkRequest &request);
    void stopRequested(lathe::RunId run);
    void nodeChosen(const QString &node); // a name was pressed

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showButtons();
    void fork();
    Theme *m_theme;
    std::optional<PausedTeam> m_paused;
    Label *m_title;
    QWidget *m_values = nullptr; // replaced for each pause
    QVBoxLayout *m_layout;
    std::vector<FormViewJson *> m_inputs; // by node of m_paused
    FormViewJson *m_state = nullptr;
    PrimaryButton *m_continue;
    Button *m_fork;
    Label *m_hint;
};

} // namespace lathe
