// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolRevisionPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RevisionListModel.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/ToolDiffView.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QIdentityProxyModel>
#include <QListView>
#include <QMenu>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int Previous = -1; // of the box of bases: the revision before

// The revisions as two-line rows.
class RevisionRows : public QIdentityProxyModel
{
public:
    RevisionRows(Session *session, QObject *parent) : QIdentityProxyModel(parent), m_session(session) {}
    QVariant data(const QModelIndex &index, int role) const override
    {
        switch (role) {
        case rowrole::Detail: {
            if (index.data(RevisionListModel::IsDraftRole).toBool())
                return ToolRevisionPanel::tr("not committed; Ctrl+S makes a revision");
            const QString note = format::oneLine(index.data(RevisionListModel::NoteRole).toString(), 200);
            const QString author = index.data(RevisionListModel::AuthorRole).toString();
            const QString said = note.isEmpty() ? ToolRevisionPanel::tr("no note") : note;
            return author.isEmpty() ? said : ToolRevisionPanel::tr("%1 (%2)").arg(said, author);
        }
        case rowrole::Trailing: {
            const QStringList labels = index.data(RevisionListModel::LabelsRole).toStringList();
            const QString age = index.data(RevisionListModel::IsDraftRole).toBool()
                ? QString() : format::ago(index.data(RevisionListModel::TimeRole).toLongLong(), m_session->clock().nowUs());
            return labels.isEmpty() ? age : labels.join(QStringLiteral(", ")) + QStringLiteral("   ") + age;
        }
        case rowrole::Strong:
            return true;
        default:
            return QIdentityProxyModel::data(index, role);
        }
    }

private:
    Session *m_session;
};
}

ToolRevisionPanel::ToolRevisionPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_tool(tool), m_model(new RevisionListModel(session, tool, this))
{
    setObjectName(QStringLiteral("tool-revisions"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::GapLarge, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    auto *rows = new RevisionRows(session, this);
    rows->setSourceModel(m_model);
    m_view = new QListView(this);
    m_view->setObjectName(QStringLiteral("tool-revision-list"));
    m_view->setAccessibleName(tr("Revisions"));
    m_view->setModel(rows);
    auto *delegate = new RowDelegate(theme, m_view);
    delegate->setTwoLines(true);
    m_view->setItemDelegate(delegate);
    m_view->setMouseTracking(true);
    m_view->setUniformItemSizes(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    layout->addWidget(m_view);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    line->addWidget(new Label(theme, tr("Compared with"), Label::Style::Caption, this));
    m_base = new QComboBox(this);
    m_base->setObjectName(QStringLiteral("tool-revision-base"));
    m_base->setAccessibleName(tr("Compared with"));
    m_base->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_base->setMinimumContentsLength(8);
    m_base->setMaximumWidth(220);
    line->addWidget(m_base, 1000); // as wide as it may be, at the left
    line->addStretch(1);
    m_restore = new Button(tr("Restore"), ButtonRole::Secondary, this);
    m_restore->setObjectName(QStringLiteral("tool-revision-restore"));
    m_restore->setToolTip(tr("Put this revision into the draft; can be undone"));
    line->addWidget(m_restore);
    layout->addLayout(line);
    m_summary = new Label(theme, QString(), Label::Style::Strong, this); // a line of its own: beside the box it was cut in narrow windows
    m_summary->setObjectName(QStringLiteral("tool-revision-summary"));
    m_summary->setWordWrap(true);
    layout->addWidget(m_summary);
    m_diff = new ToolDiffView(theme, this);
    layout->addWidget(m_diff, 1);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &ToolRevisionPanel::refresh);
    connect(m_view, &QWidget::customContextMenuRequested, this, &ToolRevisionPanel::showMenu);
    connect(m_base, &QComboBox::activated, this, &ToolRevisionPanel::refresh);
    connect(m_restore, &QAbstractButton::clicked, this, &ToolRevisionPanel::restore);
    const auto changed = [this] {
        fillBase();
        if (!m_view->currentIndex().isValid())
            m_view->setCurrentIndex(m_view->model()->index(0, 0));
        m_view->setFixedHeight(std::clamp(m_model->rowCount(), 1, 5) * metrics::TwoLineRowHeight + 10);
        refresh();
    };
    connect(m_model, &QAbstractItemModel::rowsInserted, this, [this, changed](const QModelIndex &, int first, int last) {
        // Who looked at the newest one looks at the newest one.
        if (first == 0 && m_view->currentIndex().row() == last + 1)
            m_view->setCurrentIndex(m_view->model()->index(0, 0));
        changed();
    });
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, changed);
    connect(&session->project().artifacts(), &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == m_tool && isVisible())
            refresh();
    });
    changed();
}

