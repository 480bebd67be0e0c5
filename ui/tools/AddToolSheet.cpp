// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolSheet.h"

#include "core/session/McpHub.h"
#include "core/session/ToolImports.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolApi.h"
#include "ui/tools/AddToolCatalogue.h"
#include "ui/tools/AddToolInput.h"
#include "ui/tools/AddToolRequest.h"
#include "ui/tools/AddToolServers.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ScrollColumn.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
using Kind = AddToolInput::Kind;
constexpr int sheetWidth = 820;
constexpr int wantedHeight = 560; // less in a small window

class SheetPages : public QStackedWidget
{
public:
    QSize sizeHint() const override { return QStackedWidget::sizeHint().expandedTo(QSize(0, wantedHeight)); }
    QSize minimumSizeHint() const override { return QSize(QStackedWidget::minimumSizeHint().width(), 200); }
};
}

class AddToolSheet::Parts : public QObject
{
public:
    Parts(AddToolSheet *owner, Session *of) : sheet(owner), session(of), theme(owner->theme()) {}
    void build();
    QWidget *buildStart();
    void read(); // what stands in the field
    void showReading();
    void goOn();
    void begin();
    void enter(AddToolStep *next);
    void back();
    void refresh();
    void make(const QString &type);
    void say(const Error &error);
    bool eventFilter(QObject *watched, QEvent *event) override;

    AddToolSheet *sheet;
    Session *session;
    Theme *theme;
    QStackedWidget *pages = nullptr;
    CodeEditor *input = nullptr;
    QWidget *reading = nullptr;
    Label *readingTitle = nullptr;
    ElidedLabel *readingText = nullptr;
    QHBoxLayout *readingAlso = nullptr;
    std::vector<QWidget *> links;
    InlineMessage *message = nullptr;
    AddToolCatalogue *catalogue = nullptr;
    Label *title = nullptr; // of the second page
    AddToolStep *step = nullptr;
    Button *backButton = nullptr;
    Button *primary = nullptr;
    AddToolInput understood;
    bool making = false;
};

AddToolSheet::AddToolSheet(Session *session, Theme *theme, QWidget *anchor)
    : Sheet(theme, anchor, tr("Add a tool"), sheetWidth), d(std::make_unique<Parts>(this, session))
{
    setObjectName(QStringLiteral("add-tool-sheet"));
    setDeleteOnClose(true);
    d->build();
}

AddToolSheet::~AddToolSheet()
{
    delete d->step; // it cancels through the session
}

void AddToolSheet::setInput(const QString &text)
{
    d->back();
    d->input->setText(text);
    d->read();
}

QWidget *AddToolSheet::firstFocus() const
{
    return d->step ? static_cast<QWidget *>(d->step) : d->input;
}

void AddToolSheet::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Left && event->modifiers() == Qt::AltModifier && d->step) {
        d->back();
        return;
    }
    Sheet::keyPressEvent(event);
}

void AddToolSheet::mousePressEvent(QMouseEvent *event)
{
    if (!d->step)
        Sheet::mousePressEvent(event);
}

void AddToolSheet::Parts::build()
{
    pages = new SheetPages;
    pages->addWidget(buildStart());
    sheet->setContent(pages);
    backButton = sheet->addButton(AddToolSheet::tr("Back"), ButtonRole::Secondary);
    backButton->setObjectName(QStringLiteral("add-back"));
    backButton->setToolTip(withShortcut(AddToolSheet::tr("To the field; what was read is kept there"), QKeySequence(Qt::ALT | Qt::Key_Left)));
    sheet->addCancel();
    primary = sheet->addButton(AddToolSheet::tr("Continue"), ButtonRole::Primary);
    primary->setObjectName(QStringLiteral("add-primary"));
    QObject::connect(backButton, &Button::clicked, this, [this] { back(); });
    QObject::connect(primary, &Button::clicked, this, [this] { goOn(); });
    onControlReturn(sheet, [this] { primary->click(); }); // also from fields that take Return for themselves
    read();
}

