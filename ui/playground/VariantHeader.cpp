// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/VariantHeader.h"

#include "core/session/Playground.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/playground/ChoicePopover.h"
#include "ui/playground/ParameterFields.h"
#include "ui/playground/PickerButton.h"
#include "ui/playground/VariantChoices.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FilterableList.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ProblemLine.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QShortcut>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int badge = 20;
constexpr int enoughForTwo = 420; // pixels: prompt and model side by side
constexpr int most = Playground::columnsMax;
}

VariantHeader::VariantHeader(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_theme(theme),
      m_subject(new PickerButton(theme, this)),
      m_stop(new IconButton(theme, QStringLiteral("stop"), tr("Stop this column"), this)),
      m_more(new IconButton(theme, QStringLiteral("more"), tr("More for this variant"), this)),
      m_details(new QWidget(this)),
      m_prompt(new PickerButton(theme, m_details)),
      m_model(new PickerButton(theme, m_details)),
      m_fold(new IconButton(theme, QStringLiteral("settings"), QString(), this)),
      m_summary(new LinkLabel(theme, QString(), m_details)),
      m_parameters(new ParameterFields(theme, m_details)),
      m_problem(new ProblemLine(theme, this)),
      m_hidden(new Label(theme, QString(), Label::Style::Hint, this))
{
    setMinimumWidth(220);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Gap, metrics::Gap, metrics::Gap, metrics::GapSmall);
    layout->setSpacing(metrics::GapSmall);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(badge + metrics::Gap, 0, 0, 0);
    top->setSpacing(metrics::GapSmall);
    top->addWidget(m_subject, 1);
    top->addWidget(m_hidden, 1);
    top->addWidget(m_stop);
    top->addWidget(m_fold);
    top->addWidget(m_more);
    layout->addLayout(top);
    auto *details = new QVBoxLayout(m_details);
    details->setContentsMargins(badge + metrics::Gap, 0, 0, 0);
    details->setSpacing(metrics::GapSmall);
    m_pickers = new QBoxLayout(QBoxLayout::LeftToRight);
    m_pickers->setSpacing(0);
    m_pickers->addWidget(m_prompt, 1);
    m_pickers->addWidget(m_model, 1);
    details->addLayout(m_pickers);
    details->addWidget(m_summary);
    details->addWidget(m_parameters);
    layout->addWidget(m_details);
    layout->addWidget(m_problem);
    layout->addStretch(1);

    m_subject->setObjectName(QStringLiteral("variant-subject"));
    m_prompt->setObjectName(QStringLiteral("variant-prompt"));
    m_model->setObjectName(QStringLiteral("variant-model"));
    m_stop->setObjectName(QStringLiteral("variant-stop"));
    m_more->setObjectName(QStringLiteral("variant-more"));
    m_fold->setObjectName(QStringLiteral("variant-fold"));
    m_summary->setObjectName(QStringLiteral("variant-summary"));
    m_prompt->setQuiet(true);
    m_model->setQuiet(true);
    m_fold->setCheckable(true);
    m_stop->setIconName(QStringLiteral("stop"), ColorToken::Error);
    m_stop->hide();
    m_hidden->setObjectName(QStringLiteral("variant-hidden"));
    m_hidden->setText(tr("hidden while blind"));
    m_hidden->setMinimumHeight(metrics::ControlHeight);
    m_hidden->hide();
    m_summary->setFont(theme->smallFont());
    m_summary->setQuiet(true);
    m_subject->setToolTip(tr("The agent, team or prompt that this column runs"));
    m_prompt->setToolTip(tr("A prompt instead of the agent\u2019s own"));
    m_model->setToolTip(tr("The model that answers: connection/model"));
    m_parameters->hide();

    connect(m_subject, &QAbstractButton::clicked, this, &VariantHeader::chooseSubject);
    connect(m_prompt, &QAbstractButton::clicked, this, &VariantHeader::choosePrompt);
    connect(m_model, &QAbstractButton::clicked, this, &VariantHeader::chooseModel);
    connect(m_stop, &QAbstractButton::clicked, this, &VariantHeader::stopRequested);
    connect(m_more, &QAbstractButton::clicked, this, &VariantHeader::openMenu);
    const auto fold = [this] {
        setFolded(!m_folded);
        if (!m_folded)
            m_parameters->focusFirst();
        Q_EMIT foldedChanged(m_folded);
    };
    connect(m_fold, &QAbstractButton::clicked, this, fold);
    connect(m_summary, &QAbstractButton::clicked, this, fold);
    connect(m_parameters, &ParameterFields::edited, this, [this](const QJsonObject &parameters) {
        m_variant.parameters = parameters;
        showState();
        Q_EMIT edited(m_variant);
    });
    const auto onKey = [this](const QKeySequence &key, auto run) {
        auto *shortcut = new QShortcut(key, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, run] {
            if (!m_blind)
                run();
        });
    };
    onKey(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Left), [this] {
        if (m_position > 0)
            Q_EMIT moveRequested(-1);
    });
    onKey(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Right), [this] {
        if (m_position + 1 < m_count)
            Q_EMIT moveRequested(1);
    });
    onKey(QKeySequence(Qt::CTRL | Qt::Key_D), [this] {
        if (m_count < most)
            Q_EMIT duplicateRequested();
    });
    onKey(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Backspace), [this] {
        if (m_count > 1)
            Q_EMIT removeRequested();
    });
    setFolded(true);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void VariantHeader::show(const VariantSpec &variant, int position, int count)
{
    m_variant = variant;
    m_position = position;
    m_count = count;
    setObjectName(QStringLiteral("variant-%1").arg(position + 1));
    setAccessibleName(tr("Variant %1: %2").arg(QChar(u'A' + position)).arg(variantchoices::title(variant)));
    m_parameters->show(variant.parameters);
    showState();
}

