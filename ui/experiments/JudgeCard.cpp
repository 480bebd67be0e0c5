// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/JudgeCard.h"

#include "ui/experiments/ReferenceBox.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace lathe {

JudgeCard::JudgeCard(Session *session, Theme *theme, int index, QWidget *parent)
    : Card(theme, parent), m_session(session), m_index(index), m_kind(new QComboBox(this)), m_model(new ReferenceBox(this)),
      m_rubric(new QPlainTextEdit(this)), m_judge(new Button(tr("Judge"), ButtonRole::Secondary, this)), m_problem(new ProblemLine(theme, this))
{
    setObjectName(QStringLiteral("judge-card-%1").arg(index));
    setStripe(ColorToken::Human);
    body()->setSpacing(6);
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::Gap);
    m_kind->setObjectName(QStringLiteral("judge-kind-%1").arg(index));
    m_kind->setAccessibleName(tr("Kind of judge %1").arg(index + 1));
    m_kind->setFocusPolicy(Qt::StrongFocus);
    m_kind->addItem(tr("You, blind: which is better?"), QStringLiteral("human"));
    m_kind->addItem(tr("You, blind: stars"), QStringLiteral("stars"));
    m_kind->addItem(tr("A model, both orders"), QStringLiteral("model"));
    head->addWidget(m_kind, 1);
    m_judge->setObjectName(QStringLiteral("judge-now-%1").arg(index));
    m_judge->setToolTip(tr("Judge outputs without knowing whose they are"));
    head->addWidget(m_judge);
    auto *remove = new IconButton(theme, QStringLiteral("trash"), tr("Remove this judge"), this);
    remove->setObjectName(QStringLiteral("judge-remove-%1").arg(index));
    remove->setCompact(true);
    head->addWidget(remove);
    body()->addLayout(head);
    m_model->setObjectName(QStringLiteral("judge-model-%1").arg(index));
    m_model->setAccessibleName(tr("Model of judge %1").arg(index + 1));
    body()->addWidget(m_model);
    m_rubric->setObjectName(QStringLiteral("judge-rubric-%1").arg(index));
    m_rubric->setAccessibleName(tr("What counts for judge %1").arg(index + 1));
    m_rubric->setPlaceholderText(tr("What counts, in words: shorter is better if nothing is lost"));
    m_rubric->setFixedHeight(56);
    m_rubric->setTabChangesFocus(true);
    body()->addWidget(m_rubric);
    body()->addWidget(m_problem);
    connect(remove, &QAbstractButton::clicked, this, &JudgeCard::removeRequested);
    connect(m_judge, &QAbstractButton::clicked, this, [this] { Q_EMIT judgeRequested(m_id); });
    connect(m_kind, &QComboBox::activated, this, [this] {
        showKind();
        report(QStringLiteral("kind"), m_kind->currentData().toString(), tr("Change judge"));
    });
    connect(m_model, &ReferenceBox::chosen, this, [this](const QString &model) { report(QStringLiteral("model"), model, tr("Change model of judge")); });
    connect(m_rubric, &QPlainTextEdit::textChanged, this, [this] { report(QStringLiteral("rubric"), m_rubric->toPlainText(), tr("Change rubric")); });
    showKind();
}

void JudgeCard::showKind()
{
    const bool model = m_kind->currentData().toString() == QLatin1String("model");
    m_model->setVisible(model);
    m_judge->setVisible(!model);
    if (model && m_model->count() == 0)
        m_model->fillModels(m_session);
}

void JudgeCard::load(const QJsonObject &judge)
{
    const bool before = std::exchange(m_loading, true);
    m_id = judge.value(QStringLiteral("id")).toString();
    m_kind->setCurrentIndex(std::max(0, m_kind->findData(judge.value(QStringLiteral("kind")).toString())));
    showKind();
    m_model->setValue(judge.value(QStringLiteral("model")).toString());
    const QString rubric = judge.value(QStringLiteral("rubric")).toString();
    if (m_rubric->toPlainText() != rubric)
        m_rubric->setPlainText(rubric);
    m_loading = before;
}

void JudgeCard::setProblem(Problem::Severity severity, const QString &text)
{
    m_problem->setProblem(severity == Problem::Severity::Error     ? Severity::Error
                          : severity == Problem::Severity::Warning ? Severity::Warning
                                                                   : Severity::Info,
                          text);
}

void JudgeCard::report(const QString &member, const QJsonValue &value, const QString &what)
{
    if (!m_loading)
        Q_EMIT edited(QStringLiteral("/judges/%1/%2").arg(m_index).arg(member), value, what);
}

JudgeCard::~JudgeCard()
{
    silence(this);
}

} // namespace lathe
