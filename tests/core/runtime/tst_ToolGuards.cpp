// SPDX-License-Identifier: GPL-3.0-or-later
// No tool runs but through check, approval and journal: every type there is, and every line of source that could.
#include "tests/core/runtime/ToolCallTesting.h"
#include "tests/core/tool/EveryTool.h"

#include <QDirIterator>

using namespace lathe;
using namespace lathe::test;

namespace {
using Looked = std::function<void()>;

// Stands for a real tool: everything is asked of it but the call, which is only noticed.
class Watched : public Tool
{
public:
    explicit Watched(std::shared_ptr<Tool> tool) : m_tool(std::move(tool)) {}
    QString name() const override { return m_tool->name(); }
    QString description() const override { return m_tool->description(); }
    QJsonObject schema() const override { return m_tool->schema(); }
    SideEffect sideEffect(const QJsonObject &arguments) const override { return m_tool->sideEffect(arguments); }
    bool idempotent(const QJsonObject &arguments) const override { return m_tool->idempotent(arguments); }
    QString function() const override { return m_tool->function(); }
    bool asksHuman() const override { return m_tool->asksHuman(); }
    QString preview(const QJsonObject &arguments) const override { return m_tool->preview(arguments); }
    Task<Result<ToolOutcome>> call(QJsonObject, CancelToken) override
    {
        ++calls;
        if (look)
            look();
        ToolOutcome outcome;
        outcome.text = QStringLiteral("called");
        co_return outcome;
    }
    int calls = 0;
    Looked look;

private:
    std::shared_ptr<Tool> m_tool;
};

class WatchedDelegate : public DelegateTool
{
public:
    QString name() const override { return QStringLiteral("helper"); }
    QString description() const override { return QStringLiteral("Helps."); }
    QJsonObject schema() const override
    {
        return lathe::json::parseObject("{\"type\":\"object\",\"properties\":{\"task\":{\"type\":\"string\"}},\"required\":[\"task\"]}").valueOr({});
    }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> run(RunContext *, QJsonObject, QString, CancelToken) override
    {
        ++calls;
        ToolOutcome outcome;
        outcome.text = QStringLiteral("called");
        co_return outcome;
    }
    int calls = 0;
};

// A person who is asked and never there, or says yes.
class CountingDesk : public HumanDesk
{
public:
    explicit CountingDesk(bool approves) : m_approves(approves) {}
    Task<Result<HumanAnswer>> ask(HumanQuestion question, CancelToken) override
    {
        asked.push_back(question);
        HumanAnswer answer;
        answer.approved = m_approves;
        answer.text = QStringLiteral("answered");
        co_return answer;
    }
    std::vector<HumanQuestion> asked;

private:
    bool m_approves;
};

QStringList sources()
{
    QStringList files;
    for (const char *folder : {"core", "ui", "app"}) {
        QDirIterator it(QStringLiteral(LATHE_SOURCE_DIR "/") + QLatin1String(folder), {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext())
            files.append(it.next());
    }
    return files;
}

// Lines of the sources with the pattern, as "core/x/Y.cpp: line"; comments are no lines.
QStringList linesWith(const QString &pattern)
{
    const QRegularExpression expression(pattern);
    QStringList found;
    for (const QString &path : sources()) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
        for (const QString &line : lines) {
            if (!line.trimmed().startsWith(QLatin1String("//")) && line.contains(expression))
                found.append(path.mid(int(qstrlen(LATHE_SOURCE_DIR)) + 1) + QStringLiteral(": ") + line.trimmed());
        }
    }
    return found;
}
} // namespace

class TestToolGuards : public QObject
{
    Q_OBJECT

