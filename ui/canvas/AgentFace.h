// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QTimer>
#include <QWidget>

namespace lathe {

class AgentFacePart;
class Theme;

// A single agent as the canvas draws it: the agent in the middle, what makes it up attached around it: instructions, model, pattern and
// limits at the left, tools at the right. A press on a part asks for its field; a tool dropped on the agent is attached; Delete on a
// tool detaches it. Of many tools the first six are shown and how many more there are. Parts are buttons named "face-job", "face-prompt", "face-model", "face-pattern", "face-limits", "face-tool-NAME",
// "face-more-tools" and "face-attach".
class AgentFace : public QWidget
{
    Q_OBJECT
public:
    AgentFace(Session *session, Theme *theme, ArtifactId agent, QWidget *parent = nullptr);
    // Attaches one of the project's tools as one undoable edit. False: it is attached already, or there is no such tool.
    bool attach(const QString &tool);
    void setSelected(const QString &pointer); // the part whose field is being edited
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void partChosen(const QString &pointer); // "/job", "/prompt", "/model", "/pattern", "/limits", "/tools/2"; "/tools": all of them
    void openRequested(const lathe::Location &location); // a double click: the prompt, connection or tool behind the part
    void createRequested(lathe::ArtifactKind kind);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void reload();
    void check();
    void arrange();
    void showTools(const QJsonArray &tools);
    bool isOf(const QString &pointer, const AgentFacePart *part) const;
    void showMore();
    void showAttachMenu();
    std::vector<AgentFacePart *> rightParts() const; // from the top
    void detach(int row);
    bool edit(const QJsonArray &tools, const QString &what);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_agent;
    QJsonObject m_body;
    AgentFacePart *m_centre;
    std::vector<AgentFacePart *> m_left;
    std::vector<AgentFacePart *> m_tools; // those shown, the first ones
    AgentFacePart *m_more;                // for the rest
    AgentFacePart *m_attach;
    QString m_selected;
    QTimer m_check;
};

} // namespace lathe
