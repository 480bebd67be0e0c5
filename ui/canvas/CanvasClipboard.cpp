// SPDX-License-Identifier: GPL-3.0-or-later
// CanvasEditing: clipboard, and the commands on what is selected.
#include "core/base/Json.h"
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasEditing.h"
#include "ui/canvas/CanvasTextEditor.h"

#include <QClipboard>
#include <QGuiApplication>

namespace lathe {

namespace {
constexpr qsizetype longestPaste = 16 << 20; // characters
constexpr double pasteStep = 32;

QRectF partRect(const QJsonObject &part)
{
    QRectF all;
    const QJsonObject layout = part.value(QLatin1String("layout")).toObject();
    for (const QString &group :
         {QStringLiteral("nodes"), QStringLiteral("frames"), QStringLiteral("notes")}) {
        const QJsonObject places = layout.value(group).toObject();
        for (const QJsonValue &value : places) {
            const QJsonObject place = value.toObject();
            const QPointF at =
                CanvasScene::bounded(QPointF(place.value(QLatin1String("x")).toDouble(),
                                             place.value(QLatin1String("y")).toDouble()));
            all |= QRectF(
                at, QSizeF(place.value(QLatin1String("w")).toDouble(NodeCardGeometry::width),
                           place.value(QLatin1String("h")).toDouble(NodeCardGeometry::header)));
        }
    }
    return all;
}
} // namespace

// The selection, frames with what is in them.
QStringList CanvasEditing::copied() const
{
    QStringList ids = m_scene->selection();
    for (const QString &id : m_scene->selection()) {
        if (const CanvasBox *b = m_scene->box(id); b && b->kind() == CanvasBox::Kind::Frame)
            ids += m_scene->insideFrame(b);
    }
    ids.removeDuplicates();
    return ids;
}

bool CanvasEditing::copy()
{
    if (m_scene->selection().isEmpty()) {
        Q_EMIT message(tr("Nothing is selected to copy."));
        return false;
    }
    m_lastCopy = QString::fromUtf8(json::pretty(copyItems(m_scene->body(), copied())));
    m_pastes = 0;
    QGuiApplication::clipboard()->setText(m_lastCopy);
    return true;
}

void CanvasEditing::cut()
{
    if (!refuse() && copy()) {
        const QStringList ids = copied();
        request(removeItems(m_scene->body(), ids), tr("Cut %1").arg(describe(ids)));
    }
}

void CanvasEditing::paste()
{
    if (refuse())
        return;
    const QString text = QGuiApplication::clipboard()->text();
    if (text.size() > longestPaste) {
        Q_EMIT message(tr("The text on the clipboard is too long to be part of a team."));
        return;
    }
    const auto part = json::parseObject(text.toUtf8());
    if (!part) {
        Q_EMIT message(tr("The clipboard holds no part of a team: copy nodes of a canvas first."));
        return;
    }
    // Beside the original if that is in sight, else in the middle of the view.
    QPointF offset(pasteStep, pasteStep);
    if (text == m_lastCopy)
        offset *= ++m_pastes;
    const QRectF rect = partRect(*part);
    if (!m_area->visibleRect().contains(rect.translated(offset).center())) {
        offset = m_area->visibleRect().center() - rect.center();
        offset = QPointF(std::round(offset.x() / CanvasScene::grid),
                         std::round(offset.y() / CanvasScene::grid))
                 * CanvasScene::grid;
    }
    const auto pasted = pasteItems(m_scene->body(), *part, offset);
    if (!pasted) {
        Q_EMIT message(pasted.error().message);
        return;
    }
    requestAndSelect(
        pasted->changes,
        tr("Paste %1")
            .arg(pasted->ids.size() == 1 ? tr("1 item") : tr("%1 items").arg(pasted->ids.size())),
        pasted->ids);
    Q_EMIT message(QString());
}

void CanvasEditing::duplicate()
{
    if (m_scene->selection().isEmpty() || refuse())
        return;
    const QStringList ids = copied();
    const auto pasted =
        pasteItems(m_scene->body(), copyItems(m_scene->body(), ids), QPointF(pasteStep, pasteStep));
    if (pasted)
        requestAndSelect(pasted->changes, tr("Duplicate %1").arg(describe(ids)), pasted->ids);
    else
        Q_EMIT message(pasted.error().message);
}

void CanvasEditing::remove()
{
    const QStringList ids = m_scene->selection();
    if (ids.isEmpty() || refuse())
        return;
    // The keyboard goes on from a neighbour.
    QString next;
    if (const NodeItem *n = m_scene->node(m_scene->current())) {
        for (const EdgeItem *e : n->edges) {
            const NodeItem *other = e->source() == n ? e->target() : e->source();
            if (other && !ids.contains(other->id()))
                next = other->id();
        }
    }
    request(removeItems(m_scene->body(), ids), tr("Delete %1").arg(describe(ids)));
    if (m_scene->selection().isEmpty() && !next.isEmpty())
        m_scene->setSelection({next});
}

void CanvasEditing::selectAll()
{
    QStringList ids = m_scene->nodes().keys() + m_scene->boxes().keys();
    ids.sort();
    m_scene->setSelection(ids);
}

void CanvasEditing::addFrame()
{
    if (refuse())
        return;
    QRectF rect;
    for (const QString &id : m_scene->selection()) {
        if (!m_scene->edge(id))
            rect |= m_scene->rectOf(id);
    }
    if (rect.isEmpty()) {
        rect = QRectF(0, 0, 480, 240);
        rect.moveCenter(m_area->visibleRect().center());
    }
    rect.adjust(-24, -24 - CanvasBox::titleHeight, 24, 24);
    QString id;
    const BodyChanges changes =
        lathe::addFrame(m_scene->body(), rect.toAlignedRect(), tr("Group"), &id);
    requestAndSelect(changes, tr("Frame"), {id});
    if (m_scene->box(id))
        rename(id);
}

void CanvasEditing::addNote()
{
    if (refuse())
        return;
    QRectF rect(m_area->mouseScenePos(), QSizeF(224, 96));
    rect.moveTo(std::round(rect.x() / CanvasScene::grid) * CanvasScene::grid,
                std::round(rect.y() / CanvasScene::grid) * CanvasScene::grid);
    QString id;
    const BodyChanges changes = lathe::addNote(m_scene->body(), rect, tr("Note"), &id);
    requestAndSelect(changes, tr("Add a note"), {id});
    if (m_scene->box(id))
        rename(id);
}

void CanvasEditing::align(Alignment how)
{
    if (refuse())
        return;
    QStringList ids;
    QHash<QString, QSizeF> sizes;
    for (const QString &id : m_scene->selection()) {
        if (const NodeItem *n = m_scene->node(id)) {
            ids.append(id);
            sizes.insert(id, n->cardSize());
        }
    }
    const int least = how == Alignment::DistributeH || how == Alignment::DistributeV ? 3 : 2;
    if (ids.size() < least) {
        Q_EMIT message(least == 3 ? tr("Select three nodes or more to space them evenly.")
                                  : tr("Select two nodes or more to align them."));
        return;
    }
    request(alignNodes(m_scene->body(), ids, sizes, how),
            least == 3 ? tr("Space %1 nodes").arg(ids.size())
                       : tr("Align %1 nodes").arg(ids.size()));
}

void CanvasEditing::rename(const QString &id)
{
    QString text;
    QRectF where;
    bool lines = false;
    if (const NodeItem *n = m_scene->node(id)) {
        text = n->model().node.name;
        where = m_scene->nodeGeometry()
                    .nameRect(n->model())
                    .translated(n->pos())
                    .adjusted(-6, -4, 6, 4);
    } else if (const CanvasBox *b = m_scene->box(id)) {
        text = b->text();
        lines = b->kind() == CanvasBox::Kind::Note;
        where =
            lines
                ? b->boxRect()
                : QRectF(b->pos() + QPointF(4, 2),
                         QSizeF(std::min(b->boxRect().width() - 8, 360.0), CanvasBox::titleHeight));
    } else if (const EdgeItem *e = m_scene->edge(id)) {
        text = e->edge().label;
        where = QRectF(e->path().pointAtPercent(0.5) - QPointF(80, 14), QSizeF(160, 28));
    } else {
        return;
    }
    if (refuse())
        return;
    m_area->ensureShown(where);
    delete m_editor;
    m_editor = new CanvasTextEditor(m_theme, m_area->viewport(), text, lines);
    m_editor->begin(m_area->mapFromScene(where).boundingRect());
    connect(m_editor, &CanvasTextEditor::accepted, this,
            [this, id](const QString &now, bool *taken) { *taken = commitText(id, now); });
}

bool CanvasEditing::commitText(const QString &id, const QString &text)
{
    const QString oneLine = text.simplified();
    BodyChanges changes;
    if (const NodeItem *n = m_scene->node(id)) {
        if (oneLine == n->model().node.name)
            return true;
        if (oneLine.isEmpty()) {
            Q_EMIT message(tr("A node needs a name."));
            return false;
        }
        for (const NodeItem *other : m_scene->nodes()) {
            if (other != n && other->model().node.name == oneLine) {
                Q_EMIT message(
                    tr("Another node is named \"%1\": choose a name of its own.").arg(oneLine));
                return false;
            }
        }
        changes = renameNode(m_scene->body(), id, oneLine);
    } else if (const CanvasBox *b = m_scene->box(id)) {
        const bool frame = b->kind() == CanvasBox::Kind::Frame;
        if ((frame ? oneLine : text) == b->text())
            return true;
        changes.push_back({frame ? QStringLiteral("/layout/frames/%1/title").arg(pointerPart(id))
                                 : QStringLiteral("/layout/notes/%1/text").arg(pointerPart(id)),
                           frame ? oneLine : text});
    } else if (const EdgeItem *e = m_scene->edge(id)) {
        if (oneLine == e->edge().label)
            return true;
        changes.push_back(
            {QStringLiteral("/edges/%1/label").arg(pointerPart(id)),
             oneLine.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(oneLine)});
    }
    if (!changes.empty())
        request(changes, m_scene->edge(id)   ? tr("Label a connection")
                         : m_scene->node(id) ? tr("Rename to %1").arg(oneLine)
                                             : tr("Edit %1").arg(nameOf(id)));
    Q_EMIT message(QString());
    return true;
}

} // namespace lathe
