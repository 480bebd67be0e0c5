// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/ConnectionEditor.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/Renaming.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/settings/CostField.h"
#include "ui/settings/HeaderTable.h"
#include "ui/settings/LocalServersPanel.h"
#include "ui/settings/SecretField.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/DocumentHeader.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/NameField.h"
#include "ui/widgets/PrimaryButton.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScrollArea>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int ShownModels = 10; // rows; more scroll
}

QString ConnectionEditor::apiTitle(const QString &api)
{
    if (api == QLatin1String("offline"))
        return tr("Offline model (no network)");
    if (api == QLatin1String("openai_chat"))
        return tr("OpenAI-compatible (chat completions)");
    if (api == QLatin1String("openai_responses"))
        return tr("OpenAI (responses)");
    if (api == QLatin1String("anthropic"))
        return tr("Anthropic (messages)");
    if (api == QLatin1String("gemini"))
        return tr("Google Gemini");
    return api;
}

ConnectionEditor::ConnectionEditor(Session *session, Theme *theme, ArtifactId connection, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_connection(connection)
{
    setObjectName(QStringLiteral("connection-editor"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) { edit(pointer, value, what); }, this);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(buildHeader());
    auto *scroll = new QScrollArea(this);
    auto *content = new QWidget(scroll);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(metrics::PageMargin, 8, metrics::PageMargin, metrics::PageMargin);
    layout->setSpacing(metrics::GapLarge);
    m_summary = new InlineMessage(theme, Severity::Error, QString(), content);
    m_summary->setObjectName(QStringLiteral("connection-problems"));
    m_summary->setMaximumWidth(metrics::ReadingWidth + 164);
    m_summary->hide();
    layout->addWidget(m_summary);
    auto *form = new FormLayout(theme, content);
    form->setEnabled(!session->project().isReadOnly());
    form->addSection(tr("Provider"));
    m_api = new QComboBox(form);
    m_api->setObjectName(QStringLiteral("connection-api"));
    for (const QString &api : ConnectionSpec::knownApis())
        m_api->addItem(apiTitle(api), api);
    connect(m_api, &QComboBox::activated, this, [this](int row) { changeApi(m_api->itemData(row).toString()); });
    m_fields.insert(QStringLiteral("api"), form->addField(tr("API style"), m_api));
    layout->addWidget(form);
    m_offline = new InlineMessage(theme, Severity::Info,
                                  tr("The offline model has no weights and needs no network: it extracts, counts, fills formats and calls tools by rule, "
                                     "and answers the same every time. Good for trying designs and for tests, not for judging prose."),
                                  content);
    m_offline->setObjectName(QStringLiteral("connection-offline"));
    m_offline->setMaximumWidth(metrics::ReadingWidth + 164);
    layout->addWidget(m_offline);
    auto *online = new FormLayout(theme, content);
    online->setEnabled(!session->project().isReadOnly());
    m_online = online;
    buildReach(online);
    buildCost(online);
    buildPatience(online);
    layout->addWidget(m_online);
    layout->addWidget(buildTest(content));
    auto *servers = new LocalServersPanel(session, theme, content);
    servers->setMaximumWidth(metrics::ReadingWidth + 164);
    connect(servers, &LocalServersPanel::openRequested, this, &ConnectionEditor::openRequested);
    connect(servers, &LocalServersPanel::statusMessage, this, &ConnectionEditor::statusMessage);
    connect(servers, &LocalServersPanel::errorRaised, this, &ConnectionEditor::errorRaised);
    layout->addWidget(servers);
    layout->addStretch(1);
    fillScrollColumn(scroll, content);
    outer->addWidget(scroll, 1);

    m_check.setSingleShot(true);
    m_check.setInterval(200);
    connect(&m_check, &QTimer::timeout, this, &ConnectionEditor::showProblems);
    const auto follow = [this](ArtifactId id) {
        if (id == m_connection)
            reload();
    };
    connect(&session->project().artifacts(), &ArtifactRepository::draftChanged, this, follow);
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    reload();
    showProblems();
}

ConnectionEditor::~ConnectionEditor()
{
    silence(this);
    ++m_testNumber; // nobody wants the answer any more
    if (!m_cancel)
        return;
    CancelSource source = *m_cancel;
    source.cancel();
}

QWidget *ConnectionEditor::buildHeader()
{
    auto *header = new QWidget(this);
    m_header = new DocumentHeader(m_theme, QStringLiteral("connection"), tr("Name of the connection"), header);
    m_header->setContentsMargins(metrics::PageMargin, 14, metrics::PageMargin, 6);
    header->setLayout(m_header);
    renameBy(m_header->name(), m_session, m_connection);
    return header;
}

void ConnectionEditor::buildReach(FormLayout *form)
{
    m_url = new QLineEdit(form);
    m_url->setObjectName(QStringLiteral("connection-url"));
    m_binding->bind(m_url, QStringLiteral("/base_url"), tr("Change base URL"), true);
    m_fields.insert(QStringLiteral("base_url"), form->addField(tr("Base URL"), m_url, tr("Empty: the provider's own address.")));
    form->addSection(tr("Key"), tr("never in the project file"));
    m_secretName = new QLineEdit(form);
    m_secretName->setObjectName(QStringLiteral("connection-secret"));
    m_binding->bind(m_secretName, QStringLiteral("/secret"), tr("Change name of the secret"), true);
    m_fields.insert(QStringLiteral("secret"), form->addField(tr("Name of the secret"), m_secretName, tr("The environment variable, or the entry of the keychain.")));
    m_secret = new SecretField(m_session, m_theme, form);
    form->addField(tr("Key"), m_secret);
}

void ConnectionEditor::buildCost(FormLayout *form)
{
    form->addSection(tr("Cost"));
    m_cost = new CostField(m_theme, form);
    FormField *field = form->addField(tr("Answers cost"), m_cost, QString());
    m_fields.insert(QStringLiteral("price"), field);
    connect(m_cost, &CostField::edited, this, [this] {
        if (const auto draft = m_session->draft(m_connection))
            edit(QString(), m_cost->applied(draft->body), tr("Change cost"));
    });
}

void ConnectionEditor::showCost(const QJsonObject &body)
{
    m_cost->setBody(body);
    FormField *field = m_fields.value(QStringLiteral("price"));
    switch (m_cost->kind()) {
    case CostField::Kind::Listed:
        field->setHelp(tr("Runs show “?” for models that are not in the list."));
        break;
    case CostField::Kind::Free:
        field->setHelp(tr("Runs count their tokens, and no money."));
        break;
    case CostField::Kind::Own:
        field->setHelp(tr("In dollars, for all models of this connection."));
        break;
    }
}

void ConnectionEditor::buildPatience(FormLayout *form)
{
    form->addSection(tr("Patience"));
    auto *times = new QWidget(form);
    auto *row = new QHBoxLayout(times);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::Gap);
    const ConnectionSpec defaults;
    const auto field = [&](const char *key, const QString &title, const QString &accessible, qint64 standardMs) {
        auto *spin = new QDoubleSpinBox(times);
        spin->setObjectName(QStringLiteral("connection-timeout-") + QString::fromLatin1(key));
        spin->setAccessibleName(accessible);
        spin->setToolTip(accessible);
        spin->setRange(0.1, 86'400);
        spin->setDecimals(1);
        spin->setSuffix(tr(" s"));
        m_binding->bind(spin, QStringLiteral("/timeouts/") + QString::fromLatin1(key), tr("Change time-out"), double(standardMs) / 1000);
        row->addWidget(new Label(m_theme, title, Label::Style::Secondary, times));
        row->addWidget(spin, 1);
    };
    field("connect", tr("connect"), tr("Longest wait for the connection"), defaults.connectTimeoutMs);
    field("first_byte", tr("first answer"), tr("Longest wait for the first piece of an answer"), defaults.firstByteTimeoutMs);
    field("idle", tr("between pieces"), tr("Longest pause between pieces of an answer"), defaults.idleTimeoutMs);
    m_fields.insert(QStringLiteral("timeouts"), form->addField(tr("Time-outs"), times));
    auto *attempts = new QSpinBox(form);
    attempts->setObjectName(QStringLiteral("connection-attempts"));
    attempts->setRange(1, 20);
    attempts->setMaximumWidth(200);
    m_binding->bind(attempts, QStringLiteral("/retry/attempts"), tr("Change attempts"), defaults.retry.maxAttempts);
    m_fields.insert(QStringLiteral("retry"), form->addField(tr("Attempts"), attempts, tr("Rate limits and dropped connections are tried again, ever more slowly.")));
    m_headers = new HeaderTable(m_theme, form);
    m_binding->bind(QStringLiteral("/headers"), [this](const QJsonValue &value) { m_headers->setValue(value.toObject()); });
    connect(m_headers, &HeaderTable::edited, this, [this](const QJsonObject &headers) {
        m_binding->report(QStringLiteral("/headers"), headers.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(headers), tr("Change headers"));
    });
    m_fields.insert(QStringLiteral("headers"), form->addField(tr("Extra headers"), m_headers));
}

QWidget *ConnectionEditor::buildTest(QWidget *parent)
{
    auto *box = new QWidget(parent);
    box->setMaximumWidth(metrics::ReadingWidth + 164);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    auto *header = new SectionHeader(m_theme, tr("Test"), SectionHeader::Level::Section, box);
    header->setDetail(tr("asks for the list of models; costs nothing"));
    m_cancelButton = new Button(tr("Cancel"), ButtonRole::Secondary, header);
    m_cancelButton->setObjectName(QStringLiteral("connection-test-cancel"));
    m_cancelButton->hide();
    m_test = new PrimaryButton(tr("Test connection"), header);
    m_test->setObjectName(QStringLiteral("connection-test"));
    m_test->setToolTip(tr("List the provider's models with this address and key"));
    header->addAction(m_cancelButton);
    header->addAction(m_test);
    layout->addWidget(header);
    m_busy = new BusyBar(m_theme, box);
    layout->addWidget(m_busy);
    m_result = new InlineMessage(m_theme, Severity::Info, QString(), box);
    m_result->setObjectName(QStringLiteral("connection-result"));
    m_result->hide();
    layout->addWidget(m_result);
    m_modelNames = new QStandardItemModel(this);
    m_models = new QListView(box);
    m_models->setObjectName(QStringLiteral("connection-models"));
    m_models->setAccessibleName(tr("Models of the provider"));
    m_models->setModel(m_modelNames);
    m_models->setItemDelegate(new RowDelegate(m_theme, m_models));
    m_models->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_models->setUniformItemSizes(true);
    m_models->hide();
    layout->addWidget(m_models);
    connect(m_test, &QAbstractButton::clicked, this, &ConnectionEditor::test);
    connect(m_cancelButton, &QAbstractButton::clicked, this, [this] {
        if (!m_cancel)
            return;
        CancelSource source = *m_cancel; // the answer may come at once and drop the member
        source.cancel();
    });
    return box;
}

void ConnectionEditor::edit(const QString &pointer, const QJsonValue &value, const QString &what)
{
    if (const auto done = m_session->edit(m_connection, pointer, value, what); !done)
        Q_EMIT errorRaised(done.error());
    reload(); // the project tells of the edit once it is in the file; the form does not wait for that
}

void ConnectionEditor::changeApi(const QString &api)
{
    const auto draft = m_session->draft(m_connection);
    const QString old = draft ? draft->body.value(QStringLiteral("api")).toString() : QString();
    if (!draft || old == api)
        return;
    QJsonObject body = draft->body;
    body.insert(QStringLiteral("api"), api);
    // The old provider's own address and key name would be wrong for the new one.
    if (body.value(QStringLiteral("base_url")).toString() == ConnectionSpec::defaultBaseUrl(old))
        body.remove(QStringLiteral("base_url"));
    if (body.value(QStringLiteral("secret")).toString() == ConnectionSpec::conventionalSecret(old))
        body.remove(QStringLiteral("secret"));
    edit(QString(), body, tr("Change API style"));
}

void ConnectionEditor::reload()
{
    const auto info = m_session->project().artifacts().info(m_connection);
    const auto draft = m_session->draft(m_connection);
    if (!info || !draft)
        return;
    m_header->show(info->name, info->latestNumber, info->hasDraft, m_session->project().isReadOnly());
    const QString api = draft->body.value(QStringLiteral("api")).toString();
    m_api->setCurrentIndex(m_api->findData(api));
    const bool offline = api == QLatin1String("offline");
    m_offline->setVisible(offline);
    m_online->setVisible(!offline);
    m_binding->load(draft->body);
    showCost(draft->body);
    m_url->setPlaceholderText(ConnectionSpec::defaultBaseUrl(api));
    m_secretName->setPlaceholderText(ConnectionSpec::conventionalSecret(api));
    m_check.start();
}

void ConnectionEditor::showProblems()
{
    m_check.stop();
    const auto info = m_session->project().artifacts().info(m_connection);
    const auto draft = m_session->draft(m_connection);
    if (!info || !draft)
        return;
    for (FormField *field : std::as_const(m_fields))
        field->clearProblem();
    const bool readOnly = m_session->project().isReadOnly();
    const auto spec = ConnectionSpec::fromJson(info->name, draft->body);
    if (m_online->isVisibleTo(this) && spec)
        m_secret->setName(spec->secretName);
    m_test->setEnabled(spec.ok());
    bool placed = false;
    if (!spec) {
        // Which part is it? The one that is wrong on its own.
        const QJsonValue api = draft->body.value(QStringLiteral("api"));
        for (auto it = draft->body.begin(); it != draft->body.end(); ++it) {
            const auto alone = ConnectionSpec::fromJson(info->name, QJsonObject{{QStringLiteral("api"), api}, {it.key(), it.value()}});
            if (alone || !m_fields.contains(it.key()))
                continue;
            // Below its field the sentence need not say whose it is.
            QString words = alone.error().message;
            const QString prefix = QStringLiteral("Connection %1: ").arg(info->name);
            if (words.startsWith(prefix))
                words = words.mid(prefix.size());
            if (!words.isEmpty())
                words[0] = words[0].toUpper();
            m_fields.value(it.key())->setProblem(Severity::Error, words);
            placed = true;
        }
    }
    const QString url = draft->body.value(QStringLiteral("base_url")).toString();
    if (spec && url.startsWith(QLatin1String("http://")) && !spec->secretName.isEmpty() && !url.contains(QLatin1String("//127.0.0.1"))
        && !url.contains(QLatin1String("//localhost")) && !url.contains(QLatin1String("//[::1]")))
        m_fields.value(QStringLiteral("base_url"))->setProblem(Severity::Warning, tr("The key would travel unencrypted; use https."));
    if (spec && spec->isNearby() && m_cost->kind() == CostField::Kind::Listed)
        m_fields.value(QStringLiteral("price"))->setProblem(Severity::Info, tr("What this server costs is not known. If the models run on it, choose Free."));
    m_summary->setMessage(readOnly ? Severity::Warning : Severity::Error,
                          readOnly ? m_session->project().readOnlyReason() : spec ? QString() : spec.error().message);
    m_summary->setVisible(readOnly || (!spec && !placed));
}

void ConnectionEditor::test()
{
    if (m_cancel)
        return;
    const auto info = m_session->project().artifacts().info(m_connection);
    if (!info)
        return;
    m_cancel.emplace();
    m_testStartedUs = m_session->clock().nowUs();
    m_busy->setBusy(true);
    m_test->hide();
    m_cancelButton->show();
    m_models->hide();
    m_result->setMessage(Severity::Info, tr("Asking for the list of models ..."));
    m_result->show();
    const int number = ++m_testNumber;
    runTask(this, m_session->listModels(info->name, m_cancel->token()),
            [this, number](const QStringList &models) {
                if (number == m_testNumber)
                    testEnded(std::nullopt, models);
            },
            [this, number](const Error &error) {
                if (number == m_testNumber)
                    testEnded(error, QStringList());
            });
}

void ConnectionEditor::testEnded(const std::optional<Error> &error, const QStringList &models)
{
    m_cancel.reset();
    m_busy->setBusy(false);
    m_cancelButton->hide();
    m_test->show();
    const QString took = format::duration(m_session->clock().nowUs() - m_testStartedUs);
    if (error) {
        const bool cancelled = error->kind == ErrorKind::Cancelled;
        m_result->setMessage(cancelled ? Severity::Info : Severity::Error, cancelled ? tr("The test was cancelled.") : error->message);
        return;
    }
    m_result->setMessage(Severity::Success, tr("Reached in %1: %2.").arg(took, format::count(models.size(), tr("model"), tr("models"))));
    m_modelNames->clear();
    for (const QString &model : models) {
        auto *item = new QStandardItem(model);
        item->setData(QStringLiteral("model"), rowrole::Icon);
        item->setData(int(ColorToken::Model), rowrole::Color);
        m_modelNames->appendRow(item);
    }
    m_models->setFixedHeight(std::min<int>(int(models.size()), ShownModels) * metrics::RowHeight + 10);
    m_models->setVisible(!models.isEmpty());
}

void ConnectionEditor::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().base);
}

} // namespace lathe
