// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/EmailTool.h"

#include "core/tool/ToolGate.h"

#include "tests/core/tool/ToolTesting.h"
#include "tests/support/FakeClock.h"
#include "tests/support/MailSink.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject config(int port = 25)
{
    return {{QStringLiteral("host"), QStringLiteral("127.0.0.1")},
            {QStringLiteral("port"), port},
            {QStringLiteral("security"), QStringLiteral("none")},
            {QStringLiteral("from"), QStringLiteral("Ada Lovelace <ada@example.com>")},
            {QStringLiteral("allowed_recipients"), QJsonArray{QStringLiteral("bob@example.org"), QStringLiteral("@team.example")}}};
}

std::shared_ptr<Tool> made(const QJsonObject &settings, ToolEnvironment environment = {})
{
    auto tool = makeEmailTool(QStringLiteral("mail"), toolSpec("email", settings), environment);
    if (!tool)
        qFatal("%s", qPrintable(tool.error().message));
    return *tool;
}

QJsonObject mail(const QString &to, const QString &subject = QStringLiteral("Hello"), const QString &body = QStringLiteral("Text"))
{
    return {{QStringLiteral("to"), QJsonArray{to}}, {QStringLiteral("subject"), subject}, {QStringLiteral("body"), body}};
}

EmailDraft draft(const QString &subject, const QString &body)
{
    EmailDraft d;
    d.from = *MailAddress::parse(QStringLiteral("ada@example.com"));
    d.to = {*MailAddress::parse(QStringLiteral("bob@example.org"))};
    d.subject = subject;
    d.body = body;
    return d;
}

// What Python's e-mail package, which is not ours, reads in a message.
QJsonObject readByPython(const QByteArray &message)
{
    static const char *const code =
        "import sys,json,email,email.policy,base64\n"
        "raw=sys.stdin.buffer.read()\n"
        "m=email.message_from_bytes(raw,policy=email.policy.default)\n"
        "body=m.get_body(('plain',))\n"
        "print(json.dumps({'subject':m['subject'],'from':str(m['from']),'to':str(m['to']),'cc':str(m['cc']),'bcc':m['bcc'],'names':m.keys(),"
        "'body':body.get_content(),'date':str(m['date'].datetime),'id':m['message-id'],"
        "'defects':[str(d) for p in m.walk() for d in p.defects],"
        "'longest':max(len(l) for l in raw.split(b'\\r\\n')),'bare':raw.replace(b'\\r\\n',b'').count(b'\\n')+raw.replace(b'\\r\\n',b'').count(b'\\r'),"
        "'ascii':raw.isascii(),"
        "'files':[{'name':a.get_filename(),'type':a.get_content_type(),'data':base64.b64encode(a.get_payload(decode=True)).decode()} "
        "for a in m.iter_attachments()]}))";
    QProcess python;
    python.start(QStringLiteral("/usr/bin/python3"), {QStringLiteral("-c"), QString::fromLatin1(code)});
    python.write(message);
    python.closeWriteChannel();
    python.waitForFinished();
    const auto value = lathe::json::parseObject(python.readAllStandardOutput());
    if (!value)
        qWarning("%s", python.readAllStandardError().constData());
    return value.valueOr(QJsonObject());
}
}

class TestEmailTool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addresses_data();
    void addresses();
    void allowList_data();
    void allowList();
    void messages_data();
    void messages();
    void attachments();
    void headersCannotBeInjected();
    void preview();
    void sends();
    void refusals_data();
    void refusals();
    void secretOfTheKeychain();
    void attachmentsFromTheFolderOnly();
    void wrongConfiguration_data();
    void wrongConfiguration();
};

