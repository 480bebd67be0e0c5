// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CommandPalette.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/CommandPaletteDelegate.h"
#include "ui/widgets/CommandPaletteModel.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"

#include <QKeyEvent>
#include <QListView>
#include <QPointer>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int PanelWidth = 600;
constexpr int RowsShown = 10;
constexpr int RowHeight = 34;
constexpr int Remembered = 12;
}

CommandPalette::CommandPalette(Theme *theme, QWidget *window)
    : Overlay(theme, window),
      m_panel(new QWidget(this)),
      m_field(new SearchField(theme, tr("Search commands, agents, prompts, runs ..."))),
      m_view(new QListView),
      m_empty(new Label(theme, tr("Nothing matches."), Label::Style::Secondary)),
      m_model(new CommandPaletteModel(this))
{
    setAccessibleName(tr("Command palette"));
    auto *layout = new QVBoxLayout(m_panel);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(6);
    layout->addWidget(m_field);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_empty);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setFixedHeight(RowHeight + 12);
    m_empty->hide();
    m_field->setFixedHeight(36);
    m_field->setDelay(0);
    m_view->setModel(m_model);
    m_view->setItemDelegate(new CommandPaletteDelegate(theme, m_view));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUniformItemSizes(true);
    m_view->setMouseTracking(true);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->ensurePolished();
    m_view->viewport()->setBackgroundRole(QPalette::Button); // the raised colour
    m_view->setAccessibleName(tr("Matches"));
    m_field->installEventFilter(this);
    connect(m_field, &SearchField::searchChanged, this, &CommandPalette::search);
    connect(m_field, &SearchField::moveDown, this, [this] { move(1); });
    connect(m_field, &SearchField::moveUp, this, [this] { move(-1); });
    connect(m_field, &SearchField::accepted, this, [this] { run(m_view->currentIndex()); });
    connect(m_view, &QListView::clicked, this, &CommandPalette::run);
}

void CommandPalette::setRecent(const QStringList &ids)
{
    m_recent = ids.mid(0, Remembered);
}

void CommandPalette::openWith(const QString &query)
{
    open();
    m_field->setText(query);
    m_field->selectAll();
}

void CommandPalette::showEvent(QShowEvent *event)
{
    Overlay::showEvent(event);
    m_commands = m_source ? m_source() : Results();
    m_field->clear();
    search(QString());
    arrange();
}

void CommandPalette::search(const QString &query)
{
    const quint64 generation = ++m_generation;
    m_found.clear();
    refill(query);
    if (query.trimmed().isEmpty())
        return;
    for (const Provider &provider : m_providers) {
        provider(query, [self = QPointer(this), generation, query](Results results) {
            if (!self || self->m_generation != generation || !self->isOpen())
                return;
            self->m_found += results;
            self->refill(query);
        });
    }
}

void CommandPalette::refill(const QString &query)
{
    const QString kept = m_view->currentIndex().row() > 0
                             ? m_model->command(m_view->currentIndex().row()).id
                             : QString();
    m_model->fill(m_commands + m_found, query, m_recent);
    int row = 0;
    while (row < m_model->rowCount() && !m_model->command(row).enabled)
        ++row; // the first that can be run
    for (int i = 0; i < m_model->rowCount() && !kept.isEmpty() && !m_found.isEmpty(); ++i) {
        if (m_model->command(i).id == kept)
            row = i; // late answers do not move the choice from under the fingers
    }
    if (row < m_model->rowCount())
        m_view->setCurrentIndex(m_model->index(row));
    m_empty->setVisible(m_model->rowCount() == 0);
    m_view->setVisible(m_model->rowCount() > 0);
    arrange();
}

void CommandPalette::move(int rows)
{
    const int count = m_model->rowCount();
    if (count == 0)
        return;
    int row = m_view->currentIndex().row();
    for (int tries = 0; tries < count; ++tries) {
        row = (row + rows + count) % count; // round the ends, past what is disabled
        if (m_model->command(row).enabled) {
            m_view->setCurrentIndex(m_model->index(row));
            return;
        }
    }
}

void CommandPalette::run(const QModelIndex &index)
{
    if (!index.isValid() || !m_model->command(index.row()).enabled)
        return;
    const PaletteCommand command = m_model->command(index.row());
    m_recent.removeAll(command.id);
    m_recent.prepend(command.id);
    m_recent = m_recent.mid(0, Remembered);
    dismiss();
    Q_EMIT recentChanged(m_recent);
    Q_EMIT triggered(command);
}

QRect CommandPalette::panelRect() const
{
    return m_panel->geometry();
}

void CommandPalette::arrange()
{
    const int width = std::min(PanelWidth, rect().width() - 32);
    const int rows = std::clamp(m_model->rowCount(), 1, RowsShown);
    const int list = m_model->rowCount() > 0 ? rows * RowHeight : RowHeight + 12;
    const int height = std::min(36 + 18 + list, rect().height() - 80);
    m_panel->setGeometry((rect().width() - width) / 2, std::min(64, rect().height() / 8), width,
                         height);
    update();
}

QWidget *CommandPalette::firstFocus() const
{
    return m_field;
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_PageDown || key->key() == Qt::Key_PageUp) {
            const int count = m_model->rowCount();
            const int row = m_view->currentIndex().row()
                            + (key->key() == Qt::Key_PageDown ? RowsShown : -RowsShown);
            if (count > 0)
                m_view->setCurrentIndex(m_model->index(std::clamp(row, 0, count - 1)));
            return true;
        }
        if (key->key() == Qt::Key_Escape) { // one press closes, whatever was typed
            dismiss();
            return true;
        }
    }
    return Overlay::eventFilter(watched, event);
}

} // namespace lathe
