// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptEditor.h"

#include "core/base/Json.h"
#include "core/session/PromptBench.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/prompts/DiffView.h"
#include "ui/prompts/LabelMoves.h"
#include "ui/prompts/ProblemPanel.h"
#include "ui/prompts/PromptChecker.h"
#include "ui/prompts/PromptCompare.h"
#include "ui/prompts/PromptHighlight.h"
#include "ui/prompts/PromptPreview.h"
#include "ui/prompts/PromptSettings.h"
#include "ui/prompts/RevisionList.h"
#include "ui/prompts/TemplatePicker.h"
#include "ui/prompts/UsedBy.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/SplitterMemory.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPointer>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype LongText = 20'000; // characters from which on the draft follows a moment later
constexpr int FlushMs = 300;      // after the last key
constexpr int MostFlushMs = 1500; // after the first
constexpr int CheckMs = 150;
constexpr int LongCheckMs = 450;
}

PromptEditor::PromptEditor(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_prompt(prompt)
{
    setObjectName(QStringLiteral("prompt-editor"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(buildHeader());
    auto *splitter = new HeaderedSplitter(theme, Qt::Horizontal, this);
    splitter->setObjectName(QStringLiteral("prompt-splitter"));
    splitter->addPanel(QStringLiteral("revisions"), buildLeft(), 232, 0);
    splitter->addPanel(QStringLiteral("text"), buildMiddle(), 640, 3);
    m_preview = new PromptPreview(session, theme, prompt, splitter);
    connect(m_preview, &PromptPreview::statusMessage, this, &PromptEditor::statusMessage);
    connect(m_preview, &PromptPreview::errorRaised, this, &PromptEditor::errorRaised);
    splitter->addPanel(QStringLiteral("preview"), m_preview, 360, 2);
    rememberSizes(splitter, session, QStringLiteral("ui/prompt/split"));
    outer->addWidget(splitter, 1);

    m_check.setSingleShot(true);
    m_check.setInterval(CheckMs);
    connect(&m_check, &QTimer::timeout, this, &PromptEditor::check);
    m_flush.setSingleShot(true);
    m_flush.setInterval(FlushMs);
    connect(&m_flush, &QTimer::timeout, this, &PromptEditor::flushText);
    m_checker = new PromptChecker(session, prompt, this);
    connect(m_checker, &PromptChecker::checked, this, &PromptEditor::showFindings);
    m_templateFolder = ownTemplatesFolder();
    connect(session, &Session::runEnded, this, &PromptEditor::refreshUse);
    connect(&session->project().ratings(), &RatingRepository::changed, this, &PromptEditor::refreshUse);
    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        if (id != m_prompt)
            return;
        m_draftBody.reset();
        if (!m_flush.isActive()) // what is being typed is newer
            reload();
    };
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    reload();
    check();
    refreshUse();
    // Ctrl+Z in a field is the draft's undo, not the field's own: one history, the same from everywhere.
    m_text->installEventFilter(this);
    setFocusProxy(m_text);
    for (QPlainTextEdit *field : m_settings->findChildren<QPlainTextEdit *>())
        field->installEventFilter(this);
}

QWidget *PromptEditor::buildHeader()
{
    auto *box = new QWidget(this);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(metrics::GapLarge, 10, metrics::GapLarge, 8);
    column->setSpacing(metrics::Gap);
    m_header = new DocumentHeader(m_theme, QStringLiteral("prompt"), tr("Name of the prompt"), box);
    m_header->addCommit();
    m_note = m_header->note();
    m_commit = m_header->commit();
    renameBy(m_header->name(), m_session, m_prompt);
    connect(m_note, &QLineEdit::returnPressed, this, &PromptEditor::commit);
    connect(m_commit, &QAbstractButton::clicked, this, &PromptEditor::commit);
    column->addLayout(m_header);
    m_readOnly = new InlineMessage(m_theme, Severity::Warning, m_session->project().readOnlyReason(), box);
    m_readOnly->setVisible(m_session->project().isReadOnly());
    column->addWidget(m_readOnly);
    return box;
}

QWidget *PromptEditor::buildLeft()
{
    auto *box = new QWidget(this);
    box->setMinimumWidth(180);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *header = new SectionHeader(m_theme, tr("Revisions"), SectionHeader::Level::Panel, box);
    auto *history = new IconButton(m_theme, QStringLiteral("history"), tr("How labels moved"), header);
    history->setObjectName(QStringLiteral("prompt-label-history"));
    history->setCompact(true);
    header->addAction(history);
    column->addWidget(header);
    m_revisions = new RevisionList(m_session, m_theme, m_prompt, box);
    column->addWidget(m_revisions, 1);
    auto *doneBox = new QWidget(box);
    auto *doneLine = new QVBoxLayout(doneBox);
    doneLine->setContentsMargins(metrics::Gap, metrics::GapSmall, metrics::Gap, metrics::GapSmall);
    m_labelDone = new InlineMessage(m_theme, Severity::Success, QString(), doneBox);
    m_labelDone->setObjectName(QStringLiteral("prompt-label-done"));
    m_labelDone->setAction(tr("Undo"));
    m_labelDone->setDismissable(true);
    doneLine->addWidget(m_labelDone);
    doneBox->hide();
    column->addWidget(doneBox);
    connect(m_labelDone, &InlineMessage::actionTriggered, this, &PromptEditor::undoLabel);
    connect(m_labelDone, &InlineMessage::dismissed, doneBox, &QWidget::hide);
    const auto openHistory = [this, history] {
        openLabelHistory(m_session, m_theme, history, m_prompt, [self = QPointer<PromptEditor>(this)](const QString &label, int number) {
            if (self)
                self->setLabel(label, number);
        });
    };
    connect(history, &QAbstractButton::clicked, this, openHistory);
    connect(m_revisions, &RevisionList::labelHistoryRequested, this, openHistory);
    connect(m_revisions, &RevisionList::labelUndoRequested, this, &PromptEditor::undoLabel);
    connect(m_revisions, &RevisionList::branchRequested, this, &PromptEditor::branch);
    auto *usedBy = new UsedBy(m_session, m_theme, m_prompt, box);
    column->addWidget(usedBy);
    connect(usedBy, &UsedBy::openRequested, this, &PromptEditor::openRequested);
    connect(m_revisions, &RevisionList::revisionChosen, this, &PromptEditor::showRevision);
    connect(m_revisions, &RevisionList::restoreRequested, this, &PromptEditor::restore);
    connect(m_revisions, &RevisionList::compareRequested, this, &PromptEditor::compare);
    connect(m_revisions, &RevisionList::labelRequested, this, &PromptEditor::setLabel);
    connect(m_revisions, &RevisionList::copyRequested, this, [this](int number) {
        QGuiApplication::clipboard()->setText(body(number).value(QStringLiteral("text")).toString());
        Q_EMIT statusMessage(tr("Copied the text of the %1.").arg(nameOf(number)));
    });
    return box;
}

QWidget *PromptEditor::buildMiddle()
{
    m_middle = new QStackedWidget(this);
    m_middle->setMinimumWidth(320);
    auto *page = new QWidget(m_middle);
    auto *column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBanner());
    auto *splitter = new HeaderedSplitter(m_theme, Qt::Vertical, page);
    splitter->addPanel(QStringLiteral("instructions"), buildText(), 420, 2);
    m_settings = new PromptSettings(m_theme, splitter);
    m_settings->setMinimumHeight(80);
    connect(m_settings, &PromptSettings::edited, this, &PromptEditor::edit);
    splitter->addPanel(QStringLiteral("settings"), m_settings, 240, 1);
    rememberSizes(splitter, m_session, QStringLiteral("ui/prompt/rows"));
    column->addWidget(splitter, 1);
    m_problems = new ProblemPanel(m_theme, page);
    column->addWidget(m_problems);
    connect(m_problems, &ProblemPanel::fixRequested, this, &PromptEditor::apply);
    connect(m_problems, &ProblemPanel::chosen, this, [this](const Problem &problem) {
        if (m_settings->focusPointer(problem.pointer))
            return;
        m_text->setFocus(Qt::OtherFocusReason);
        if (problem.from >= 0)
            m_text->select(int(problem.from), int(problem.length));
    });
    m_middle->addWidget(page);
    m_compare = new PromptCompare(m_theme, m_middle);
    m_middle->addWidget(m_compare);
    connect(m_compare, &PromptCompare::chosen, this, &PromptEditor::compare);
    connect(m_compare, &PromptCompare::closed, this, [this] {
        m_middle->setCurrentIndex(0);
        m_revisions->setFocus(Qt::OtherFocusReason);
    });
    return m_middle;
}

QWidget *PromptEditor::buildBanner()
{
    m_banner = new QWidget(this);
    m_banner->setObjectName(QStringLiteral("prompt-banner"));
    auto *line = new QHBoxLayout(m_banner);
    line->setContentsMargins(metrics::Margin, 4, metrics::GapSmall, 4);
    line->setSpacing(metrics::GapSmall);
    m_bannerText = new Label(m_theme, QString(), Label::Style::Strong, m_banner);
    m_bannerText->setObjectName(QStringLiteral("prompt-banner-text"));
    line->addWidget(m_bannerText, 1);
    m_bannerRestore = new Button(tr("Restore"), ButtonRole::Secondary, m_banner);
    m_bannerRestore->setObjectName(QStringLiteral("prompt-restore"));
    m_bannerRestore->setToolTip(tr("Put this revision into the draft; it can be undone"));
    m_bannerCompare = new Button(tr("Compare with draft"), ButtonRole::Secondary, m_banner);
    m_bannerCompare->setObjectName(QStringLiteral("prompt-compare-draft"));
    auto *back = new Button(tr("Back to draft"), ButtonRole::Ghost, m_banner);
    back->setObjectName(QStringLiteral("prompt-back"));
    line->addWidget(m_bannerRestore);
    line->addWidget(m_bannerCompare);
    line->addWidget(back);
    connect(m_bannerRestore, &QAbstractButton::clicked, this, [this] { restore(m_shown); });
    connect(m_bannerCompare, &QAbstractButton::clicked, this, [this] { compare(m_shown, 0); });
    connect(back, &QAbstractButton::clicked, this, [this] { showRevision(0); });
    m_banner->hide();
    return m_banner;
}

QWidget *PromptEditor::buildText()
{
    auto *box = new QWidget(this);
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *header = new SectionHeader(m_theme, tr("Instructions"), SectionHeader::Level::Panel, box);
    m_size = new Label(m_theme, QString(), Label::Style::Caption, header);
    header->addAction(m_size);
    m_templates = new Button(tr("Start from template"), ButtonRole::Ghost, header);
    m_templates->setObjectName(QStringLiteral("prompt-templates"));
    m_templates->setToolTip(tr("Replace the draft by a template, shipped or your own; it can be undone"));
    connect(m_templates, &QAbstractButton::clicked, this, &PromptEditor::showTemplates);
    header->addAction(m_templates);
    auto *more = new IconButton(m_theme, QStringLiteral("more"), tr("More"), header);
    more->setObjectName(QStringLiteral("prompt-more"));
    more->setCompact(true);
    header->addAction(more);
    connect(more, &QAbstractButton::clicked, this, [this, more] {
        auto *menu = new QMenu(more);
        menu->setObjectName(QStringLiteral("prompt-more-menu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        const auto add = [&](const char *name, const QString &text, const QKeySequence &key, auto run, bool enabled = true) {
            QAction *action = menu->addAction(text);
            action->setObjectName(QString::fromLatin1(name));
            action->setShortcut(key);
            action->setShortcutVisibleInContextMenu(true);
            action->setEnabled(enabled);
            connect(action, &QAction::triggered, this, run);
        };
        add("prompt-save-template", tr("Save as template..."), {}, [this] { saveTemplate(); });
        add("prompt-find", tr("Find"), QKeySequence(Qt::CTRL | Qt::Key_F), [this] { m_text->openFind(); });
        add("prompt-replace", tr("Find and replace"), QKeySequence(Qt::CTRL | Qt::Key_H), [this] { m_text->openReplace(); }, isEditable());
        menu->popup(more->mapToGlobal(QPoint(0, more->height())));
    });
    column->addWidget(header);
    m_text = new CodeEditor(m_theme, box);
    m_text->setObjectName(QStringLiteral("prompt-text"));
    m_text->setAccessibleName(tr("Instructions"));
    m_text->setToolTip(QString());
    m_text->setPlaceholderText(tr("What the model shall do, with {{variables}} for what changes from run to run"));
    m_text->setTokenizer(prompthighlight::promptTokenizer(m_theme));
    m_text->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"), [this](const QString &typed) { return completions(typed); });
    connect(m_text, &CodeEditor::edited, this, [this] {
        // A short text is in the draft at once; of a long one each copy costs time that a key press does not have.
        if (m_text->document()->characterCount() < LongText) {
            flushText();
            return;
        }
        if (!isEditable())
            return;
        if (!m_flush.isActive())
            m_unflushed.start();
        if (!m_flush.isActive() || m_unflushed.elapsed() + FlushMs < MostFlushMs)
            m_flush.start();
    });
    column->addWidget(m_text, 1);
    return box;
}

void PromptEditor::flushText()
{
    m_flush.stop();
    edit(QStringLiteral("/text"), m_text->text(), tr("Change instructions"));
}

bool PromptEditor::isEditable() const
{
    return m_shown == 0 && !m_session->project().isReadOnly();
}

QJsonObject PromptEditor::body(int number) const
{
    if (number > 0) {
        const auto revision = m_session->project().artifacts().revision(m_prompt, number);
        return revision ? revision->body : QJsonObject();
    }
    // Read once for each change: of a long prompt that takes milliseconds.
    if (!m_draftBody) {
        const auto draft = m_session->draft(m_prompt);
        m_draftBody = draft ? draft->body : QJsonObject();
    }
    return *m_draftBody;
}

QString PromptEditor::nameOf(int number) const
{
    return number > 0 ? tr("revision %1").arg(number) : tr("draft");
}

void PromptEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (!isEditable())
        return;
    if (m_flush.isActive())
        flushText();
    const auto done = m_session->edit(m_prompt, pointer, value, what);
    m_draftBody.reset();
    if (!done) {
        Q_EMIT errorRaised(done.error());
        return;
    }
    // The project tells of the edit once it is in the file; what a person looks at does not wait for that. Typing changes only
    // what is checked a moment later.
    if (pointer != QLatin1String("/text") || !m_header->draft()->isVisibleTo(this))
        reload();
    else
        m_check.start(m_text->document()->characterCount() < LongText ? CheckMs : LongCheckMs);
}

void PromptEditor::showRevision(int number)
{
    if (m_flush.isActive())
        flushText();
    const auto info = m_session->project().artifacts().info(m_prompt);
    if (!info)
        return;
    m_shown = number == info->latestNumber && !info->hasDraft ? 0 : number;
    if (m_shown > 0 && !m_session->project().artifacts().revision(m_prompt, m_shown)) {
        Q_EMIT errorRaised(Error(ErrorKind::NotFound, tr("The prompt %1 has no revision %2.").arg(info->name).arg(number)));
        m_shown = 0;
    }
    m_middle->setCurrentIndex(0);
    reload();
    check();
}

void PromptEditor::compare(int older, int newer)
{
    if (m_flush.isActive())
        flushText();
    std::vector<std::pair<int, QString>> choices;
    const auto info = m_session->project().artifacts().info(m_prompt);
    if (info && (info->hasDraft || info->latestNumber == 0 || older == 0 || newer == 0))
        choices.emplace_back(0, tr("draft"));
    for (const RevisionInfo &revision : m_session->project().artifacts().revisions(m_prompt)) {
        QString name = tr("@%1").arg(revision.number);
        if (!revision.labels.isEmpty())
            name += QStringLiteral(" ") + revision.labels.join(QStringLiteral(", "));
        choices.emplace_back(revision.number, name);
    }
    m_compare->setChoices(choices);
    m_compare->compare({older, nameOf(older), body(older)}, {newer, nameOf(newer), body(newer)});
    m_middle->setCurrentWidget(m_compare);
    m_compare->view()->setFocus(Qt::OtherFocusReason);
}

void PromptEditor::showText(const QString &text)
{
    const QString now = m_text->text();
    if (now == text)
        return;
    // The cursor goes to the end of what changed, as after an undo.
    const qsizetype common = std::min(now.size(), text.size());
    qsizetype end = 0;
    while (end < common && now[now.size() - 1 - end] == text[text.size() - 1 - end])
        ++end;
    const int scroll = m_text->verticalScrollBar()->value();
    const bool first = now.isEmpty();
    m_text->setText(text);
    if (first || !m_text->hasFocus())
        return;
    m_text->verticalScrollBar()->setValue(scroll);
    m_text->select(int(text.size() - end), 0);
}

void PromptEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_prompt);
    if (!info)
        return;
    if (m_shown > 0 && m_shown == info->latestNumber && !info->hasDraft)
        m_shown = 0;
    const bool editable = isEditable();
    m_header->show(info->name, info->latestNumber, info->hasDraft, m_session->project().isReadOnly());
    const bool canCommit = !m_session->project().isReadOnly() && (info->hasDraft || info->latestNumber == 0);
    m_note->setEnabled(canCommit);
    m_commit->setEnabled(canCommit);
    m_banner->setVisible(m_shown > 0);
    m_bannerText->setText(tr("Revision %1, read-only").arg(m_shown));
    m_bannerRestore->setEnabled(!m_session->project().isReadOnly());
    m_templates->setEnabled(editable);
    m_text->setReadOnly(!editable);
    m_settings->setEditable(editable);
    const QJsonObject shown = body(m_shown);
    showText(shown.value(QStringLiteral("text")).toString());
    m_settings->load(shown);
    m_revisions->setShown(m_shown);
    m_problems->setFixable(editable);
    m_check.start(m_text->document()->characterCount() < LongText ? CheckMs : LongCheckMs);
}