void TestEmailTool::addresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("address"); // empty: refused
    QTest::addColumn<QString>("name");
    const auto add = [](const QString &text, const QString &address, const QString &name = QString()) { QTest::newRow(qPrintable(text)) << text << address << name; };
    add(QStringLiteral("bob@example.org"), QStringLiteral("bob@example.org"));
    add(QStringLiteral(" Bob <bob@Example.ORG> "), QStringLiteral("bob@example.org"), QStringLiteral("Bob"));
    add(QStringLiteral("\"Dr. Bob, Jr.\" <bob@example.org>"), QStringLiteral("bob@example.org"), QStringLiteral("Dr. Bob, Jr."));
    add(QStringLiteral("Jörg <jörg@bücher.example>"), QStringLiteral("jörg@xn--bcher-kva.example"), QStringLiteral("Jörg"));
    for (const char *bad : {"", "bob", "@example.org", "bob@", "bob@exa mple.org", "bob@example.org, eve@example.org", "bob@example.org>", "a b@example.org",
                            "bob@example.org\r\nBcc: eve@example.org", "bob@a..b@c", ".bob@example.org", "bo..b@example.org", "bob@[127.0.0.1]",
                            "boss@example.com <thief@example.org>", "a<b <c@d.e>", "bob@ex_ample.org"})
        add(QString::fromUtf8(bad), QString());
    for (const char16_t control : {u'\r', u'\n', u'\t', u'\0', u'\x1b', u'\x7f', u'\x85', u'\x2028'})
        QTest::addRow("U+%04x in the name", uint(control)) << QString(QStringLiteral("Bob") + QChar(control) + QStringLiteral("Bcc: eve <bob@example.org>")) << QString() << QString();
}

void TestEmailTool::addresses()
{
    QFETCH(QString, text);
    QFETCH(QString, address);
    QFETCH(QString, name);
    const auto parsed = MailAddress::parse(text);
    QCOMPARE(parsed.ok(), !address.isEmpty());
    if (parsed) {
        QCOMPARE(parsed->address, address);
        QCOMPARE(parsed->name, name);
    } else {
        QVERIFY(!parsed.error().message.contains(u'\n') && !parsed.error().message.contains(u'\r'));
    }
}

void TestEmailTool::allowList_data()
{
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("address");
    QTest::addColumn<bool>("allowed");
    const auto add = [](const char *entry, const char *address, bool allowed) {
        QTest::addRow("%s: %s", entry, address) << QString::fromUtf8(entry) << QString::fromUtf8(address) << allowed;
    };
    add("bob@example.org", "bob@example.org", true);
    add("bob@example.org", "BOB@example.ORG", true);
    add("bob@example.org", "eve@example.org", false);
    add("bob@example.org", "bob@example.org.evil.example", false);
    add("@example.org", "anyone@example.org", true);
    add("@example.org", "anyone@sub.example.org", false);
    add("@example.org", "anyone@notexample.org", false);
    add("@bücher.example", "a@xn--bcher-kva.example", true);
    add("@example.org", "a@examp\xd0\xbb"
                        "e.org", false); // a Cyrillic letter
    add("*", "anyone@anywhere.example", true);
    add("", "bob@example.org", false);
    add("example.org", "bob@example.org", false);
}

void TestEmailTool::allowList()
{
    QFETCH(QString, entry);
    QFETCH(QString, address);
    QFETCH(bool, allowed);
    const auto parsed = MailAddress::parse(address);
    QVERIFY(parsed.ok());
    QCOMPARE(mayWriteTo({entry}, *parsed), allowed);
}

void TestEmailTool::messages_data()
{
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("body");
    const auto add = [](const char *name, const QString &subject, const QString &body) { QTest::newRow(name) << subject << body; };
    add("plain", QStringLiteral("Hello"), QStringLiteral("One\nTwo\n"));
    add("umlauts", QStringLiteral("Grüße aus Köln"), QStringLiteral("Schöne Grüße — bis bald …\n"));
    add("long subject", QStringLiteral("word ").repeated(40).trimmed(), QStringLiteral("x\n"));
    add("one long word", QString(300, u'w'), QString(5000, u'w') + u'\n');
    add("emoji that must not be split", QStringLiteral("👩‍🚀🎉").repeated(30), QStringLiteral("🎉").repeated(200) + u'\n');
    add("looks encoded", QStringLiteral("=?UTF-8?B?YQ==?="), QStringLiteral("=41 = =\n"));
    add("Chinese", QStringLiteral("你好"), QStringLiteral("你好，世界。\n"));
    add("dots and From", QStringLiteral("."), QStringLiteral(".\n..\n.hidden\nFrom me\n"));
    add("trailing blanks", QStringLiteral("a  b"), QStringLiteral("ends in blank \nends in tab\t\n\n\nlast\n"));
    add("line ends", QStringLiteral("x"), QStringLiteral("a\r\nb\rc\n"));
    add("no end", QStringLiteral("x"), QStringLiteral("no line end"));
    add("empty", QStringLiteral("x"), QString());
    add("controls", QStringLiteral("x"), QStringLiteral("bell\a and escape \x1b[31m\n"));
}