void VariantHeader::showState()
{
    const QString value = variantchoices::subjectOf(*m_session, m_variant);
    const ArtifactKind kind = variantchoices::kindOf(*m_session, m_variant);
    const bool agent = kind == ArtifactKind::Agent;
    m_subject->show(value.isEmpty() ? QString() : artifactKindName(kind),
                    value.mid(value.indexOf(QLatin1Char(':')) + 1), tr("Choose what to run"));
    m_subject->setAccessibleName(
        tr("Variant %1 runs %2").arg(QChar(u'A' + m_position)).arg(m_subject->text()));
    m_prompt->setVisible(agent && !value.isEmpty());
    m_prompt->show(QStringLiteral("prompt"), m_variant.prompt, tr("own prompt"));
    m_prompt->setAccessibleName(tr("Prompt of variant %1").arg(QChar(u'A' + m_position)));
    const QString own = variantchoices::ownModel(*m_session, m_variant);
    m_model->setVisible(kind != ArtifactKind::Team && !value.isEmpty());
    m_model->show(QStringLiteral("model"), m_variant.model, own.isEmpty() ? tr("the usual model") : own);
    m_model->setAccessibleName(tr("Model of variant %1").arg(QChar(u'A' + m_position)));
    const QString parameters = variantchoices::parametersText(m_variant.parameters);
    const bool parametersFit = kind != ArtifactKind::Team && !value.isEmpty();
    m_summary->setText(parameters);
    m_summary->setToolTip(tr("Change the parameters"));
    m_summary->setVisible(parametersFit && m_folded && !parameters.isEmpty());
    m_fold->setVisible(parametersFit && !m_blind);
    m_fold->setIconName(QStringLiteral("settings"),
                        parameters.isEmpty() ? ColorToken::Text2 : ColorToken::Accent);
    m_parameters->setVisible(parametersFit && !m_folded);
    m_details->setVisible(!m_blind && !value.isEmpty() && kind != ArtifactKind::Team);
    m_subject->setVisible(!m_blind);
    m_hidden->setVisible(m_blind);
    m_more->setVisible(!m_blind);
    QString problem;
    if (!m_blind && !value.isEmpty()) {
        const auto found = m_session->project().artifacts().resolve(
            kind, kind == ArtifactKind::Prompt ? m_variant.prompt : m_variant.agent);
        if (!found)
            problem = found.error().message;
    }
    m_problem->setProblem(Severity::Error, problem);
    update();
}

void VariantHeader::setBlind(bool blind)
{
    if (blind == m_blind)
        return;
    m_blind = blind;
    showState();
}

void VariantHeader::setRunning(bool running)
{
    const bool focus = m_stop->hasFocus();
    m_stop->setVisible(running && !m_blind);
    if (focus && !running)
        m_more->setFocus(Qt::OtherFocusReason);
}

void VariantHeader::setFolded(bool folded)
{
    m_folded = folded;
    m_fold->setChecked(!folded);
    m_fold->setTip(withShortcut(folded ? tr("Show temperature, top p, most tokens and seed")
                                       : tr("Hide the parameters"),
                                QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P)));
    showState();
}

void VariantHeader::focusSubject()
{
    m_subject->setFocus(Qt::OtherFocusReason);
}

QWidget *VariantHeader::menuButton() const
{
    return m_more;
}

void VariantHeader::chooseSubject()
{
    auto *popover = new ChoicePopover(m_theme, m_subject, tr("Agent, team or prompt"));
    popover->model()->append(variantchoices::subjects(*m_session));
    popover->list()->setEmptyText(
        tr("Nothing of this name. Make an agent or a prompt in Design or Prompts."));
    popover->setCurrent(variantchoices::subjectOf(*m_session, m_variant));
    connect(popover, &ChoicePopover::chosen, this, [this](const QString &value) {
        variantchoices::setSubject(*m_session, &m_variant, value);
        showState();
        Q_EMIT edited(m_variant);
    });
    popover->open();
}