QWidget *AddToolSheet::Parts::buildStart()
{
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    input = new CodeEditor(theme, page);
    input->setObjectName(QStringLiteral("add-input"));
    input->setAccessibleName(AddToolSheet::tr("Paste or type what to add"));
    input->setLineNumbersVisible(false);
    input->setTabChangesFocus(true);
    input->setAutoHeight(2, 8);
    input->setPlaceholderText(AddToolSheet::tr("Paste anything: the command or URL of an MCP server, mcpServers JSON, an OpenAPI document or\n"
                                              "its address, a curl command. Or type what you look for."));
    input->installEventFilter(this);
    layout->addWidget(input);
    reading = new QWidget(page);
    auto *row = new QHBoxLayout(reading);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::Gap);
    readingTitle = new Label(theme, QString(), Label::Style::Strong, reading);
    readingTitle->setObjectName(QStringLiteral("add-reading"));
    readingText = new ElidedLabel(theme, QString(), Qt::ElideRight, reading);
    readingText->setColor(ColorToken::Text2);
    readingText->setTextFont(theme->codeFont());
    row->addWidget(readingTitle);
    row->addWidget(readingText, 1);
    readingAlso = new QHBoxLayout;
    readingAlso->setSpacing(metrics::Margin);
    row->addLayout(readingAlso);
    layout->addWidget(reading);
    message = new InlineMessage(theme, Severity::Error, QString(), page);
    message->setObjectName(QStringLiteral("add-message"));
    message->hide();
    layout->addWidget(message);
    auto *scroll = new QScrollArea(page);
    catalogue = new AddToolCatalogue(theme, scroll);
    fillScrollColumn(scroll, catalogue);
    layout->addWidget(scroll, 1);
    QObject::connect(input, &CodeEditor::edited, this, [this] { read(); });
    QObject::connect(catalogue, &AddToolCatalogue::chosen, this, [this](const QString &type) { make(type); });
    QObject::connect(catalogue, &AddToolCatalogue::leftUpwards, this, [this] { input->setFocus(Qt::BacktabFocusReason); });
    return page;
}

void AddToolSheet::Parts::read()
{
    understood = recogniseTool(input->text());
    message->hide();
    showReading();
}

void AddToolSheet::Parts::showReading()
{
    const bool known = understood.kind != Kind::Nothing && understood.kind != Kind::Search;
    reading->setVisible(known);
    readingTitle->setText(AddToolInput::kindTitle(understood.kind));
    readingText->setText(understood.summary);
    for (QWidget *link : links) {
        readingAlso->removeWidget(link);
        link->hide();
        link->deleteLater();
    }
    links.clear();
    if (!understood.also.isEmpty()) {
        auto *word = new Label(theme, AddToolSheet::tr("or read it as"), Label::Style::Hint);
        readingAlso->addWidget(word);
        links.push_back(word);
    }
    for (const Kind kind : understood.also) {
        auto *link = new LinkLabel(theme, AddToolInput::kindTitle(kind));
        link->setObjectName(QStringLiteral("add-read-as-%1").arg(int(kind)));
        QObject::connect(link, &LinkLabel::clicked, this, [this, kind] {
            understood = readAs(understood, kind);
            showReading();
            primary->setFocus(Qt::OtherFocusReason);
        });
        readingAlso->addWidget(link);
        links.push_back(link);
    }
    catalogue->setFilter(understood.kind == Kind::Search ? understood.text.left(100) : QString());
    refresh();
}

void AddToolSheet::Parts::refresh()
{
    if (!primary)
        return;
    backButton->setVisible(step != nullptr);
    if (step) {
        const bool waited = !primary->isEnabled();
        primary->setText(step->primaryText());
        primary->setEnabled(step->canGoOn());
        // What went on is over: the focus had to leave the button meanwhile. A field that is typed in keeps it.
        if (waited && primary->isEnabled() && !qobject_cast<QLineEdit *>(sheet->focusWidget()))
            primary->setFocus(Qt::OtherFocusReason);
        return;
    }
    const bool words = understood.kind == Kind::Search;
    AddToolType *only = words && catalogue->shownCount() > 0 ? catalogue->first() : nullptr;
    primary->setText(only ? AddToolSheet::tr("Add %1").arg(only->type().title) : AddToolSheet::tr("Continue"));
    primary->setEnabled(!making && (only || (understood.kind != Kind::Nothing && !words)));
}

void AddToolSheet::Parts::goOn()
{
    if (step)
        return step->goOn();
    if (understood.kind == Kind::Search) {
        if (AddToolType *type = catalogue->first())
            make(type->type().type);
        return;
    }
    begin();
}