void TestEmailTool::messages()
{
    QFETCH(QString, subject);
    QFETCH(QString, body);
    const auto message = renderEmail(draft(subject, body), QDateTime(QDate(2026, 3, 4), QTime(5, 6, 7), Qt::UTC), "id42");
    QVERIFY(message.ok());
    const QJsonObject got = readByPython(*message);
    QCOMPARE(got.value(QLatin1String("defects")).toArray(), QJsonArray());
    QCOMPARE(got.value(QLatin1String("subject")).toString(), subject);
    QString expected = body;
    expected.replace(QStringLiteral("\r\n"), QStringLiteral("\n")).replace(u'\r', u'\n');
    if (!expected.endsWith(u'\n'))
        expected += u'\n';
    QCOMPARE(got.value(QLatin1String("body")).toString().replace(QStringLiteral("\r\n"), QStringLiteral("\n")), expected);
    QCOMPARE(got.value(QLatin1String("date")).toString(), QStringLiteral("2026-03-04 05:06:07+00:00"));
    QCOMPARE(got.value(QLatin1String("id")).toString(), QStringLiteral("<id42@example.com>"));
    QVERIFY(got.value(QLatin1String("ascii")).toBool());
    QCOMPARE(got.value(QLatin1String("bare")).toInt(), 0);
    QVERIFY2(got.value(QLatin1String("longest")).toInt() <= 78, message->constData());
    QVERIFY(!message->contains("\r\n.\r\n"));
}

void TestEmailTool::attachments()
{
    EmailDraft d = draft(QStringLiteral("Files"), QStringLiteral("See --=_id42 below\n--=_id42--\n"));
    d.cc = {*MailAddress::parse(QStringLiteral("Çelik, \"Ö\" <c@example.org>"))};
    d.bcc = {*MailAddress::parse(QStringLiteral("secret@example.org"))};
    QByteArray bytes;
    for (int i = 0; i < 10'000; ++i)
        bytes += char(i * 7);
    d.attachments = {MailAttachment{QStringLiteral("grün \"1\".pdf"), bytes}, MailAttachment{QStringLiteral("empty.txt"), QByteArray("")}};
    const auto message = renderEmail(d, QDateTime::currentDateTimeUtc(), "id42");
    QVERIFY(message.ok());
    const QJsonObject got = readByPython(*message);
    QCOMPARE(got.value(QLatin1String("defects")).toArray(), QJsonArray());
    QVERIFY(got.value(QLatin1String("body")).toString().contains(QStringLiteral("--=_id42--")));
    QVERIFY(got.value(QLatin1String("cc")).toString().contains(QStringLiteral("c@example.org")));
    QVERIFY(got.value(QLatin1String("bcc")).isNull()); // nobody sees it
    QVERIFY(!message->contains("secret@example.org"));
    QVERIFY(d.recipients().contains(QStringLiteral("secret@example.org")));
    const QJsonArray files = got.value(QLatin1String("files")).toArray();
    QCOMPARE(files.size(), 2);
    QCOMPARE(files[0].toObject().value(QLatin1String("name")).toString(), QStringLiteral("grün \"1\".pdf"));
    QCOMPARE(files[0].toObject().value(QLatin1String("type")).toString(), QStringLiteral("application/pdf"));
    QCOMPARE(QByteArray::fromBase64(files[0].toObject().value(QLatin1String("data")).toString().toLatin1()), bytes);
}

void TestEmailTool::headersCannotBeInjected()
{
    for (const QString &end : {QStringLiteral("\r\n"), QStringLiteral("\n"), QStringLiteral("\r"), QString(QChar(u'\0')), QString(QChar(0x85)), QString(QChar(0x2028))}) {
        const QString evil = QStringLiteral("x") + end + QStringLiteral("Bcc: eve@example.org");
        QVERIFY(!renderEmail(draft(evil, QStringLiteral("b")), QDateTime(), "x"));
        EmailDraft named = draft(QStringLiteral("s"), QStringLiteral("b"));
        named.to.front().name = evil;
        QVERIFY(!renderEmail(named, QDateTime(), "x"));
        EmailDraft file = draft(QStringLiteral("s"), QStringLiteral("b"));
        file.attachments = {MailAttachment{evil, "x"}};
        QVERIFY(!renderEmail(file, QDateTime(), "x"));
        const auto tool = made(config());
        const ToolOutcome outcome = callTool(*tool, mail(QStringLiteral("bob@example.org"), evil));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QStringLiteral("subject")), qPrintable(outcome.text));
    }
}

