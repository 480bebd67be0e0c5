// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Playground.h"
#include "core/session/Session.h"
#include "core/session/TrialRunner.h"

#include <QHash>
#include <QTimer>

#include <set>

namespace lathe {

class Playground::Private : public QObject
{
public:
    struct Cell {
        std::vector<PlaygroundAnswer> answers; // as handed out
        std::vector<quint64> serials;          // of each
    };
    struct Lane { // what belongs to a column
        std::vector<Cell> cells; // by row
    };
    struct Asked {
        quint64 serial = 0;
        VariantSpec variant;
        QString said;
        QJsonObject variables;
        std::vector<Message> history;
    };

    Private(Playground *owner, Session *ofSession, const ExperimentServices &with);
    ~Private() override;

    void restore();
    void save();
    QJsonObject toJson() const;
    Cell *cell(int column, int row);
    PlaygroundAnswer *find(quint64 serial, int *column, int *row);
    void note(int column, int row);
    void flush();
    void clearAnswers(int column);
    std::vector<Message> historyOf(const Cell &cell, int beforeTurn) const;
    void ask(int column, int row, const QString &said, int turn);
    Task<> execute(Asked asked);
    void over();
    Result<void> checkVariant(const VariantSpec &variant) const;
    QStringList wanted(const VariantSpec &variant) const;
    void rename();
    quint64 orderSeed(int row) const;

    Playground *q;
    Session *session;
    ExperimentServices services;
    VariantResolver variants;
    std::vector<PlaygroundColumn> columns;
    std::vector<Lane> lanes; // by column
    std::vector<PlaygroundRow> rows{PlaygroundRow()};
    QString dataset, rowsText, inputColumn;
    bool conversation = false;
    bool blind = false;
    quint64 seed = 0;
    QHash<int, int> choices; // row -> position

    quint64 nextSerial = 1;
    int underWay = 0;
    QHash<quint64, CancelSource> cancels;
    std::vector<Completion<int>> waiting;
    std::set<std::pair<int, int>> changed;
    AsyncSemaphore lanesOpen{16}; // runs at once
    QTimer frame;
    QTimer saving;
};

} // namespace lathe
