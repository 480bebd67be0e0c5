// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/CommitPopover.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

CommitPopover::CommitPopover(Session *session, Theme *theme, ArtifactId artifact, QWidget *anchor)
    : Popover(theme, anchor), m_session(session), m_artifact(artifact)
{
    setObjectName(QStringLiteral("commit-popover"));
    setAnchorRect(QRect(anchor->width() / 2 - 200, 44, 400, 1));
    const auto info = session->project().artifacts().info(artifact);
    m_name = info ? info->name : QString();
    const int next = info ? info->latestNumber + 1 : 1;
    auto *content = new QWidget(this);
    content->setFixedWidth(400);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    const bool differs = info && (info->hasDraft || info->latestNumber == 0);
    layout->addWidget(new Label(theme, differs ? tr("Commit %1 as revision %2").arg(m_name).arg(next) : tr("Nothing to commit"),
                                Label::Style::Heading, content));
    layout->addWidget(new Label(theme,
                                differs ? tr("A revision never changes; runs say which one they used.")
                                        : tr("%1 has no edits since revision %2.").arg(m_name).arg(next - 1),
                                Label::Style::Secondary, content));
    m_note = new QLineEdit(content);
    m_note->setObjectName(QStringLiteral("commit-note"));
    m_note->setAccessibleName(tr("Note"));
    m_note->setPlaceholderText(tr("What changed and why (optional)"));
    m_note->setMaxLength(400);
    m_note->setEnabled(differs);
    layout->addWidget(m_note);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch();
    auto *cancel = new Button(tr("Cancel"), ButtonRole::Ghost, content);
    auto *commitButton = new PrimaryButton(tr("Commit"), content);
    commitButton->setObjectName(QStringLiteral("commit-confirm"));
    commitButton->setEnabled(differs);
    buttons->addWidget(cancel);
    buttons->addWidget(commitButton);
    layout->addLayout(buttons);
    setContent(content);
    connect(cancel, &QAbstractButton::clicked, this, &Overlay::dismiss);
    connect(commitButton, &QAbstractButton::clicked, this, &CommitPopover::commit);
    connect(m_note, &QLineEdit::returnPressed, this, &CommitPopover::commit);
}

QWidget *CommitPopover::firstFocus() const
{
    return m_note;
}

void CommitPopover::commit()
{
    // The popover may be gone when the revision is safe, so the answer goes to the window above it.
    const QPointer<CommitPopover> self(this);
    const QString name = m_name;
    runTask(this, m_session->commit(m_artifact, m_note->text().trimmed()),
            [self, name](const RevisionInfo &revision) {
                Q_EMIT self->committed(name, revision.number);
                self->dismiss();
            },
            [self](const Error &error) {
                Q_EMIT self->errorRaised(error);
                self->dismiss();
            });
}

} // namespace lathe
