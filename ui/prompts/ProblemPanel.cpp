// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/ProblemPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SectionHeader.h"

#include <QListView>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostRows = 4;
}

ProblemPanel::ProblemPanel(Theme *theme, QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_header = new SectionHeader(theme, tr("Problems"), SectionHeader::Level::Panel, this);
    m_header->hide();
    layout->addWidget(m_header);
    m_none = new Label(theme, tr("No problems"), Label::Style::Hint, this); // what is well is said quietly
    m_none->setObjectName(QStringLiteral("prompt-no-problems"));
    m_none->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::Gap);
    layout->addWidget(m_none);
    m_model = new QStandardItemModel(this);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("prompt-problems"));
    m_list->setAccessibleName(tr("Problems"));
    m_list->setToolTip(tr("Click or Enter goes to the place; F8 in the text goes to the next one"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new RowDelegate(theme, m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_list);
    m_list->hide();
    const auto choose = [this](const QModelIndex &index) {
        if (size_t(index.row()) < m_problems.size())
            Q_EMIT chosen(m_problems[size_t(index.row())]);
    };
    connect(m_list, &QListView::clicked, this, choose);
    connect(m_list, &QListView::activated, this, choose);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
}

void ProblemPanel::setProblems(const std::vector<Problem> &problems)
{
    std::vector<Problem> sorted = problems;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem &a, const Problem &b) { return a.severity > b.severity; });
    if (sorted == m_problems)
        return;
    m_problems = std::move(sorted);
    int errors = 0, warnings = 0;
    while (m_model->rowCount() > int(m_problems.size()))
        m_model->removeRow(m_model->rowCount() - 1);
    for (int row = 0; row < int(m_problems.size()); ++row) {
        const Problem &problem = m_problems[size_t(row)];
        errors += problem.severity == Problem::Severity::Error;
        warnings += problem.severity == Problem::Severity::Warning;
        const Severity severity = problem.severity == Problem::Severity::Error     ? Severity::Error
                                  : problem.severity == Problem::Severity::Warning ? Severity::Warning
                                                                                   : Severity::Info;
        auto *item = m_model->item(row);
        if (!item) {
            item = new QStandardItem;
            m_model->appendRow(item);
        }
        item->setText(problem.message);
        item->setData(problem.fix, rowrole::Detail);
        item->setData(severityIcon(severity), rowrole::Icon);
        item->setData(int(severityColor(severity)), rowrole::Color);
        item->setToolTip(problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char('\n') + problem.fix);
        item->setData(severityWord(severity) + problem.message, Qt::AccessibleTextRole);
    }
    const int count = int(m_problems.size());
    QStringList words;
    if (errors > 0)
        words.append(format::count(errors, tr("error"), tr("errors")));
    if (warnings > 0)
        words.append(format::count(warnings, tr("warning"), tr("warnings")));
    if (count > errors + warnings)
        words.append(format::count(count - errors - warnings, tr("hint"), tr("hints")));
    m_header->setDetail(words.join(QLatin1String(", ")));
    m_header->setVisible(count > 0);
    m_none->setVisible(count == 0);
    m_list->setVisible(count > 0);
    m_list->setFixedHeight(std::min(count, MostRows) * metrics::RowHeight + (count > 0 ? 4 : 0));
}

} // namespace lathe
