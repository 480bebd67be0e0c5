// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpResourcesPage.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/InPool.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/McpAsk.h"
#include "ui/tools/McpAttach.h"
#include "ui/tools/McpPromptMenu.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"

#include <QBuffer>
#include <QHBoxLayout>
#include <QImageReader>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype longestPreview = 200'000;
constexpr int imageEdge = 900;

// Scaled down while it is read, so that a huge one costs no more than a small one. Null: no image that can be shown.
Task<Result<QImage>> decoded(QByteArray bytes)
{
    auto work = [bytes]() -> Result<QImage> {
        QBuffer buffer;
        buffer.setData(bytes);
        QImageReader reader(&buffer);
        const QSize size = reader.size();
        if (size.isValid() && (size.width() > imageEdge || size.height() > imageEdge))
            reader.setScaledSize(size.scaled(imageEdge, imageEdge, Qt::KeepAspectRatio));
        const QImage image = reader.read();
        if (image.isNull())
            return Error(ErrorKind::InvalidInput, McpResourcesPage::tr("This is no picture that can be shown: %1.").arg(reader.errorString()));
        return image;
    };
    auto image = co_await inPool(work);
    co_return image;
}
}

McpResourcesPage::McpResourcesPage(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("mcp-resources"));
    build();
    clear();
}

McpResourcesPage::~McpResourcesPage()
{
    m_cancel.cancel();
    m_reading.cancel();
}

void McpResourcesPage::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_busy = new BusyBar(m_theme, this);
    layout->addWidget(m_busy);
    m_message = new InlineMessage(m_theme, Severity::Error, QString(), this);
    m_message->setObjectName(QStringLiteral("mcp-resources-message"));
    m_message->setDismissable(true);
    m_message->hide();
    layout->addWidget(m_message);
    m_pages = new QStackedWidget(this);
    layout->addWidget(m_pages, 1);
    m_empty = new EmptyState(m_theme, QStringLiteral("file"), QString(), m_pages);
    m_pages->addWidget(m_empty);
    auto *splitter = new QSplitter(Qt::Vertical, m_pages);
    splitter->setChildrenCollapsible(false);
    m_list = new FilterableList(m_theme, tr("Search resources"), splitter);
    m_list->view()->setObjectName(QStringLiteral("mcp-resources-list"));
    m_list->setMinimumHeight(120);
    qobject_cast<RowDelegate *>(m_list->view()->itemDelegate())->setTwoLines(true);
    m_model = new QStandardItemModel(this);
    m_list->setFilterRole(Qt::UserRole + 1);
    m_list->setModel(m_model);
    splitter->addWidget(m_list);
    m_detail = new QWidget(splitter);
    m_detail->setMinimumHeight(160);
    auto *detail = new QVBoxLayout(m_detail);
    detail->setContentsMargins(0, metrics::Margin, 0, 0);
    detail->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    m_title = new Label(m_theme, QString(), Label::Style::Strong, m_detail);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_readButton = new Button(tr("Read"), ButtonRole::Secondary, m_detail);
    m_readButton->setObjectName(QStringLiteral("mcp-resource-read"));
    m_attach = new Button(tr("Attach to a prompt ..."), ButtonRole::Secondary, m_detail);
    m_attach->setObjectName(QStringLiteral("mcp-resource-attach"));
    m_attach->setToolTip(tr("Its text as it is now becomes a variable of the prompt"));
    top->addWidget(m_title, 1);
    top->addWidget(m_readButton);
    top->addWidget(m_attach);
    detail->addLayout(top);
    m_about = new Label(m_theme, QString(), Label::Style::Secondary, m_detail);
    m_about->setWordWrap(true);
    m_about->setTextFormat(Qt::PlainText);
    detail->addWidget(m_about);
    m_valuesBox = new QWidget(m_detail);
    auto *box = new QVBoxLayout(m_valuesBox);
    box->setContentsMargins(0, 0, 0, 0);
    detail->addWidget(m_valuesBox);
    m_preview = new QStackedWidget(m_detail);
    m_text = new CodeEditor(m_theme, m_preview);
    m_text->setObjectName(QStringLiteral("mcp-resource-text"));
    m_text->setAccessibleName(tr("The resource"));
    m_text->setReadOnly(true);
    m_text->setLineNumbersVisible(false);
    m_json = new JsonTree(m_theme, m_preview);
    m_image = new QLabel(m_preview);
    m_image->setObjectName(QStringLiteral("mcp-resource-image"));
    m_image->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_image->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    m_preview->addWidget(m_text);
    m_preview->addWidget(m_json);
    m_preview->addWidget(m_image);
    detail->addWidget(m_preview, 1);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({400, 500}); // shares
    m_preview->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_pages->addWidget(splitter);
    setFocusProxy(m_list);
    connect(m_list, &FilterableList::currentChanged, this, &McpResourcesPage::showCurrent);
    connect(m_list, &FilterableList::activated, this, &McpResourcesPage::read);
    connect(m_readButton, &Button::clicked, this, &McpResourcesPage::read);
    connect(m_attach, &Button::clicked, this, &McpResourcesPage::attach);
    connect(m_empty, &EmptyState::actionTriggered, this, &McpResourcesPage::connectRequested);
    connect(m_message, &InlineMessage::dismissed, m_message, &QWidget::hide);
}