void TestEmailTool::preview()
{
    const auto tool = made(config());
    QJsonObject arguments = mail(QStringLiteral("Bob <bob@example.org>"), QStringLiteral("Offer"), QStringLiteral("Dear Bob\nall is well"));
    arguments.insert(QStringLiteral("bcc"), QJsonArray{QStringLiteral("x@team.example")});
    QCOMPARE(tool->preview(arguments), QStringLiteral("From: Ada Lovelace <ada@example.com>\nTo: Bob <bob@example.org>\nBcc: x@team.example\n"
                                                      "Subject: Offer\n\nDear Bob\nall is well"));
    QVERIFY(tool->preview(mail(QStringLiteral("eve@evil.example"))).contains(QStringLiteral("refused")));
}

void TestEmailTool::sends()
{
    MailSink sink;
    QVERIFY2(sink.port(), qPrintable(sink.problem()));
    FakeClock clock;
    ToolEnvironment environment;
    environment.clock = &clock;
    const auto tool = made(config(sink.port()), environment);
    QCOMPARE(tool->sideEffect({}), SideEffect::External);
    QVERIFY(!tool->idempotent({}));
    QJsonObject arguments = mail(QStringLiteral("Bob <bob@example.org>"), QStringLiteral("Grüße"), QStringLiteral("Schön.\n.\nEnde"));
    arguments.insert(QStringLiteral("bcc"), QJsonArray{QStringLiteral("x@team.example")});
    const ToolOutcome outcome = callTool(*tool, arguments);
    QVERIFY2(!outcome.isError, qPrintable(outcome.text));
    QVERIFY(outcome.text.contains(QStringLiteral("SINK-1")));
    const QJsonObject got = sink.next();
    QCOMPARE(got.value(QLatin1String("from")).toString(), QStringLiteral("ada@example.com"));
    QCOMPARE(got.value(QLatin1String("to")).toArray(), (QJsonArray{QStringLiteral("bob@example.org"), QStringLiteral("x@team.example")}));
    const QJsonObject read = readByPython(QByteArray::fromBase64(got.value(QLatin1String("data")).toString().toLatin1()));
    QCOMPARE(read.value(QLatin1String("subject")).toString(), QStringLiteral("Grüße"));
    QCOMPARE(read.value(QLatin1String("body")).toString().replace(QStringLiteral("\r\n"), QStringLiteral("\n")), QStringLiteral("Schön.\n.\nEnde\n"));
    QCOMPARE(read.value(QLatin1String("id")).toString(),
             u'<' + outcome.structured.toObject().value(QLatin1String("message_id")).toString() + u'>');
}

