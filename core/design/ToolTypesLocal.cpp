// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolTypeParts.h"

#include <QDir>
#include <QRegularExpression>

// The tools that work on this computer's own things: databases, mail, scripts, and stand-ins.
namespace lathe {

namespace {
using namespace toolparts;
using T = SettingField::Type;

QString at(const char *key)
{
    return QStringLiteral("/config/") + QLatin1String(key);
}

SettingField when(SettingField field, const char *key, const QJsonArray &is)
{
    field.shownWhen = at(key);
    field.shownIs = is;
    return field;
}

SettingField code(SettingField field, const char *language)
{
    field.type = T::Code;
    field.language = QLatin1String(language);
    return field;
}

bool isSecretReference(const QString &text)
{
    static const QRegularExpression reference(QStringLiteral("\\A\\{\\{\\s*secret:[^{}]{1,200}\\}\\}\\z"));
    return reference.match(text.trimmed()).hasMatch();
}

ToolTypeInfo sqlType()
{
    const QJsonArray file{QStringLiteral("file")}, dataset{QStringLiteral("dataset")}, postgres{QStringLiteral("postgres")};
    const QJsonArray fileOrDataset{QStringLiteral("file"), QStringLiteral("dataset")};
    ToolTypeInfo info = make(
        "sql", "SQL query", "Asks SQL questions of a table file, a dataset or a PostgreSQL server; changes data if allowed.", SideEffect::Read,
        true, "Query the data with one SQL SELECT and get the rows back.", Approval::Always,
        {choice("source", "Source", {QStringLiteral("file"), QStringLiteral("dataset"), QStringLiteral("postgres")},
                "A file on this computer, a dataset of the project, or a PostgreSQL server."),
         when(field("path", "File", T::File, QString(), "An SQLite database or a CSV file; a relative path starts at the project's folder."),
              "source", file),
         when(field("dataset", "Dataset", T::Dataset, QString(), "The dataset whose rows are the table."), "source", dataset),
         when(field("host", "Server", T::Text, QStringLiteral("localhost"), "A host name or address, or the folder of a Unix socket."), "source",
              postgres),
         when(integer("port", "Port", 5432, 1, 65535, "5432 unless the server says otherwise."), "source", postgres),
         when(field("database", "Database", T::Text, QString(), "The name of the database on the server."), "source", postgres),
         when(field("user", "User", T::Text, QString(), "A role of the server that may do no more than this tool needs; never a superuser."),
              "source", postgres),
         when(field("password", "Password", T::Text, QString(), "{{secret:NAME}} for a secret of the keychain; empty: none."), "source",
              postgres),
         when(choice("sslmode", "Encryption",
                     {QStringLiteral("prefer"), QStringLiteral("disable"), QStringLiteral("require"), QStringLiteral("verify-ca"),
                      QStringLiteral("verify-full")},
                     "verify-full for servers on the internet; prefer is for a network you trust."),
              "source", postgres),
         when(field("tables", "Tables", T::MultiLine, QString(), "What the model is told of tables and columns."), "source", postgres),
         when(field("example_values", "Tell the model example values of columns", T::Bool, false,
                    "Values of short text columns are sent to the model's provider with each request."),
              "source", fileOrDataset),
         choice("mode", "May change data", {QStringLiteral("read"), QStringLiteral("write")},
                "read: SELECT only. write: also INSERT, UPDATE, DELETE and CREATE, of an SQLite file or a server."),
         integer("max_rows", "Rows at most", 100, 1, 10'000, "More rows than this are cut, with a note to the model that says so.")});
    info.group = QStringLiteral("Data");
    return info;
}

ToolTypeInfo emailType()
{
    ToolTypeInfo info = make(
        "email", "E-mail", "Sends mail through your mail server; you see the draft before it goes out.", SideEffect::External, false,
        "Send an e-mail.", Approval::Ask,
        {field("host", "Mail server", T::Text, QString(), "The server for outgoing mail (SMTP), for example smtp.example.com."),
         integer("port", "Port", 587, 1, 65535, "587 for STARTTLS, 465 for TLS."),
         choice("security", "Encryption", {QStringLiteral("starttls"), QStringLiteral("tls"), QStringLiteral("none")},
                "starttls: encrypted after the greeting, or refused. none: only for a server of this computer or network."),
         field("user", "User", T::Text, QString(), "The login; empty: none."),
         field("password", "Password", T::Text, QString(), "{{secret:NAME}} for a secret of the keychain."),
         field("from", "From", T::Text, QString(), "The sender of every mail, for example Ada <ada@example.com>."),
         field("reply_to", "Reply to", T::Text, QString(), "Where answers go; empty: to the sender."),
         field("allowed_recipients", "Allowed recipients", T::StringList, QJsonArray(),
               "Addresses, or @example.com for all of a domain. Nobody else is written to; * allows everybody."),
         integer("max_recipients", "Recipients at most", 10, 1, 500, "Of one mail."),
         field("attachments_folder", "Attachments from", T::Folder, QString(), "Files of this folder may be attached; empty: none.")},
        60);
    info.group = QStringLiteral("Messages");
    return info;
}

ToolTypeInfo scriptType()
{
    ToolTypeInfo info = make(
        "script", "Script", "Runs your Python or shell script in a sandbox, with the arguments as JSON on standard input.", SideEffect::Read, true,
        "Run the script and get what it prints.", Approval::Always,
        {choice("language", "Language", {QStringLiteral("python"), QStringLiteral("shell")}, "Python 3, or bash."),
         code(field("code", "Script", T::Code,
                    QStringLiteral("import json, sys\narguments = json.load(sys.stdin)\nprint(json.dumps({\"received\": arguments}))\n"),
                    "Reads the arguments from standard input or from /lathe/arguments.json, and prints text or JSON."),
              "python"),
         code(field("parameters", "Arguments", T::Json, QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}},
                    "A JSON Schema of the arguments; a model sees it and calls are checked against it."),
              "json"),
         field("folder", "Folder", T::Folder, QString(), "What the script may read and write, as /work; empty: a fresh one that is thrown away."),
         field("network", "Network", T::Bool, false, "Lets the script reach the internet, the local network and this computer's services."),
         integer("memory_mb", "Memory", 512, 16, 65536, "MB of all its processes together."),
         integer("processes", "Processes", 32, 1, 4096, "At one time."),
         integer("file_mb", "Largest file", 64, 1, 65536, "MB of one file that it writes.")});
    info.group = QStringLiteral("Code");
    return info;
}

ToolTypeInfo mockType()
{
    ToolTypeInfo info = make(
        "mock", "Mock", "Stands in for a tool while you design: canned answers, chosen by the arguments.", SideEffect::Read, true,
        "Stand in for a tool.", Approval::Always,
        {code(field("parameters", "Arguments", T::Json, QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}},
                    "A JSON Schema of the arguments."),
              "json"),
         code(field("answers", "Answers", T::Json,
                    QJsonArray{QJsonObject{{QStringLiteral("result"), QStringLiteral("An answer to {{arguments}}")}}},
                    "A list; the first whose when (rules) and arguments (equal values) fit is given. Each: {arguments?, when?, result or error, "
                    "delay_ms?}. {{arguments.city}} stands for a value, {{= arguments.a + 1}} is calculated."),
              "json"),
         code(field("output_schema", "Result", T::Json, QJsonObject(), "A JSON Schema of the result; empty: any."), "json")});
    info.group = QStringLiteral("Basics");
    return info;
}

void checkSqlAccess(const ToolSpec &spec, BodyReader config, ProblemList *list)
{
    const QString source = config.string(QStringLiteral("source"), QStringLiteral("file"));
    const QString mode = config.string(QStringLiteral("mode"), QStringLiteral("read"));
    if (mode != QLatin1String("read") && mode != QLatin1String("write")) {
        list->error(at("mode"), "sql.mode", QStringLiteral("\"%1\" is no way to use a database.").arg(mode.left(60)),
                    QStringLiteral("Use read or write."));
    } else if (mode == QLatin1String("write")) {
        if (source == QLatin1String("dataset") || config.string(QStringLiteral("path")).endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
            list->error(at("mode"), "sql.write_source", QStringLiteral("A dataset or CSV file can only be read."),
                        QStringLiteral("Set it to read, or use an SQLite file or a server."));
        } else if (spec.approval == Approval::Always) {
            list->warning(QStringLiteral("/approval"), "tool.write_unasked", QStringLiteral("It changes data without asking anybody."),
                          QStringLiteral("Set the approval to ask."));
        }
    }
    if (source != QLatin1String("postgres"))
        return;
    if (config.string(QStringLiteral("host")).trimmed().isEmpty() && !list->hasErrorAt(at("host")))
        list->error(at("host"), "sql.no_host", QStringLiteral("No server is named."), QStringLiteral("Write its host name, for example localhost."));
    if (config.string(QStringLiteral("database")).trimmed().isEmpty() && !list->hasErrorAt(at("database")))
        list->error(at("database"), "sql.no_database", QStringLiteral("No database is named."), QStringLiteral("Write its name on the server."));
    const QString password = config.string(QStringLiteral("password"));
    if (!password.isEmpty() && !isSecretReference(password)) {
        list->error(at("password"), "tool.plain_secret",
                    QStringLiteral("The password would be kept in the project file, readable to all who get it."),
                    QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    }
    const QString ssl = config.string(QStringLiteral("sslmode"), QStringLiteral("prefer"));
    static const QStringList modes{QStringLiteral("prefer"), QStringLiteral("disable"), QStringLiteral("allow"), QStringLiteral("require"),
                                   QStringLiteral("verify-ca"), QStringLiteral("verify-full")};
    if (!modes.contains(ssl))
        list->error(at("sslmode"), "sql.sslmode", QStringLiteral("\"%1\" is no way to encrypt.").arg(ssl.left(60)),
                    QStringLiteral("Use verify-full, or prefer on a network you trust."));
}

void checkEmail(const ToolSpec &spec, BodyReader config, ProblemList *list)
{
    static const QRegularExpression address(QStringLiteral("\\A[^\\s<>,;\"@]+@[^\\s<>,;\"@]+\\z"));
    const auto plainAddress = [](const QString &text) {
        const qsizetype open = text.lastIndexOf(u'<');
        return open >= 0 && text.endsWith(u'>') ? text.mid(open + 1, text.size() - open - 2).trimmed() : text.trimmed();
    };
    if (config.string(QStringLiteral("host")).trimmed().isEmpty() && !list->hasErrorAt(at("host")))
        list->error(at("host"), "email.no_host", QStringLiteral("No mail server is named."),
                    QStringLiteral("Write the one your mail program uses for outgoing mail."));
    const QString from = config.string(QStringLiteral("from"));
    if (!address.match(plainAddress(from)).hasMatch() && !list->hasErrorAt(at("from")))
        list->error(at("from"), "email.from", QStringLiteral("\"%1\" is no sender's address.").arg(from.left(100)),
                    QStringLiteral("Write it as ada@example.com or Ada <ada@example.com>."));
    const QString reply = config.string(QStringLiteral("reply_to"));
    if (!reply.isEmpty() && !address.match(plainAddress(reply)).hasMatch())
        list->error(at("reply_to"), "email.reply_to", QStringLiteral("\"%1\" is no address.").arg(reply.left(100)),
                    QStringLiteral("Write it as ada@example.com."));
    const QJsonArray allowed = config.array(QStringLiteral("allowed_recipients"));
    if (allowed.isEmpty() && !list->hasErrorAt(at("allowed_recipients")))
        list->error(at("allowed_recipients"), "email.no_recipients", QStringLiteral("Nobody may be written to, so every mail would be refused."),
                    QStringLiteral("Add addresses, or @example.com for all of a domain."));
    for (qsizetype i = 0; i < allowed.size(); ++i) {
        const QString pointer = at("allowed_recipients") + u'/' + QString::number(i);
        const QString entry = allowed[i].toString().trimmed();
        if (entry == QLatin1String("*"))
            list->warning(pointer, "email.anybody", QStringLiteral("A tricked model can send what it knows to anybody."),
                          QStringLiteral("List those it needs instead."));
        else if (!address.match(entry.startsWith(u'@') ? u'a' + entry : entry).hasMatch())
            list->error(pointer, "email.recipient", QStringLiteral("\"%1\" is no address.").arg(entry.left(100)),
                        QStringLiteral("Write bob@example.com, or @example.com for all of a domain."));
    }
    const QString password = config.string(QStringLiteral("password"));
    if (!password.isEmpty() && !isSecretReference(password))
        list->error(at("password"), "tool.plain_secret",
                    QStringLiteral("The password would be kept in the project file, readable to all who get it."),
                    QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
    const QString security = config.string(QStringLiteral("security"), QStringLiteral("starttls"));
    if (security != QLatin1String("starttls") && security != QLatin1String("tls") && security != QLatin1String("none"))
        list->error(at("security"), "email.security", QStringLiteral("\"%1\" is no way to encrypt.").arg(security.left(60)),
                    QStringLiteral("Use starttls or tls."));
    else if (security == QLatin1String("none") && !password.isEmpty())
        list->warning(at("security"), "email.plain_login", QStringLiteral("The password would cross the network for all to read."),
                      QStringLiteral("Use starttls or tls, unless the server runs on this computer."));
    if (spec.approval == Approval::Always)
        list->warning(QStringLiteral("/approval"), "tool.external_unasked", QStringLiteral("It sends mail without asking anybody."),
                      QStringLiteral("Set the approval to ask."));
}

void checkSchemaObject(BodyReader config, const char *key, ProblemList *list)
{
    const QJsonObject schema = config.object(QLatin1String(key));
    const QJsonValue type = schema.value(QLatin1String("type"));
    if (!schema.isEmpty() && !type.isUndefined() && type.toString() != QLatin1String("object"))
        list->error(at(key), "tool.schema", QStringLiteral("Arguments come as an object, but the schema describes something else."),
                    QStringLiteral("Write {\"type\": \"object\", \"properties\": {...}}."));
}

void checkScript(const ToolSpec &spec, BodyReader config, ProblemList *list)
{
    const QString language = config.string(QStringLiteral("language"), QStringLiteral("python"));
    if (language != QLatin1String("python") && language != QLatin1String("shell"))
        list->error(at("language"), "script.language", QStringLiteral("\"%1\" is no language that can be run here.").arg(language.left(60)),
                    QStringLiteral("Use python or shell."));
    if (config.string(QStringLiteral("code")).trimmed().isEmpty() && !list->hasErrorAt(at("code")))
        list->error(at("code"), "script.no_code", QStringLiteral("There is no script to run."), QStringLiteral("Write one that prints its result."));
    checkSchemaObject(config, "parameters", list);
    const QString folder = config.string(QStringLiteral("folder")).trimmed();
    const QString clean = QDir::cleanPath(folder);
    if (!folder.isEmpty() && (clean == QDir::rootPath() || clean == QDir::homePath() || clean == QLatin1String("~")))
        list->error(at("folder"), "script.wide_folder", QStringLiteral("The script could change everything in \"%1\".").arg(clean),
                    QStringLiteral("Choose a folder made for this."));
    const bool network = config.boolean(QStringLiteral("network"), false);
    if (network && spec.approval == Approval::Always)
        list->warning(QStringLiteral("/approval"), "tool.external_unasked",
                      QStringLiteral("It reaches the network and this computer's services without asking anybody."),
                      QStringLiteral("Set the approval to ask, or switch the network off."));
    const auto positive = [&](const char *key, qint64 usual) {
        if (config.integer(QLatin1String(key), usual) < 1)
            list->error(at(key), "script.limit", QStringLiteral("With none allowed the script cannot run."),
                        QStringLiteral("%1 suits most scripts.").arg(usual));
    };
    positive("memory_mb", 512);
    positive("processes", 32);
    positive("file_mb", 64);
}

void checkMock(BodyReader config, ProblemList *list)
{
    checkSchemaObject(config, "parameters", list);
    config.object(QStringLiteral("output_schema"));
    if (config.array(QStringLiteral("answers")).isEmpty() && !list->hasErrorAt(at("answers")))
        list->error(at("answers"), "mock.no_answers", QStringLiteral("It has no answer to give."),
                    QStringLiteral("Add one, for example [{\"result\": \"sunny\"}]."));
    for (BodyReader &answer : config.children(QStringLiteral("answers"))) {
        answer.object(QStringLiteral("arguments"));
        answer.array(QStringLiteral("when"));
        answer.string(QStringLiteral("error"));
        if (!answer.has(QStringLiteral("result")) && !answer.has(QStringLiteral("error")))
            list->error(answer.pointerOf(QStringLiteral("result")), "mock.empty_answer", QStringLiteral("This answer has neither result nor error."),
                        QStringLiteral("Give it a result: text or JSON."));
        const qint64 delay = answer.integer(QStringLiteral("delay_ms"), 0);
        if (delay < 0 || delay > 600'000)
            list->error(answer.pointerOf(QStringLiteral("delay_ms")), "mock.delay", QStringLiteral("The delay must be from 0 to 600000 ms."));
    }
}
} // namespace

std::vector<ToolTypeInfo> localToolTypes()
{
    return {sqlType(), emailType(), scriptType(), mockType()};
}

void checkLocalTool(const ToolSpec &spec, ProblemList *list)
{
    const BodyReader config(spec.config, QStringLiteral("/config"), &list->problems);
    if (spec.type == QLatin1String("sql"))
        checkSqlAccess(spec, config, list);
    else if (spec.type == QLatin1String("email"))
        checkEmail(spec, config, list);
    else if (spec.type == QLatin1String("script"))
        checkScript(spec, config, list);
    else if (spec.type == QLatin1String("mock"))
        checkMock(config, list);
}

} // namespace lathe