void McpResourcesPage::say(int severity, const QString &text)
{
    m_message->setMessage(Severity(severity), text);
    m_message->show();
}

void McpResourcesPage::setServer(const QString &name, const QJsonObject &body)
{
    m_name = name;
    m_body = body;
}

void McpResourcesPage::setPrompt(ArtifactId prompt)
{
    m_prompt = prompt;
    m_attach->setText(tr("Attach"));
}

void McpResourcesPage::clear()
{
    m_loaded = false;
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_busy->setBusy(false);
    m_empty->setSentence(tr("Resources are texts, data and pictures that a server holds ready. Connect to see those of this one."));
    m_empty->setAction(tr("Connect"));
    m_pages->setCurrentIndex(0);
}

void McpResourcesPage::load()
{
    m_cancel.cancel();
    m_cancel = CancelSource();
    m_busy->setBusy(true);
    runTask(this, mcp::listResources(&m_session->mcp(), m_name, m_body, m_cancel.token()), [this](std::vector<McpResource> list) {
        m_busy->setBusy(false);
        m_loaded = true;
        const QString before = current() ? current()->uri : QString();
        m_resources = std::move(list);
        m_model->clear();
        int row = 0;
        for (const McpResource &resource : m_resources) {
            auto *item = new QStandardItem(resource.title.isEmpty() ? resource.name.isEmpty() ? resource.uri : resource.name : resource.title);
            item->setData(QString(item->text() + QLatin1Char(' ') + resource.uri + QLatin1Char(' ') + resource.description), Qt::UserRole + 1);
            item->setData(row++, Qt::UserRole + 2);
            item->setData(format::oneLine(resource.description.isEmpty() ? resource.uri : QStringLiteral("%1  -  %2").arg(resource.uri, resource.description), 300), rowrole::Detail);
            item->setData(resource.isTemplate ? tr("template") : resource.size >= 0 ? QStringLiteral("%1  %2").arg(resource.mimeType.left(40), format::bytes(resource.size)) : resource.mimeType.left(40),
                          rowrole::Trailing);
            item->setData(resource.isTemplate ? QStringLiteral("input") : QStringLiteral("file"), rowrole::Icon);
            item->setData(true, rowrole::Strong);
            m_model->appendRow(item);
            if (resource.uri == before)
                m_list->setCurrentIndex(item->index());
        }
        if (m_resources.empty()) {
            m_empty->setSentence(tr("This server has no resources."));
            m_empty->setAction(QString());
        } else if (!m_list->currentIndex().isValid()) {
            m_list->setCurrentIndex(m_model->index(0, 0));
        }
        m_pages->setCurrentIndex(m_resources.empty() ? 0 : 1);
        Q_EMIT countChanged(int(m_resources.size()));
    }, [this](const Error &error) {
        m_busy->setBusy(false);
        if (error.kind != ErrorKind::Cancelled)
            say(int(Severity::Error), error.message);
    });
}

const McpResource *McpResourcesPage::current() const
{
    const QModelIndex index = m_list->currentIndex();
    const size_t row = index.isValid() ? size_t(index.data(Qt::UserRole + 2).toInt()) : m_resources.size();
    return row < m_resources.size() ? &m_resources[row] : nullptr;
}

QString McpResourcesPage::uri() const
{
    const McpResource *resource = current();
    if (!resource || !resource->isTemplate)
        return resource ? resource->uri : QString();
    QJsonObject values;
    for (const auto &[name, field] : m_fields)
        values.insert(name, field->text().trimmed());
    return mcp::expandUri(resource->uri, values);
}

void McpResourcesPage::showCurrent()
{
    const McpResource *resource = current();
    ++m_read;
    m_reading.cancel();
    m_contents.clear();
    m_detail->setVisible(resource != nullptr);
    m_message->hide();
    if (!resource)
        return;
    m_title->setText(resource->uri.left(200));
    m_about->setText(resource->description.left(1000));
    m_about->setVisible(!resource->description.isEmpty());
    m_fields.clear();
    if (m_values) {
        m_values->hide();
        m_values->deleteLater();
        m_values = nullptr;
    }
    if (resource->isTemplate) {
        m_values = new FormLayout(m_theme, m_valuesBox);
        for (const QString &name : mcp::uriVariables(resource->uri)) {
            auto *field = new QLineEdit;
            field->setObjectName(QStringLiteral("mcp-value-") + name);
            m_values->addField(name, field);
            connect(field, &QLineEdit::returnPressed, this, &McpResourcesPage::read);
            m_fields.emplace_back(name, field);
        }
        m_valuesBox->layout()->addWidget(m_values);
    }
    m_valuesBox->setVisible(resource->isTemplate);
    m_preview->setCurrentWidget(m_text);
    m_text->setText(resource->isTemplate ? QString() : tr("Reading ..."));
    m_attach->setEnabled(!m_session->project().isReadOnly());
    if (!resource->isTemplate)
        read();
}