void TestEmailTool::refusals_data()
{
    QTest::addColumn<QJsonObject>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("stranger") << mail(QStringLiteral("eve@evil.example")) << QStringLiteral("eve@evil.example may not be written to; allowed are: bob@example.org");
    QTest::newRow("sub domain") << mail(QStringLiteral("eve@sub.team.example")) << QStringLiteral("may not be written to");
    QTest::newRow("no address") << mail(QStringLiteral("Bob")) << QStringLiteral("is no e-mail address");
    QJsonObject many = mail(QStringLiteral("bob@example.org"));
    QJsonArray all;
    for (int i = 0; i < 11; ++i)
        all.append(QStringLiteral("p%1@team.example").arg(i));
    many.insert(QStringLiteral("cc"), all);
    QTest::newRow("too many") << many << QStringLiteral("has 12 recipients; at most 10");
    for (const char *key : {"cc", "bcc"}) {
        QJsonObject copies = mail(QStringLiteral("bob@example.org"));
        copies.insert(QLatin1String(key), QJsonArray{QStringLiteral("eve@evil.example")});
        QTest::newRow(key) << copies << QStringLiteral("eve@evil.example may not");
    }
    QJsonObject file = mail(QStringLiteral("bob@example.org"));
    file.insert(QStringLiteral("attachments"), QJsonArray{QStringLiteral("/etc/passwd")});
    QTest::newRow("attachment") << file << QStringLiteral("Nothing may be attached");
}

void TestEmailTool::refusals()
{
    QFETCH(QJsonObject, arguments);
    QFETCH(QString, says);
    MailSink sink;
    const std::shared_ptr<Tool> tool = made(config(sink.port()));
    const ToolOutcome outcome = callTool(*tool, arguments);
    QVERIFY(outcome.isError);
    QVERIFY2(outcome.text.contains(says), qPrintable(outcome.text));
    QVERIFY(sink.isEmpty());
    // Nobody is asked to approve what would be refused anyway: the gate tells the model at once.
    ToolSpec spec;
    spec.approval = Approval::Ask;
    const auto checked = ToolGate(tool, spec, ToolAttachment()).read(json::compactString(arguments));
    QVERIFY(checked.refusal.has_value());
    QCOMPARE(checked.refusalCode, QStringLiteral("invalid_arguments"));
    if (!arguments.contains(QLatin1String("attachments"))) // which its schema does not know
        QVERIFY2(checked.refusal->text.contains(says), qPrintable(checked.refusal->text));
    QVERIFY(!ToolGate(tool, spec, ToolAttachment()).read(json::compactString(mail(QStringLiteral("bob@example.org")))).refusal);
}

void TestEmailTool::secretOfTheKeychain()
{
    MailSink sink({{QStringLiteral("starttls"), true}, {QStringLiteral("user"), QStringLiteral("ada")}, {QStringLiteral("password"), QStringLiteral("pass-of-ada")}});
    QVERIFY2(sink.port(), qPrintable(sink.problem()));
    QJsonObject settings = config(sink.port());
    settings.insert(QStringLiteral("security"), QStringLiteral("starttls"));
    settings.insert(QStringLiteral("user"), QStringLiteral("ada"));
    settings.insert(QStringLiteral("password"), QStringLiteral("{{secret:SMTP}}"));
    settings.insert(QStringLiteral("ca_file"), sink.caFile());
    QString secret;
    ToolEnvironment environment;
    environment.secret = [&](const QString &name) { return name == QLatin1String("SMTP") ? secret : QString(); };
    const auto tool = made(settings, environment);
    QVERIFY(callTool(*tool, mail(QStringLiteral("bob@example.org"))).text.contains(QStringLiteral("needs the secret \"SMTP\"")));
    secret = QStringLiteral("wrong-pass-of-ada");
    const ToolOutcome refused = callTool(*tool, mail(QStringLiteral("bob@example.org")));
    QVERIFY(refused.isError);
    QVERIFY2(!refused.text.contains(secret), qPrintable(refused.text));
    secret = QStringLiteral("pass-of-ada");
    const ToolOutcome sent = callTool(*tool, mail(QStringLiteral("bob@example.org")));
    QVERIFY2(!sent.isError, qPrintable(sent.text));
    QCOMPARE(sink.next().value(QLatin1String("login")).toString(), QStringLiteral("ada"));
}

