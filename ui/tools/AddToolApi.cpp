// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolApi.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/InPool.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolChoices.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QFile>
#include <QGridLayout>
#include <QLineEdit>
#include <QUrl>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int easilyMany = 40; // operations; beyond, the person chooses instead of leaving out

Task<Result<ApiImport>> parsed(QByteArray bytes, QString source)
{
    auto work = [bytes, source] { return importOpenApi(bytes, source); };
    auto result = co_await inPool(work);
    co_return result;
}

// The file in the pool, too: it may lie on a slow disk.
Task<Result<QByteArray>> readFile(QString path)
{
    auto work = [path]() -> Result<QByteArray> {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return Error(ErrorKind::NotFound, AddToolApi::tr("The file %1 cannot be read: %2.").arg(path, file.errorString()));
        if (file.size() > maxOpenApiBytes)
            return Error(ErrorKind::InvalidInput, AddToolApi::tr("The file %1 has %2; the largest document that can be read has %3.")
                                                      .arg(path, format::bytes(file.size()), format::bytes(maxOpenApiBytes)));
        return file.readAll();
    };
    auto result = co_await inPool(work);
    co_return result;
}
}

AddToolApi::AddToolApi(Session *session, Theme *theme, const AddToolInput &input, QWidget *parent)
    : AddToolStep(parent), m_session(session), m_theme(theme), m_input(input)
{
    setObjectName(QStringLiteral("add-api"));
    build();
    load();
}

AddToolApi::~AddToolApi()
{
    m_cancel.cancel();
}

void AddToolApi::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    m_about = new Label(m_theme, QString(), Label::Style::Strong, this);
    m_about->setObjectName(QStringLiteral("add-api-about"));
    m_about->setWordWrap(true);
    layout->addWidget(m_about);
    m_busy = new BusyBar(m_theme, this);
    layout->addWidget(m_busy);
    m_message = new InlineMessage(m_theme, Severity::Info, QString(), this);
    m_message->setObjectName(QStringLiteral("add-api-message"));
    m_message->hide();
    layout->addWidget(m_message);
    m_form = new QWidget(this);
    auto *grid = new QGridLayout(m_form);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(metrics::Margin);
    grid->setVerticalSpacing(metrics::Gap);
    grid->setColumnStretch(1, 1);
    m_name = new QLineEdit(m_form);
    m_name->setObjectName(QStringLiteral("add-api-name"));
    m_name->setAccessibleName(tr("Name of the tool"));
    m_base = new QComboBox(m_form);
    m_base->setObjectName(QStringLiteral("add-api-base"));
    m_base->setAccessibleName(tr("Base URL"));
    m_base->setEditable(true);
    m_base->setInsertPolicy(QComboBox::NoInsert);
    grid->addWidget(new Label(m_theme, tr("Name"), Label::Style::Secondary, m_form), 0, 0);
    grid->addWidget(m_name, 0, 1);
    grid->addWidget(new Label(m_theme, tr("Base URL"), Label::Style::Secondary, m_form), 1, 0);
    grid->addWidget(m_base, 1, 1);
    auto *authRow = new QHBoxLayout;
    authRow->setSpacing(metrics::Gap);
    m_kind = new QComboBox(m_form);
    m_kind->setObjectName(QStringLiteral("add-api-auth"));
    m_kind->setAccessibleName(tr("How calls prove who they are"));
    for (const auto &[text, kind] : {std::pair(tr("None"), QStringLiteral("none")), std::pair(tr("Bearer token"), QStringLiteral("bearer")),
                                     std::pair(tr("User and password"), QStringLiteral("basic")), std::pair(tr("Key in a header"), QStringLiteral("header")),
                                     std::pair(tr("Key in the query"), QStringLiteral("query")), std::pair(tr("Cookie"), QStringLiteral("cookie"))})
        m_kind->addItem(text, kind);
    m_authName = new QLineEdit(m_form);
    m_authName->setObjectName(QStringLiteral("add-api-auth-name"));
    m_authName->setAccessibleName(tr("Name of the header, parameter or cookie"));
    m_authName->setPlaceholderText(QStringLiteral("X-API-Key"));
    m_authName->setMaximumWidth(180);
    m_authValue = new QLineEdit(m_form);
    m_authValue->setObjectName(QStringLiteral("add-api-auth-value"));
    m_authValue->setAccessibleName(tr("Value, with the secret's name"));
    m_authValue->setPlaceholderText(QStringLiteral("{{secret:NAME}}"));
    m_authValue->setToolTip(tr("{{secret:NAME}} stands for the secret; of user and password: user:{{secret:NAME}}"));
    authRow->addWidget(m_kind);
    authRow->addWidget(m_authName);
    authRow->addWidget(m_authValue, 1);
    grid->addWidget(new Label(m_theme, tr("Auth"), Label::Style::Secondary, m_form), 2, 0);
    grid->addLayout(authRow, 2, 1);
    layout->addWidget(m_form);
    m_secrets = new AddToolSecrets(m_session, m_theme, this);
    layout->addWidget(m_secrets);
    m_operations = new AddToolChoices(m_theme, tr("Search operations"), this);
    m_operations->setNoun(tr("operation"), tr("operations"));
    m_operations->setEmptyText(tr("No operation matches."));
    layout->addWidget(m_operations, 1);
    m_form->hide();
    m_operations->hide();
    connect(m_operations, &AddToolChoices::changed, this, &AddToolStep::stateChanged);
    connect(m_name, &QLineEdit::textEdited, this, &AddToolStep::stateChanged);
    connect(m_base, &QComboBox::editTextChanged, this, &AddToolStep::stateChanged);
    connect(m_kind, &QComboBox::activated, this, [this] {
        const QString kind = m_kind->currentData().toString();
        QString secret = secretNames(m_authValue->text()).value(0);
        if (secret.isEmpty()) {
            for (const QChar c : m_name->text().toUpper())
                secret += c.isLetterOrNumber() && c.unicode() < 128 ? c : QLatin1Char('_');
            secret += QStringLiteral("_KEY");
        }
        const QString reference = QStringLiteral("{{secret:%1}}").arg(secret);
        m_authValue->setText(kind == QLatin1String("basic") ? QStringLiteral("user:") + reference : reference);
        showAuth();
    });
    connect(m_authValue, &QLineEdit::textEdited, this, &AddToolApi::showAuth);
}