void McpResourcesPage::read()
{
    const McpResource *resource = current();
    if (!resource)
        return;
    m_reading.cancel();
    m_reading = CancelSource();
    m_busy->setBusy(true);
    const int number = ++m_read;
    runTask(this, mcp::readResource(&m_session->mcp(), m_name, m_body, uri(), m_reading.token()), [this, number](std::vector<McpResourceContent> contents) {
        if (number != m_read)
            return;
        m_busy->setBusy(false);
        m_contents = std::move(contents);
        show(m_contents);
    }, [this, number](const Error &error) {
        if (number != m_read)
            return;
        m_busy->setBusy(false);
        m_text->setText(QString());
        if (error.kind != ErrorKind::Cancelled)
            say(int(Severity::Error), error.message);
    });
}

void McpResourcesPage::show(const std::vector<McpResourceContent> &contents)
{
    m_message->hide();
    if (contents.size() == 1 && !contents.front().blob.isEmpty()) {
        const McpResourceContent &only = contents.front();
        if (only.mimeType.startsWith(QLatin1String("image/")))
            return showImage(only.blob);
        m_text->setText(tr("Binary data, %1, %2").arg(only.mimeType.isEmpty() ? tr("of no named type") : only.mimeType.left(80), format::bytes(only.blob.size())));
        m_preview->setCurrentWidget(m_text);
        return;
    }
    QStringList texts;
    for (const McpResourceContent &content : contents)
        texts.append(content.blob.isEmpty() ? content.text : tr("[%1, %2]").arg(content.mimeType.left(80), format::bytes(content.blob.size())));
    const QString text = texts.join(QStringLiteral("\n\n"));
    const bool json = contents.size() == 1 && (contents.front().mimeType.contains(QLatin1String("json")) || text.startsWith(QLatin1Char('{')) || text.startsWith(QLatin1Char('[')));
    if (json) {
        m_json->setJsonText(text);
        m_preview->setCurrentWidget(m_json);
        return;
    }
    m_text->setText(text.size() > longestPreview ? text.left(longestPreview) + tr("\n... %1 characters in all").arg(format::number(text.size())) : text);
    m_preview->setCurrentWidget(m_text);
}

void McpResourcesPage::showImage(const QByteArray &bytes)
{
    const int number = m_read;
    runTask(this, decoded(bytes), [this, number](const QImage &image) {
        if (number != m_read)
            return;
        m_image->setPixmap(QPixmap::fromImage(image));
        m_preview->setCurrentWidget(m_image);
    }, [this, number](const Error &error) {
        if (number == m_read)
            say(int(Severity::Warning), error.message);
    });
}

void McpResourcesPage::attach()
{
    if (!current() || m_contents.empty())
        return say(int(Severity::Info), tr("Read it first; what is attached is its text as it is then."));
    if (m_prompt.isValid())
        return attachTo(m_prompt);
    choosePrompt(m_session, m_theme, m_attach, tr("New prompt with it"), [this](ArtifactId prompt) {
        if (prompt.isValid())
            attachTo(prompt);
        else
            attachToNew();
    });
}

void McpResourcesPage::attachTo(ArtifactId prompt)
{
    const auto draft = m_session->draft(prompt);
    const auto info = m_session->project().artifacts().info(prompt);
    if (!current() || !draft || !info)
        return;
    McpResource resource = *current();
    resource.uri = uri();
    const auto changes = mcp::attachResource(draft->body, m_name, resource, m_contents);
    if (!changes)
        return say(int(Severity::Error), changes.error().message);
    if (const auto done = m_session->edit(prompt, *changes, tr("Attach %1").arg(resource.uri.left(80))); !done)
        return say(int(Severity::Error), done.error().message);
    say(int(Severity::Success), tr("Attached to %1 as the variable %2.").arg(info->name, mcp::attachmentVariable(m_name, resource)));
    Q_EMIT statusMessage(tr("Attached to %1").arg(info->name));
    Q_EMIT attached(prompt);
}

void McpResourcesPage::attachToNew()
{
    McpResource resource = *current();
    resource.uri = uri();
    PromptSpec spec;
    spec.text = tr("Answer from the resource below.");
    const auto changes = mcp::attachResource(spec.toJson(), m_name, resource, m_contents);
    if (!changes)
        return say(int(Severity::Error), changes.error().message);
    QJsonValue body = spec.toJson();
    for (const BodyChange &change : *changes)
        body = json::with(body, change.pointer, change.after);
    const QString name = m_session->freeName(ArtifactKind::Prompt, mcp::attachmentVariable(m_name, resource));
    runTask(this, m_session->createArtifact(ArtifactKind::Prompt, name, body.toObject()), [this](ArtifactId id) {
        Q_EMIT attached(id);
        Q_EMIT openRequested(Location::ofArtifact(id));
    }, [this](const Error &error) { say(int(Severity::Error), error.message); });
}

} // namespace lathe
