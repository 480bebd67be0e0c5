// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing, exporting and what comes from elsewhere: commands and notices of the window.
#include "ui/itemmodels/Format.h"
#include "ui/runs/ExportSheet.h"
#include "ui/shell/StatusStrip.h"
#include "ui/shell/Workspace.h"
#include "ui/sources/SourcesPage.h"
#include "ui/widgets/ToastHost.h"

#include <QAction>
#include <QTimer>

namespace lathe {

void Workspace::buildRunCommands()
{
    const QString runs = tr("Runs");
    const auto shownRun = [this] {
        const Location at = m_documents->currentLocation();
        return at.kind == Location::Kind::Run ? at.run : RunId();
    };
    const auto writable = [this] { return !m_session->project().isReadOnly(); };
    addCommand(QStringLiteral("compare-run"), tr("Compare this run ..."), runs, QKeySequence(), QStringLiteral("diff"), [this, shownRun] {
        const RunId run = shownRun();
        std::vector<RunId> compared{run};
        // A fork is compared with what it parted from; of other runs the person chooses.
        if (const auto fork = m_session->project().runs().forkOf(run); fork && *fork)
            compared.insert(compared.begin(), (*fork)->parent);
        go(Location::ofComparison(compared));
    }, [shownRun] { return shownRun().isValid(); });
    addCommand(QStringLiteral("export-run"), tr("Export this run ..."), runs, QKeySequence(), QStringLiteral("export"), [this, shownRun] {
        auto *sheet = new ExportSheet(m_session, m_theme, this, {shownRun()});
        connect(sheet, &ExportSheet::statusMessage, m_status, &StatusStrip::showMessage);
        sheet->open();
    }, [shownRun] { return shownRun().isValid(); });
    addCommand(QStringLiteral("import-traces"), tr("Import traces ..."), runs, QKeySequence(), QStringLiteral("import"), [this] {
        if (SourcesPage *page = showSources())
            page->chooseFiles();
    }, writable);
    addCommand(QStringLiteral("toggle-receiver"), tr("Start or stop the OTLP receiver"), runs, QKeySequence(), QStringLiteral("globe"), [this] {
        if (SourcesPage *page = showSources())
            page->toggleReceiver();
    }, writable);
    addCommand(QStringLiteral("attach-remote"), tr("Attach to another Lathe ..."), runs, QKeySequence(), QStringLiteral("link"), [this] {
        if (SourcesPage *page = showSources())
            page->focusRemote();
    }, writable);
}

SourcesPage *Workspace::showSources()
{
    go(Location::page(Location::Kind::Sources));
    Page *page = m_documents->current();
    return page ? page->findChild<SourcesPage *>() : nullptr;
}

void Workspace::connectSources()
{
    const auto hint = [this] { m_status->setSourceHint(m_sources->hint()); };
    connect(m_sources, &SourceHub::receiverChanged, this, hint);
    connect(m_sources, &SourceHub::remoteChanged, this, hint);
    connect(m_sources, &SourceHub::publisherChanged, this, hint);
    connect(m_sources, &SourceHub::failed, this, &Workspace::notify);
    connect(m_status, &StatusStrip::sourcesRequested, this, [this] { showSources(); });
    connect(m_sources, &SourceHub::importChanged, this, [this] {
        if (m_sources->isImporting())
            m_status->showMessage(m_sources->importBytes() > 0 ? tr("Importing %1: %2 of %3").arg(m_sources->importingFile(), format::bytes(m_sources->importedBytes()), format::bytes(m_sources->importBytes()))
                                                               : tr("Importing %1").arg(m_sources->importingFile()));
    });
    connect(m_sources, &SourceHub::importEnded, this, [this] {
        if (m_sources->imports().empty())
            return;
        const SourceHub::ImportEntry &last = m_sources->imports().front();
        m_status->showMessage(last.error ? tr("%1 was not imported").arg(last.file) : last.report.summary());
        if (m_documents->currentLocation().kind == Location::Kind::Sources)
            return; // the report stands there
        const Severity severity = last.error ? Severity::Error : last.report.clean() ? Severity::Success : Severity::Warning;
        m_toasts->show(severity, last.error ? last.error->message : last.report.summary(), tr("Show the report"), [this] {
            if (SourcesPage *page = showSources())
                page->showImports();
        }, 12'000);
    });
    // What was on comes back once the window stands; a port that is taken meanwhile is told as a notice.
    connect(this, &Workspace::completed, m_sources, &SourceHub::startRemembered);
}

void Workspace::importFiles(const QStringList &paths)
{
    complete();
    m_sources->importFiles(paths);
}

} // namespace lathe
