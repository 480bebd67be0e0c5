// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Experiments.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/itemmodels/TrialTable.h"
#include "ui/theme/Theme.h"

#include <QAction>
#include <QTimer>
#include <QWidget>

class QLineEdit;
class QStackedWidget;

namespace lathe {

struct ImportedRows;
class BusyBar;
class Button;
class Chip;
class ElidedLabel;
class ExperimentSetup;
class HeaderedSplitter;
class InlineMessage;
class JudgeView;
class Label;
class NameField;
class ResultView;
class SectionHeader;
class TrialDetail;
class TrialMatrix;

// An experiment: its question as the headline, what is compared at the left, the answer and the matrix of examples at the right, one
// cell in detail below. Runs live beside the setup; judging blind covers the page until it is done.
class ExperimentPage : public QWidget
{
    Q_OBJECT
public:
    ExperimentPage(Session *session, Theme *theme, ArtifactId experiment, QWidget *parent = nullptr);
    ~ExperimentPage() override;
    void run();  // F5: everything that has no outcome yet
    void stop(); // what is done stays
    // The judge of this id; empty: the first person among the judges.
    void judgeBlind(const QString &judge = QString());
    QList<QAction *> commands() const { return m_commands; }
    ExperimentSetup *setup() const { return m_setup; }
    TrialMatrix *matrix() const { return m_matrix; }
    TrialDetail *detail() const { return m_detail; }
    ResultView *result() const { return m_result; }
    JudgeView *judgeView() const { return m_judge; }
    void importFile(const QString &path); // as a dataset, which this experiment then uses
    bool exportTrials(const QString &path);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void openTrace(lathe::RunId run);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildHeader();
    QWidget *buildRight();
    void buildCommands();
    QAction *addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run);
    const ExperimentState *state() const;
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    void undo(bool redo);
    void reload();     // the draft
    void check();      // problems
    void showState();  // head, progress, buttons
    void showMatrix(); // all of it, in slices
    void fillSlice();
    TrialRow rowOf(int position) const;
    TrialCell cellOf(int position, int variant) const;
    void showCells(const std::vector<CellId> &cells);
    void showDetail(int position, int variant);
    void askResult();
    void useDataset(const ImportedRows &rows);
    void makeExample(const QJsonObject &vars, const QString &input, const QString &output, QWidget *anchor);
    void conclude();
    void askExport();
    void connectJudge();
    void nextCard();
    void showReveal();
    void closeJudge();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_experiment;
    QStackedWidget *m_pages = nullptr;
    QLineEdit *m_question = nullptr;
    NameField *m_name = nullptr;
    Label *m_revision = nullptr;
    Chip *m_draft = nullptr;
    Button *m_run = nullptr;
    Button *m_stop = nullptr;
    Button *m_judgeButton = nullptr;
    ElidedLabel *m_progress = nullptr;
    BusyBar *m_busy = nullptr;
    InlineMessage *m_message = nullptr;
    ExperimentSetup *m_setup = nullptr;
    ResultView *m_result = nullptr;
    QLineEdit *m_conclusion = nullptr;
    Button *m_conclude = nullptr;
    TrialMatrix *m_matrix = nullptr;
    TrialDetail *m_detail = nullptr;
    HeaderedSplitter *m_columns = nullptr;
    JudgeView *m_judge = nullptr;
    QList<QAction *> m_commands;
    QAction *m_judgeAction = nullptr;
    QTimer m_check, m_slice, m_ask;
    int m_filled = 0; // rows of the matrix that are shown with their cells
    int m_shownPosition = -1, m_shownVariant = -1;
    QString m_judgeId;
    bool m_loaded = false;
    bool m_asking = false, m_askAgain = false;
    bool m_starting = false;
    QString m_dismissed; // a notice that was read
};

} // namespace lathe
