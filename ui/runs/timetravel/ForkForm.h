// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ForkOptions.h"
#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QStackedWidget;
class QTabBar;
class QVBoxLayout;

namespace lathe {

class CodeEditor;

// The fields of a fork: a tab for each thing that can be different at the step, filled with what was recorded. What a person did not
// touch is no change. Starts nothing.
class ForkForm : public QWidget
{
    Q_OBJECT
public:
    ForkForm(Session *session, Theme *theme, const ForkOptions &options, QWidget *parent = nullptr);
    ~ForkForm() override;
    // What differs from the recording; the error says what is not usable yet.
    Result<ForkChanges> changes() const;
    Result<TeamOverrides> overrides() const;
    bool isChanged() const; // also when what was changed is not usable yet
    int tabCount() const;

Q_SIGNALS:
    void edited();

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct PartEditor {
        size_t message = 0, part = 0;
        CodeEditor *editor = nullptr;
    };
    struct CallEditor {
        size_t part = 0; // of the answer
        QCheckBox *used = nullptr;
        CodeEditor *editor = nullptr;
    };
    QVBoxLayout *addTab(const QString &id, const QString &title, const QString &help);
    QVBoxLayout *addScrolled(QVBoxLayout *into);
    CodeEditor *addEditor(QVBoxLayout *into, const QString &name, const QString &text, bool json, bool grows);
    void addOutcomeTabs();
    void addMessages();
    void addInstructions();
    void addModel();
    void askModels();
    void onEdited();
    bool instructionsChanged() const;
    std::optional<std::vector<Message>> editedMessages() const;
    std::optional<Message> editedAnswer() const;
    Result<QJsonObject> editedParameters() const;

    Session *m_session;
    Theme *m_theme;
    ForkOptions m_options;
    QTabBar *m_tabs;
    QStackedWidget *m_stack;
    QStringList m_ids, m_titles;
    CodeEditor *m_answer = nullptr, *m_arguments = nullptr, *m_result = nullptr, *m_instructions = nullptr, *m_inputs = nullptr, *m_reply = nullptr;
    QCheckBox *m_isError = nullptr, *m_approved = nullptr;
    QComboBox *m_prompt = nullptr, *m_connection = nullptr, *m_model = nullptr, *m_scope = nullptr;
    QWidget *m_scopeRow = nullptr;
    std::vector<PartEditor> m_parts;
    std::vector<CallEditor> m_calls;
    std::vector<std::pair<QString, QLineEdit *>> m_parameters;
    QString m_argumentsBefore, m_inputsBefore;
    CancelSource m_cancel;
};

} // namespace lathe
