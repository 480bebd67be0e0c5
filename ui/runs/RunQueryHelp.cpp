// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunQueryHelp.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QGridLayout>

namespace lathe {

namespace {
struct Line {
    RunField field;
    const char *meaning;
};

const Line lines[] = {
    {RunField::Agent, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "agent or team, with or without its revision")},
    {RunField::Status, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "how it ended; a comma lists several")},
    {RunField::Latency, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "how long it took")},
    {RunField::Cost, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "US dollars")},
    {RunField::Tokens, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "in and out together")},
    {RunField::Rating, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "1 to 5")},
    {RunField::Tool, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "a tool was called")},
    {RunField::Model, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "a model was asked")},
    {RunField::Prompt, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "a prompt was used")},
    {RunField::Tag, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "a tag; the minus sign denies, here and elsewhere")},
    {RunField::Input, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "words of the question only")},
    {RunField::Output, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "words of the answer only")},
    {RunField::Error, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "words of what went wrong")},
    {RunField::Started, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "when it began")},
    {RunField::Source, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "who recorded it")},
    {RunField::Experiment, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "belongs to an experiment")},
    {RunField::Steps, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "how many steps")},
    {RunField::Pinned, QT_TRANSLATE_NOOP("lathe::RunQueryHelp", "kept as a test")},
};
}

RunQueryHelp::RunQueryHelp(Theme *theme, QWidget *anchor) : Popover(theme, anchor)
{
    setObjectName(QStringLiteral("run-query-help"));
    setAccessibleName(tr("What one can ask for"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *grid = new QGridLayout(content);
    grid->setContentsMargins(4, 0, 4, 0);
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(0);
    int row = 0;
    grid->addWidget(new Label(theme, tr("What one can ask for"), Label::Style::Strong), row++, 0, 1, 2);
    grid->setRowMinimumHeight(row++, metrics::GapSmall);
    for (const Line &line : lines) {
        const QString example = runFieldExample(line.field);
        if (example.isEmpty())
            continue;
        auto *link = new LinkLabel(theme, example);
        link->setFont(theme->codeFont());
        link->setAccessibleName(tr("Ask for %1").arg(example));
        link->setMinimumWidth(link->fontMetrics().horizontalAdvance(example) + 8);
        link->setFixedHeight(24);
        connect(link, &QAbstractButton::clicked, this, [this, example] {
            dismiss();
            Q_EMIT chosen(example);
        });
        grid->addWidget(link, row, 0);
        grid->addWidget(new Label(theme, tr(line.meaning), Label::Style::Secondary), row++, 1);
    }
    grid->setRowMinimumHeight(row++, metrics::Gap);
    for (const QString &text : {tr("Words and \u201cwhole phrases\u201d are looked for in questions and answers."),
                                tr("Terms beside each other must all hold. or, -term and (...) combine them."),
                                tr("Tab takes what is offered, Ctrl+Space offers, Escape clears.")})
        grid->addWidget(new Label(theme, text, Label::Style::Hint), row++, 0, 1, 2);
    setContent(content);
}

} // namespace lathe
