// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "ui/sources/SourceHub.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QAction;
class QBoxLayout;
class QScrollArea;

namespace lathe {

class TraceImportPanel;
class ReceiverPanel;
class RemotePanel;

// Where runs come from besides Lathe's own: OTLP receiver, files, another Lathe; and where this project's go: watchers.
class SourcesPage : public QWidget
{
    Q_OBJECT
public:
    SourcesPage(SourceHub *hub, Theme *theme, QWidget *parent = nullptr);
    ~SourcesPage() override;
    QList<QAction *> commands() const { return m_commands; }
    void focusRemote();
    void chooseFiles();
    void showImports(); // scrolls to the reports
    void toggleReceiver();

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    QScrollArea *m_area;
    QBoxLayout *m_columns;
    ReceiverPanel *m_receiver;
    TraceImportPanel *m_import;
    RemotePanel *m_remote;
    QList<QAction *> m_commands;
};

} // namespace lathe