void PromptEditor::check()
{
    m_check.stop();
    const QJsonObject shown = body(m_shown);
    m_checking = shown.value(QStringLiteral("text")).toString();
    m_checker->check(shown);
    m_preview->setBody(shown);
    m_size->setText(tr("%1 characters").arg(format::number(shown.value(QStringLiteral("text")).toString().size())));
}

void PromptEditor::showFindings(const std::vector<PromptProblem> &found, const QStringList &undeclared)
{
    m_checked = m_checking;
    std::vector<Problem> problems;
    QList<CodeProblem> marks;
    for (const PromptProblem &one : found) {
        const Problem problem = PromptChecker::toProblem(one);
        problems.push_back(problem);
        if (problem.pointer != QLatin1String("/text") || problem.from < 0)
            continue;
        CodeProblem mark;
        mark.from = int(problem.from);
        mark.length = int(problem.length);
        mark.severity = problem.severity == Problem::Severity::Error     ? Severity::Error
                        : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                                         : Severity::Info;
        mark.message = problem.message;
        if (!one.fixes.empty() && isEditable())
            mark.message += tr(" Ctrl+. offers: %1.").arg(one.fixes.front().title);
        marks.append(mark);
    }
    m_text->setProblems(marks);
    m_settings->setProblems(problems, undeclared);
    m_problems->setProblems(found);
    if (m_text->hasFocus())
        QTimer::singleShot(0, m_text, [this] { m_text->ensureCursorVisible(); }); // the list of problems may have grown over it
}

