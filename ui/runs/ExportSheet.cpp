// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ExportSheet.h"

#include "core/base/Json.h"
#include "core/session/RunExport.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/RedactionEditor.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDate>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLineEdit>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
const QString rulesKey = QStringLiteral("export/redaction");
const QString formatKey = QStringLiteral("export/format");
const QString folderKey = QStringLiteral("export/folder");
const QString collectorKey = QStringLiteral("export/collector");
constexpr int toCollector = 100;
constexpr int mostNames = 1000;

QString environmentValue(const QString &variable)
{
    return qEnvironmentVariable(variable.toLatin1().constData());
}
}

class ExportSheet::Parts
{
public:
    Parts(ExportSheet *sheet_, Session *session_, std::vector<RunId> runs_) : sheet(sheet_), session(session_), runs(std::move(runs_)) {}
    void build();
    void loadPreview();
    int chosen() const { return format->currentData().toInt(); }
    void showFormat();
    void choosePath();
    void refresh();
    void again(); // what was written is no longer what is asked for
    bool replaces() const;
    void start();
    void setRunning(bool on);
    void say(Severity severity, const QString &text);
    void remember();
    QString suggestedPath() const;

    ExportSheet *sheet;
    Session *session;
    std::vector<RunId> runs;
    QComboBox *format = nullptr;
    QLineEdit *path = nullptr;
    QLineEdit *url = nullptr;
    QLineEdit *header = nullptr;
    QWidget *fileRow = nullptr;
    QWidget *urlRow = nullptr;
    Label *about = nullptr;
    QCheckBox *messages = nullptr;
    RedactionEditor *redaction = nullptr;
    BusyBar *busy = nullptr;
    InlineMessage *message = nullptr;
    Button *go = nullptr;
    Button *close = nullptr;
    CancelSource load, cancel;
    bool running = false;
    bool done = false;
    bool typed = false; // the path is the person's own
    QString confirmed;  // a path that the file dialog asked about
    QString aboutText;
};

ExportSheet::ExportSheet(Session *session, Theme *theme, QWidget *anchor, std::vector<RunId> runs)
    : Sheet(theme, anchor, runs.size() == 1 ? tr("Export run %1").arg(runs.front().value) : tr("Export %1 runs").arg(format::number(qint64(runs.size()))), 980),
      d(std::make_unique<Parts>(this, session, std::move(runs)))
{
    setObjectName(QStringLiteral("export-sheet"));
    setDeleteOnClose(true);
    d->build();
    d->loadPreview();
}

ExportSheet::~ExportSheet()
{
    d->load.cancel();
    d->cancel.cancel();
}

