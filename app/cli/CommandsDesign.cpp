// SPDX-License-Identifier: GPL-3.0-or-later
// new, ls, show, doctor: what is in a project.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"

namespace lathe::cli {

Task<int> commandNew(CommandLine line)
{
    const QString path = line.arguments.first();
    const QString sample = line.value(QStringLiteral("sample"));
    const auto made = co_await Session::createProject(path, sample);
    if (!made)
        co_return fail(made.error());
    if (line.has(QStringLiteral("json")))
        printJson(QJsonObject{{QStringLiteral("file"), path}, {QStringLiteral("sample"), sample}});
    else
        printMessage(QStringLiteral("Created %1%2.").arg(path, sample.isEmpty() ? QString() : QStringLiteral(" with the sample ") + sample));
    co_return ExitOk;
}

Task<int> commandLs(CommandLine line, Session *session)
{
    std::optional<ArtifactKind> kind;
    if (line.arguments.size() > 1) {
        kind = artifactKindFromName(line.arguments[1]);
        if (!kind) {
            QStringList names;
            for (const ArtifactKind known : allArtifactKinds())
                names.append(artifactKindName(known));
            co_return fail(Error(ErrorKind::InvalidInput, QStringLiteral("There is no kind \"%1\". There are: %2.")
                                                              .arg(line.arguments[1], names.join(QStringLiteral(", ")))));
        }
    }
    const auto artifacts = session->project().artifacts().list(kind);
    if (line.has(QStringLiteral("json"))) {
        QJsonArray list;
        for (const ArtifactInfo &artifact : artifacts) {
            QJsonObject labels;
            for (const auto &[label, number] : artifact.labels)
                labels.insert(label, number);
            list.append(QJsonObject{{QStringLiteral("kind"), artifactKindName(artifact.kind)},
                                    {QStringLiteral("name"), artifact.name},
                                    {QStringLiteral("revision"), artifact.latestNumber},
                                    {QStringLiteral("draft"), artifact.hasDraft},
                                    {QStringLiteral("labels"), labels},
                                    {QStringLiteral("changed_us"), artifact.changedUs}});
        }
        printJson(list);
        co_return ExitOk;
    }
    std::vector<QStringList> rows;
    for (const ArtifactInfo &artifact : artifacts) {
        QStringList labels;
        for (const auto &[label, number] : artifact.labels)
            labels.append(QStringLiteral("%1=%2").arg(label).arg(number));
        rows.push_back({artifactKindName(artifact.kind), artifact.name,
                        artifact.latestNumber > 0 ? QStringLiteral("@%1").arg(artifact.latestNumber) : QStringLiteral("-"),
                        artifact.hasDraft ? QStringLiteral("draft") : QString(), timeText(artifact.changedUs),
                        labels.join(QLatin1Char(' '))});
    }
    printTable({QStringLiteral("KIND"), QStringLiteral("NAME"), QStringLiteral("REV"), QStringLiteral("DRAFT"),
                QStringLiteral("CHANGED"), QStringLiteral("LABELS")},
               rows);
    co_return ExitOk;
}

Task<int> commandShow(CommandLine line, Session *session)
{
    QString reference = line.arguments[1];
    std::vector<ArtifactKind> kinds = allArtifactKinds();
    const qsizetype colon = reference.indexOf(QLatin1Char(':'));
    if (colon > 0) {
        if (const auto kind = artifactKindFromName(reference.left(colon))) {
            kinds = {*kind};
            reference = reference.mid(colon + 1);
        }
    }
    std::optional<Error> error;
    for (const ArtifactKind kind : kinds) {
        const auto found = session->project().artifacts().resolve(kind, reference);
        if (!found) {
            if (!error || kinds.size() == 1)
                error = found.error();
            continue;
        }
        const QJsonObject whole{{QStringLiteral("kind"), artifactKindName(found->kind)},
                                {QStringLiteral("reference"), found->reference()},
                                {QStringLiteral("hash"), QString::fromLatin1(found->hash)},
                                {QStringLiteral("body"), found->body}};
        if (line.has(QStringLiteral("json")))
            printJson(whole);
        else
            printLine(QString::fromUtf8(json::pretty(whole)).trimmed());
        co_return ExitOk;
    }
    co_return fail(kinds.size() == 1 ? *error
                                     : Error(ErrorKind::NotFound,
                                             QStringLiteral("There is no artifact \"%1\". `lathe-cli ls FILE` lists them.").arg(reference)));
}

Task<int> commandDoctor(CommandLine line, Session *session)
{
    const auto report = co_await session->project().doctor(line.has(QStringLiteral("repair")));
    if (!report)
        co_return fail(report.error());
    if (line.has(QStringLiteral("json"))) {
        printJson(QJsonObject{{QStringLiteral("ok"), report->ok},
                              {QStringLiteral("findings"), json::fromStringList(report->findings)},
                              {QStringLiteral("repairs"), json::fromStringList(report->repairs)},
                              {QStringLiteral("bytes_before"), report->bytesBefore},
                              {QStringLiteral("bytes_after"), report->bytesAfter},
                              {QStringLiteral("artifacts"), report->artifacts},
                              {QStringLiteral("revisions"), report->revisions},
                              {QStringLiteral("runs"), report->runs},
                              {QStringLiteral("steps"), report->steps}});
    } else {
        for (const QString &finding : report->findings)
            printLine(finding);
        for (const QString &repair : report->repairs)
            printLine(repair);
        printLine(QStringLiteral("%1: %2 artifacts, %3 revisions, %4 runs, %5 steps.")
                      .arg(report->ok ? QStringLiteral("The file is sound") : QStringLiteral("The file has problems"))
                      .arg(report->artifacts)
                      .arg(report->revisions)
                      .arg(report->runs)
                      .arg(report->steps));
    }
    co_return report->ok ? ExitOk : ExitFailed;
}

} // namespace lathe::cli
