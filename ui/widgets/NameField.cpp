// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/NameField.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

NameField::NameField(Theme *theme, const QString &accessibleName, QWidget *parent)
    : QWidget(parent), m_line(new QLineEdit(this)), m_problem(new ProblemLine(theme, this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::GapSmall);
    m_line->setAccessibleName(accessibleName);
    m_line->setToolTip(tr("Name; Enter renames"));
    column->addWidget(m_line);
    column->addWidget(m_problem);
    setFocusProxy(m_line);
    m_line->installEventFilter(this);
    connect(m_line, &QLineEdit::returnPressed, this, [this] { m_asked = QString(); }); // what was refused may go now
    connect(m_line, &QLineEdit::editingFinished, this, &NameField::finish);
    connect(m_line, &QLineEdit::textEdited, this, &NameField::clearProblem);
}

NameField::~NameField()
{
    silence(this);
}

void NameField::setName(const QString &name)
{
    m_name = name;
    if (!m_line->hasFocus() && !m_problem->hasProblem())
        m_line->setText(name);
}

void NameField::setReadOnly(bool readOnly)
{
    m_line->setReadOnly(readOnly);
}

void NameField::refuse(const QString &reason)
{
    if (m_asked.isNull() || m_line->text().trimmed() != m_asked)
        return; // something else is there meanwhile
    m_problem->setObjectName(m_line->objectName() + QStringLiteral("-problem"));
    m_problem->setProblem(Severity::Error, reason);
    m_line->setAccessibleDescription(reason);
}

void NameField::finish()
{
    const QString typed = m_line->text().trimmed();
    if (m_line->isReadOnly() || (!m_asked.isNull() && typed == m_asked))
        return; // Enter, then leaving the field: asked once
    m_asked = QString();
    if (typed == m_name)
        return clearProblem();
    m_asked = typed.isNull() ? QStringLiteral("") : typed;
    Q_EMIT renamed(typed);
}

void NameField::clearProblem()
{
    m_asked = QString();
    m_problem->clear();
    m_line->setAccessibleDescription(QString());
}

bool NameField::eventFilter(QObject *watched, QEvent *event)
{
    const bool key = event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride;
    if (watched != m_line || !key || static_cast<QKeyEvent *>(event)->key() != Qt::Key_Escape || m_line->text() == m_name)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->accept(); // the window's own Escape does not hear of it
        return true;
    }
    clearProblem();
    m_line->setText(m_name);
    m_line->selectAll();
    return true;
}

} // namespace lathe
