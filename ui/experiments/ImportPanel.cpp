// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ImportPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/Silence.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QListView>
#include <QStringListModel>
#include <QVBoxLayout>

namespace lathe {

ImportPanel::ImportPanel(Theme *theme, QWidget *parent)
    : Card(theme, parent), m_theme(theme), m_title(new Label(theme, QString(), Label::Style::Strong, this)),
      m_detail(new Label(theme, QString(), Label::Style::Secondary, this)), m_bar(new BusyBar(theme, this)), m_list(new QListView(this)),
      m_lines(new QStringListModel(this)), m_accept(new Button(QString(), ButtonRole::Primary, this)), m_cancel(new Button(tr("Cancel"), ButtonRole::Ghost, this))
{
    setObjectName(QStringLiteral("import-panel"));
    m_title->setObjectName(QStringLiteral("import-title"));
    m_detail->setWordWrap(true);
    m_detail->setObjectName(QStringLiteral("import-detail"));
    body()->addWidget(m_title);
    body()->addWidget(m_detail);
    body()->addWidget(m_bar);
    m_list->setObjectName(QStringLiteral("import-problems"));
    m_list->setAccessibleName(tr("What is wrong with the file"));
    m_list->setModel(m_lines);
    m_list->setItemDelegate(new RowDelegate(theme, m_list));
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setUniformItemSizes(true);
    m_list->setFixedHeight(4 * metrics::RowHeight + 8);
    body()->addWidget(m_list);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(metrics::Gap);
    m_accept->setObjectName(QStringLiteral("import-accept"));
    m_cancel->setObjectName(QStringLiteral("import-cancel"));
    buttons->addWidget(m_accept);
    buttons->addWidget(m_cancel);
    buttons->addStretch();
    body()->addLayout(buttons);
    connect(m_accept, &QAbstractButton::clicked, this, [this] {
        hide();
        if (m_rows) {
            const ImportedRows rows = *std::exchange(m_rows, std::nullopt);
            Q_EMIT accepted(rows);
        }
    });
    connect(m_cancel, &QAbstractButton::clicked, this, [this] {
        ++m_generation;
        m_busy = false;
        m_rows.reset();
        hide();
    });
    hide();
}

void ImportPanel::choose()
{
    auto *dialog = new QFileDialog(this, tr("Import examples"), QString(), rowFileFilter());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ImportPanel::start);
    dialog->open();
}

void ImportPanel::start(const QString &path)
{
    m_rows.reset();
    m_busy = true;
    const quint64 generation = ++m_generation;
    m_title->setText(tr("Reading %1 ...").arg(QFileInfo(path).fileName()));
    m_detail->hide();
    m_list->hide();
    m_accept->hide();
    m_bar->show();
    m_bar->setBusy(true);
    show();
    runTask(this, readRows(path), [this, generation](ImportedRows rows) {
        if (generation != m_generation)
            return;
        m_busy = false;
        m_bar->setBusy(false);
        m_bar->hide();
        if (rows.problems.empty() && !rows.dataset.rows.empty()) {
            hide();
            Q_EMIT accepted(rows);
        } else {
            showReport(std::move(rows));
        }
    }, [this, generation](const Error &error) {
        if (generation == m_generation)
            showError(error.message);
    });
}

void ImportPanel::showReport(ImportedRows rows)
{
    const qint64 good = qint64(rows.dataset.rows.size());
    const QString name = QFileInfo(rows.path).fileName();
    if (good == 0) {
        m_title->setText(tr("%1 holds no rows that can be used.").arg(name));
    } else {
        m_title->setText(tr("%1 of %2 can be used").arg(format::count(good, tr("row"), tr("rows")), name));
        m_detail->setText(tr("The rows named below were left out or changed. Import the rest, or mend the file and drop it here again."));
    }
    m_detail->setVisible(good > 0);
    QStringList lines;
    for (const Problem &problem : rows.problems)
        lines.append(problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix);
    m_lines->setStringList(lines);
    m_list->setFixedHeight(int(std::clamp<qsizetype>(lines.size(), 1, 6)) * metrics::RowHeight + 8);
    m_list->setVisible(!lines.isEmpty());
    m_accept->setText(tr("Import %1").arg(format::count(good, tr("row"), tr("rows"))));
    m_accept->setVisible(good > 0);
    m_rows = std::move(rows);
    show();
    (good > 0 ? m_accept : m_cancel)->setFocus(Qt::OtherFocusReason);
}

void ImportPanel::showError(const QString &message)
{
    m_busy = false;
    m_bar->setBusy(false);
    m_bar->hide();
    m_title->setText(tr("The file could not be imported"));
    m_detail->setText(message);
    m_detail->show();
    m_list->hide();
    m_accept->hide();
    show();
}

ImportPanel::~ImportPanel()
{
    silence(this);
}

} // namespace lathe
