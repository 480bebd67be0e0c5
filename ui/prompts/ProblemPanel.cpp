// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/ProblemPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/prompts/FixDelegate.h"
#include "ui/prompts/PromptChecker.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SectionHeader.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QListView>
#include <QMenu>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostRows = 4;

Severity severityOf(const PromptProblem &problem)
{
    return problem.severity >= 2 ? Severity::Error : problem.severity == 1 ? Severity::Warning : Severity::Info;
}

bool same(const PromptProblem &a, const PromptProblem &b)
{
    if (a.severity != b.severity || a.code != b.code || a.message != b.message || a.from != b.from || a.length != b.length || a.fixes.size() != b.fixes.size())
        return false;
    // The text around may have changed: fixes count in places.
    return a.fixes.empty() || (a.fixes.front().title == b.fixes.front().title && a.fixes.front().edits.size() == b.fixes.front().edits.size());
}
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
    m_list->setModel(m_model);
    m_delegate = new FixDelegate(theme, m_list);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->installEventFilter(this);
    m_list->viewport()->installEventFilter(this);
    layout->addWidget(m_list);
    m_list->hide();
    const auto choose = [this](const QModelIndex &index) {
        if (m_fixed) {
            m_fixed = false;
            return;
        }
        if (size_t(index.row()) < m_problems.size())
            Q_EMIT chosen(PromptChecker::toProblem(m_problems[size_t(index.row())]));
    };
    connect(m_list, &QListView::clicked, this, choose);
    connect(m_list, &QListView::activated, this, [choose, this](const QModelIndex &index) {
        if (!m_fixed)
            choose(index);
    });
    connect(m_delegate, &FixDelegate::fixClicked, this, [this](int row) {
        m_fixed = true;
        fix(row);
    });
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
}

void ProblemPanel::setFixable(bool fixable)
{
    m_fixable = fixable;
    m_delegate->setFixable(fixable);
    m_list->viewport()->update();
}

void ProblemPanel::fix(int row)
{
    if (!m_fixable || row < 0 || size_t(row) >= m_problems.size() || m_problems[size_t(row)].fixes.empty())
        return;
    const PromptFix first = m_problems[size_t(row)].fixes.front();
    Q_EMIT fixRequested(first);
}

QRect ProblemPanel::fixRect(int row) const
{
    const QModelIndex index = m_model->index(row, 0);
    return m_delegate->fixRect(m_list->visualRect(index), index);
}

QMenu *ProblemPanel::makeMenu(const PromptProblem &problem, QWidget *parent)
{
    if (problem.fixes.empty() || !m_fixable)
        return nullptr;
    auto *menu = new QMenu(parent);
    menu->setObjectName(QStringLiteral("prompt-fixes"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const PromptFix &one : problem.fixes) {
        QAction *action = menu->addAction(one.title);
        connect(action, &QAction::triggered, this, [this, one] { Q_EMIT fixRequested(one); });
    }
    return menu;
}

bool ProblemPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && watched == m_list) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Period && key->modifiers() == Qt::ControlModifier) {
            fix(m_list->currentIndex().row());
            return true;
        }
    }
    if (event->type() == QEvent::MouseButtonPress)
        m_fixed = false;
    if (event->type() == QEvent::ContextMenu && watched == m_list->viewport()) {
        const auto *context = static_cast<QContextMenuEvent *>(event);
        const QModelIndex index = context->reason() == QContextMenuEvent::Keyboard ? m_list->currentIndex() : m_list->indexAt(context->pos());
        if (index.isValid() && size_t(index.row()) < m_problems.size()) {
            if (QMenu *menu = makeMenu(m_problems[size_t(index.row())], m_list))
                menu->popup(context->globalPos());
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void ProblemPanel::setProblems(const std::vector<PromptProblem> &problems)
{
    std::vector<PromptProblem> sorted = problems;
    std::stable_sort(sorted.begin(), sorted.end(), [](const PromptProblem &a, const PromptProblem &b) { return a.severity > b.severity; });
    const bool alike = std::equal(sorted.begin(), sorted.end(), m_problems.begin(), m_problems.end(), same);
    m_problems = std::move(sorted); // even when they look the same: the text behind the fixes may be another one
    if (alike)
        return;
    int errors = 0, warnings = 0;
    while (m_model->rowCount() > int(m_problems.size()))
        m_model->removeRow(m_model->rowCount() - 1);
    for (int row = 0; row < int(m_problems.size()); ++row) {
        const PromptProblem &problem = m_problems[size_t(row)];
        const Severity severity = severityOf(problem);
        errors += severity == Severity::Error;
        warnings += severity == Severity::Warning;
        auto *item = m_model->item(row);
        if (!item) {
            item = new QStandardItem;
            m_model->appendRow(item);
        }
        item->setText(problem.message);
        item->setData(problem.fix, rowrole::Detail);
        item->setData(severityIcon(severity), rowrole::Icon);
        item->setData(int(severityColor(severity)), rowrole::Color);
        item->setData(problem.fixes.empty() ? QString() : problem.fixes.front().title, FixDelegate::FixRole);
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
