// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptEditor.h"

#include "core/session/PromptBench.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/prompts/LabelMoves.h"
#include "ui/prompts/ProblemPanel.h"
#include "ui/prompts/PromptChecker.h"
#include "ui/prompts/PromptCompare.h"
#include "ui/prompts/RevisionList.h"
#include "ui/prompts/TemplatePicker.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"

#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QRegularExpression>

// What a person does with a prompt: completion, fixes, commits, labels, branches, templates. PromptEditor.cpp builds and shows.
namespace lathe {

// Variables, the ends of open sections first, then sections and other prompts, by what is typed after "{{".
QList<CompletionItem> PromptEditor::completions(const QString &typed) const
{
    QList<CompletionItem> items;
    const QString sign = !typed.isEmpty() && QStringLiteral("#^/>").contains(typed.front()) ? typed.left(1) : QString();
    const QString prefix = typed.mid(sign.size()).trimmed();
    const QJsonObject shown = body(0);
    if (sign == QLatin1String(">")) {
        const auto own = m_session->project().artifacts().info(m_prompt);
        for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Prompt)) {
            if (own && info.id == own->id)
                continue; // it would use itself
            if (info.name.startsWith(prefix, Qt::CaseInsensitive))
                items.append({QStringLiteral("> ") + info.name, tr("its text, as the draft or newest revision"), QStringLiteral("prompt")});
            for (const auto &[label, number] : info.labels) {
                const QString reference = info.name + QLatin1Char('@') + label;
                if (reference.startsWith(prefix, Qt::CaseInsensitive))
                    items.append({QStringLiteral("> ") + reference, tr("its revision %1").arg(number), QStringLiteral("prompt")});
            }
        }
        return items;
    }
    // Sections that are open where one types, the innermost first.
    const QString before = m_text->text().left(m_text->cursorOffset());
    QStringList open;
    static const QRegularExpression tag(QStringLiteral("\\{\\{\\s*([#^/])\\s*([\\w.-]+)\\s*\\}\\}"), QRegularExpression::UseUnicodePropertiesOption);
    for (auto matches = tag.globalMatch(before.right(100'000)); matches.hasNext();) {
        const auto match = matches.next();
        if (match.captured(1) != QLatin1String("/"))
            open.prepend(match.captured(2));
        else
            open.removeOne(match.captured(2));
    }
    if (sign == QLatin1String("/") || prefix.isEmpty()) {
        for (const QString &name : std::as_const(open)) {
            if (sign.isEmpty() || name.startsWith(prefix, Qt::CaseInsensitive))
                items.append({QLatin1Char('/') + name, tr("ends the section"), QString()});
        }
        if (!sign.isEmpty())
            return items;
    }
    for (const QJsonValue &value : shown.value(QStringLiteral("variables")).toArray()) {
        const QString name = value[QLatin1String("name")].toString();
        if (name.startsWith(prefix, Qt::CaseInsensitive))
            items.append({sign + name, sign.isEmpty() ? format::oneLine(value[QLatin1String("description")].toString(), 60)
                                       : sign == QLatin1String("#") ? tr("only if it has a value; for each item of a list")
                                                                    : tr("only if it has no value"),
                          QString()});
    }
    if (sign.isEmpty() && QStringLiteral("input").startsWith(prefix, Qt::CaseInsensitive))
        items.append({QStringLiteral("input"), tr("what the run was given"), QString()});
    return items;
}

void PromptEditor::apply(const PromptFix &fix)
{
    if (!isEditable())
        return;
    if (m_flush.isActive())
        flushText();
    // What was linted may be older than what is typed now: then the places would be wrong, and the next check offers it again.
    BodyChanges changes;
    if (!fix.edits.empty()) {
        const QString now = m_text->text();
        if (now != m_checked) {
            m_check.stop();
            check();
            return Q_EMIT statusMessage(tr("The text changed meanwhile; press the fix once more."));
        }
        changes.push_back({QStringLiteral("/text"), fix.applyTo(now)});
    }
    for (const PromptFix::Change &change : fix.changes)
        changes.push_back({change.pointer, change.value});
    const auto done = m_session->edit(m_prompt, changes, fix.title);
    m_draftBody.reset();
    if (!done)
        return Q_EMIT errorRaised(done.error());
    reload();
    check();
    Q_EMIT statusMessage(tr("%1: done. Ctrl+Z takes it back.").arg(fix.title));
}

bool PromptEditor::openFixesAtCursor()
{
    const int at = m_text->cursorOffset();
    const PromptProblem *nearest = nullptr;
    for (const PromptProblem &problem : m_problems->problems()) {
        const bool here = problem.pointer == QLatin1String("/text") && problem.from >= 0 && at >= problem.from && at <= problem.from + problem.length;
        if (here && !problem.fixes.empty() && (!nearest || problem.length < nearest->length))
            nearest = &problem;
    }
    QMenu *menu = nearest ? m_problems->makeMenu(*nearest, m_text) : nullptr;
    if (!menu)
        return false;
    menu->popup(m_text->viewport()->mapToGlobal(m_text->cursorRect().bottomLeft()));
    menu->setActiveAction(menu->actions().first());
    return true;
}

void PromptEditor::commit()
{
    if (m_flush.isActive())
        flushText();
    if (!m_commit->isEnabled())
        return;
    m_commit->setEnabled(false);
    runTask(this, m_session->commit(m_prompt, m_note->text().trimmed()), [this](const RevisionInfo &revision) {
        m_note->clear();
        m_shown = 0;
        reload();
        Q_EMIT statusMessage(tr("Committed %1 as revision %2.").arg(m_header->name()->name()).arg(revision.number));
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

int PromptEditor::labelAt(const QString &label) const
{
    const auto info = m_session->project().artifacts().info(m_prompt);
    if (info) {
        for (const auto &[name, number] : info->labels) {
            if (name == label)
                return number;
        }
    }
    return 0;
}

void PromptEditor::setLabel(const QString &label, int number)
{
    askToMoveLabel(m_session, m_theme, this, m_prompt, label, number, [self = QPointer<PromptEditor>(this), label, number] {
        if (self)
            self->moveLabel(label, number, false);
    });
}

void PromptEditor::moveLabel(const QString &label, int number, bool undoing)
{
    const int before = labelAt(label);
    if (before == number)
        return;
    runTask(this, m_session->project().artifacts().setLabel(m_prompt, label, number), [this, label, number, before, undoing] {
        if (!undoing)
            m_labelMoves.push_back({label, before});
        m_revisions->setLabelUndo(!m_labelMoves.empty());
        m_labelDone->setMessage(Severity::Success, number > 0 ? tr("%1 is @%2").arg(label).arg(number) : tr("%1 removed").arg(label));
        m_labelDone->actionButton()->setVisible(!m_labelMoves.empty());
        m_labelDone->parentWidget()->show();
        Q_EMIT statusMessage(number > 0 ? tr("%1 is now revision %2.").arg(label).arg(number) : tr("Removed the label %1.").arg(label));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void PromptEditor::undoLabel()
{
    if (m_labelMoves.empty())
        return;
    const LabelWas was = m_labelMoves.back();
    m_labelMoves.pop_back();
    moveLabel(was.label, was.number, true);
}

void PromptEditor::branch(int number)
{
    if (m_flush.isActive())
        flushText();
    const auto info = m_session->project().artifacts().info(m_prompt);
    if (!info || m_session->project().isReadOnly())
        return;
    const QString name = m_session->freeName(ArtifactKind::Prompt, info->name.left(50) + QStringLiteral(" branch"));
    runTask(this, m_session->createArtifact(ArtifactKind::Prompt, name, body(number)), [this, name, from = nameOf(number)](ArtifactId made) {
        Q_EMIT statusMessage(tr("Made the prompt %1 from the %2.").arg(name, from));
        Q_EMIT openRequested(Location::ofArtifact(made));
    }, [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void PromptEditor::setScore(std::function<QString(int)> score)
{
    m_score = std::move(score);
    m_revisions->setScore(m_score);
    m_compare->setScore(m_score);
}

void PromptEditor::refreshUse()
{
    m_cancel.cancel(); // a newer question makes the older one's answer old
    m_cancel = CancelSource();
    runTask(this, m_session->project().artifacts().promptUse(m_prompt, m_cancel.token()), [this](const std::vector<PromptUse> &use) {
        m_use = use;
        m_revisions->setUse(use);
        m_compare->setUse(use);
    }, [this](const Error &error) {
        if (error.kind != ErrorKind::Cancelled)
            Q_EMIT errorRaised(error);
    });
}

void PromptEditor::showTemplates()
{
    auto *picker = new TemplatePicker(m_theme, this, m_templateFolder);
    connect(picker, &TemplatePicker::chosen, this, [this](const PromptTemplate &taken) {
        edit(QString(), taken.spec.toJson(), tr("Start from template %1").arg(taken.title));
        Q_EMIT statusMessage(tr("The draft is now the template \"%1\". Ctrl+Z takes it back.").arg(taken.title));
    });
    picker->open();
}

void PromptEditor::saveTemplate()
{
    if (m_flush.isActive())
        flushText();
    const auto spec = PromptSpec::fromJson(body(m_shown));
    if (!spec)
        return Q_EMIT errorRaised(spec.error());
    openSaveTemplate(m_theme, this, *spec, m_header->name()->name(), m_templateFolder, [self = QPointer<PromptEditor>(this)](const PromptTemplate &saved) {
        if (self)
            Q_EMIT self->statusMessage(tr("Saved the template \"%1\". It is offered in every project of yours.").arg(saved.title));
    });
}

} // namespace lathe
