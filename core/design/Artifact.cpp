// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/Artifact.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {
constexpr std::array<std::pair<ArtifactKind, const char *>, 8> kinds{
    {{ArtifactKind::Agent, "agent"},
     {ArtifactKind::Team, "team"},
     {ArtifactKind::Prompt, "prompt"},
     {ArtifactKind::Tool, "tool"},
     {ArtifactKind::Connection, "connection"},
     {ArtifactKind::Dataset, "dataset"},
     {ArtifactKind::Scorer, "scorer"},
     {ArtifactKind::Experiment, "experiment"}}};
constexpr int maxNameLength = 64;

bool isNameCharacter(char32_t c)
{
    if (QChar::isLetterOrNumber(c) || c == U'-' || c == U'_' || c == U'.' || c == U' ')
        return true;
    const QChar::Category category = QChar::category(c); // vowel signs of many scripts are marks
    return category == QChar::Mark_NonSpacing || category == QChar::Mark_SpacingCombining;
}

Error invalid(const QString &message)
{
    return Error(ErrorKind::InvalidInput, message);
}

// `what`: "A name" or "A label", as the sentence starts.
Result<void> checkWord(const QString &what, const QString &word)
{
    if (word.isEmpty())
        return invalid(QStringLiteral("%1 is missing; give one of 1 to %2 characters.")
                           .arg(what)
                           .arg(maxNameLength));
    const auto characters = word.toUcs4();
    if (characters.size() > maxNameLength) {
        return invalid(QStringLiteral("%1 may have %2 characters at most; \"%3...\" has %4.")
                           .arg(what)
                           .arg(maxNameLength)
                           .arg(word.left(20))
                           .arg(characters.size()));
    }
    for (const char32_t c : characters) {
        if (!isNameCharacter(c)) {
            const QString shown = QChar::isPrint(c)
                                      ? QString::fromUcs4(&c, 1)
                                      : QStringLiteral("U+%1").arg(c, 4, 16, QLatin1Char('0'));
            return invalid(
                QStringLiteral(
                    "%1 may not contain \"%2\"; use letters, digits, space, - _ and . only.")
                    .arg(what, shown));
        }
    }
    if (word.front() == QLatin1Char(' ') || word.back() == QLatin1Char(' '))
        return invalid(
            QStringLiteral("%1 may not begin or end with a space; take it away from \"%2\".")
                .arg(what, word));
    if (std::none_of(characters.begin(), characters.end(),
                     [](char32_t c) { return QChar::isLetterOrNumber(c); }))
        return invalid(
            QStringLiteral("%1 needs a letter or a digit; \"%2\" has none.").arg(what, word));
    return {};
}
} // namespace

QString artifactKindName(ArtifactKind kind)
{
    for (const auto &[k, name] : kinds) {
        if (k == kind)
            return QString::fromLatin1(name);
    }
    return QString();
}

std::optional<ArtifactKind> artifactKindFromName(const QString &name)
{
    for (const auto &[kind, n] : kinds) {
        if (name == QLatin1String(n))
            return kind;
    }
    return std::nullopt;
}

const std::vector<ArtifactKind> &allArtifactKinds()
{
    static const std::vector<ArtifactKind> all = [] {
        std::vector<ArtifactKind> list;
        for (const auto &[kind, name] : kinds)
            list.push_back(kind);
        return list;
    }();
    return all;
}

Result<void> checkArtifactName(const QString &name)
{
    return checkWord(QStringLiteral("A name"), name);
}

Result<ArtifactRef> ArtifactRef::parse(const QString &text)
{
    const qsizetype at = text.indexOf(QLatin1Char('@'));
    ArtifactRef ref;
    ref.name = at < 0 ? text : text.left(at);
    if (auto checked = checkArtifactName(ref.name); !checked)
        return checked.error();
    if (at < 0)
        return ref;
    const QString suffix = text.mid(at + 1);
    if (suffix.isEmpty())
        return invalid(
            QStringLiteral("\"%1\" ends after the @; put a revision number or a label there.")
                .arg(text));
    if (std::all_of(suffix.begin(), suffix.end(), [](QChar c) { return c >= u'0' && c <= u'9'; })) {
        bool fits = false;
        ref.number = suffix.toInt(&fits);
        if (!fits || ref.number < 1)
            return invalid(
                QStringLiteral("\"%1\" names no revision; revisions are numbered from 1.")
                    .arg(text));
        return ref;
    }
    if (auto checked = checkWord(QStringLiteral("A label"), suffix); !checked)
        return checked.error();
    ref.label = suffix;
    return ref;
}

QString ArtifactRef::toString() const
{
    if (number > 0)
        return name + QLatin1Char('@') + QString::number(number);
    return label.isEmpty() ? name : name + QLatin1Char('@') + label;
}

} // namespace lathe