void AddToolSheet::Parts::say(const Error &error)
{
    message->setMessage(Severity::Error, error.message);
    message->show();
}

void AddToolSheet::Parts::begin()
{
    switch (understood.kind) {
    case Kind::McpServers:
    case Kind::McpUrl: {
        auto import = parseMcpServers(understood.text);
        if (!import)
            return say(import.error());
        if (import->servers.empty())
            return say(Error(ErrorKind::InvalidInput, import->notes.isEmpty() ? AddToolSheet::tr("No server is named there.") : import->notes.join(QLatin1Char(' '))));
        return enter(new AddToolServers(session, theme, std::move(*import)));
    }
    case Kind::OpenApiText:
    case Kind::OpenApiFile:
    case Kind::OpenApiUrl:
        return enter(new AddToolApi(session, theme, understood));
    case Kind::Curl:
    case Kind::Request: {
        // A URL alone is what curl calls with it.
        auto import = importCurl(understood.kind == Kind::Curl ? understood.text : QStringLiteral("curl '%1'").arg(QString(understood.text).replace(QLatin1Char('\''), QLatin1String("%27"))));
        if (!import)
            return say(import.error());
        return enter(new AddToolRequest(session, theme, std::move(*import)));
    }
    case Kind::Nothing:
    case Kind::Search:
        break;
    }
}

void AddToolSheet::Parts::enter(AddToolStep *next)
{
    step = next;
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(new Label(theme, step->title(), Label::Style::Secondary, page));
    layout->addWidget(step, 1);
    pages->addWidget(page);
    pages->setCurrentWidget(page);
    QObject::connect(step, &AddToolStep::stateChanged, this, [this] { refresh(); });
    QObject::connect(step, &AddToolStep::created, this, [this](const QList<ArtifactId> &tools, const QString &text) {
        const QPointer<AddToolSheet> alive(sheet);
        Q_EMIT alive->created(tools);
        if (alive)
            Q_EMIT alive->statusMessage(text);
        if (alive)
            alive->dismiss();
        if (alive)
            Q_EMIT alive->openRequested(Location::ofArtifact(tools.first()));
    });
    refresh();
    if (step->canGoOn())
        primary->setFocus(Qt::OtherFocusReason);
}

void AddToolSheet::Parts::back()
{
    if (!step)
        return;
    QWidget *page = pages->currentWidget();
    pages->setCurrentIndex(0);
    pages->removeWidget(page);
    step = nullptr;
    page->deleteLater(); // its own button may have led here
    refresh();
    input->setFocus(Qt::OtherFocusReason);
}

void AddToolSheet::Parts::make(const QString &type)
{
    const ToolTypeInfo *info = toolType(type);
    if (!info || making)
        return;
    making = true;
    refresh();
    std::vector<std::pair<QString, QJsonObject>> tools;
    tools.emplace_back(info->type, info->defaultBody);
    runTask(sheet, createTools(session, std::move(tools)), [this, info](const QList<ArtifactId> &ids) {
        const QPointer<AddToolSheet> alive(sheet);
        Q_EMIT alive->created(ids);
        if (alive)
            Q_EMIT alive->statusMessage(AddToolSheet::tr("Added a tool of the type %1").arg(info->title));
        if (alive)
            alive->dismiss();
        if (alive)
            Q_EMIT alive->openRequested(Location::ofArtifact(ids.first()));
    }, [this](const Error &error) {
        making = false;
        refresh();
        say(error);
    });
}

bool AddToolSheet::Parts::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != input || event->type() != QEvent::KeyPress)
        return QObject::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    const bool oneLine = !input->text().contains(QLatin1Char('\n'));
    if (enter && (key->modifiers() == Qt::ControlModifier || (oneLine && key->modifiers() == Qt::NoModifier))) {
        if (primary->isEnabled())
            primary->click();
        return true;
    }
    if (key->key() == Qt::Key_Down && key->modifiers() == Qt::NoModifier && oneLine) {
        if (AddToolType *first = catalogue->first())
            first->setFocus(Qt::TabFocusReason);
        return true;
    }
    if (key->key() == Qt::Key_Escape) { // a draft in the field does not keep the sheet open
        sheet->dismiss();
        return true;
    }
    return QObject::eventFilter(watched, event);
}

} // namespace lathe