void TestEmailTool::attachmentsFromTheFolderOnly()
{
    QTemporaryDir dir, outside;
    const auto write = [](const QString &path, const char *text) {
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(text) > 0;
    };
    QVERIFY(write(dir.filePath(QStringLiteral("report.txt")), "inside"));
    QVERIFY(write(outside.filePath(QStringLiteral("key")), "outside"));
    QVERIFY(QFile::link(outside.filePath(QStringLiteral("key")), dir.filePath(QStringLiteral("link"))));
    MailSink sink;
    QJsonObject settings = config(sink.port());
    settings.insert(QStringLiteral("attachments_folder"), dir.path());
    const auto tool = made(settings);
    const auto with = [](const QString &path) {
        QJsonObject arguments = mail(QStringLiteral("bob@example.org"));
        arguments.insert(QStringLiteral("attachments"), QJsonArray{path});
        return arguments;
    };
    QVERIFY(tool->preview(with(QStringLiteral("report.txt"))).contains(QStringLiteral("Attached: report.txt")));
    for (const QString &path : {outside.filePath(QStringLiteral("key")), QStringLiteral("../") + QDir(outside.path()).dirName() + QStringLiteral("/key"),
                                QStringLiteral("link"), QStringLiteral("/etc/passwd"), QStringLiteral("nowhere"), QStringLiteral(".")})
        QVERIFY2(callTool(*tool, with(path)).isError, qPrintable(path));
    QVERIFY(sink.isEmpty());
    const ToolOutcome sent = callTool(*tool, with(QStringLiteral("report.txt")));
    QVERIFY2(!sent.isError, qPrintable(sent.text));
    const QJsonObject read = readByPython(QByteArray::fromBase64(sink.next().value(QLatin1String("data")).toString().toLatin1()));
    QCOMPARE(read.value(QLatin1String("files")).toArray().at(0).toObject().value(QLatin1String("data")).toString(), QString::fromLatin1(QByteArray("inside").toBase64()));
}

void TestEmailTool::wrongConfiguration_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<QString>("says");
    QTest::newRow("host") << QStringLiteral("host") << QJsonValue(QString()) << QStringLiteral("no mail server");
    QTest::newRow("host with path") << QStringLiteral("host") << QJsonValue(QStringLiteral("a/../b")) << QStringLiteral("no mail server");
    QTest::newRow("from") << QStringLiteral("from") << QJsonValue(QStringLiteral("Ada")) << QStringLiteral("sender is wrong");
    QTest::newRow("plain password") << QStringLiteral("password") << QJsonValue(QStringLiteral("hunter2-plain")) << QStringLiteral("keychain");
    QTest::newRow("nobody") << QStringLiteral("allowed_recipients") << QJsonValue(QJsonArray()) << QStringLiteral("nobody may be written to");
    QTest::newRow("security") << QStringLiteral("security") << QJsonValue(QStringLiteral("maybe")) << QStringLiteral("maybe");
    QTest::newRow("reply") << QStringLiteral("reply_to") << QJsonValue(QStringLiteral("x\r\nBcc: y@z.example")) << QStringLiteral("answers is wrong");
}

void TestEmailTool::wrongConfiguration()
{
    QFETCH(QString, key);
    QFETCH(QJsonValue, value);
    QFETCH(QString, says);
    QJsonObject settings = config();
    settings.insert(key, value);
    const auto tool = makeEmailTool(QStringLiteral("mail"), toolSpec("email", settings), ToolEnvironment());
    QVERIFY(!tool);
    QVERIFY2(tool.error().message.contains(says), qPrintable(tool.error().message));
    QVERIFY(!tool.error().message.contains(QStringLiteral("hunter2")));
}

QTEST_GUILESS_MAIN(TestEmailTool)
#include "tst_EmailTool.moc"
