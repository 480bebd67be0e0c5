// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamDiff.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QWidget>

class QComboBox;
class QScrollArea;
class QVBoxLayout;

namespace lathe {

class CanvasView;
class Card;
class Label;
class Theme;

// Two revisions of a team on one canvas: what was added, removed and changed, with the fields that differ beside it. A name leads to
// its node, a selected node to its fields. Escape closes.
class TeamDiffPage : public QWidget
{
    Q_OBJECT
public:
    TeamDiffPage(Session *session, Theme *theme, ArtifactId team, QWidget *parent = nullptr);
    void compare(int older, int newer); // revision numbers, 0: the draft
    CanvasView *canvas() const { return m_canvas; }
    const std::vector<TeamDifference> &differences() const { return m_differences; }
    // The newer body with what was removed put back, so that one drawing shows both.
    static QJsonObject merged(const QJsonObject &before, const QJsonObject &after, const std::vector<TeamDifference> &differences);

Q_SIGNALS:
    void closed();
    void openRequested(const lathe::Location &location);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QJsonObject body(int number) const;
    void fillBoxes();
    void showDifference();
    void fillList();
    void fit();
    Card *makeCard(const TeamDifference &difference);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_team;
    int m_older = 0, m_newer = 0;
    double m_fitted = 0; // zoom that shows all
    std::vector<TeamDifference> m_differences;
    QComboBox *m_olderBox;
    QComboBox *m_newerBox;
    Label *m_counts;
    CanvasView *m_canvas;
    QScrollArea *m_scroll;
    QVBoxLayout *m_list = nullptr;
    QHash<QString, Card *> m_cards; // by id
};

} // namespace lathe