void VariantHeader::choosePrompt()
{
    auto *popover = new ChoicePopover(m_theme, m_prompt, tr("Prompt"));
    popover->model()->append(variantchoices::prompts(*m_session));
    popover->setCurrent(m_variant.prompt.isEmpty() ? QStringLiteral("-") : m_variant.prompt);
    connect(popover, &ChoicePopover::chosen, this, [this](const QString &value) {
        m_variant.prompt = value == QLatin1String("-") ? QString() : value;
        showState();
        Q_EMIT edited(m_variant);
    });
    popover->open();
}

void VariantHeader::chooseModel()
{
    auto *popover = new ChoicePopover(m_theme, m_model, tr("connection/model"));
    popover->model()->append(variantchoices::models(*m_session, m_variant.agent.isEmpty()
                                                                    ? tr("The project\u2019s usual model")
                                                                    : tr("The agent\u2019s own model")));
    popover->setOwn([known = popover->model()](const QString &typed) {
        const qsizetype slash = typed.indexOf(QLatin1Char('/'));
        if (slash <= 0 || slash + 1 >= typed.size() || known->has(typed))
            return Choice();
        return Choice{typed, tr("Use %1").arg(typed), QStringLiteral("model"), QString(), typed};
    });
    popover->setCurrent(m_variant.model.isEmpty() ? QStringLiteral("-") : m_variant.model);
    popover->list()->setEmptyText(tr("Type connection/model, such as openai/gpt-5."));
    connect(popover, &ChoicePopover::chosen, this, [this](const QString &value) {
        m_variant.model = value == QLatin1String("-") ? QString() : value;
        showState();
        Q_EMIT edited(m_variant);
    });
    listModels(popover);
    popover->open();
}

void VariantHeader::listModels(ChoicePopover *popover)
{
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Connection)) {
        const QString connection = info.name;
        runTask(
            popover, m_session->listModels(connection, CancelToken()),
            [popover, connection](const QStringList &models) {
                std::vector<Choice> found;
                for (const QString &model : models) {
                    const QString reference = connection + QLatin1Char('/') + model;
                    found.push_back({reference, reference, QStringLiteral("model"), QString(), QString()});
                }
                popover->model()->append(found);
            },
            [](const Error &) {}); // a provider that is away lists nothing; its models can be typed
    }
}

void VariantHeader::open()
{
    const auto artifact = variantchoices::artifactOf(*m_session, m_variant);
    if (!artifact)
        return;
    const auto ref = ArtifactRef::parse(m_variant.prompt.isEmpty() ? m_variant.agent : m_variant.prompt);
    Q_EMIT openRequested(Location::ofArtifact(*artifact, ref ? ref->number : 0));
}

void VariantHeader::openMenu()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("variant-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto artifact = variantchoices::artifactOf(*m_session, m_variant);
    const auto info =
        artifact ? std::optional(m_session->project().artifacts().info(*artifact)) : std::nullopt;
    const bool known = info && *info;
    const auto add = [&](const char *name, const QString &icon, const QString &text,
                         const QKeySequence &key, bool enabled, std::function<void()> run) {
        QAction *action = menu->addAction(m_theme->icon(icon), text, this, std::move(run));
        action->setObjectName(QString::fromLatin1(name));
        action->setShortcut(key);
        action->setEnabled(enabled);
    };
    add("variant-open", QStringLiteral("link"), known ? tr("Open %1").arg((*info)->name) : tr("Open"),
        QKeySequence(), known, [this] { open(); });
    const bool team = variantchoices::kindOf(*m_session, m_variant) == ArtifactKind::Team;
    add("variant-commit", QStringLiteral("commit"), tr("Keep as a revision\u2026"), QKeySequence(),
        known && !team, [this] { Q_EMIT commitRequested(); });
    menu->addSeparator();
    add("variant-duplicate", QStringLiteral("copy"), tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D),
        m_count < most, [this] { Q_EMIT duplicateRequested(); });
    add("variant-left", QStringLiteral("back"), tr("Move left"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Left), m_position > 0,
        [this] { Q_EMIT moveRequested(-1); });
    add("variant-right", QStringLiteral("forward"), tr("Move right"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Right), m_position + 1 < m_count,
        [this] { Q_EMIT moveRequested(1); });
    menu->addSeparator();
    add("variant-remove", QStringLiteral("trash"), tr("Remove"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Backspace), m_count > 1,
        [this] { Q_EMIT removeRequested(); });
    menu->popup(m_more->mapToGlobal(QPoint(0, m_more->height() + 4)));
}

void VariantHeader::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_pickers->setDirection(width() < enoughForTwo ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void VariantHeader::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    const QRectF box(metrics::Gap, metrics::Gap + (metrics::ControlHeight - badge) / 2, badge, badge);
    paint::roundedBox(painter, box, 4, t.raised, t.lineStrong);
    painter.setFont(m_theme->strongFont());
    painter.setPen(t.text);
    painter.drawText(box, Qt::AlignCenter,
                     m_blind ? QString::number(m_position + 1) : QString(QChar(u'A' + m_position)));
}

} // namespace lathe
