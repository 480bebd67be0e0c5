// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasScene.h"

#include <QPointer>

namespace lathe {

class CanvasArea;
class CanvasTextEditor;

// Turns gestures and commands into changes of the body and asks for them. Everything here is
// refused while read only.
class CanvasEditing : public QObject
{
    Q_OBJECT
public:
    CanvasEditing(Theme *theme, CanvasScene *scene, CanvasArea *area, QObject *parent);
    bool isReadOnly() const { return m_readOnly; }
    void setReadOnly(bool readOnly) { m_readOnly = readOnly; }

    // Gestures.
    void moveTo(const QHash<QString, QPointF> &places);
    void resizeTo(const QString &box, QSizeF size);
    // `replaces`: an edge that goes away for it; may be empty.
    void connectPorts(const QString &from, const QString &fromPort, const QString &to,
                      const QString &toPort, const QString &replaces);
    void disconnectEdge(const QString &edge);
    // Offers what fits at the other end of the port, to stand with that port at the place.
    void quickAddAt(const QString &node, PortRef port, QPointF at);
    void dropNode(NodeKind kind, const QJsonObject &settings, QPointF middle);

    // Commands.
    bool hasFreeOutput() const; // of the current node
    void quickAdd();            // behind the current node, else where the mouse is
    void addNode(NodeKind kind, const QJsonObject &settings);
    void rename(const QString &id);
    void remove();
    bool copy();
    void cut();
    void paste();
    void duplicate();
    void selectAll();
    void addFrame();
    void addNote();
    void align(Alignment how);
    void toggleBreakpoint();
    void activate(const QString &id);
    void applyLayout(const QHash<QString, QPointF> &nodes, const QHash<QString, QRectF> &frames);

    static QString pointerPart(QString id); // of a JSON pointer
    // The edge that is being drawn from a port to a point.
    static QPainterPath pendingPath(const CanvasScene &scene, const QString &node, PortRef port,
                                    QPointF to);

Q_SIGNALS:
    void changesRequested(const lathe::BodyChanges &changes, const QString &what);
    void activated(const QString &id);
    void edgeClicked(const QString &id);
    void breakpointToggled(const QString &node, bool on);
    void message(const QString &sentence);

private:
    bool refuse(); // says so and gives true when read only
    void request(const BodyChanges &changes, const QString &what);
    // As request(); when the body has them afterwards, `select` is selected.
    void requestAndSelect(const BodyChanges &changes, const QString &what,
                          const QStringList &select);
    void offer(const std::vector<std::pair<NodeKind, QString>> &kinds, QPointF at,
               std::function<void(NodeKind, const QString &)> chosen);
    void addConnected(const QString &node, PortRef port, NodeKind kind, const QString &otherPort,
                      std::optional<QPointF> at);
    QPointF freeSpot(QRectF card) const;
    QString nameOf(const QString &id) const;
    QString describe(const QStringList &ids) const; // "Research", "3 items"
    QStringList copied() const;
    bool commitText(const QString &id, const QString &text);

    Theme *m_theme;
    CanvasScene *m_scene;
    CanvasArea *m_area;
    bool m_readOnly = false;
    QString m_lastCopy;
    int m_pastes = 0;
    QPointer<CanvasTextEditor> m_editor;
};

} // namespace lathe