void ExportSheet::Parts::build()
{
    Theme *theme = sheet->theme();
    auto *content = new QWidget;
    content->setMinimumHeight(520);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(metrics::Gap);
    grid->setColumnStretch(1, 1);
    layout->addLayout(grid);
    format = new QComboBox(content);
    format->setObjectName(QStringLiteral("export-format"));
    format->addItem(tr("Page for a colleague (HTML)"), int(ExportFormat::Html));
    format->addItem(tr("OpenTelemetry (OTLP JSON)"), int(ExportFormat::Otlp));
    format->addItem(tr("Runs with their steps (JSON Lines)"), int(ExportFormat::JsonLines));
    format->addItem(tr("Every event (JSON Lines)"), int(ExportFormat::EventLines));
    format->addItem(tr("Table of runs (CSV)"), int(ExportFormat::Csv));
    format->addItem(tr("Send to an OpenTelemetry collector"), toCollector);
    if (runs.size() != 1) {
        if (auto *items = qobject_cast<QStandardItemModel *>(format->model())) {
            items->item(0)->setEnabled(false);
            items->item(0)->setToolTip(tr("A page shows one run; choose one"));
        }
    }
    grid->addWidget(new Label(theme, tr("Format"), Label::Style::Secondary, content), 0, 0);
    grid->addWidget(format, 0, 1);
    fileRow = new QWidget(content);
    auto *file = new QHBoxLayout(fileRow);
    file->setContentsMargins(0, 0, 0, 0);
    path = new QLineEdit(fileRow);
    path->setObjectName(QStringLiteral("export-path"));
    auto *choose = new Button(tr("Choose ..."), ButtonRole::Secondary, fileRow);
    file->addWidget(path, 1);
    file->addWidget(choose);
    urlRow = new QWidget(content);
    auto *collector = new QHBoxLayout(urlRow);
    collector->setContentsMargins(0, 0, 0, 0);
    url = new QLineEdit(urlRow);
    url->setObjectName(QStringLiteral("export-url"));
    url->setPlaceholderText(QStringLiteral("http://127.0.0.1:4318"));
    url->setText(session->project().setting(collectorKey).toString());
    if (url->text().isEmpty())
        url->setText(environmentValue(QStringLiteral("OTEL_EXPORTER_OTLP_ENDPOINT")));
    header = new QLineEdit(urlRow);
    header->setObjectName(QStringLiteral("export-header"));
    header->setPlaceholderText(tr("Header, e.g. authorization: Bearer ..."));
    header->setEchoMode(QLineEdit::PasswordEchoOnEdit);
    header->setToolTip(tr("Sent along and not kept. OTEL_EXPORTER_OTLP_HEADERS is honoured, too"));
    collector->addWidget(url, 1);
    collector->addWidget(header, 1);
    grid->addWidget(new Label(theme, tr("To"), Label::Style::Secondary, content), 1, 0);
    grid->addWidget(fileRow, 1, 1);
    grid->addWidget(urlRow, 1, 1);
    messages = new QCheckBox(tr("With what the models were asked and answered"), content);
    messages->setObjectName(QStringLiteral("export-messages"));
    messages->setChecked(true);
    grid->addWidget(messages, 2, 1);
    about = new Label(theme, QString(), Label::Style::Hint, content);
    about->setWordWrap(true);
    grid->addWidget(about, 3, 1);
    redaction = new RedactionEditor(theme, content);
    layout->addWidget(redaction, 1);
    busy = new BusyBar(theme, content);
    layout->addWidget(busy);
    message = new InlineMessage(theme, Severity::Info, QString(), content);
    message->setObjectName(QStringLiteral("export-message"));
    message->hide();
    layout->addWidget(message);
    sheet->setContent(content);
    close = sheet->addButton(tr("Cancel"), ButtonRole::Secondary);
    close->setObjectName(QStringLiteral("export-close"));
    go = sheet->addButton(tr("Export"), ButtonRole::Primary);
    go->setObjectName(QStringLiteral("export-go"));

    const auto stored = RedactionRules::fromJson(json::compact(session->project().setting(rulesKey).toObject()));
    redaction->setRules(stored ? *stored : RedactionRules());
    const int kept = format->findData(session->project().setting(formatKey).toInt(-1));
    format->setCurrentIndex(kept > 0 ? kept : runs.size() == 1 ? 0 : 1);
    showFormat();
    QObject::connect(format, &QComboBox::currentIndexChanged, sheet, [this] { showFormat(); });
    QObject::connect(path, &QLineEdit::textEdited, sheet, [this] {
        typed = true;
        again();
    });
    QObject::connect(url, &QLineEdit::textEdited, sheet, [this] { again(); });
    QObject::connect(messages, &QCheckBox::clicked, sheet, [this] { again(); });
    QObject::connect(choose, &Button::clicked, sheet, [this] { choosePath(); });
    QObject::connect(redaction, &RedactionEditor::edited, sheet, [this] { again(); });
    QObject::connect(close, &Button::clicked, sheet, [this] {
        if (running)
            cancel.cancel();
        else
            sheet->dismiss();
    });
    QObject::connect(go, &Button::clicked, sheet, [this] {
        if (done)
            sheet->dismiss();
        else
            start();
    });
    refresh();
}

QString ExportSheet::Parts::suggestedPath() const
{
    QString folder = session->project().setting(folderKey).toString();
    if (folder.isEmpty() || !QDir(folder).exists())
        folder = QFileInfo(session->project().path()).absolutePath();
    const QString name = runs.size() == 1 ? QStringLiteral("run-%1").arg(runs.front().value)
                                          : QStringLiteral("runs-%1").arg(QDate::currentDate().toString(Qt::ISODate));
    // What was given out before stays.
    const QString suffix = exportFormatSuffix(ExportFormat(chosen()));
    QString to = QDir(folder).filePath(name + suffix);
    for (int i = 2; i <= mostNames && QFileInfo::exists(to); ++i)
        to = QDir(folder).filePath(QStringLiteral("%1-%2%3").arg(name).arg(i).arg(suffix));
    return to;
}

bool ExportSheet::Parts::replaces() const
{
    const QString to = path->text().trimmed();
    return chosen() != toCollector && to != confirmed && QFileInfo(to).isFile();
}

void ExportSheet::Parts::again()
{
    if (done) {
        done = false;
        message->hide();
    }
    refresh();
}

void ExportSheet::Parts::showFormat()
{
    const bool collector = chosen() == toCollector;
    fileRow->setVisible(!collector);
    urlRow->setVisible(collector);
    if (!collector && !typed)
        path->setText(QDir::toNativeSeparators(suggestedPath()));
    const bool withMessages = collector || chosen() == int(ExportFormat::Otlp) || chosen() == int(ExportFormat::Html) || chosen() == int(ExportFormat::JsonLines);
    messages->setEnabled(withMessages);
    QString text;
    switch (chosen()) {
    case int(ExportFormat::Html):
        text = tr("One file that opens in any browser, without network.");
        break;
    case int(ExportFormat::Otlp):
        text = tr("One export request a line, as OpenTelemetry's file exporter writes it. Lathe and others read it back.");
        break;
    case int(ExportFormat::JsonLines):
        text = tr("One run a line.");
        break;
    case int(ExportFormat::EventLines):
        text = tr("Nothing is lost: what lathe-cli trace --json prints.");
        break;
    case int(ExportFormat::Csv):
        text = tr("One run a row, without steps.");
        break;
    default:
        text = tr("Sends the runs once, over HTTP, to the collector's traces service.");
    }
    aboutText = text;
    done = false;
    message->hide();
    refresh();
}

