// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/ProjectPage.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SectionHeader.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostFindings = 20;
}

ProjectPage::ProjectPage(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("settings-project"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(new SectionHeader(theme, tr("Project"), SectionHeader::Level::Page, this));
    if (session->project().isReadOnly())
        layout->addWidget(new InlineMessage(theme, Severity::Warning, session->project().readOnlyReason(), this));
    auto *facts = new QWidget(this);
    m_facts = new QGridLayout(facts);
    m_facts->setContentsMargins(0, 0, 0, 0);
    m_facts->setHorizontalSpacing(metrics::GapLarge);
    m_facts->setVerticalSpacing(metrics::GapSmall);
    m_facts->setColumnMinimumWidth(0, 100);
    m_facts->setColumnStretch(1, 1);
    m_path = addFact(tr("File"), QStringLiteral("project-path"));
    m_path->setWordWrap(true);
    m_size = addFact(tr("Size"), QStringLiteral("project-size"));
    m_contents = addFact(tr("Artifacts"), QStringLiteral("project-contents"));
    m_contents->setWordWrap(true);
    m_runs = addFact(tr("Runs"), QStringLiteral("project-runs"));
    layout->addWidget(facts);
    layout->addSpacing(metrics::Gap);
    layout->addWidget(new SectionHeader(theme, tr("Health"), SectionHeader::Level::Section, this));
    auto *about = new Label(theme, tr("Checking reads the whole file: pages, references, stored texts and the search index. Compacting also mends what can be "
                                      "mended and gives unused room back; nothing that you made is removed."),
                            Label::Style::Secondary, this);
    about->setWordWrap(true);
    layout->addWidget(about);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(metrics::Gap);
    m_check = new Button(tr("Check the file"), ButtonRole::Secondary, this);
    m_check->setObjectName(QStringLiteral("project-check"));
    m_check->setToolTip(tr("Read the whole file and say what is wrong; changes nothing"));
    m_compact = new Button(tr("Compact and mend"), ButtonRole::Secondary, this);
    m_compact->setObjectName(QStringLiteral("project-compact"));
    m_compact->setToolTip(tr("Mend what can be mended and give unused room back"));
    m_compact->setEnabled(!session->project().isReadOnly());
    buttons->addWidget(m_check);
    buttons->addWidget(m_compact);
    buttons->addStretch();
    layout->addLayout(buttons);
    m_busy = new BusyBar(theme, this);
    layout->addWidget(m_busy);
    m_result = new InlineMessage(theme, Severity::Info, QString(), this);
    m_result->setObjectName(QStringLiteral("project-result"));
    m_result->hide();
    layout->addWidget(m_result);
    m_findings = new Label(theme, QString(), Label::Style::Secondary, this);
    m_findings->setObjectName(QStringLiteral("project-findings"));
    m_findings->setWordWrap(true);
    m_findings->setTextFormat(Qt::PlainText);
    m_findings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_findings->hide();
    layout->addWidget(m_findings);
    layout->addStretch(1);
    connect(m_check, &QAbstractButton::clicked, this, [this] { check(false); });
    connect(m_compact, &QAbstractButton::clicked, this, [this] { check(true); });
}

Label *ProjectPage::addFact(const QString &name, const QString &objectName)
{
    const int row = m_facts->rowCount();
    m_facts->addWidget(new Label(m_theme, name, Label::Style::Secondary, this), row, 0, Qt::AlignTop);
    auto *value = new Label(m_theme, QString(), Label::Style::Body, this);
    value->setObjectName(objectName);
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->addWidget(value, row, 1);
    return value;
}

void ProjectPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void ProjectPage::refresh()
{
    const Project &project = m_session->project();
    m_path->setText(project.path());
    const qint64 journal = QFileInfo(project.path() + QStringLiteral("-wal")).size();
    const qint64 size = QFileInfo(project.path()).size();
    m_size->setText(journal > 0 ? tr("%1, and %2 on the way").arg(format::bytes(size), format::bytes(journal)) : format::bytes(size));
    QStringList parts;
    int all = 0;
    for (const ArtifactKind kind : allArtifactKinds()) {
        const int count = int(m_session->project().artifacts().list(kind).size());
        all += count;
        if (count > 0)
            parts.append(QStringLiteral("%1 %2").arg(count).arg(count == 1 ? artifactKindName(kind) : artifactKindName(kind) + QLatin1Char('s')));
    }
    m_contents->setText(all == 0 ? tr("none yet") : parts.join(QLatin1String(", ")));
    m_runs->setText(format::number(m_session->project().runs().count()));
}

void ProjectPage::check(bool repair)
{
    m_check->setEnabled(false);
    m_compact->setEnabled(false);
    m_busy->setBusy(true);
    m_findings->hide();
    m_result->setMessage(Severity::Info, repair ? tr("Compacting ...") : tr("Checking ..."));
    m_result->show();
    const auto idle = [this] {
        m_check->setEnabled(true);
        m_compact->setEnabled(!m_session->project().isReadOnly());
        m_busy->setBusy(false);
        refresh();
    };
    runTask(this, m_session->project().doctor(repair), [this, idle, repair](const DoctorReport &report) {
        idle();
        QString text = report.ok ? tr("The file is sound: %1 artifacts, %2 revisions, %3 runs, %4 steps.")
                                       .arg(report.artifacts).arg(report.revisions).arg(report.runs).arg(report.steps)
                                 : tr("%1:").arg(format::count(report.findings.size(), tr("finding"), tr("findings")));
        if (repair)
            text += tr(" %1 before, %2 now.").arg(format::bytes(report.bytesBefore), format::bytes(report.bytesAfter));
        m_result->setMessage(report.ok ? Severity::Success : Severity::Warning, text);
        QStringList lines = report.findings + report.repairs;
        if (lines.size() > MostFindings)
            lines = lines.mid(0, MostFindings) + QStringList(tr("... and %1 more").arg(lines.size() - MostFindings));
        m_findings->setText(lines.join(QLatin1Char('\n')));
        m_findings->setVisible(!lines.isEmpty());
    }, [this, idle](const Error &error) {
        idle();
        m_result->setMessage(Severity::Error, error.message);
    });
}

} // namespace lathe
