// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QWidget>

#include <optional>

class QVBoxLayout;

namespace lathe {

class BusyBar;
class Button;
class Label;

// Model servers that run on this machine, each with one click to a connection.
class LocalServersPanel : public QWidget
{
    Q_OBJECT
public:
    LocalServersPanel(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~LocalServersPanel() override; // stops the search
    void search();
    void showServers(const std::vector<LocalServer> &servers);
    bool isSearching() const { return m_cancel.has_value(); }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void addServer(const LocalServer &server);
    void create(const LocalServer &server);
    std::optional<ArtifactId> connectionTo(const QString &baseUrl) const;
    Session *m_session;
    Theme *m_theme;
    Button *m_search;
    BusyBar *m_busy;
    Label *m_words;
    QVBoxLayout *m_rows;
    std::vector<LocalServer> m_servers;
    std::optional<CancelSource> m_cancel;
    bool m_searched = false;
};

} // namespace lathe
