// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/LabelMoves.h"

#include "ui/itemmodels/Format.h"
#include "ui/prompts/DiffView.h"
#include "ui/prompts/PromptCompare.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/Sheet.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostMoves = 60;

QString text(const char *words)
{
    return QCoreApplication::translate("lathe::LabelMoves", words);
}

// Messages and settings are part of what runs: as text, below the instructions.
QString wholeText(const QJsonObject &body)
{
    QString all = body.value(QStringLiteral("text")).toString();
    for (const QJsonValue &message : body.value(QStringLiteral("messages")).toArray())
        all += QStringLiteral("\n\u2500\u2500 %1 \u2500\u2500\n").arg(message[QLatin1String("role")].toString()) + message[QLatin1String("text")].toString();
    return all;
}
}

void askToMoveLabel(Session *session, Theme *theme, QWidget *anchor, ArtifactId prompt, const QString &label, int number,
                    std::function<void()> move)
{
    const auto users = promptLabelUsers(*session, prompt, label);
    const auto info = session->project().artifacts().info(prompt);
    int before = 0;
    if (info) {
        for (const auto &[name, at] : info->labels) {
            if (name == label)
                before = at;
        }
    }
    if (users.empty() || before == number || before == 0)
        return move(); // nobody runs with it, or nobody could until now
    auto *sheet = new Sheet(theme, anchor, number > 0 ? text("Move %1 from @%2 to @%3?").arg(label).arg(before).arg(number)
                                                      : text("Remove the label %1 from @%2?").arg(label).arg(before),
                            760);
    sheet->setObjectName(QStringLiteral("label-move"));
    sheet->setDeleteOnClose(true);
    sheet->setScrim(true);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    QStringList names;
    for (const PromptUser &user : users)
        names.append(artifactKindName(user.kind) + QLatin1Char(' ') + user.name);
    const QString who = names.mid(0, 8).join(QLatin1String(", ")) + (names.size() > 8 ? text(" and %1 more").arg(names.size() - 8) : QString());
    auto *says = new InlineMessage(theme, number > 0 ? Severity::Warning : Severity::Error,
                                   number > 0 ? text("From the next run on, this changes what runs in: %1.").arg(who)
                                              : text("These use %1 and could not run any more: %2.").arg(info->name + QLatin1Char('@') + label, who),
                                   content);
    says->setObjectName(QStringLiteral("label-move-users"));
    column->addWidget(says);
    if (number > 0) {
        const auto from = session->project().artifacts().revision(prompt, before);
        const auto to = session->project().artifacts().revision(prompt, number);
        auto *diff = new DiffView(theme, content);
        diff->setObjectName(QStringLiteral("label-move-diff"));
        diff->setMinimumHeight(280);
        diff->setTexts(from ? wholeText(from->body) : QString(), to ? wholeText(to->body) : QString());
        const int added = diff->addedLines(), removed = diff->removedLines();
        QString differs = added + removed + diff->movedBlocks() == 0 ? text("The texts are the same.") : text("+%1 \u2212%2 lines.").arg(added).arg(removed);
        const QString others = PromptCompare::otherDifferences(from ? from->body : QJsonObject(), to ? to->body : QJsonObject());
        if (!others.isEmpty())
            differs += QLatin1Char(' ') + text("Also different: %1.").arg(others);
        auto *counts = new Label(theme, differs, Label::Style::Caption, content);
        counts->setWordWrap(true);
        column->addWidget(counts);
        column->addWidget(diff, 1);
    }
    sheet->setContent(content);
    sheet->addCancel();
    auto *go = sheet->addButton(number > 0 ? text("Move label") : text("Remove label"), number > 0 ? ButtonRole::Primary : ButtonRole::Danger);
    go->setObjectName(QStringLiteral("label-move-go"));
    QObject::connect(go, &QAbstractButton::clicked, sheet, [sheet, move = std::move(move)] {
        sheet->dismiss();
        move();
    });
    sheet->open();
}

void openLabelHistory(Session *session, Theme *theme, QWidget *anchor, ArtifactId prompt,
                      std::function<void(const QString &label, int number)> move)
{
    auto *popover = new Popover(theme, anchor);
    popover->setObjectName(QStringLiteral("label-history"));
    popover->setDeleteOnClose(true);
    auto *content = new QWidget;
    content->setFixedWidth(380);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(metrics::GapSmall);
    column->addWidget(new Label(theme, text("How labels moved"), Label::Style::Strong, content));
    const auto moves = session->project().artifacts().labelHistory(prompt, MostMoves);
    const auto info = session->project().artifacts().info(prompt);
    auto *rows = new QWidget;
    auto *list = new QVBoxLayout(rows);
    list->setContentsMargins(0, 0, 0, 0);
    list->setSpacing(2);
    int row = 0;
    for (const LabelMove &one : moves) {
        auto *line = new QHBoxLayout;
        line->setSpacing(metrics::Gap);
        const QString what = one.number == 0   ? text("%1 removed from @%2").arg(one.label).arg(one.before)
                             : one.before == 0 ? text("%1 set on @%2").arg(one.label).arg(one.number)
                                               : text("%1: @%2 \u2192 @%3").arg(one.label).arg(one.before).arg(one.number);
        auto *label = new Label(theme, what, Label::Style::Body, rows);
        label->setObjectName(QStringLiteral("label-move-%1").arg(row));
        label->setFixedHeight(metrics::ControlHeight); // with or without a button behind it
        line->addWidget(label);
        QString when = format::ago(one.timeUs, session->clock().nowUs());
        if (!one.author.isEmpty())
            when = one.author + QStringLiteral(", ") + when;
        line->addWidget(new Label(theme, when, Label::Style::Hint, rows), 1);
        int now = 0;
        if (info) {
            for (const auto &[name, at] : info->labels)
                now = name == one.label ? at : now;
        }
        if (one.before != now && !session->project().isReadOnly()) {
            auto *back = new Button(one.before > 0 ? text("Back to @%1").arg(one.before) : text("Remove"), ButtonRole::Ghost, rows);
            back->setObjectName(QStringLiteral("label-back-%1").arg(row));
            QObject::connect(back, &QAbstractButton::clicked, popover, [popover, move, label = one.label, before = one.before] {
                popover->dismiss();
                move(label, before);
            });
            line->addWidget(back);
        }
        list->addLayout(line);
        ++row;
    }
    if (moves.empty()) {
        auto *none = new Label(theme, text("No label was ever set. Drag one, or press Ctrl+L on a revision."), Label::Style::Hint, content);
        none->setWordWrap(true);
        list->addWidget(none);
    }
    if (row > 8) {
        auto *scroll = new QScrollArea(content);
        scroll->setFixedHeight(260);
        fillScrollColumn(scroll, rows);
        column->addWidget(scroll);
    } else {
        column->addWidget(rows);
    }
    popover->setContent(content);
    popover->open();
}

} // namespace lathe
