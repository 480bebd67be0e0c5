// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sources/TraceImportPanel.h"

#include "ui/itemmodels/Format.h"
#include "ui/sources/ImportReportView.h"
#include "ui/sources/SourceHub.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Label.h"

#include <QFileDialog>
#include <QVBoxLayout>

namespace lathe {

TraceImportPanel::TraceImportPanel(SourceHub *hub, Theme *theme, QWidget *parent)
    : Card(theme, parent), m_hub(hub), m_theme(theme), m_choose(new Button(tr("Choose files ..."), ButtonRole::Secondary, this)),
      m_cancel(new Button(tr("Cancel"), ButtonRole::Secondary, this)), m_progress(new Label(theme, QString(), Label::Style::Secondary, this)),
      m_busy(new BusyBar(theme, this)), m_reports(new QWidget(this))
{
    setObjectName(QStringLiteral("import-panel"));
    body()->setContentsMargins(16, 12, 16, 14);
    body()->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->addWidget(new Label(theme, tr("Import files"), Label::Style::Heading, this));
    top->addStretch(1);
    top->addWidget(m_cancel);
    top->addWidget(m_choose);
    body()->addLayout(top);
    auto *about = new Label(theme, tr("OTLP JSON, Langfuse traces, LangSmith runs and OpenAI-style chats (JSON Lines). Drop files anywhere on the window; the format is found by content, and what is here already is not taken twice."),
                            Label::Style::Secondary, this);
    about->setWordWrap(true);
    body()->addWidget(about);
    body()->addWidget(m_progress);
    body()->addWidget(m_busy);
    auto *reports = new QVBoxLayout(m_reports);
    reports->setContentsMargins(0, 0, 0, 0);
    reports->setSpacing(0);
    body()->addWidget(m_reports);
    m_choose->setObjectName(QStringLiteral("import-choose"));
    m_choose->setIcon(theme->icon(QStringLiteral("import")));
    m_choose->setEnabled(!hub->session()->project().isReadOnly());
    m_cancel->setObjectName(QStringLiteral("import-cancel"));
    m_progress->setObjectName(QStringLiteral("import-progress"));
    connect(m_choose, &Button::clicked, this, &TraceImportPanel::choose);
    connect(m_cancel, &Button::clicked, hub, &SourceHub::cancelImport);
    connect(hub, &SourceHub::importChanged, this, &TraceImportPanel::refresh);
    refresh();
    rebuildReports();
}

void TraceImportPanel::choose()
{
    auto *dialog = new QFileDialog(this, tr("Import recorded runs"), QString(), tr("Traces (*.json *.jsonl *.ndjson *.txt);;All files (*)"));
    dialog->setObjectName(QStringLiteral("import-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, m_hub, &SourceHub::importFiles);
    dialog->open();
}

void TraceImportPanel::refresh()
{
    const bool busy = m_hub->isImporting();
    m_cancel->setVisible(busy);
    m_progress->setVisible(busy);
    m_busy->setVisible(busy);
    m_busy->setBusy(busy);
    if (busy) {
        if (m_hub->importBytes() > 0)
            m_busy->setProgress(double(m_hub->importedBytes()) / double(m_hub->importBytes()));
        QString text = m_hub->importBytes() > 0 ? tr("%1: %2 of %3").arg(m_hub->importingFile(), format::bytes(m_hub->importedBytes()), format::bytes(m_hub->importBytes()))
                                                : tr("Reading %1 ...").arg(m_hub->importingFile());
        if (m_hub->waitingFiles() > 0)
            text += tr(", %1 wait").arg(format::count(m_hub->waitingFiles(), tr("file"), tr("files")));
        m_progress->setText(text);
    }
    if (!busy)
        rebuildReports();
}

void TraceImportPanel::rebuildReports()
{
    const auto &imports = m_hub->imports();
    m_reports->setVisible(!imports.empty());
    auto *layout = static_cast<QVBoxLayout *>(m_reports->layout());
    const auto old = m_reports->findChildren<ImportReportView *>(QString(), Qt::FindDirectChildrenOnly);
    for (ImportReportView *view : old)
        view->deleteLater();
    for (size_t i = 0; i < imports.size(); ++i) {
        auto *view = new ImportReportView(imports[i], m_theme, i == 0 || imports[i].error, m_reports);
        connect(view, &ImportReportView::openRequested, this, &TraceImportPanel::openRequested);
        connect(view, &ImportReportView::statusMessage, this, &TraceImportPanel::statusMessage);
        layout->addWidget(view);
    }
}

} // namespace lathe
