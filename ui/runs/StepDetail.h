// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QScrollArea;
class QStackedWidget;
class QTabBar;
class QVBoxLayout;

namespace lathe {

class ElidedLabel;
class BusyBar;
class EmptyState;
class IconButton;
class InlineMessage;
class JsonTree;
class MessageView;
class RatingBar;
class StepHeader;
class StepTreeModel;
class TextBlock;

// All about one step: what went in and what came out, what happened on the way, numbers, attributes, the raw record and the request as it
// was sent. Bodies that are not in memory are read when the step is looked at; choosing another one cancels that.
class StepDetail : public QWidget
{
    Q_OBJECT
public:
    StepDetail(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~StepDetail() override; // cancels
    void setRun(RunId run, StepTreeModel *model); // the model outlives the view
    // Shows the step. The same step again brings it up to date and keeps tab and place.
    using QWidget::show;
    void show(const QString &path);
    void tick(); // running time only
    void clear(); // no step is chosen
    void setPast(qint64 nowUs) { m_pastUs = nowUs; } // running steps last until then; 0: until now
    QString path() const { return m_path; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void forkRequested(const QString &step);

private:
    enum class Tab { Main, Details, Request, Response, Sent };
    qint64 nowUs() const { return m_pastUs > 0 ? m_pastUs : m_session->clock().nowUs(); }
    void showStep(const Step &step);
    void fetch(const QString &path); // then showStep()
    void rebuild(const Step &step);
    void readInstructions(const Step &step);
    void setTabs(const Step &step);
    void buildTab();
    void buildSent();
    bool buildForeign(const Step &step); // a model call recorded elsewhere; false: nothing was recorded of it
    void buildModel(const Step &step);
    void buildTool(const Step &step);
    void buildContainer(const Step &step);
    void addDecision(const Step &step, const StoredEntry &of);
    void buildConversation(const QJsonObject &request, const QJsonObject &response);
    void buildDetails(const Step &step);
    void addNotes(const Step &step, size_t from);
    void addHeading(const QString &text, const QString &detail = QString());
    void addPayload(const QString &text);
    void clearContent();
    void stream(const Step &step);
    const StoredEntry *entry(const QString &path); // of the step, read once; null when nothing is recorded
    QJsonValue requestJson();
    // StepDetailActions.cpp
    void fillCopyMenu();
    QString plainText() const;
    void copyText(const QString &text, const QString &what);
    void copyCurl();
    void copyExample();
    void openInPlayground();
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    bool m_canFork = true;
    StepTreeModel *m_model = nullptr;
    QString m_path;
    Step m_step; // as it was when last shown
    QString m_systemText; // of an agent step: what its first model call was told
    std::optional<StoredEntry> m_entry;
    QString m_entryPath;
    bool m_showLarge = false;
    StepHeader *m_header;
    BusyBar *m_busy;
    ElidedLabel *m_meta;
    InlineMessage *m_error;
    QTabBar *m_tabs;
    QStackedWidget *m_stack;
    QScrollArea *m_scroll;
    QWidget *m_content = nullptr;
    QVBoxLayout *m_layout = nullptr;
    JsonTree *m_json;
    EmptyState *m_empty;
    QWidget *m_footer;
    RatingBar *m_rating;
    IconButton *m_playground;
    IconButton *m_fork;
    IconButton *m_copy;
    CancelSource m_fetch;
    CancelSource m_action;
    qint64 m_pastUs = 0;
    MessageView *m_live = nullptr; // the answer that is being written
    TextBlock *m_liveOutput = nullptr;
    QVBoxLayout *m_notes = nullptr;
    size_t m_noteCount = 0;
    Tab m_built = Tab::Main;
};

} // namespace lathe