int ToolRevisionPanel::current() const
{
    const QModelIndex index = m_view->currentIndex();
    return index.isValid() ? index.data(RevisionListModel::NumberRole).toInt() : 0;
}

void ToolRevisionPanel::fillBase()
{
    const QVariant before = m_base->currentData();
    m_base->clear();
    m_base->addItem(tr("the one before"), Previous);
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row);
        m_base->addItem(index.data().toString(), index.data(RevisionListModel::NumberRole));
    }
    m_base->setCurrentIndex(std::max(0, m_base->findData(before)));
}

QJsonObject ToolRevisionPanel::bodyOf(int number) const
{
    if (number == 0) {
        const auto draft = m_session->draft(m_tool);
        return draft ? draft->body : QJsonObject();
    }
    const auto revision = m_session->project().artifacts().revision(m_tool, number);
    return revision ? revision->body : QJsonObject();
}

void ToolRevisionPanel::refresh()
{
    const int number = current();
    int base = m_base->currentData().toInt();
    bool first = false;
    if (base == Previous) {
        const int row = m_model->rowOf(number);
        first = row < 0 || row + 1 >= m_model->rowCount();
        base = first ? number : m_model->index(row + 1).data(RevisionListModel::NumberRole).toInt();
    }
    // The newer one stands at the right; the draft is the newest.
    const bool swapped = base == 0 || (number != 0 && base > number);
    m_diff->setBodies(bodyOf(swapped ? number : base), bodyOf(swapped ? base : number));
    m_summary->setText(first ? tr("The first revision") : m_diff->summary());
    const auto name = [](int one) { return one == 0 ? tr("draft") : QStringLiteral("@%1").arg(one); };
    m_summary->setToolTip(tr("%1 compared with %2").arg(name(number), name(base)));
    m_restore->setEnabled(number > 0 && !m_session->project().isReadOnly());
}

void ToolRevisionPanel::showRevision(int number)
{
    int row = m_model->rowOf(number);
    if (row < 0 && number == 0)
        row = 0;
    if (row < 0) {
        Q_EMIT statusMessage(tr("There is no revision %1 of this tool.").arg(number));
        return;
    }
    m_view->setCurrentIndex(m_view->model()->index(row, 0));
}

void ToolRevisionPanel::compare(int before, int after)
{
    showRevision(after);
    m_base->setCurrentIndex(std::max(0, m_base->findData(before)));
    refresh();
}

void ToolRevisionPanel::restore()
{
    const int number = current();
    if (number <= 0)
        return;
    runTask(this, m_session->project().artifacts().restore(m_tool, number),
            [this, number] { Q_EMIT statusMessage(tr("Revision %1 is in the draft now; Ctrl+Z takes it back.").arg(number)); },
            [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void ToolRevisionPanel::showMenu(const QPoint &pos)
{
    const QModelIndex index = m_view->indexAt(pos);
    if (!index.isValid())
        return;
    m_view->setCurrentIndex(index);
    const int number = current();
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("tool-revision-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *back = menu->addAction(tr("Restore into draft"), this, &ToolRevisionPanel::restore);
    back->setEnabled(m_restore->isEnabled());
    menu->addAction(tr("Compare with the draft"), this, [this, number] { compare(number, 0); })->setEnabled(m_model->rowOf(0) >= 0);
    menu->addAction(tr("Copy the changes"), this, [this] { QGuiApplication::clipboard()->setText(m_diff->asText()); });
    menu->addSeparator();
    const QStringList own = index.data(RevisionListModel::LabelsRole).toStringList();
    for (const QString &label : {QStringLiteral("production"), QStringLiteral("candidate")}) {
        QAction *action = menu->addAction(tr("Label %1").arg(label));
        action->setCheckable(true);
        action->setChecked(own.contains(label));
        action->setEnabled(number > 0 && m_restore->isEnabled());
        connect(action, &QAction::triggered, this, [this, label, number](bool on) {
            runTask(this, m_session->project().artifacts().setLabel(m_tool, label, on ? number : 0), [] {},
                    [this](const Error &error) { Q_EMIT errorRaised(error); });
        });
    }
    menu->popup(m_view->viewport()->mapToGlobal(pos));
}

} // namespace lathe
