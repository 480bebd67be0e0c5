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
class EmptyState;
class IconButton;
class InlineMessage;
class JsonTree;
class MessageView;
class RatingBar;
class StepHeader;
class TextBlock;

// All about one step: what went in and what came out, what happened on the way, numbers, attributes, the raw record.
class StepDetail : public QWidget
{
    Q_OBJECT
public:
    StepDetail(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setRun(RunId run);
    // Shows the step. The same step again brings it up to date and keeps tab and place.
    void show(const Trace &trace, const QString &path);
    void tick(const Trace &trace); // running time only
    QString path() const { return m_path; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    enum class Tab { Main, Details, Request, Response };
    void rebuild(const Trace &trace, const Step &step);
    void buildTab();
    void buildModel(const Step &step);
    void buildTool(const Step &step);
    void buildContainer(const Step &step);
    void buildConversation(const QJsonObject &request, const QJsonObject &response);
    void buildDetails(const Step &step);
    void addNotes(const Step &step, size_t from);
    void addHeading(const QString &text, const QString &detail = QString());
    void addPayload(const QString &text);
    void clearContent();
    void stream(const Step &step);
    const StoredEntry *entry(const QString &path); // of the step, read once; null when nothing is recorded
    QJsonValue requestJson();
    void copy() const;
    Session *m_session;
    Theme *m_theme;
    RunId m_run;
    QString m_path;
    Step m_step; // as it was when last shown
    QString m_systemText; // of an agent step: what its first model call was told
    std::optional<StoredEntry> m_entry;
    QString m_entryPath;
    bool m_showLarge = false;
    StepHeader *m_header;
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
    MessageView *m_live = nullptr; // the answer that is being written
    TextBlock *m_liveOutput = nullptr;
    QVBoxLayout *m_notes = nullptr;
    size_t m_noteCount = 0;
    Tab m_built = Tab::Main;
};

} // namespace lathe
