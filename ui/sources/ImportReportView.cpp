// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/ImportReportView.h"

#include "ui/itemmodels/Format.h"
#include "ui/sources/TallyList.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SectionHeader.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostLinks = 12;
constexpr int linksInRow = 4;
constexpr size_t mostProblems = 12;
}

ImportReportView::ImportReportView(const SourceHub::ImportEntry &entry, Theme *theme, bool open, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("import-report"));
    const ImportReport &report = entry.report;
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 3, 0, 2);
    layout->setSpacing(2);
    auto *header = new SectionHeader(theme, format::oneLine(entry.file, 80), SectionHeader::Level::Panel, this);
    header->setCollapsible(true);
    header->setDetail(entry.error          ? tr("not imported")
                      : report.cancelled   ? tr("stopped; %1 taken").arg(format::count(report.traces, tr("run"), tr("runs")))
                                           : tr("%1, %2").arg(ImportReport::formatTitle(report.format), format::count(report.traces, tr("run"), tr("runs"))));
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Copy the report"), header);
    copy->setCompact(true);
    copy->setObjectName(QStringLiteral("import-copy"));
    header->addAction(copy);
    layout->addWidget(header);
    auto *content = new QWidget(this);
    auto *box = new QVBoxLayout(content);
    box->setContentsMargins(20, 0, 0, 8);
    box->setSpacing(6);
    layout->addWidget(content);
    header->setExpanded(open);
    content->setVisible(open);
    connect(header, &SectionHeader::expandedChanged, content, &QWidget::setVisible);
    const QString text = entry.error ? entry.error->message : report.toText();
    connect(copy, &IconButton::clicked, this, [this, text] {
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT statusMessage(tr("The report is copied."));
    });
    if (entry.error) {
        auto *said = new InlineMessage(theme, entry.error->kind == ErrorKind::Cancelled ? Severity::Info : Severity::Error, entry.error->message, content);
        said->setObjectName(QStringLiteral("import-error"));
        box->addWidget(said);
        return;
    }
    auto *said = new InlineMessage(theme, report.cancelled ? Severity::Info : report.clean() ? Severity::Success : Severity::Warning, report.summary(), content);
    said->setObjectName(QStringLiteral("import-summary"));
    box->addWidget(said);
    QStringList numbers;
    numbers << format::count(report.steps, tr("step"), tr("steps")) << format::bytes(report.bytes);
    if (report.ratings > 0)
        numbers << format::count(report.ratings, tr("rating"), tr("ratings"));
    if (report.known > 0)
        numbers << tr("%1 were in the project already").arg(format::number(report.known));
    box->addWidget(new Label(theme, numbers.join(QStringLiteral("  \u00b7  ")), Label::Style::Secondary, content));
    if (!report.runs.empty()) {
        auto *links = new QGridLayout;
        links->setHorizontalSpacing(metrics::GapLarge);
        links->setVerticalSpacing(2);
        const int shown = std::min(mostLinks, int(report.runs.size()));
        for (int i = 0; i < shown; ++i) {
            const RunId run = report.runs[size_t(i)];
            auto *link = new LinkLabel(theme, tr("Run %1").arg(run.value), content);
            link->setObjectName(QStringLiteral("import-run-%1").arg(run.value));
            connect(link, &LinkLabel::clicked, this, [this, run] { Q_EMIT openRequested(Location::ofRun(run)); });
            links->addWidget(link, i / linksInRow, i % linksInRow);
        }
        if (report.traces > shown) {
            // Ids are given in order: the log shows those of this import by the range.
            auto *all = new LinkLabel(theme, tr("All %1 in the log").arg(format::number(report.traces)), content);
            connect(all, &LinkLabel::clicked, this, [this, first = report.runs.front(), last = report.runs.back()] {
                Q_EMIT openRequested(Location::ofRuns(QStringLiteral("id>=%1 id<=%2").arg(first.value).arg(last.value)));
            });
            links->addWidget(all, shown / linksInRow + 1, 0, 1, linksInRow);
        }
        links->setColumnStretch(linksInRow, 1);
        box->addLayout(links);
    }
    auto *tallies = new TallyList(theme, content);
    tallies->setObjectName(QStringLiteral("import-tallies"));
    tallies->setGroups({TallyList::group(tr("Left out"), report.refused, ColorToken::Error), TallyList::group(tr("Taken, but odd"), report.notes, ColorToken::Warning),
                        TallyList::group(tr("Steps by dialect"), report.dialects, ColorToken::Text2),
                        TallyList::group(tr("Attributes no view interprets (kept with their steps)"), report.unknownKeys, ColorToken::Text2)});
    box->addWidget(tallies);
    if (!report.problems.empty()) {
        box->addWidget(new Label(theme, tr("Problems"), Label::Style::Strong, content));
        for (size_t i = 0; i < std::min(mostProblems, report.problems.size()); ++i) {
            const ImportProblem &problem = report.problems[i];
            auto *line = new Label(theme, problem.line > 0 ? tr("Line %1: %2").arg(format::number(problem.line), problem.message) : problem.message, Label::Style::Secondary, content);
            line->setTextFormat(Qt::PlainText);
            line->setWordWrap(true);
            line->setTextInteractionFlags(Qt::TextSelectableByMouse);
            box->addWidget(line);
        }
        const qint64 more = report.moreProblems + qint64(report.problems.size()) - qint64(std::min(mostProblems, report.problems.size()));
        if (more > 0)
            box->addWidget(new Label(theme, tr("and %1 more").arg(format::number(more)), Label::Style::Hint, content));
    }
}

void ImportReportView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme->tokens().line);
}

} // namespace lathe
