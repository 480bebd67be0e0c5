// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentExecution.h"
#include "core/session/Experiments.h"
#include "core/session/Session.h"

#include <QTimer>

#include <set>

namespace lathe {

class Experiments::Private : public QObject
{
public:
    struct Sitting { // of a person judging
        struct Done {
            Verdict verdict; // its id is set when it is in the file
            std::shared_ptr<Completion<Result<VerdictId>>> written;
        };
        std::vector<Done> done; // by undo order
    };
    struct OpenCard {
        ArtifactId experiment;
        QString judge;
        QString author;
        int example = 0;
        std::vector<int> variants; // in the order shown
        std::vector<TrialId> shown;
        qint64 seed = 0;
    };
    struct Loaded {
        std::shared_ptr<ExperimentMatrix> matrix;
        CancelSource loading;
        std::shared_ptr<ExperimentExecution> execution; // while it is running
        std::vector<Completion<int>> waiting;           // for its end
        bool dirtyAll = false;                          // what it uses was edited
        std::vector<CellId> changed;                    // not yet signalled
        std::set<std::pair<int, int>> changedKnown;
        bool progressChanged = false;
        QHash<QString, Sitting> sittings; // by judge
    };

    Private(Experiments *owner, Session *ofSession, const ExperimentServices &with);
    ~Private() override;

    std::shared_ptr<Loaded> find(ArtifactId experiment) const { return loaded.value(experiment); }
    void note(ArtifactId experiment, CellId cell);
    void flushChanges();
    void artifactChanged(ArtifactId id);
    void reloadDirty();
    Task<> reload(ArtifactId experiment);
    // Evaluates checks of outcomes that have none, when that costs nothing.
    Task<> recheck(ArtifactId experiment, std::shared_ptr<Loaded> entry, std::shared_ptr<ExperimentMatrix> matrix);
    Task<> execute(ArtifactId experiment, std::shared_ptr<Loaded> entry, int atOnce, bool judge);
    QString text(RunId run) const;
    Task<Result<void>> addVerdict(ArtifactId experiment, OpenCard card, Verdict verdict);

    Experiments *q;
    Session *session;
    ExperimentServices services;
    VariantResolver variants;
    TrialRunner runner;
    ExperimentLoader loader;
    QHash<ArtifactId, std::shared_ptr<Loaded>> loaded;
    QHash<QString, OpenCard> cards;
    QHash<qint64, int> skips; // by the card's seed, which tells it from all others: how often it was put off
    quint64 nextCard = 1;
    QTimer frame;
    QTimer settle;
    bool watched = false;
};

} // namespace lathe
