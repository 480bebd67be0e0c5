// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/ArtifactTreeModel.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Theme;

// All artifacts of one kind, or of a few, as cards with what matters of each; the page behind a rail button.
class ArtifactListPage : public QWidget
{
    Q_OBJECT
public:
    ArtifactListPage(Session *session, Theme *theme, std::vector<ArtifactKind> kinds, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void createRequested(lathe::ArtifactKind kind);

private:
    struct Section {
        ArtifactKind kind;
        QVBoxLayout *list;
    };
    void rebuild();
    void fill(ArtifactKind kind, QVBoxLayout *list);
    QString summary(ArtifactKind kind, const QJsonObject &body) const;
    Session *m_session;
    Theme *m_theme;
    std::vector<Section> m_sections;
};

} // namespace lathe
