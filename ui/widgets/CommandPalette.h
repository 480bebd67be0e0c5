// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/Overlay.h"

#include <QKeySequence>
#include <QVariant>

#include <functional>
#include <vector>

class QListView;

namespace lathe {

class CommandPaletteModel;
class Label;
class SearchField;

// Something a person can do or go to by name.
struct PaletteCommand {
    QString id; // unique; remembered among the recent ones
    QString title;
    QString section; // "Runs", "Agent", ...: quiet text, searched too
    QKeySequence shortcut;
    bool enabled = true;
    QString icon;
    QVariant data; // handed back
    QString words = {}; // what else one may call it: searched as the title is, not shown
};

// Ctrl+K: every action and every named thing, found by typing a few of its letters. Floats over the
// window.
class CommandPalette : public Overlay
{
    Q_OBJECT
public:
    using Results = QList<PaletteCommand>;
    CommandPalette(Theme *theme, QWidget *window);
    // Asked each time the palette opens, so that `enabled` is current.
    void setCommands(std::function<Results()> commands) { m_source = std::move(commands); }
    // Finds more things for a query and calls back, at once or later; answers to an older query are
    // dropped.
    using Provider = std::function<void(const QString &query, std::function<void(Results)> answer)>;
    void addProvider(Provider provider) { m_providers.push_back(std::move(provider)); }
    // Ids of the commands used last, newest first; at most 12.
    QStringList recent() const { return m_recent; }
    void setRecent(const QStringList &ids);
    void openWith(const QString &query);
    SearchField *field() const { return m_field; }
    QListView *view() const { return m_view; }

Q_SIGNALS:
    // The palette is closed already and the focus is back where it was.
    void triggered(const lathe::PaletteCommand &command);
    void recentChanged(const QStringList &ids);

protected:
    QRect panelRect() const override;
    void arrange() override;
    QWidget *firstFocus() const override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void search(const QString &query);
    void refill(const QString &query);
    void move(int rows);
    void run(const QModelIndex &index);

    QWidget *m_panel;
    SearchField *m_field;
    QListView *m_view;
    Label *m_empty;
    CommandPaletteModel *m_model;
    std::function<Results()> m_source;
    std::vector<Provider> m_providers;
    Results m_commands; // from the source, since the palette opened
    Results m_found;    // from the providers, for the current query
    QStringList m_recent;
    quint64 m_generation = 0;
};

} // namespace lathe
Q_DECLARE_METATYPE(lathe::PaletteCommand)
