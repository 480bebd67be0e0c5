// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/VariantCard.h"

#include "ui/experiments/ReferenceBox.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

VariantCard::VariantCard(Session *session, Theme *theme, int index, QWidget *parent)
    : Card(theme, parent), m_session(session), m_theme(theme), m_index(index), m_name(new QLineEdit(this)), m_agent(new ReferenceBox(this)),
      m_prompt(new ReferenceBox(this)), m_model(new ReferenceBox(this)), m_temperature(new QDoubleSpinBox(this)), m_tokens(new QSpinBox(this)),
      m_seed(new QSpinBox(this)), m_parameters(new QWidget(this)), m_uses(new Label(theme, QString(), Label::Style::Caption, this)),
      m_problem(new ProblemLine(theme, this))
{
    const QString letter(QChar(u'A' + index % 26));
    setObjectName(QStringLiteral("variant-%1").arg(index));
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::Gap);
    auto *badge = new Label(theme, letter, Label::Style::Heading, this);
    badge->setFixedWidth(20);
    head->addWidget(badge);
    m_name->setObjectName(QStringLiteral("variant-name-%1").arg(index));
    m_name->setAccessibleName(tr("Name of variant %1").arg(letter));
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString &text) {
        report(QStringLiteral("name"), text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text), tr("Rename variant"));
    });
    head->addWidget(m_name, 1);
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Another like it, to change one thing"), this);
    copy->setObjectName(QStringLiteral("variant-copy-%1").arg(index));
    copy->setCompact(true);
    connect(copy, &QAbstractButton::clicked, this, &VariantCard::duplicateRequested);
    head->addWidget(copy);
    auto *remove = new IconButton(theme, QStringLiteral("trash"), tr("Remove variant %1").arg(letter), this);
    remove->setObjectName(QStringLiteral("variant-remove-%1").arg(index));
    remove->setCompact(true);
    connect(remove, &QAbstractButton::clicked, this, &VariantCard::removeRequested);
    m_remove = remove;
    head->addWidget(remove);
    body()->addLayout(head);

    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(metrics::Gap);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    const struct {
        QString label;
        ReferenceBox *box;
        const char *name;
        QString none, what;
    } rows[] = {
        {tr("Agent"), m_agent, "agent", tr("none: the prompt alone"), tr("Change agent")},
        {tr("Prompt"), m_prompt, "prompt", tr("the agent's own"), tr("Change prompt")},
        {tr("Model"), m_model, "model", tr("the agent's own"), tr("Change model")},
    };
    int line = 0;
    for (const auto &row : rows) {
        auto *label = new Label(theme, row.label, Label::Style::Secondary, this);
        label->setFixedWidth(72);
        row.box->setNone(row.none);
        row.box->setObjectName(QStringLiteral("variant-%1-%2").arg(QString::fromLatin1(row.name)).arg(index));
        row.box->setAccessibleName(tr("%1 of variant %2").arg(row.label, letter));
        label->setBuddy(row.box);
        grid->addWidget(label, line, 0);
        grid->addWidget(row.box, line, 1);
        ++line;
        connect(row.box, &ReferenceBox::chosen, this, [this, member = QString::fromLatin1(row.name), what = row.what](const QString &value) {
            report(member, value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), what);
        });
    }
    body()->addLayout(grid);
    auto *parameters = new QHBoxLayout(m_parameters);
    parameters->setContentsMargins(0, 0, 0, 0);
    parameters->setSpacing(metrics::Gap);
    auto *label = new Label(theme, tr("Sampling"), Label::Style::Secondary, m_parameters);
    label->setFixedWidth(72);
    parameters->addWidget(label);
    m_temperature->setRange(-0.1, 2.0);
    m_temperature->setDecimals(1);
    m_temperature->setSingleStep(0.1);
    m_temperature->setSpecialValueText(tr("temp."));
    m_temperature->setPrefix(tr("t "));
    m_temperature->setToolTip(tr("Temperature; below 0: the agent's own"));
    m_tokens->setRange(0, 1'000'000);
    m_tokens->setSpecialValueText(tr("length"));
    m_tokens->setSuffix(tr(" tok"));
    m_tokens->setToolTip(tr("Longest answer in tokens; 0: the agent's own"));
    m_seed->setRange(-1, std::numeric_limits<int>::max());
    m_seed->setSpecialValueText(tr("seed"));
    m_seed->setPrefix(QStringLiteral("#"));
    m_seed->setToolTip(tr("Seed, where the provider takes one; below 0: none"));
    m_temperature->setAccessibleName(tr("Temperature of variant %1").arg(letter));
    m_tokens->setAccessibleName(tr("Longest answer of variant %1").arg(letter));
    m_seed->setAccessibleName(tr("Seed of variant %1").arg(letter));
    m_temperature->setObjectName(QStringLiteral("variant-temperature-%1").arg(index));
    for (QAbstractSpinBox *box : std::initializer_list<QAbstractSpinBox *>{m_temperature, m_tokens, m_seed}) {
        box->setButtonSymbols(QAbstractSpinBox::NoButtons);
        box->setMinimumWidth(56);
        box->setFocusPolicy(Qt::StrongFocus);
        parameters->addWidget(box, 1);
    }
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        report(QStringLiteral("parameters/temperature"), value < 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change temperature"));
    });
    connect(m_tokens, &QSpinBox::valueChanged, this, [this](int value) {
        report(QStringLiteral("parameters/max_output_tokens"), value <= 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change longest answer"));
    });
    connect(m_seed, &QSpinBox::valueChanged, this, [this](int value) {
        report(QStringLiteral("parameters/seed"), value < 0 ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Change seed"));
    });
    body()->addWidget(m_parameters);
    m_uses->setWordWrap(true);
    m_uses->hide();
    body()->addWidget(m_uses);
    body()->addWidget(m_problem);
    fill();
}

void VariantCard::fill()
{
    m_agent->fillArtifacts(m_session, {ArtifactKind::Agent, ArtifactKind::Team}, true);
    m_prompt->fillArtifacts(m_session, {ArtifactKind::Prompt}, true);
    m_model->fillModels(m_session);
}

void VariantCard::load(const QJsonObject &variant)
{
    const bool before = std::exchange(m_loading, true);
    const QString name = variant.value(QStringLiteral("name")).toString();
    if (m_name->text() != name)
        m_name->setText(name);
    m_agent->setValue(variant.value(QStringLiteral("agent")).toString());
    m_prompt->setValue(variant.value(QStringLiteral("prompt")).toString());
    m_model->setValue(variant.value(QStringLiteral("model")).toString());
    const QJsonObject parameters = variant.value(QStringLiteral("parameters")).toObject();
    m_temperature->setValue(parameters.value(QStringLiteral("temperature")).toDouble(-0.1));
    m_tokens->setValue(parameters.value(QStringLiteral("max_output_tokens")).toInt(0));
    m_seed->setValue(parameters.value(QStringLiteral("seed")).toInt(-1));
    m_loading = before;
}

void VariantCard::setUses(const QString &text, const QString &name)
{
    m_uses->setText(text);
    m_uses->setVisible(!text.isEmpty());
    m_name->setPlaceholderText(name);
}

void VariantCard::setProblem(Problem::Severity severity, const QString &text)
{
    m_problem->setProblem(severity == Problem::Severity::Error     ? Severity::Error
                          : severity == Problem::Severity::Warning ? Severity::Warning
                                                                   : Severity::Info,
                          text);
}

bool VariantCard::hasProblem() const
{
    return m_problem->hasProblem();
}

void VariantCard::setRemovable(bool removable)
{
    m_remove->setVisible(removable);
}

void VariantCard::report(const QString &member, const QJsonValue &value, const QString &what)
{
    if (!m_loading)
        Q_EMIT edited(QStringLiteral("/variants/%1/%2").arg(m_index).arg(member), value, what);
}

VariantCard::~VariantCard()
{
    silence(this);
}

} // namespace lathe
