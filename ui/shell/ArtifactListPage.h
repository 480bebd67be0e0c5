// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/ArtifactTreeModel.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Theme;

// All artifacts of one kind as cards with what matters of each; the page behind a rail button.
class ArtifactListPage : public QWidget
{
    Q_OBJECT
public:
    ArtifactListPage(Session *session, Theme *theme, ArtifactKind kind, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void createRequested(lathe::ArtifactKind kind);

private:
    void rebuild();
    QString summary(const QJsonObject &body) const;
    Session *m_session;
    Theme *m_theme;
    ArtifactKind m_kind;
    QVBoxLayout *m_list;
};

} // namespace lathe