void AddToolApi::load()
{
    m_busyNow = true;
    m_busy->setBusy(true);
    const auto failed = [this](const Error &error) {
        m_busyNow = false;
        m_busy->setBusy(false);
        say(Severity::Error, error.message);
        Q_EMIT stateChanged();
    };
    switch (m_input.kind) {
    case AddToolInput::Kind::OpenApiUrl:
        m_about->setText(tr("Fetching %1 ...").arg(m_input.text.left(200)));
        runTask(this, m_session->fetchDocument(m_input.text, m_cancel.token()), [this](const QByteArray &bytes) { parse(bytes, m_input.text); }, failed);
        break;
    case AddToolInput::Kind::OpenApiFile:
        m_about->setText(tr("Reading %1 ...").arg(m_input.text.left(200)));
        runTask(this, readFile(m_input.text), [this](const QByteArray &bytes) { parse(bytes, QUrl::fromLocalFile(m_input.text).toString()); }, failed);
        break;
    default:
        m_about->setText(tr("Reading the document ..."));
        parse(m_input.text.toUtf8(), QString());
    }
}

void AddToolApi::parse(const QByteArray &bytes, const QString &source)
{
    runTask(this, parsed(bytes, source), [this](const ApiImport &import) { show(import); }, [this](const Error &error) {
        m_busyNow = false;
        m_busy->setBusy(false);
        m_about->setText(tr("No OpenAPI document"));
        say(Severity::Error, error.message);
        Q_EMIT stateChanged();
    });
}

