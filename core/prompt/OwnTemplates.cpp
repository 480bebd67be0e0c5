// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/OwnTemplates.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>

namespace lathe {

namespace {

constexpr qsizetype mostFiles = 500;
constexpr qint64 mostBytes = 1'000'000;

// Letters and digits of the title, for a file name that any system takes.
QString idOf(const QString &title)
{
    QString id;
    for (const QChar c : title.toLower()) {
        if (c.isLetterOrNumber())
            id += c;
        else if (!id.isEmpty() && !id.endsWith(u'-'))
            id += u'-';
        if (id.size() >= 60)
            break;
    }
    while (id.endsWith(u'-'))
        id.chop(1);
    return id.isEmpty() ? QStringLiteral("template") : id;
}

bool isId(const QString &id)
{
    return !id.isEmpty() && id.size() <= 200 && !id.startsWith(u'.')
           && std::none_of(id.begin(), id.end(), [](QChar c) { return c == u'/' || c == u'\\' || c.unicode() < 32; });
}

QString pathOf(const QString &folder, const QString &id)
{
    return folder + u'/' + id + QStringLiteral(".md");
}

} // namespace

QString ownTemplatesFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/templates");
}

OwnTemplates readOwnTemplates(const QString &folder)
{
    OwnTemplates own;
    const QStringList names = QDir(folder).entryList({QStringLiteral("*.md")}, QDir::Files, QDir::Name);
    for (const QString &name : names.mid(0, mostFiles)) {
        const QString path = folder + u'/' + name;
        const auto bad = [&](const QString &why) { own.bad.push_back({path, why}); };
        if (QFileInfo(path).size() > mostBytes) {
            bad(QStringLiteral("The prompt template “%1” is larger than 1 MB; shorten it or move it away.").arg(name));
            continue;
        }
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            bad(QStringLiteral("The prompt template “%1” can not be opened: %2.").arg(name, file.errorString()));
            continue;
        }
        auto parsed = parseTemplateFile(name.chopped(3), file.read(mostBytes));
        if (parsed)
            own.templates.push_back(std::move(*parsed));
        else
            bad(parsed.error().message);
    }
    std::sort(own.templates.begin(), own.templates.end(), [](const PromptTemplate &a, const PromptTemplate &b) {
        const int order = a.title.compare(b.title, Qt::CaseInsensitive);
        return order != 0 ? order < 0 : a.id < b.id;
    });
    return own;
}

Result<PromptTemplate> saveOwnTemplate(const QString &folder, PromptTemplate prompt)
{
    if (prompt.title.trimmed().isEmpty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("A template needs a title; write what it is for."));
    if (prompt.spec.text.trimmed().isEmpty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("A template needs instructions; this prompt has none yet."));
    if (!QDir().mkpath(folder))
        return Error(ErrorKind::Denied, QStringLiteral("The folder %1 can not be made; check its permissions.").arg(folder));
    if (!isId(prompt.id) || !QFileInfo::exists(pathOf(folder, prompt.id))) {
        const QString wish = idOf(prompt.title);
        prompt.id = wish;
        for (int i = 2; QFileInfo::exists(pathOf(folder, prompt.id)); ++i)
            prompt.id = QStringLiteral("%1-%2").arg(wish).arg(i);
    }
    prompt.spec.templateName = prompt.id;
    const QByteArray bytes = writeTemplateFile(prompt);
    // What is written can be read: a template that can not come back is refused while the prompt is still at hand.
    if (const auto back = parseTemplateFile(prompt.id, bytes); !back)
        return back.error();
    QSaveFile file(pathOf(folder, prompt.id));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error(ErrorKind::Denied,
                     QStringLiteral("The template can not be written to %1: %2.").arg(file.fileName(), file.errorString()));
    return prompt;
}

Result<void> deleteOwnTemplate(const QString &folder, const QString &id)
{
    if (!isId(id) || !QFileInfo::exists(pathOf(folder, id)))
        return Error(ErrorKind::NotFound, QStringLiteral("There is no template “%1” of your own any more.").arg(id.left(80)));
    QFile file(pathOf(folder, id));
    if (!file.remove())
        return Error(ErrorKind::Denied,
                     QStringLiteral("The template %1 can not be deleted: %2.").arg(file.fileName(), file.errorString()));
    return {};
}

} // namespace lathe
