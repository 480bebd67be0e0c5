// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamEdits.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

#include <optional>

class QScrollArea;
class QStackedWidget;
class QVBoxLayout;

namespace lathe {

class ElidedLabel;
class FormView;
class FormViewKeys;
class FormViewRows;
class InlineMessage;
class Label;
class TeamNodePanel;
class TeamRunView;
class Theme;

// What is selected on the canvas, as a form: one node, edge, frame or note; the team itself when nothing is; how to align when several
// are. Problems stand under the field they concern. Every edit is reported as changes of the body; the owner applies them as one
// undoable edit and hands the new body back.
class NodeInspector : public QWidget
{
    Q_OBJECT
public:
    NodeInspector(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~NodeInspector() override;
    void setBody(const QJsonObject &body);
    void setSelection(const QStringList &ids);
    void setProblems(const std::vector<Problem> &problems);
    void setEditable(bool editable);
    // The run over the canvas; null: none.
    void setRun(const TeamRunView *run, RunId id);
    void refreshRun();
    // Puts the keyboard into the field of the pointer ("/nodes/n1/settings/agent"), as far as it is shown.
    void focusPointer(const QString &pointer);
    void focusFirst();

Q_SIGNALS:
    // `note`: what else happened, for the status line; may be empty.
    void edited(const lathe::BodyChanges &changes, const QString &what, const QString &note);
    void alignRequested(lathe::Alignment how);
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);
    void runFromRequested(const QString &step);
    void undoRequested();
    void redoRequested();

private:
    enum Page { TeamPage, NodePage, EdgePage, ManyPage, PartPage };
    QWidget *buildTeam();
    QWidget *buildNode();
    QWidget *buildEdge();
    QWidget *buildMany();
    QWidget *buildPart();
    QWidget *page(QVBoxLayout **column);
    FormView *addForm(QVBoxLayout *column, const char *name);
    // The base pointer of what a form shows.
    QString baseOf(const FormView *form) const;
    void change(FormView *form, const QString &key, const QJsonValue &value, const QString &what);
    BodyChanges withLostEdges(BodyChanges changes, QString *note) const;
    void refresh();
    void showNode();
    void showEdge();
    void showPart();
    void showProblems();
    void wanted(ArtifactKind kind, FormView *form, const QString &key);
    Session *m_session;
    Theme *m_theme;
    QJsonObject m_body;
    QStringList m_selection;
    std::vector<Problem> m_problems;
    bool m_editable = true;
    QStackedWidget *m_pages;
    FormViewKeys *m_keys;
    std::vector<FormView *> m_forms;

    FormView *m_teamForm = nullptr;
    FormView *m_limitsForm = nullptr;
    FormViewRows *m_state = nullptr;
    InlineMessage *m_teamProblem = nullptr;

    Label *m_kindIcon = nullptr;
    Label *m_kindTitle = nullptr;
    Label *m_kindAbout = nullptr;
    InlineMessage *m_nodeProblem = nullptr;
    FormView *m_nameForm = nullptr;
    FormView *m_settingsForm = nullptr;
    FormView *m_errorForm = nullptr;
    TeamNodePanel *m_nodeRun = nullptr;

    ElidedLabel *m_edgeTitle = nullptr;
    Label *m_edgeAbout = nullptr;
    InlineMessage *m_edgeProblem = nullptr;
    FormView *m_edgeForm = nullptr;
    TeamNodePanel *m_edgeRun = nullptr;

    Label *m_manyTitle = nullptr;
    std::vector<QWidget *> m_alignButtons;
    Label *m_partTitle = nullptr;
    FormView *m_partForm = nullptr;

    // "New" was pressed beside a reference: what is made next is put there.
    struct Wanted {
        ArtifactKind kind;
        QString pointer;
    };
    std::optional<Wanted> m_wanted;
};

} // namespace lathe
