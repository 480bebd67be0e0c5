// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/DocumentHeader.h"

#include "ui/theme/Theme.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLineEdit>

namespace lathe {

namespace {
QString words(const char *text)
{
    return QCoreApplication::translate("lathe::DocumentHeader", text);
}

constexpr int leastForWords = 440; // pixels of the header

// Narrow, the chip says less, so that the name keeps room to be read. Lives with the header's widget.
class ShortChip : public QObject
{
public:
    ShortChip(Chip *chip, QWidget *header) : QObject(header), m_chip(chip), m_header(header) { header->installEventFilter(this); }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched == m_header && event->type() == QEvent::Resize)
            m_chip->setText(m_header->width() < leastForWords ? words("draft") : words("draft, autosaved"));
        return QObject::eventFilter(watched, event);
    }

private:
    Chip *m_chip;
    QWidget *m_header;
};
}

DocumentHeader::DocumentHeader(Theme *theme, const QString &prefix, const QString &accessibleName, QWidget *parent)
    : m_theme(theme), m_prefix(prefix)
{
    setSpacing(8);
    m_name = new NameField(theme, accessibleName, parent);
    m_name->line()->setObjectName(prefix + QStringLiteral("-name"));
    m_name->line()->setFont(theme->titleFont());
    m_name->line()->setFixedHeight(34);
    m_name->setMaximumWidth(340);
    m_revision = new Label(theme, QString(), Label::Style::Caption, parent);
    m_revision->setObjectName(prefix + QStringLiteral("-revision"));
    m_draft = new Chip(theme, words("draft, autosaved"), ColorToken::Warning, parent);
    m_draft->setObjectName(prefix + QStringLiteral("-draft"));
    m_draft->setToolTip(words("Uncommitted edits. Ctrl+S makes a revision."));
    addWidget(m_name, 100); // all it may have; the rest of the line is empty
    addWidget(m_revision);
    addWidget(m_draft);
    addStretch(1);
    new ShortChip(m_draft, parent);
}

void DocumentHeader::addCommit()
{
    QWidget *parent = m_name->parentWidget();
    m_name->setMinimumWidth(120);
    m_name->setMaximumWidth(280);
    m_note = new QLineEdit(parent);
    m_note->setObjectName(m_prefix + QStringLiteral("-note"));
    m_note->setAccessibleName(words("Note of the revision"));
    m_note->setPlaceholderText(words("What changed and why (optional)"));
    m_note->setMaxLength(400);
    m_note->setMaximumWidth(300);
    m_commit = new PrimaryButton(words("Commit"), parent);
    m_commit->setObjectName(m_prefix + QStringLiteral("-commit"));
    m_commit->setToolTip(words("Make a revision of the draft (Ctrl+S)"));
    addWidget(m_note, 50);
    addWidget(m_commit);
}

void DocumentHeader::show(const QString &name, int number, bool hasDraft, bool readOnly)
{
    m_name->setName(name);
    m_name->setReadOnly(readOnly);
    m_revision->setText(number > 0 ? words("revision %1").arg(number) : words("not committed yet"));
    m_draft->setVisible(hasDraft);
}

} // namespace lathe
