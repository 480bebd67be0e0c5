// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/ExperimentSpec.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QBoxLayout;
class QMenu;

namespace lathe {

class ChoicePopover;
class IconButton;
class Label;
class LinkLabel;
class ParameterFields;
class PickerButton;
class ProblemLine;

// The head of a column: what runs, with which prompt and model, and the parameters, folded to one line.
class VariantHeader : public QWidget
{
    Q_OBJECT
public:
    VariantHeader(Session *session, Theme *theme, QWidget *parent = nullptr);
    void show(const VariantSpec &variant, int position, int count);
    const VariantSpec &variant() const { return m_variant; }
    // Nothing that tells which is which.
    void setBlind(bool blind);
    void setRunning(bool running);
    bool isFolded() const { return m_folded; }
    void setFolded(bool folded);
    void chooseSubject(); // opens the list
    void chooseModel();
    void focusSubject();
    QWidget *menuButton() const;

Q_SIGNALS:
    void edited(const lathe::VariantSpec &variant);
    void duplicateRequested();
    void removeRequested();
    void moveRequested(int by); // -1 left, 1 right
    void stopRequested();
    void commitRequested(); // the variant becomes the design
    void foldedChanged(bool folded);
    void openRequested(const lathe::Location &location);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void choosePrompt();
    void openMenu();
    void showState();
    void open();
    void listModels(ChoicePopover *popover);
    Session *m_session;
    Theme *m_theme;
    VariantSpec m_variant;
    int m_position = 0;
    int m_count = 1;
    bool m_blind = false;
    bool m_folded = true;
    PickerButton *m_subject;
    IconButton *m_stop;
    IconButton *m_more;
    QWidget *m_details;
    QBoxLayout *m_pickers;
    PickerButton *m_prompt;
    PickerButton *m_model;
    IconButton *m_fold;
    LinkLabel *m_summary;
    ParameterFields *m_parameters;
    ProblemLine *m_problem;
    Label *m_hidden;
};

} // namespace lathe
