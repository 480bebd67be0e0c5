// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/session/ExperimentTypes.h"

#include <QObject>

#include <memory>

namespace lathe {

class Session;
struct ExperimentServices;

// One input that goes to all columns.
struct PlaygroundRow {
    QString input;
    QJsonObject variables; // of the prompt
    int datasetRow = -1;   // from 0; -1: typed by hand
    bool operator==(const PlaygroundRow &) const = default;
};

// One answer of a column to a row. A row of a column has many: repeats, and the turns of a conversation.
struct PlaygroundAnswer {
    RunId run;              // invalid: it could not begin, see `error`
    RunStatus status = RunStatus::Running;
    QString said;           // what was asked: the row's input, or the turn's text
    QString output;         // grows while it streams
    std::optional<Error> error;
    qint64 firstTokenUs = -1; // from the start of the run to the first text; -1: none yet
    qint64 totalUs = 0;
    Usage usage;
    int stars = 0;          // 1-5, 0: none
    int turn = 0;           // of the conversation, from 0
    QString prompt;         // what the column held when it ran: "reply@3", "reply@draft"...
};

// How far repeated answers lie apart.
struct Spread {
    int count = 0;
    double mean = 0, low = 0, high = 0, deviation = 0; // low and high: smallest and largest; sample standard deviation
};
struct PlaygroundSpread {
    int answers = 0, failed = 0;
    Spread latency;    // s
    Spread firstToken; // s
    Spread tokens;     // input and output together
    Spread cost;       // $; count 0: not known
    Spread stars;
    std::vector<std::pair<QString, int>> outputs; // distinct texts with how often, most frequent first
};

struct PlaygroundColumn {
    VariantSpec variant;
    QString name; // shown; never empty
};

// Variants side by side: one input, or rows of a dataset, to all of them; all stream at once. Owned by the session
// (`session.playground()`); main thread. Columns, rows, answers and choices are kept in the project and come back when it is
// opened again. Every answer is an ordinary run.
class Playground : public QObject
{
    Q_OBJECT
public:
    static constexpr int columnsMax = 4;
    static constexpr int rowsMax = 200;
    static constexpr int repeatsMax = 100;

    Playground(Session *session, const ExperimentServices &services);
    ~Playground() override;

    // --- What is compared. At first one column with the project's first prompt, or none.
    const std::vector<PlaygroundColumn> &columns() const;
    Result<void> addColumn(VariantSpec variant); // InvalidInput beyond four; an empty id is filled in
    Result<void> setColumn(int column, VariantSpec variant); // its answers stay until the next start
    void removeColumn(int column);
    void moveColumn(int from, int to);
    const std::vector<PlaygroundRow> &rows() const; // at least one
    void setRow(int row, PlaygroundRow value); // typed input and variables
    // Rows "1-5, 9" of a dataset instead (empty text: all, up to rowsMax). `inputColumn` empty: "input", else the first.
    Result<void> setRows(const QString &dataset, const QString &rows, const QString &inputColumn);
    void clearRows(); // back to one typed row
    QString dataset() const; // reference, empty: typed
    // Names that the columns' prompts want and the row does not give.
    QStringList missingVariables(int row) const;

    // --- Running.
    void start();                         // all columns with all rows; former answers are put aside (not deleted: they are runs)
    void startColumn(int column);
    void regenerate(int column, int row); // one more answer, which takes the place of the newest
    void repeat(int column, int row, int times);
    void stop();                          // all that is under way, within 100 ms
    void stopCell(int column, int row);
    bool running() const;
    Task<> finished();                    // when nothing is under way
    Task<> close();
    // Oldest first: the turns of the conversation, and the repeats. Empty: never run.
    const std::vector<PlaygroundAnswer> &answers(int column, int row) const;
    PlaygroundSpread spread(int column, int row) const;
    Task<Result<void>> rate(int column, int row, int answer, int stars);

    // --- Conversation: a turn is appended to every column, which hears what was said before in it.
    bool conversation() const;
    void setConversation(bool on);
    void say(const QString &text); // to all columns, row 0; the next turn
    void restartConversation();

    // --- Blind: names are hidden and the columns stand in a shuffled order in each row.
    bool blind() const;
    void setBlind(bool on); // turning it on draws a new order and forgets the choices
    std::vector<int> order(int row) const; // column at each position; as they stand when not blind
    void choose(int row, int position);    // position of the best, -1: a tie; only when blind
    std::optional<int> choice(int row) const; // position, -1: a tie
    std::vector<BlindTally> tally() const; // by column: what the reveal shows

    // --- Promoting.
    // Appends the input (with variables) and, when there is a column for it, the answer to a dataset's new revision; makes the
    // dataset when there is none of the name. `answerColumn` empty: "expected".
    Task<Result<RevisionInfo>> promoteExample(int column, int row, int answer, QString dataset, QString answerColumn);
    // Makes the variant the design: its prompt's draft becomes a revision; with an agent, prompt, model and parameters are put
    // into the agent, which becomes a revision. Gives the agent's revision, else the prompt's.
    Task<Result<RevisionInfo>> promoteVariant(int column, QString note);

Q_SIGNALS:
    void columnsChanged();
    void rowsChanged();
    // Cells {column, row} whose answers changed; at most once a frame (16 ms) while they stream.
    void answersChanged(const std::vector<lathe::CellId> &cells);
    void runningChanged();
    void blindChanged(); // mode, order or choices

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
