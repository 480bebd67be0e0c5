// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHBoxLayout>

class QLineEdit;

namespace lathe {

class Chip;
class Label;
class NameField;
class PrimaryButton;
class Theme;

// The line at the head of every editor of an artifact: its name to be changed, which revision it is, whether there is a draft; and, where
// asked for, the note and the button that make a revision. Widgets are named after `prefix` ("team-name", "team-revision", ...).
class DocumentHeader : public QHBoxLayout
{
public:
    DocumentHeader(Theme *theme, const QString &prefix, const QString &accessibleName, QWidget *parent);
    NameField *name() const { return m_name; }
    Label *revision() const { return m_revision; }
    Chip *draft() const { return m_draft; }
    // Adds note and button; a narrower name leaves them room.
    void addCommit();
    QLineEdit *note() const { return m_note; }
    PrimaryButton *commit() const { return m_commit; }
    // `number`: of the newest revision, 0: none. What is being typed into the name stays. (renameBy() gives it its task.)
    void show(const QString &name, int number, bool hasDraft, bool readOnly);

private:
    Theme *m_theme;
    QString m_prefix;
    NameField *m_name;
    Label *m_revision;
    Chip *m_draft;
    QLineEdit *m_note = nullptr;
    PrimaryButton *m_commit = nullptr;
};

} // namespace lathe