void AddToolApi::show(const ApiImport &import)
{
    m_busyNow = false;
    m_busy->setBusy(false);
    m_import = import;
    const OpenApiDocument &document = import.document;
    m_about->setText(tr("%1 %2 - OpenAPI %3, %4").arg(document.title.left(100), document.version.left(30), document.openapi.left(12),
                                                        format::count(qint64(document.operations.size()), tr("operation"), tr("operations"))));
    m_name->setText(import.name);
    for (const OpenApiServer &server : document.servers)
        m_base->addItem(server.url);
    m_base->lineEdit()->setPlaceholderText(QStringLiteral("https://api.example.com/v1"));
    m_kind->setCurrentIndex(std::max(0, m_kind->findData(import.auth.kind)));
    m_authName->setText(import.auth.name);
    m_authValue->setText(import.auth.value);
    const bool many = document.operations.size() > easilyMany;
    std::vector<AddToolChoices::Row> rows;
    for (const OpenApiOperation &operation : document.operations) {
        AddToolChoices::Row row;
        row.key = operation.function.name;
        row.title = operation.function.name;
        row.detail = !operation.problem.isEmpty() ? operation.problem : format::oneLine(operation.summary.isEmpty() ? operation.function.description : operation.summary, 300);
        if (operation.deprecated)
            row.detail = tr("deprecated - %1").arg(row.detail);
        row.trailing = operation.method + QLatin1Char(' ') + operation.path;
        row.group = operation.tags.value(0);
        row.fixed = !operation.problem.isEmpty();
        row.on = operation.function.enabled && !many && !row.fixed;
        row.tip = QStringLiteral("<p><b>%1 %2</b></p><p>%3</p>").arg(operation.method.toHtmlEscaped(), operation.path.toHtmlEscaped(),
                                                                      operation.function.description.left(2000).toHtmlEscaped());
        rows.push_back(std::move(row));
    }
    m_operations->setRows(rows);
    m_form->show();
    m_operations->show();
    if (many)
        say(Severity::Info, tr("This is a large API. Choose the operations the agent needs: models pick the wrong tool more often among many."));
    else if (!document.notes.isEmpty())
        say(Severity::Info, document.notes.mid(0, 3).join(QLatin1Char(' ')));
    showAuth();
    Q_EMIT stateChanged();
    if (many) // else one Enter adds them
        m_operations->setFocus(Qt::OtherFocusReason);
}

OpenApiAuth AddToolApi::auth() const
{
    OpenApiAuth now;
    now.kind = m_kind->currentData().toString();
    if (now.kind == QLatin1String("none"))
        return now;
    now.name = m_authName->text().trimmed();
    now.value = m_authValue->text().trimmed();
    return now;
}

void AddToolApi::showAuth()
{
    const OpenApiAuth now = auth();
    const bool any = now.kind != QLatin1String("none");
    const bool named = any && now.kind != QLatin1String("bearer") && now.kind != QLatin1String("basic");
    m_authName->setVisible(named);
    m_authValue->setVisible(any);
    m_secrets->setSecrets(QJsonObject{{QStringLiteral("value"), any ? now.value : QString()}}, {});
    Q_EMIT stateChanged();
}

void AddToolApi::say(Severity severity, const QString &text)
{
    m_message->setMessage(severity, text);
    m_message->show();
}

QString AddToolApi::title() const
{
    return tr("Add tools from an API");
}

QString AddToolApi::primaryText() const
{
    if (m_busyNow)
        return m_input.kind == AddToolInput::Kind::OpenApiUrl ? tr("Fetching ...") : tr("Reading ...");
    return tr("Add %1").arg(format::count(m_operations->chosen().size(), tr("operation"), tr("operations")));
}

bool AddToolApi::canGoOn() const
{
    return !m_busyNow && !m_adding && m_import && !m_operations->chosen().isEmpty() && !m_name->text().trimmed().isEmpty() && !m_base->currentText().trimmed().isEmpty();
}

void AddToolApi::goOn()
{
    if (!canGoOn())
        return;
    const QUrl base(m_base->currentText().trimmed(), QUrl::StrictMode);
    if (!base.isValid() || base.host().isEmpty() || !base.scheme().startsWith(QLatin1String("http")))
        return say(Severity::Error, tr("The base URL must be a web address such as https://api.example.com/v1."));
    m_adding = true;
    Q_EMIT stateChanged();
    const auto failed = [this](const Error &error) {
        m_adding = false;
        say(Severity::Error, error.message);
        Q_EMIT stateChanged();
    };
    runTask(this, m_secrets->store(), [this, failed] {
        const QJsonObject body = m_import->toolBody(m_operations->chosen(), m_base->currentText().trimmed(), auth());
        std::vector<std::pair<QString, QJsonObject>> tools;
        tools.emplace_back(m_name->text().trimmed(), body);
        const qint64 count = m_operations->chosen().size();
        runTask(this, createTools(m_session, std::move(tools)), [this, count](const QList<ArtifactId> &ids) {
            const auto info = m_session->project().artifacts().info(ids.first());
            Q_EMIT created(ids, tr("Added %1 with %2").arg(info ? info->name : QString(), format::count(count, tr("operation"), tr("operations"))));
        }, failed);
    }, [this, failed](const Error &error) {
        failed(error);
        m_secrets->focusField();
    });
}

} // namespace lathe
