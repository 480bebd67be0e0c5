// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepDetail.h"

#include "RunsFixture.h"
#include "core/base/Json.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/JsonBox.h"
#include "ui/runs/MessageImage.h"
#include "ui/runs/MessageView.h"
#include "ui/runs/TextBlock.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/JsonTreeModel.h"

#include <QBuffer>
#include <QClipboard>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>

using namespace lathe;
using test::child;

// What a step shows of itself, whoever recorded it.
class TestStepDetail : public QObject
{
    Q_OBJECT
    Theme m_theme;

    static QString png(int width, int height)
    {
        QImage image(width, height, QImage::Format_RGB32);
        image.fill(0x4466aa);
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        image.save(&buffer, "PNG");
        return QString::fromLatin1(bytes.toBase64());
    }
    static QJsonObject message(const char *role, const QJsonArray &parts)
    {
        return {{QStringLiteral("role"), QLatin1String(role)}, {QStringLiteral("parts"), parts}};
    }
    static QJsonObject part(const char *type, const char *key, const QString &value)
    {
        return {{QStringLiteral("type"), QLatin1String(type)}, {QLatin1String(key), value}};
    }
    static RunEvent event(RunEventKind kind, const QString &step, qint64 timeUs)
    {
        RunEvent made;
        made.kind = kind;
        made.run = RunId{99'999};
        made.step = step;
        made.timeUs = timeUs;
        return made;
    }
    // A trace of one step under an agent.
    static Trace oneStep(StepKind kind, const QString &name, const QJsonObject &attributes, const QString &text)
    {
        Trace trace;
        trace.apply(event(RunEventKind::RunStarted, QString(), 1'000'000));
        RunEvent agent = event(RunEventKind::StepStarted, QStringLiteral("1"), 1'000'000);
        agent.stepKind = StepKind::Agent;
        agent.name = QStringLiteral("invoke_agent theirs");
        trace.apply(agent);
        RunEvent step = event(RunEventKind::StepStarted, QStringLiteral("1.1"), 1'001'000);
        step.stepKind = kind;
        step.name = name;
        step.attributes = attributes;
        trace.apply(step);
        RunEvent end = event(RunEventKind::StepEnded, QStringLiteral("1.1"), 1'900'000);
        end.stepStatus = StepStatus::Ok;
        end.text = text;
        trace.apply(end);
        return trace;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void foreignConversation()
    {
        test::RunsFixture f;
        StepTreeModel model;
        const QString picture = png(300, 200);
        QJsonObject blob = part("blob", "content", picture);
        blob.insert(QStringLiteral("mime_type"), QStringLiteral("image/png"));
        QJsonObject call = part("tool_call", "arguments", QStringLiteral("{\"city\":\"Bern\"}"));
        call.insert(QStringLiteral("name"), QStringLiteral("weather"));
        const QJsonObject attributes{
            {QStringLiteral("lathe.dialect"), QStringLiteral("gen_ai")},
            {QStringLiteral("gen_ai.system_instructions"), QJsonArray{part("text", "content", QStringLiteral("You are terse."))}},
            {QStringLiteral("gen_ai.input.messages"),
             QJsonArray{message("user", {part("text", "content", QStringLiteral("What is **this**?")), blob,
                                         part("uri", "uri", QStringLiteral("https://example.com/a.png"))})}},
            {QStringLiteral("gen_ai.output.messages"),
             QJsonArray{message("assistant", {part("text", "content", QStringLiteral("A blue box.")), call})}}};
        model.setTrace(oneStep(StepKind::Model, QStringLiteral("chat gpt-5"), attributes, QStringLiteral("A blue box.")));
        StepDetail detail(f.session.get(), &m_theme);
        detail.setRun(RunId{99'999}, &model);
        detail.resize(640, 800);
        detail.show();
        detail.show(QStringLiteral("1.1"));
        QVERIFY(child<MessageView>(&detail, "message-system"));
        QVERIFY(child<MessageView>(&detail, "message-user"));
        auto *answer = child<MessageView>(&detail, "message-assistant");
        QVERIFY(answer->plainText().contains(QStringLiteral("A blue box.")));
        QVERIFY(answer->plainText().contains(QStringLiteral("weather")));
        auto *image = child<MessageImage>(&detail, "message-image");
        QSignalSpy decoded(image, &MessageImage::decoded);
        QTRY_COMPARE_WITH_TIMEOUT(decoded.count(), 1, 30'000);
        QVERIFY(decoded.first().first().toBool());
        QCOMPARE(child<QTabBar>(&detail, "step-tabs")->count(), 2); // there is no journal behind it
        QVERIFY(!child<IconButton>(&detail, "fork-step")->isVisible());
        test::shoot(&detail, &m_theme, QStringLiteral("step-foreign"));
    }

    void pictures_data()
    {
        QTest::addColumn<QString>("data");
        QTest::addColumn<bool>("good");
        QTest::newRow("small") << QStringLiteral("data:image/png;base64,") + png(40, 30) << true;
        QTest::newRow("wider than shown") << QStringLiteral("data:image/png;base64,") + png(3000, 100) << true;
        QTest::newRow("cut short") << QStringLiteral("data:image/png;base64,") + png(400, 300).left(60) << false;
        QTest::newRow("no picture") << QStringLiteral("data:image/png;base64,aGVsbG8=") << false;
        // 60,000 x 60,000 by its header: 14 GB were it decoded
        QByteArray bomb = QByteArray::fromBase64(png(8, 8).toLatin1());
        bomb.replace(16, 8, QByteArray::fromHex("0000ea600000ea60"));
        QTest::newRow("larger than memory") << QStringLiteral("data:image/png;base64,") + QString::fromLatin1(bomb.toBase64()) << false;
    }
    void pictures()
    {
        QFETCH(QString, data);
        QFETCH(bool, good);
        QVERIFY(MessageImage::isImage(data));
        MessageImage image(&m_theme, data, QString());
        QSignalSpy decoded(&image, &MessageImage::decoded);
        image.show();
        QTRY_COMPARE_WITH_TIMEOUT(decoded.count(), 1, 30'000);
        QCOMPARE(decoded.first().first().toBool(), good);
        QVERIFY(image.sizeHint().width() <= MessageImage::MostWidth);
        QVERIFY(image.heightForWidth(MessageImage::MostWidth) <= MessageImage::MostHeight + 20);
    }

    void onlyPicturesAreOpened()
    {
        QVERIFY(!MessageImage::isImage(QStringLiteral("data:image/svg+xml;base64,PHN2Zz4=")));
        QVERIFY(!MessageImage::isImage(QStringLiteral("data:text/html;base64,PHN2Zz4=")));
        QVERIFY(!MessageImage::isImage(QStringLiteral("https://example.com/a.png")));
        QVERIFY(!MessageImage::isImage(QStringLiteral("data:image/png,abc")));
    }

    // A tool that gave 50 MB: the tree stands without a row made that nobody looks at.
    void largeToolResult()
    {
        test::RunsFixture f;
        QString text = QStringLiteral("{\"rows\":[");
        for (int i = 0; text.size() < 50'000'000; ++i)
            text += (i == 0 ? QString() : QStringLiteral(",")) + QStringLiteral("{\"id\":%1,\"note\":\"").arg(i) + QString(200, QLatin1Char('n')) + QStringLiteral("\"}");
        text += QStringLiteral("]}");
        StepTreeModel model;
        model.setTrace(oneStep(StepKind::Tool, QStringLiteral("execute_tool export"),
                               {{QStringLiteral("lathe.dialect"), QStringLiteral("gen_ai")},
                                {QStringLiteral("gen_ai.tool.call.arguments"), QStringLiteral("{}")}},
                               text));
        StepDetail detail(f.session.get(), &m_theme);
        detail.setRun(RunId{99'999}, &model);
        detail.resize(640, 800);
        detail.show();
        detail.show(QStringLiteral("1.1"));
        const auto boxes = detail.findChildren<JsonBox *>();
        QVERIFY(!boxes.isEmpty());
        JsonBox *box = boxes.back();
        QSignalSpy parsed(box, &JsonTree::parsed);
        QTRY_COMPARE_WITH_TIMEOUT(parsed.count(), 1, 60'000);
        QVERIFY(parsed.first().first().toBool());
        const QModelIndex rows = box->model()->index(0, 0);
        QVERIFY(jsonMemberCount(box->model()->valueAt(rows)) > 100'000);
        QVERIFY(box->model()->rowCount(rows) <= 1000);
        box->view()->expand(rows);
        box->model()->fetchMore(rows);
        QVERIFY(box->model()->rowCount(rows) > 0 && box->model()->rowCount(rows) <= 1000); // ranges first
        detail.show(QStringLiteral("1")); // and away with it while another is shown
    }

    void almostJsonIsText()
    {
        test::RunsFixture f;
        StepTreeModel model;
        model.setTrace(oneStep(StepKind::Tool, QStringLiteral("execute_tool t"), {{QStringLiteral("lathe.dialect"), QStringLiteral("ai")}},
                               QStringLiteral("{not json at all}")));
        StepDetail detail(f.session.get(), &m_theme);
        detail.setRun(RunId{99'999}, &model);
        detail.show();
        detail.show(QStringLiteral("1.1"));
        bool found = false;
        QTRY_VERIFY_WITH_TIMEOUT(([&] {
            for (TextBlock *block : detail.findChildren<TextBlock *>())
                found = found || block->text() == QLatin1String("{not json at all}");
            return found;
        }()), 30'000);
    }

    void copies()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        StepTreeModel model;
        model.setTrace(*f.session->liveTrace(run));
        StepDetail detail(f.session.get(), &m_theme);
        detail.setRun(run, &model);
        detail.show();
        QString chat;
        for (const Step &step : model.trace().steps()) {
            if (step.kind == StepKind::Model)
                chat = step.path;
        }
        detail.show(chat);
        auto *menu = child<QMenu>(&detail, "copy-step-menu");
        QHash<QString, QAction *> actions;
        Q_EMIT menu->aboutToShow();
        for (QAction *action : menu->actions())
            actions.insert(action->text(), action);
        actions[QStringLiteral("Path")]->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(), chat);
        actions[QStringLiteral("JSON")]->trigger();
        const auto record = json::parseObject(QGuiApplication::clipboard()->text().toUtf8());
        QVERIFY(record);
        QCOMPARE(record->value(QLatin1String("path")).toString(), chat);
        QVERIFY(record->value(QLatin1String("request")).toObject().contains(QLatin1String("messages")));
        actions[QStringLiteral("As dataset example (JSON line)")]->trigger();
        const auto example = json::parseObject(QGuiApplication::clipboard()->text().toUtf8());
        QVERIFY(example);
        QVERIFY(!example->value(QLatin1String("input")).toString().isEmpty());
        QSignalSpy said(&detail, &StepDetail::statusMessage);
        actions[QStringLiteral("As curl command")]->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(said.count(), 1, 30'000); // the offline model has no request to send again, and that is said
    }

    // How a call was decided stands in the row and above what was asked; what a person changed of it, word by word.
    void decisions_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("words");
        QTest::newRow("approved") << "approve" << "approved";
        QTest::newRow("edited") << "edit" << "edited and approved";
        QTest::newRow("denied") << "deny" << "denied: not <b>today</b>";
    }
    void decisions()
    {
        QFETCH(QString, how);
        QFETCH(QString, words);
        test::RunsFixture f;
        const auto tool = f.session->project().artifacts().find(ArtifactKind::Tool, QStringLiteral("feedback_sql"));
        QVERIFY(tool && f.session->edit(*tool, QStringLiteral("/approval"), QStringLiteral("ask"), QStringLiteral("ask")).ok());
        QVERIFY(test::await(f.session->commit(*tool, QString())).ok());
        RunRequest request;
        request.agent = QStringLiteral("analyst");
        request.input.text = QStringLiteral("Which product area has the lowest average rating?");
        request.attended = true;
        const auto run = test::await(f.session->startRun(request));
        QVERIFY(run.ok());
        QTRY_VERIFY_WITH_TIMEOUT(!f.session->questions().empty(), 30'000);
        const PendingQuestion first = f.session->questions().front();
        const QString asked = first.question.arguments.value(QLatin1String("sql")).toString();
        QVERIFY(asked.startsWith(QLatin1String("SELECT"), Qt::CaseInsensitive));
        HumanAnswer answer;
        answer.approved = how != QLatin1String("deny");
        answer.text = answer.approved ? QString() : QStringLiteral("not <b>today</b>");
        if (how == QLatin1String("edit"))
            answer.arguments = QJsonObject{{QStringLiteral("sql"), asked + QStringLiteral(" -- <i>looked at</i>")}};
        f.session->answer(*run, first.question.step, answer);
        const auto rest = connect(f.session.get(), &Session::questionsChanged, f.session.get(), [&] {
            for (const PendingQuestion &pending : f.session->questions()) {
                HumanAnswer yes;
                yes.approved = true;
                f.session->answer(pending.run, pending.question.step, yes);
            }
        }, Qt::QueuedConnection);
        (void)test::await(f.session->finished(*run));
        disconnect(rest);
        StepTreeModel model;
        model.setTrace(*f.session->liveTrace(*run));
        const TraceRow *row = model.row(model.indexOf(first.question.step));
        QVERIFY(row);
        QCOMPARE(row->summary, words);
        StepDetail detail(f.session.get(), &m_theme);
        detail.setRun(*run, &model);
        detail.resize(420, 700);
        detail.show();
        detail.show(first.question.step);
        QTRY_VERIFY_WITH_TIMEOUT(detail.findChild<QWidget *>(QStringLiteral("approval-words")), 30'000);
        QCOMPARE(detail.findChild<QWidget *>(QStringLiteral("approval-words"))->accessibleName(), words);
        auto *changed = detail.findChild<QLabel *>(QStringLiteral("changed-sql"));
        QCOMPARE(changed != nullptr, how == QLatin1String("edit"));
        if (changed) { // what others wrote is no markup
            QVERIFY2(changed->text().contains(QStringLiteral("&lt;i&gt;")) && !changed->text().contains(QStringLiteral("<i>")), qPrintable(changed->text()));
            QVERIFY(changed->text().contains(QStringLiteral("<u>")));
        }
        test::shoot(&detail, &m_theme, QStringLiteral("step-decision-") + how);
    }
};

QTEST_MAIN(TestStepDetail)
#include "tst_StepDetail.moc"