    FakeClock m_clock;

private Q_SLOTS:
    void everyType_data()
    {
        QTest::addColumn<QString>("type");
        for (const ToolTypeInfo &type : toolTypes())
            QTest::newRow(qPrintable(type.type)) << type.type;
    }
    void everyType()
    {
        QFETCH(QString, type);
        ToolWorld world(&m_clock);
        const auto delegate = std::make_shared<WatchedDelegate>();
        world.environment.delegate = [delegate](const QString &, const ToolSpec &) -> Result<std::shared_ptr<Tool>> { return std::shared_ptr<Tool>(delegate); };
        ToolSpec spec;
        const auto made = world.make(*toolType(type), &spec);
        QVERIFY2(made.ok(), qPrintable(made ? QString() : made.error().message));
        const bool delegates = (*made)->delegates();
        QCOMPARE(delegates, type == QLatin1String("agent") || type == QLatin1String("team"));
        const auto watched = delegates ? nullptr : std::make_shared<Watched>(*made);
        const std::shared_ptr<Tool> tool = delegates ? *made : std::shared_ptr<Tool>(watched);
        const auto calls = [&] { return delegates ? delegate->calls : watched->calls; };
        const QString good = lathe::json::compactString(exampleOf(type)->arguments);
        const bool asks = tool->asksHuman(); // its call is a question

        // Refused by policy, by the check, by the limit: nobody is asked, nothing is written, nothing is called.
        for (int way = 0; way < 3; ++way) {
            ToolSpec bounded = spec;
            bounded.approval = way == 0 ? Approval::Never : Approval::Always;
            CountingDesk desk(true);
            MemoryJournal journal;
            CallRig run(&m_clock, tool, bounded, &journal, RunMode::Live, &desk);
            for (int i = 0; way == 2 && i < bounded.limits.callsPerRun; ++i)
                run.gate.admit();
            run.call(way == 1 ? QStringLiteral("[\"no object\"]") : good);
            QVERIFY(run.isDone(0) && run.outcomes[0]->ok() && (*run.outcomes[0])->isError);
            QCOMPARE(calls(), 0);
            QVERIFY(journal.written().empty());
            QVERIFY(desk.asked.empty());
        }
        // To be approved, and nobody is there; or somebody who says no.
        for (const bool attended : {false, true}) {
            ToolSpec asked = spec;
            asked.approval = Approval::Ask;
            asked.unattended = Unattended::Deny;
            CountingDesk desk(false);
            MemoryJournal journal;
            CallRig run(&m_clock, tool, asked, &journal, RunMode::Live, attended ? &desk : nullptr);
            run.call(good);
            QVERIFY(run.isDone(0) && run.outcomes[0]->ok() && (*run.outcomes[0])->isError);
            QCOMPARE(run.notes(QStringLiteral("1.1")), QStringList{QStringLiteral("denied")});
            QCOMPARE(calls(), 0);
            for (const JournalEntry &entry : journal.written())
                QCOMPARE(entry.kind, QStringLiteral("human"));
        }
        // Approved: then it is called, once; what may not be repeated has begun in the journal before, and is done in it after.
        {
            ToolSpec asked = spec;
            asked.approval = Approval::Ask;
            CountingDesk desk(true);
            MemoryJournal journal;
            CallRig run(&m_clock, tool, asked, &journal, RunMode::Live, &desk);
            bool begun = false;
            const bool harmless = run.gate.idempotent(exampleOf(type)->arguments);
            if (watched)
                watched->look = [&] {
                    begun = !journal.written().empty() && journal.written().back().kind == QLatin1String("execute_tool") && !journal.written().back().done;
                };
            run.call(good);
            QVERIFY2(run.isDone(0) && run.outcomes[0]->ok() && !(*run.outcomes[0])->isError, qPrintable(run.said(0)));
            QCOMPARE(desk.asked.size(), size_t(asks ? 2 : 1));
            QCOMPARE(calls(), asks ? 0 : 1);
            QCOMPARE(begun, !harmless && !asks && !delegates);
            QVERIFY(delegates || (journal.written().back().kind == QLatin1String("execute_tool") && journal.written().back().done));
            // Executed again from the journal: not called.
            MemoryJournal recorded;
            run.end();
            load(&recorded, journal, run.trace);
            const int before = calls();
            CallRig replay(&m_clock, tool, asked, &recorded, RunMode::Replay, nullptr);
            replay.call(good);
            replay.end();
            QCOMPARE(calls(), delegates ? before + 1 : before); // its steps are what the journal answers
            QCOMPARE(firstDifference(run.trace, replay.trace, true), QString());
        }
        QCOMPARE(world.connector.asked, 0);
    }

    // Only the gate calls tools, and only the run context the gate (and a person who tries a tool).
    void noOtherWay_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("allowed"); // files
        QTest::newRow("callWithin") << QStringLiteral("(->|\\.)callWithin\\(") << QStringList{QStringLiteral("core/tool/ToolGateRun.cpp")};
        QTest::newRow("call of a tool") << QStringLiteral("([tT]ool\\)?|[tT]ool\\(\\)|m_inner|front\\(\\)\\)?)(->|\\.)call\\(") << QStringList();
        QTest::newRow("run of a gate") << QStringLiteral("[gG]ates?(\\[\\w+\\]|\\(\\))?(->|\\.)run\\(")
                                       << QStringList{QStringLiteral("core/runtime/RunContextPerform.cpp"), QStringLiteral("core/session/SessionTools.cpp")};
        QTest::newRow("run of an agent as a tool") << QStringLiteral("[tT]ool(->|\\.)run\\(") << QStringList{QStringLiteral("core/runtime/RunContextPerform.cpp")};
        QTest::newRow("friends of tools") << QStringLiteral("static_cast<[^>]*DelegateTool|dynamic_cast<[^>]*DelegateTool")
                                          << QStringList{QStringLiteral("core/runtime/RunContextPerform.cpp")};
        QTest::newRow("tools of MCP servers") << QStringLiteral("(->|\\.)callTool\\(")
                                              << QStringList{QStringLiteral("core/tool/McpTool.cpp"), QStringLiteral("core/runtime/AgentTurn.cpp"),
                                                             QStringLiteral("core/runtime/TeamNodesData.cpp")};
    }
    void noOtherWay()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, allowed);
        QVERIFY(sources().size() > 300);
        const QStringList found = linesWith(pattern);
        QSet<QString> used;
        for (const QString &line : found) {
            const QString file = line.section(QLatin1Char(':'), 0, 0);
            QVERIFY2(allowed.contains(file), qPrintable(line + QStringLiteral("  (a tool may be called through ToolGate only)")));
            used.insert(file);
        }
        // The pattern still finds what it is made for.
        QVERIFY(allowed.isEmpty() || used.contains(allowed.front()));
    }
};

QTEST_GUILESS_MAIN(TestToolGuards)
#include "tst_ToolGuards.moc"
