// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/OwnTemplates.h"
#include "ui/widgets/Sheet.h"

class QListView;
class QStandardItemModel;

namespace lathe {

class Button;
class CodeEditor;
class InlineMessage;
class Label;
class SearchField;

// The templates to start a prompt from: the person's own first, then the shipped ones, with what each is for, the author's notes and the text.
// Own ones can be deleted here. Files that can not be read are named, the others are there all the same. Open it with open(); it
// deletes itself when closed.
class TemplatePicker : public Sheet
{
    Q_OBJECT
public:
    TemplatePicker(Theme *theme, QWidget *anchor, const QString &folder = ownTemplatesFolder());
    int shownCount() const;
    void select(const QString &id, bool own);

Q_SIGNALS:
    // The body to begin with has its templateName set.
    void chosen(const lathe::PromptTemplate &prompt);

protected:
    QWidget *firstFocus() const override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void load();
    void fill();
    void showCurrent();
    void accept();
    void remove();
    const PromptTemplate *current() const;
    Theme *m_look;
    QString m_folder;
    OwnTemplates m_own;
    SearchField *m_search;
    QListView *m_list;
    QStandardItemModel *m_model;
    InlineMessage *m_bad;
    Label *m_title;
    Label *m_use;
    Label *m_notes;
    CodeEditor *m_text;
    Button *m_delete;
    Button *m_take;
};

// Asks for title, use and notes and saves the prompt as a template of one's own. `done` gets the template that was written.
void openSaveTemplate(Theme *theme, QWidget *anchor, const PromptSpec &spec, const QString &title, const QString &folder,
                      std::function<void(const PromptTemplate &)> done);

} // namespace lathe