bool PromptEditor::eventFilter(QObject *watched, QEvent *event)
{
    // Before anything else can be asked for (a commit, a run), what was typed is in the draft.
    if (m_flush.isActive() && watched == m_text) {
        const auto *key = event->type() == QEvent::ShortcutOverride ? static_cast<QKeyEvent *>(event) : nullptr;
        if (event->type() == QEvent::FocusOut || (key && (key->text().isEmpty() || key->modifiers() & (Qt::ControlModifier | Qt::AltModifier))))
            flushText();
    }
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    if (watched == m_text && key->key() == Qt::Key_Period && key->modifiers() == Qt::ControlModifier) {
        if (event->type() == QEvent::ShortcutOverride) {
            event->accept();
            return true;
        }
        if (!openFixesAtCursor())
            Q_EMIT statusMessage(tr("Nothing to mend here; F8 goes to the next problem."));
        return true;
    }
    const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
    if (!undo && !redo)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore(); // the window's shortcut wins, when it has one
        return true;
    }
    if (m_flush.isActive())
        flushText();
    if (const auto done = undo ? m_session->undo(m_prompt) : m_session->redo(m_prompt); !done)
        Q_EMIT errorRaised(done.error());
    m_draftBody.reset();
    reload();
    return true;
}

void PromptEditor::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

PromptEditor::~PromptEditor()
{
    if (m_flush.isActive())
        flushText();
    m_cancel.cancel();
    silence(this);
}

} // namespace lathe
