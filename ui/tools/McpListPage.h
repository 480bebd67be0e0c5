// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/InlineMessage.h"

#include <QWidget>

#include <functional>
#include <vector>

class QSplitter;
class QStackedWidget;
class QStandardItemModel;
class QVBoxLayout;

namespace lathe {

class BusyBar;
class Button;
class EmptyState;
class FilterableList;
class Label;

// What the pages of a server's prompts and resources share: the list, the pane below it with title, buttons and description, what is said
// while nothing is listed, and one request at a time for the entry that is shown.
class McpListPage : public QWidget
{
    Q_OBJECT
public:
    ~McpListPage() override;
    void setServer(const QString &name, const QJsonObject &body); // shows what was listed before while it is the same
    virtual void load() = 0; // connects when needed
    void clear();            // the server is not connected
    bool isLoaded() const { return m_loaded; }
    int count() const;

Q_SIGNALS:
    void countChanged(int count);
    void connectRequested();
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);

protected:
    struct Texts {
        QString name; // "prompts": of the widgets
        QString icon;
        QString search;     // placeholder
        QString invitation; // not connected
        QString nothing;    // connected, none there
    };
    struct Row {
        QString title, detail, trailing, icon;
        QString words; // found by, besides the title
    };
    McpListPage(Session *session, Theme *theme, const Texts &texts, QWidget *parent);
    virtual void showCurrent() = 0;
    virtual void activate() = 0; // Enter or a double click
    // The pane: title, then the buttons; below the description; the page adds the rest.
    QVBoxLayout *buildDetail(const std::vector<Button *> &buttons);
    void addPane(QWidget *pane, int listShare, int paneShare); // m_detail, or what scrolls it
    void showTitle(const QString &title, const QString &about);
    void say(Severity severity, const QString &text);
    int currentRow() const; // -1: none

    // Fills the list; the entry with the same `key` stays current.
    template<typename Item, typename Describe>
    void loadList(Task<Result<std::vector<Item>>> (*list)(McpHub *, QString, QJsonObject, CancelToken), std::vector<Item> *items, QString Item::*key, Describe describe)
    {
        runTask(this, list(&m_session->mcp(), m_name, m_body, newLoad()), [this, items, key, describe](std::vector<Item> found) {
            const int row = currentRow();
            const QString before = row >= 0 && size_t(row) < items->size() ? (*items)[size_t(row)].*key : QString();
            *items = std::move(found);
            std::vector<Row> rows;
            int keep = 0;
            for (const Item &item : *items) {
                if (item.*key == before)
                    keep = int(rows.size());
                rows.push_back(describe(item));
            }
            showRows(rows, keep);
        }, [this](const Error &error) { failed(error); });
    }
    // A request for the shown entry; the one before it, and its answer, no longer count.
    CancelToken newRequest();
    void stopRequest();
    int requestNumber() const { return m_request; }
    template<typename T, typename Then>
    void request(Task<Result<T>> task, Then then, std::function<void()> otherwise = {})
    {
        runTask(this, std::move(task), [this, number = m_request, then](T value) {
            if (number != m_request)
                return;
            setBusy(false);
            then(std::move(value));
        }, [this, number = m_request, otherwise](const Error &error) {
            if (number != m_request)
                return;
            if (otherwise)
                otherwise();
            failed(error);
        });
    }

    Session *m_session;
    Theme *m_theme;
    QString m_name;
    QJsonObject m_body;
    QWidget *m_detail = nullptr;
    InlineMessage *m_message = nullptr;

private:
    CancelToken newLoad();
    void showRows(const std::vector<Row> &rows, int current);
    void failed(const Error &error);
    void setBusy(bool busy);
    Texts m_texts;
    CancelSource m_loading, m_requesting;
    int m_request = 0;
    bool m_loaded = false;
    BusyBar *m_busy;
    QStackedWidget *m_pages;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    FilterableList *m_list;
    QStandardItemModel *m_model;
    Label *m_title = nullptr;
    Label *m_about = nullptr;
};

} // namespace lathe
