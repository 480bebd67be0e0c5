// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ProblemList.h"
#include "core/design/ToolReader.h"
#include "core/design/ToolTypeParts.h"

#include <QDir>
#include <QRegularExpression>
#include <QTimeZone>

#include <algorithm>

namespace lathe {

namespace {
QString at(const char *key)
{
    return QStringLiteral("/config/") + QLatin1String(key);
}

// The texts of a list; items of other types are named.
QStringList texts(BodyReader &config, const QString &key)
{
    QStringList list;
    const QJsonArray items = config.array(key);
    for (qsizetype i = 0; i < items.size(); ++i) {
        if (items[i].isString())
            list.append(items[i].toString());
        else
            config.wrong(key + QLatin1Char('/') + QString::number(i), QStringLiteral("text"));
    }
    return list;
}

void checkSql(BodyReader config, const DesignLookup &lookup, ProblemList *list)
{
    const QString source = config.string(QStringLiteral("source"), QStringLiteral("file"));
    const QString path = config.string(QStringLiteral("path"));
    const QString dataset = config.string(QStringLiteral("dataset"));
    const qint64 rows = config.integer(QStringLiteral("max_rows"), 100);
    config.boolean(QStringLiteral("example_values"), false); // says so when it is something else
    if (source == QLatin1String("file")) {
        if (path.trimmed().isEmpty() && !list->hasErrorAt(at("path"))) {
            list->error(
                at("path"), "sql.no_path",
                QStringLiteral("No file is chosen, so there is nothing to query."),
                QStringLiteral("Choose an SQLite or CSV file, or set the source to a dataset."));
        }
    } else if (source == QLatin1String("dataset")) {
        if (dataset.isEmpty()) {
            if (!list->hasErrorAt(at("dataset")))
                list->error(at("dataset"), "sql.no_dataset",
                            QStringLiteral("No dataset is chosen, so there is nothing to query."),
                            QStringLiteral("Choose a dataset."));
        } else if (auto ref = ArtifactRef::parse(dataset); !ref) {
            list->error(at("dataset"), "sql.unknown_dataset", ref.error().message,
                        QStringLiteral("Choose a dataset from the list."));
        } else if (lookup.exists && !lookup.exists(ArtifactKind::Dataset, dataset)) {
            list->error(at("dataset"), "sql.unknown_dataset",
                        QStringLiteral("There is no dataset \"%1\" in this project.").arg(dataset),
                        QStringLiteral("Choose another dataset, or import this one."));
        }
    } else if (source != QLatin1String("postgres")) { // whose fields checkLocalTool() looks at
        list->error(at("source"), "sql.source",
                    QStringLiteral("\"%1\" is no source of tables.").arg(source),
                    QStringLiteral("Use file, dataset or postgres."));
    }
    if (rows < 1) {
        list->error(at("max_rows"), "sql.max_rows",
                    QStringLiteral("With no rows allowed, every query comes back empty."),
                    QStringLiteral("100 suits most questions."));
    } else if (rows > 10'000) {
        list->warning(
            at("max_rows"), "sql.max_rows",
            QStringLiteral("%1 rows do not fit into what a model can read.").arg(rows),
            QStringLiteral("100 suits most questions; let the model count and sum in SQL."));
    }
}

void checkHosts(const char *key, const QStringList &hosts, ProblemList *list)
{
    for (qsizetype i = 0; i < hosts.size(); ++i) {
        const QString pointer = at(key) + QLatin1Char('/') + QString::number(i);
        if (hosts[i] == QLatin1String("*")) {
            list->warning(
                pointer, "http.any_host",
                QStringLiteral(
                    "Every host is allowed, so a tricked model can send what it knows anywhere."),
                QStringLiteral("List the hosts it needs instead."));
        } else if (!isHostPattern(hosts[i])) {
            list->error(pointer, "http.host",
                        QStringLiteral("\"%1\" is no host name.").arg(hosts[i]),
                        QStringLiteral("Write the name alone, without https:// and without a path, "
                                       "for example api.example.com."));
        }
    }
}

void checkHeaders(const QJsonObject &headers, ProblemList *list)
{
    static const QRegularExpression token(QStringLiteral("\\A[A-Za-z0-9!#$%&'*+.^_`|~-]+\\z"));
    static const QRegularExpression secretName(
        QStringLiteral("\\A(authorization|proxy-authorization|cookie|.*(api|access|auth)[-_]?(key|"
                       "token).*|.*secret.*|.*token)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression reference(QStringLiteral("\\{\\{secret:[^{}]+\\}\\}"));
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        const QString pointer = at("headers") + QLatin1Char('/')
                                + QString(it.key())
                                      .replace(QLatin1Char('~'), QLatin1String("~0"))
                                      .replace(QLatin1Char('/'), QLatin1String("~1"));
        const QString value = it.value().toString();
        if (!token.match(it.key()).hasMatch()) {
            list->error(pointer, "http.header_name",
                        QStringLiteral("\"%1\" is no name of a header.").arg(it.key()),
                        QStringLiteral("Use letters, digits and - only."));
        } else if (!it.value().isString() || value.contains(QLatin1Char('\n'))
                   || value.contains(QLatin1Char('\r'))) {
            list->error(pointer, "http.header_value",
                        QStringLiteral("The value of the header \"%1\" must be text of one line.")
                            .arg(it.key()));
        } else if (value.count(QStringLiteral("{{secret:")) != value.count(reference)) {
            list->error(pointer, "http.header_secret",
                        QStringLiteral("The secret in the header \"%1\" is not written in full.")
                            .arg(it.key()),
                        QStringLiteral("Write {{secret:NAME}} with the name of the secret."));
        } else if (!value.isEmpty() && !value.contains(reference)
                   && secretName.match(it.key()).hasMatch()) {
            list->warning(
                pointer, "http.plain_secret",
                QStringLiteral("The header \"%1\" looks like a secret and would be kept in the "
                               "project file, readable to all who get it.")
                    .arg(it.key()),
                QStringLiteral("Put it into the keychain and write {{secret:NAME}} here."));
        }
    }
}

void checkBytes(qint64 bytes, const char *key, const char *code, const QString &none, const QString &many,
                ProblemList *list)
{
    const QString fix = QStringLiteral("1 MB (1048576) is enough for most.");
    if (bytes < 1)
        list->error(at(key), code, none, fix);
    else if (bytes > 64 * 1024 * 1024)
        list->warning(at(key), code, many, fix);
}

void checkHttp(BodyReader config, ProblemList *list)
{
    static const QStringList known{QStringLiteral("GET"),     QStringLiteral("HEAD"),
                                   QStringLiteral("OPTIONS"), QStringLiteral("POST"),
                                   QStringLiteral("PUT"),     QStringLiteral("PATCH"),
                                   QStringLiteral("DELETE")};
    const QStringList hosts = texts(config, QStringLiteral("allowed_hosts"));
    if (hosts.isEmpty() && !list->hasErrorAt(at("allowed_hosts"))
        && !list->hasErrorAt(at("allowed_hosts/0"))) {
        list->error(at("allowed_hosts"), "http.no_hosts",
                    QStringLiteral("No host is allowed, so every request would be refused."),
                    QStringLiteral("Add the hosts it needs, for example api.example.com."));
    }
    checkHosts("allowed_hosts", hosts, list);
    checkHosts("secret_hosts", texts(config, QStringLiteral("secret_hosts")), list);
    const QStringList methods = texts(config, QStringLiteral("allowed_methods"));
    if (methods.isEmpty() && config.has(QStringLiteral("allowed_methods"))
        && !list->hasErrorAt(at("allowed_methods"))) {
        list->error(at("allowed_methods"), "http.no_methods",
                    QStringLiteral("No method is allowed, so every request would be refused."),
                    QStringLiteral("Add GET."));
    }
    for (qsizetype i = 0; i < methods.size(); ++i) {
        if (!known.contains(methods[i].toUpper())) {
            list->error(at("allowed_methods") + QLatin1Char('/') + QString::number(i),
                        "http.method", QStringLiteral("\"%1\" is no HTTP method.").arg(methods[i]),
                        QStringLiteral("Use %1.").arg(known.join(QStringLiteral(", "))));
        }
    }
    checkHeaders(config.object(QStringLiteral("headers")), list);
    checkBytes(config.integer(QStringLiteral("max_body_bytes"), 1024 * 1024), "max_body_bytes", "http.max_body_bytes",
               QStringLiteral("With this bound no answer can be read."),
               QStringLiteral("Answers of over 64 MB are more than a model can read."), list);
    if (config.boolean(QStringLiteral("allow_private_network"), false)) {
        list->warning(
            at("allow_private_network"), "http.private_network",
            QStringLiteral(
                "A tricked model could reach routers, printers and services of this computer."),
            QStringLiteral("Leave it off unless an allowed host is in the local network."));
    }
}

void checkFiles(BodyReader config, Approval approval, ProblemList *list)
{
    const QString folder = config.string(QStringLiteral("folder"));
    const bool writable = config.boolean(QStringLiteral("writable"), false);
    const qint64 bytes = config.integer(QStringLiteral("max_file_bytes"), 1024 * 1024);
    const QString clean = QDir::cleanPath(folder.trimmed());
    if (clean.isEmpty()) {
        if (!list->hasErrorAt(at("folder")))
            list->error(at("folder"), "files.no_folder",
                        QStringLiteral("No folder is chosen, so there are no files to read."),
                        QStringLiteral("Choose a folder made for this."));
    } else if (clean == QDir::rootPath() || clean == QDir::homePath()
               || clean == QLatin1String("~")) {
        list->warning(
            at("folder"), "files.wide_folder",
            QStringLiteral("The agent would see everything in \"%1\", keys and mail included.")
                .arg(clean),
            QStringLiteral("Choose a folder that holds only what it needs."));
    }
    if (writable && approval == Approval::Always) {
        list->warning(QStringLiteral("/approval"), "tool.write_unasked",
                      QStringLiteral("It changes files without asking anybody."),
                      QStringLiteral("Set the approval to ask, or keep a copy of the folder."));
    }
    checkBytes(bytes, "max_file_bytes", "files.max_bytes", QStringLiteral("With this bound no file can be read."),
               QStringLiteral("Files of over 64 MB are more than a model can read."), list);
}

// The policies of the functions of a set.
void checkFunctions(const ToolSpec &spec, const ToolTypeInfo *type, ProblemList *list)
{
    const std::vector<ToolFunction> functions = toolFunctions(spec.config);
    for (size_t i = 0; i < functions.size(); ++i) {
        const QJsonObject &override = functions[i].policy;
        if (functions[i].enabled && !override.isEmpty())
            checkPolicyOverride(spec, override, type, spec.config, QStringLiteral("/config/tools/%1/policy").arg(i), list);
    }
}

void checkExamples(const ToolSpec &spec, ProblemList *list)
{
    for (qsizetype i = 0; i < spec.examples.size(); ++i) {
        if (!spec.examples[i].isObject() || !spec.examples[i].toObject().value(QLatin1String("arguments")).isObject())
            list->error(QStringLiteral("/examples/%1").arg(i), "tool.example", QStringLiteral("The example has no arguments."),
                        QStringLiteral("Write it as {\"name\": \"...\", \"arguments\": {...}}, or remove it."));
    }
}
} // namespace

std::vector<Problem> validateTool(const QJsonObject &body, const DesignLookup &lookup)
{
    ProblemList list;
    const ToolSpec spec = readTool(body, &list.problems);
    const ToolTypeInfo *type = toolType(spec.type);
    if (!type && !list.hasErrorAt(QStringLiteral("/type"))) {
        list.error(QStringLiteral("/type"), "tool.type",
                   spec.type.isEmpty()
                       ? QStringLiteral("The tool has no type.")
                       : QStringLiteral("\"%1\" is no type of tool of this version of Lathe.")
                             .arg(spec.type),
                   QStringLiteral("Choose a type from the list."));
    }
    if (spec.purpose.trimmed().isEmpty() && !list.hasErrorAt(QStringLiteral("/purpose"))) {
        list.warning(
            QStringLiteral("/purpose"), "tool.purpose",
            QStringLiteral("The tool has no purpose, so a model cannot tell when to use it."),
            QStringLiteral("Write one sentence: what it gives, and for what questions."));
    }
    const BodyReader config(spec.config, QStringLiteral("/config"), &list.problems);
    if (spec.type == QLatin1String("sql")) {
        checkSql(config, lookup, &list);
    } else if (spec.type == QLatin1String("http")) {
        checkHttp(config, &list);
        if (spec.approval == Approval::Always) {
            list.warning(
                QStringLiteral("/approval"), "tool.external_unasked",
                QStringLiteral("It acts outside this computer without asking anybody."),
                QStringLiteral(
                    "Set the approval to ask, or be sure that the allowed hosts can do no harm."));
        }
    } else if (spec.type == QLatin1String("files")) {
        checkFiles(config, spec.approval, &list);
    } else if (spec.type == QLatin1String("current_time")) {
        const QString zone = BodyReader(config).string(QStringLiteral("time_zone"));
        if (!zone.isEmpty() && !QTimeZone(zone.toUtf8()).isValid()) {
            list.error(at("time_zone"), "time.zone",
                       QStringLiteral("This computer knows no time zone \"%1\".").arg(zone),
                       QStringLiteral("Use a name such as Europe/Berlin or UTC."));
        }
    }
    if (spec.approval == Approval::Never) {
        list.hint(QStringLiteral("/approval"), "tool.never",
                  QStringLiteral("The tool is switched off: every call is refused."),
                  QStringLiteral("Set the approval to ask or always to use it."));
    }
    checkMcpTool(spec, &list);
    checkWebTool(spec, &list);
    checkLocalTool(spec, &list);
    checkDelegateTool(spec, lookup, &list);
    checkPolicy(spec, type, spec.config, QString(), &list);
    if (isToolSet(spec.type))
        checkFunctions(spec, type, &list);
    checkExamples(spec, &list);
    return std::move(list.problems);
}

} // namespace lathe