void ExportSheet::Parts::choosePath()
{
    auto *dialog = new QFileDialog(sheet, tr("Export to"), QFileInfo(path->text()).absolutePath());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(QFileInfo(path->text()).fileName());
    QObject::connect(dialog, &QFileDialog::fileSelected, sheet, [this](const QString &to) {
        path->setText(to);
        typed = true;
        confirmed = to.trimmed();
        again();
    });
    dialog->open();
}

void ExportSheet::Parts::loadPreview()
{
    if (runs.empty())
        return;
    const RunId run = runs.front();
    const auto info = session->project().runs().run(run);
    runTask(sheet, session->trace(run, load.token()), [this, input = info ? info->input : QString()](const Trace &trace) { redaction->setPreview(trace, input); },
            [](const Error &) {});
}

void ExportSheet::Parts::refresh()
{
    const bool placed = chosen() == toCollector || !path->text().trimmed().isEmpty();
    const bool replacing = !done && !running && replaces();
    about->setText(replacing ? tr("%1 The file is there already and is replaced.").arg(aboutText) : aboutText);
    go->setText(done ? tr("Done") : chosen() == toCollector ? tr("Send") : replacing ? tr("Replace") : tr("Export"));
    go->setEnabled(!running && (done || (placed && !redaction->hasProblems() && !runs.empty())));
    close->setText(running ? tr("Stop") : tr("Cancel"));
    close->setVisible(!done);
    redaction->setEnabled(!running);
    format->setEnabled(!running);
    fileRow->setEnabled(!running);
    urlRow->setEnabled(!running);
}

void ExportSheet::Parts::setRunning(bool on)
{
    running = on;
    busy->setBusy(on);
    refresh();
}

void ExportSheet::Parts::say(Severity severity, const QString &text)
{
    message->setMessage(severity, text);
    message->show();
}

void ExportSheet::Parts::remember()
{
    Project &project = session->project();
    if (project.isReadOnly())
        return;
    project.setSetting(rulesKey, redaction->rules().toJson());
    project.setSetting(formatKey, chosen());
    if (chosen() == toCollector)
        project.setSetting(collectorKey, url->text().trimmed());
    else
        project.setSetting(folderKey, QFileInfo(path->text()).absolutePath());
}

void ExportSheet::Parts::start()
{
    ExportSelection selection;
    selection.runs = runs;
    selection.redaction = redaction->rules();
    selection.messages = messages->isChecked();
    OtlpTarget target;
    if (chosen() == toCollector) {
        auto found = OtlpTarget::from(url->text().trimmed(), environmentValue);
        if (!found)
            return say(Severity::Error, found.error().message);
        target = std::move(*found);
        const QString line = header->text().trimmed();
        const qsizetype colon = line.indexOf(QLatin1Char(':'));
        if (!line.isEmpty() && colon <= 0)
            return say(Severity::Error, tr("A header is a name, a colon and a value."));
        if (colon > 0)
            target.headers.emplace_back(line.left(colon).trimmed().toUtf8(), line.mid(colon + 1).trimmed().toUtf8());
    }
    remember();
    cancel = CancelSource();
    setRunning(true);
    say(Severity::Info, tr("Reading the runs ..."));
    const QPointer<ExportSheet> alive(sheet);
    const ExportProgressHandler progress = [this, alive](const ExportProgress &now) {
        if (!alive)
            return;
        busy->setProgress(now.total > 0 ? double(now.done) / now.total : -1);
        say(Severity::Info, tr("%1 of %2 runs, %3").arg(format::number(now.done), format::number(now.total), format::bytes(now.bytes)));
    };
    const bool collector = chosen() == toCollector;
    const QString to = collector ? target.url : path->text().trimmed();
    const auto ended = [this, to](const ExportReport &report) {
        done = true;
        setRunning(false);
        const bool fine = report.missing == 0 && report.rejectedSpans == 0 && report.warnings.isEmpty() && report.refusedTexts == 0;
        say(fine ? Severity::Success : Severity::Warning, report.toText());
        Q_EMIT sheet->statusMessage(tr("Exported %1 to %2").arg(format::count(report.runs, tr("run"), tr("runs")), to));
        go->setFocus();
    };
    const auto failed = [this](const Error &error) {
        setRunning(false);
        if (error.kind == ErrorKind::Cancelled)
            say(Severity::Info, tr("Stopped; nothing was written."));
        else
            say(Severity::Error, error.message);
    };
    if (collector)
        runTask(sheet, sendRuns(session, std::move(selection), std::move(target), progress, cancel.token()), ended, failed);
    else
        runTask(sheet, exportRuns(session, std::move(selection), ExportFormat(chosen()), to, progress, cancel.token()), ended, failed);
}

} // namespace lathe
