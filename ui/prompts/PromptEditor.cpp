// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptEditor.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/prompts/DiffView.h"
#include "ui/prompts/ProblemPanel.h"
#include "ui/prompts/PromptCompare.h"
#include "ui/prompts/PromptHighlight.h"
#include "ui/prompts/PromptPreview.h"
#include "ui/prompts/PromptSettings.h"
#include "ui/prompts/RevisionList.h"
#include "ui/prompts/UsedBy.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
// Sizes are remembered in the project.
void remember(HeaderedSplitter *splitter, Session *session, const QString &key)
{
    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = session->project().setting(key).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        splitter->restore(sizes);
    splitter->setSizesChanged([session, key](const HeaderedSplitter::Sizes &now) {
        QJsonObject json;
        for (auto it = now.begin(); it != now.end(); ++it)
            json.insert(it.key(), it.value());
        session->project().setSetting(key, json);
    });
}
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
    splitter->addPanel(QStringLiteral("preview"), m_preview, 360, 2);
    remember(splitter, session, QStringLiteral("ui/prompt/split"));
    outer->addWidget(splitter, 1);

    m_check.setSingleShot(true);
    m_check.setInterval(150);
    connect(&m_check, &QTimer::timeout, this, &PromptEditor::check);
    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        if (id == m_prompt)
            reload();
    };
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    reload();
    check();
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
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    m_name = new QLineEdit(box);
    m_name->setObjectName(QStringLiteral("prompt-name"));
    m_name->setAccessibleName(tr("Name of the prompt"));
    m_name->setToolTip(tr("Name; Enter renames"));
    m_name->setFont(m_theme->titleFont());
    m_name->setFixedHeight(34);
    m_name->setMinimumWidth(120);
    m_name->setMaximumWidth(280);
    connect(m_name, &QLineEdit::editingFinished, this, &PromptEditor::rename);
    m_revision = new Label(m_theme, QString(), Label::Style::Caption, box);
    m_revision->setObjectName(QStringLiteral("prompt-revision"));
    m_draft = new Chip(m_theme, tr("draft, autosaved"), ColorToken::Warning, box);
    m_draft->setObjectName(QStringLiteral("prompt-draft"));
    m_draft->setToolTip(tr("Uncommitted edits. Ctrl+S makes a revision."));
    m_note = new QLineEdit(box);
    m_note->setObjectName(QStringLiteral("prompt-note"));
    m_note->setAccessibleName(tr("Note of the revision"));
    m_note->setPlaceholderText(tr("What changed and why (optional)"));
    m_note->setMaxLength(400);
    m_note->setMaximumWidth(300);
    connect(m_note, &QLineEdit::returnPressed, this, &PromptEditor::commit);
    m_commit = new PrimaryButton(tr("Commit"), box);
    m_commit->setObjectName(QStringLiteral("prompt-commit"));
    m_commit->setToolTip(tr("Make a revision of the draft (Ctrl+S)"));
    connect(m_commit, &QAbstractButton::clicked, this, &PromptEditor::commit);
    line->addWidget(m_name, 2);
    line->addWidget(m_revision);
    line->addWidget(m_draft);
    line->addStretch(1);
    line->addWidget(m_note, 2);
    line->addWidget(m_commit);
    column->addLayout(line);
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
    column->addWidget(new SectionHeader(m_theme, tr("Revisions"), SectionHeader::Level::Panel, box));
    m_revisions = new RevisionList(m_session, m_theme, m_prompt, box);
    column->addWidget(m_revisions, 1);
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
    remember(splitter, m_session, QStringLiteral("ui/prompt/rows"));
    column->addWidget(splitter, 1);
    m_problems = new ProblemPanel(m_theme, page);
    column->addWidget(m_problems);
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
    m_templates->setToolTip(tr("Replace the draft by a shipped template; it can be undone"));
    connect(m_templates, &QAbstractButton::clicked, this, &PromptEditor::showTemplates);
    header->addAction(m_templates);
    column->addWidget(header);
    m_text = new CodeEditor(m_theme, box);
    m_text->setObjectName(QStringLiteral("prompt-text"));
    m_text->setAccessibleName(tr("Instructions"));
    m_text->setToolTip(QString());
    m_text->setPlaceholderText(tr("What the model shall do, with {{variables}} for what changes from run to run"));
    m_text->setTokenizer(prompthighlight::promptTokenizer(m_theme));
    m_text->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"), [this](const QString &prefix) {
        QList<CompletionItem> items;
        for (const QJsonValue &value : body(0).value(QStringLiteral("variables")).toArray()) {
            const QString name = value[QLatin1String("name")].toString();
            if (name.startsWith(prefix.trimmed(), Qt::CaseInsensitive))
                items.append({name, format::oneLine(value[QLatin1String("description")].toString(), 60), QString()});
        }
        return items;
    });
    connect(m_text, &CodeEditor::edited, this, [this] { edit(QStringLiteral("/text"), m_text->text(), tr("Change instructions")); });
    column->addWidget(m_text, 1);
    return box;
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
    const auto draft = m_session->draft(m_prompt);
    return draft ? draft->body : QJsonObject();
}

QString PromptEditor::nameOf(int number) const
{
    return number > 0 ? tr("revision %1").arg(number) : tr("draft");
}

void PromptEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (!isEditable())
        return;
    if (const auto done = m_session->edit(m_prompt, pointer, value, what); !done) {
        Q_EMIT errorRaised(done.error());
        return;
    }
    // The project tells of the edit once it is in the file; what a person looks at does not wait for that. Typing changes only
    // what is checked a moment later.
    if (pointer != QLatin1String("/text") || !m_draft->isVisibleTo(this))
        reload();
}

void PromptEditor::showRevision(int number)
{
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
    m_compare->compare(body(older), nameOf(older), body(newer), nameOf(newer));
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
    if (!m_name->hasFocus())
        m_name->setText(info->name);
    m_name->setReadOnly(m_session->project().isReadOnly());
    m_revision->setText(info->latestNumber > 0 ? tr("revision %1").arg(info->latestNumber) : tr("not committed yet"));
    const bool canCommit = !m_session->project().isReadOnly() && (info->hasDraft || info->latestNumber == 0);
    m_draft->setVisible(info->hasDraft);
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
    m_check.start();
}

void PromptEditor::check()
{
    m_check.stop();
    const QJsonObject shown = body(m_shown);
    const auto problems = m_session->problems(ArtifactKind::Prompt, shown);
    QList<CodeProblem> marks;
    for (const Problem &problem : problems) {
        if (problem.pointer != QLatin1String("/text") || problem.from < 0)
            continue;
        CodeProblem mark;
        mark.from = int(problem.from);
        mark.length = int(problem.length);
        mark.severity = problem.severity == Problem::Severity::Error     ? Severity::Error
                        : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                                         : Severity::Info;
        mark.message = problem.message;
        marks.append(mark);
    }
    m_text->setProblems(marks);
    QStringList declared;
    for (const QJsonValue &value : shown.value(QStringLiteral("variables")).toArray())
        declared.append(value[QLatin1String("name")].toString());
    QStringList undeclared;
    const QString text = shown.value(QStringLiteral("text")).toString();
    for (const QString &name : templateVariables(text)) {
        if (!declared.contains(name))
            undeclared.append(name);
    }
    m_settings->setProblems(problems, undeclared);
    m_problems->setProblems(problems);
    if (m_text->hasFocus())
        QTimer::singleShot(0, m_text, [this] { m_text->ensureCursorVisible(); }); // the list of problems may have grown over it
    m_preview->setBody(shown);
    m_size->setText(tr("%1 characters").arg(format::number(text.size())));
}

void PromptEditor::rename()
{
    const auto info = m_session->project().artifacts().info(m_prompt);
    const QString name = m_name->text().trimmed();
    if (!info || name == info->name || m_session->project().isReadOnly())
        return;
    runTask(this, m_session->project().artifacts().rename(m_prompt, name), [] {}, [this, old = info->name](const Error &error) {
        m_name->setText(old);
        Q_EMIT errorRaised(error);
    });
}

void PromptEditor::commit()
{
    if (!m_commit->isEnabled())
        return;
    m_commit->setEnabled(false);
    runTask(this, m_session->commit(m_prompt, m_note->text().trimmed()), [this](const RevisionInfo &revision) {
        m_note->clear();
        m_shown = 0;
        reload();
        Q_EMIT statusMessage(tr("Committed %1 as revision %2.").arg(m_name->text()).arg(revision.number));
    }, [this](const Error &error) {
        reload();
        Q_EMIT errorRaised(error);
    });
}

void PromptEditor::restore(int number)
{
    if (number <= 0 || m_session->project().isReadOnly())
        return;
    runTask(this, m_session->project().artifacts().restore(m_prompt, number), [this, number] {
        showRevision(0);
        Q_EMIT statusMessage(tr("Revision %1 is now the draft. Ctrl+Z takes it back.").arg(number));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void PromptEditor::setLabel(const QString &label, int number)
{
    runTask(this, m_session->project().artifacts().setLabel(m_prompt, label, number), [this, label, number] {
        Q_EMIT statusMessage(number > 0 ? tr("%1 is now revision %2.").arg(label).arg(number) : tr("Removed the label %1.").arg(label));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void PromptEditor::showTemplates()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("prompt-template-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    for (const PromptTemplate &shipped : shippedTemplates()) {
        QAction *action = menu->addAction(shipped.title);
        action->setObjectName(QStringLiteral("template-") + shipped.id);
        action->setToolTip(shipped.use);
        connect(action, &QAction::triggered, this, [this, id = shipped.id, title = shipped.title, spec = shipped.spec] {
            PromptSpec made = spec;
            made.templateName = id;
            edit(QString(), made.toJson(), tr("Start from template %1").arg(title));
            Q_EMIT statusMessage(tr("The draft is now the template \"%1\". Ctrl+Z takes it back.").arg(title));
        });
    }
    menu->popup(m_templates->mapToGlobal(QPoint(0, m_templates->height())));
}

bool PromptEditor::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
    if (!undo && !redo)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->ignore(); // the window's shortcut wins, when it has one
        return true;
    }
    if (const auto done = undo ? m_session->undo(m_prompt) : m_session->redo(m_prompt); !done)
        Q_EMIT errorRaised(done.error());
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
    silence(this);
}

} // namespace lathe
