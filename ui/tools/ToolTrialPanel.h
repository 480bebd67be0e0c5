// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QComboBox;
class QListView;
class QStandardItemModel;

namespace lathe {

class ArgumentsForm;
class BusyBar;
class Button;
class CodeEditor;
class ElidedLabel;
class InlineMessage;
class JsonTree;
class Label;
class SectionHeader;
class PrimaryButton;
class TrialResult;
class TrialSecrets;

// Try a call: the tool (or one function of a set) as the model sees it, a form of its arguments, the answer, and the calls of this session. A
// call can be kept as an example of the tool, or as a mock that answers the same.
class ToolTrialPanel : public QWidget
{
    Q_OBJECT
public:
    ToolTrialPanel(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~ToolTrialPanel() override; // stops a call under way
    void setTool(const QString &name, const QJsonObject &body);
    void run();
    void cancel();
    void showFunction(const QString &function); // of a set: the server's name of it
    void focusArguments();
    void showExample(int index);                // of the body's
    void openExampleName();                     // asks under which name the arguments are to be kept
    bool isRunning() const { return m_cancel.has_value(); }
    TrialResult *result() const { return m_result; }
    ArgumentsForm *arguments() const { return m_arguments; }

Q_SIGNALS:
    void statusMessage(const QString &text);
    // The tool's examples, changed: {name, arguments, function?}.
    void examplesEdited(const QJsonArray &examples, const QString &what);
    // A new tool of the type "mock" with the answer of the last call shown.
    void mockRequested(const QString &name, const QJsonObject &body);

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    SectionHeader *m_header;
    struct Call {
        QString request;
        QString function;
        std::optional<ToolTrial> trial;
        std::optional<Error> error;
        qint64 timeUs = 0;
    };
    QWidget *buildDescription();
    QWidget *buildHistory();
    void describe();
    void showDescription();
    void settleFunction(); // the picker, after typing
    void showExamplesMenu();
    void saveMock();
    const ToolDescription *current() const;
    void finish(Call call);
    void showAnswer();
    void showCall(int row);
    void setRunning(bool running);
    Session *m_session;
    Theme *m_theme;
    QString m_name;
    QJsonObject m_body;
    std::vector<ToolDescription> m_described;
    QStringList m_functions; // of a set: the server's names, as m_described
    QComboBox *m_function = nullptr;
    Button *m_examples;
    Button *m_keep;
    Button *m_mock;
    QWidget *m_keepRow;
    std::optional<Call> m_shown; // whose answer stands below
    Label *m_sees = nullptr; // before the name
    ElidedLabel *m_modelName = nullptr;
    CodeEditor *m_about = nullptr;
    InlineMessage *m_cannot;
    Label *m_hint;
    ArgumentsForm *m_arguments;
    Button *m_rawButton;
    PrimaryButton *m_run;
    Button *m_cancelButton;
    BusyBar *m_busy;
    TrialResult *m_result;
    TrialSecrets *m_secrets;
    QListView *m_history;
    QStandardItemModel *m_calls;
    QWidget *m_historyBox;
    std::vector<Call> m_done; // newest first
    std::optional<CancelSource> m_cancel;
    int m_call = 0; // counts calls, so that a late answer does not take a newer one's place
    QTimer m_describe;
};

} // namespace lathe
