// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpResourcesPage.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/InPool.h"
#include "ui/tools/McpAsk.h"
#include "ui/tools/McpAttach.h"
#include "ui/tools/McpPromptMenu.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"

#include <QBuffer>
#include <QImageReader>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
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

McpResourcesPage::McpResourcesPage(Session *session, Theme *theme, QWidget *parent)
    : McpListPage(session, theme,
                  {QStringLiteral("resources"), QStringLiteral("file"), tr("Search resources"),
                   tr("Resources are texts, data and pictures that a server holds ready. Connect to see those of this one."), tr("This server has no resources.")}, parent)
{
    m_readButton = new Button(tr("Read"), ButtonRole::Secondary, m_detail);
    m_readButton->setObjectName(QStringLiteral("mcp-resource-read"));
    m_attach = new Button(tr("Attach to a prompt ..."), ButtonRole::Secondary, m_detail);
    m_attach->setObjectName(QStringLiteral("mcp-resource-attach"));
    m_attach->setToolTip(tr("Its text as it is now becomes a variable of the prompt"));
    QVBoxLayout *detail = buildDetail({m_readButton, m_attach});
    m_valuesBox = new QWidget(m_detail);
    auto *box = new QVBoxLayout(m_valuesBox);
    box->setContentsMargins(0, 0, 0, 0);
    detail->addWidget(m_valuesBox);
    m_preview = new QStackedWidget(m_detail);
    m_preview->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
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
    addPane(m_detail, 400, 500);
    connect(m_readButton, &Button::clicked, this, &McpResourcesPage::read);
    connect(m_attach, &Button::clicked, this, &McpResourcesPage::attach);
}

void McpResourcesPage::setPrompt(ArtifactId prompt)
{
    m_prompt = prompt;
    m_attach->setText(tr("Attach"));
}

void McpResourcesPage::load()
{
    loadList(&mcp::listResources, &m_resources, &McpResource::uri, [](const McpResource &resource) {
        Row row;
        row.title = resource.title.isEmpty() ? resource.name.isEmpty() ? resource.uri : resource.name : resource.title;
        row.words = resource.uri + QLatin1Char(' ') + resource.description;
        row.detail = format::oneLine(resource.description.isEmpty() ? resource.uri : QStringLiteral("%1  -  %2").arg(resource.uri, resource.description), 300);
        const QString type = resource.mimeType.left(40);
        row.trailing = resource.isTemplate ? tr("template") : resource.size >= 0 ? QStringLiteral("%1  %2").arg(type, format::bytes(resource.size)) : type;
        row.icon = resource.isTemplate ? QStringLiteral("input") : QStringLiteral("file");
        return row;
    });
}

void McpResourcesPage::activate()
{
    read();
}

const McpResource *McpResourcesPage::current() const
{
    const int row = currentRow();
    return row >= 0 && size_t(row) < m_resources.size() ? &m_resources[size_t(row)] : nullptr;
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
    stopRequest();
    m_contents.clear();
    m_detail->setVisible(resource != nullptr);
    m_message->hide();
    if (!resource)
        return;
    showTitle(resource->uri, resource->description);
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
    request(mcp::readResource(&m_session->mcp(), m_name, m_body, uri(), newRequest()), [this](std::vector<McpResourceContent> contents) {
        m_contents = std::move(contents);
        show(m_contents);
    }, [this] { m_text->setText(QString()); });
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
    const int number = requestNumber();
    runTask(this, decoded(bytes), [this, number](const QImage &image) {
        if (number != requestNumber())
            return;
        m_image->setPixmap(QPixmap::fromImage(image));
        m_preview->setCurrentWidget(m_image);
    }, [this, number](const Error &error) {
        if (number == requestNumber())
            say(Severity::Warning, error.message);
    });
}

void McpResourcesPage::attach()
{
    if (!current() || m_contents.empty())
        return say(Severity::Info, tr("Read it first; what is attached is its text as it is then."));
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
        return say(Severity::Error, changes.error().message);
    if (const auto done = m_session->edit(prompt, *changes, tr("Attach %1").arg(resource.uri.left(80))); !done)
        return say(Severity::Error, done.error().message);
    say(Severity::Success, tr("Attached to %1 as the variable %2.").arg(info->name, mcp::attachmentVariable(m_name, resource)));
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
        return say(Severity::Error, changes.error().message);
    QJsonValue body = spec.toJson();
    for (const BodyChange &change : *changes)
        body = json::with(body, change.pointer, change.after);
    const QString name = m_session->freeName(ArtifactKind::Prompt, mcp::attachmentVariable(m_name, resource));
    runTask(this, m_session->createArtifact(ArtifactKind::Prompt, name, body.toObject()), [this](ArtifactId id) {
        Q_EMIT attached(id);
        Q_EMIT openRequested(Location::ofArtifact(id));
    }, [this](const Error &error) { say(Severity::Error, error.message); });
}

} // namespace lathe
