// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamProblems.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SectionHeader.h"

#include <QListView>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostRows = 4;
constexpr int MostListed = 500; // a pasted ruin may have thousands

Severity severityOf(const Problem &problem)
{
    return problem.severity == Problem::Severity::Error     ? Severity::Error
           : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                            : Severity::Info;
}
}

TeamProblems::TeamProblems(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_header = new SectionHeader(theme, tr("Problems"), SectionHeader::Level::Panel, this);
    m_header->setObjectName(QStringLiteral("team-problems-header"));
    m_header->setCollapsible(true);
    layout->addWidget(m_header);
    m_model = new QStandardItemModel(this);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("team-problems"));
    m_list->setAccessibleName(tr("Problems"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new RowDelegate(theme, m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_list);
    m_list->hide();
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) { choose(index.row()); });
    connect(m_list, &QListView::activated, this, [this](const QModelIndex &index) { choose(index.row()); });
    connect(m_header, &SectionHeader::expandedChanged, this, &TeamProblems::showList);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
}

QString TeamProblems::idOf(const QString &pointer)
{
    const bool known = pointer.startsWith(QLatin1String("/nodes/")) || pointer.startsWith(QLatin1String("/edges/"));
    QString id = known ? pointer.section(QLatin1Char('/'), 2, 2) : QString();
    return id.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
}

void TeamProblems::setProblems(const std::vector<Problem> &problems, const QHash<QString, QString> &names)
{
    std::vector<Problem> sorted = problems;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem &a, const Problem &b) { return a.severity > b.severity; });
    if (sorted == m_problems && names == m_names)
        return;
    m_problems = std::move(sorted);
    m_names = names;
    const int count = int(m_problems.size()), listed = std::min(count, MostListed);
    while (m_model->rowCount() > listed)
        m_model->removeRow(m_model->rowCount() - 1);
    int numbers[3] = {0, 0, 0};
    for (int row = 0; row < count; ++row) {
        const Problem &problem = m_problems[size_t(row)];
        ++numbers[int(problem.severity)];
        if (row >= listed)
            continue;
        const Severity severity = severityOf(problem);
        auto *item = m_model->item(row);
        if (!item) {
            item = new QStandardItem;
            m_model->appendRow(item);
        }
        item->setText(problem.message);
        item->setData(problem.fix, rowrole::Detail);
        item->setData(severityIcon(severity), rowrole::Icon);
        item->setData(int(severityColor(severity)), rowrole::Color);
        item->setData(format::oneLine(names.value(idOf(problem.pointer)), 32), rowrole::Trailing);
        item->setToolTip(problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char('\n') + problem.fix);
        item->setData(severityWord(severity) + problem.message, Qt::AccessibleTextRole);
    }
    m_header->setTitle(tr("Problems"));
    QStringList words;
    if (numbers[int(Problem::Severity::Error)] > 0)
        words.append(format::count(numbers[int(Problem::Severity::Error)], tr("error"), tr("errors")));
    if (numbers[int(Problem::Severity::Warning)] > 0)
        words.append(format::count(numbers[int(Problem::Severity::Warning)], tr("warning"), tr("warnings")));
    if (numbers[int(Problem::Severity::Hint)] > 0)
        words.append(format::count(numbers[int(Problem::Severity::Hint)], tr("hint"), tr("hints")));
    m_header->setDetail(words.join(QLatin1String(", ")));
    setVisible(count > 0); // nothing to say takes no room
    m_current = std::min(m_current, count - 1);
    showList();
}

void TeamProblems::showList()
{
    const int rows = std::min(m_model->rowCount(), MostRows);
    m_list->setVisible(rows > 0 && m_header->isExpanded());
    m_list->setFixedHeight(rows * metrics::RowHeight + (rows > 0 ? 4 : 0));
}

void TeamProblems::next()
{
    if (!m_problems.empty())
        choose((m_current + 1) % std::min(count(), MostListed));
}

void TeamProblems::choose(int row)
{
    if (row < 0 || row >= count())
        return;
    m_current = row;
    m_list->setCurrentIndex(m_model->index(row, 0));
    Q_EMIT chosen(m_problems[size_t(row)]);
}

} // namespace lathe
