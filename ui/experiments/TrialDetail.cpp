// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/TrialDetail.h"

#include "ui/experiments/OutputText.h"
#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/StatusDot.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString jsonText(const QJsonValue &value)
{
    return value.isString() ? value.toString() : value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : json::compactString(value);
}

Status statusOf(const TrialView &trial)
{
    switch (trial.status) {
    case TrialStatus::Pending:
        return Status::Idle;
    case TrialStatus::Running:
        return Status::Running;
    case TrialStatus::Failed:
        return Status::Warning;
    case TrialStatus::Done:
        break;
    }
    return !trial.checked || trial.checks.empty() ? Status::None : trial.passed ? Status::Ok : Status::Error;
}
}

TrialDetail::TrialDetail(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_content(new QWidget(this)),
      m_empty(new EmptyState(theme, QStringLiteral("diff"), tr("Choose a cell to see its answers and checks."), this)),
      m_example(new OutputText(theme, m_content))
{
    setObjectName(QStringLiteral("trial-detail"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_empty, 1);
    outer->addWidget(m_content, 1);
    auto *line = new QHBoxLayout(m_content);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(0);
    m_example->setObjectName(QStringLiteral("detail-example"));
    m_example->setAccessibleName(tr("The example"));
    m_example->setMinimumWidth(150);
    line->addWidget(m_example, 4);
    for (const bool right : {false, true}) {
        m_sides[right] = buildSide(right);
        line->addWidget(m_sides[right].box, 5);
    }
    clear();
}

TrialDetail::Side TrialDetail::buildSide(bool right)
{
    Side side;
    const QString name = right ? QStringLiteral("right") : QStringLiteral("left");
    side.box = new QWidget(m_content);
    auto *column = new QVBoxLayout(side.box);
    column->setContentsMargins(metrics::Gap, 0, metrics::GapSmall, 0);
    column->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setSpacing(metrics::GapSmall);
    side.dot = new StatusDot(m_theme, Status::None, side.box);
    side.variant = new QComboBox(side.box);
    side.variant->setObjectName(QStringLiteral("detail-variant-") + name);
    side.variant->setAccessibleName(right ? tr("Variant at the right") : tr("Variant at the left"));
    side.variant->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    side.variant->setMinimumContentsLength(5);
    side.repetition = new QComboBox(side.box);
    side.repetition->setAccessibleName(tr("Repetition"));
    side.repetition->setToolTip(tr("Repetition"));
    side.trace = new LinkLabel(m_theme, tr("Trace"), side.box);
    side.trace->setObjectName(QStringLiteral("detail-trace-") + name);
    side.trace->setToolTip(tr("Open the run: everything that happened, step by step"));
    head->addWidget(side.dot);
    head->addWidget(side.variant, 1);
    head->addWidget(side.repetition);
    head->addWidget(side.trace);
    column->addLayout(head);
    side.text = new OutputText(m_theme, side.box);
    side.text->setObjectName(QStringLiteral("detail-output-") + name);
    side.text->setAccessibleName(right ? tr("Output at the right") : tr("Output at the left"));
    column->addWidget(side.text, 1);
    auto *foot = new QHBoxLayout;
    side.numbers = new ElidedLabel(m_theme, QString(), Qt::ElideRight, side.box);
    side.numbers->setColor(ColorToken::Text2);
    side.numbers->setTextFont(m_theme->smallFont());
    side.numbers->setTabular(true);
    side.keep = new Button(tr("Make example"), ButtonRole::Ghost, side.box);
    side.keep->setObjectName(QStringLiteral("detail-keep-") + name);
    side.keep->setToolTip(tr("Add this input to a dataset, with this output as the expected answer"));
    foot->addWidget(side.numbers, 1);
    foot->addWidget(side.keep);
    column->addLayout(foot);
    connect(side.variant, &QComboBox::currentIndexChanged, this, [this, right] {
        if (m_filling)
            return;
        m_sides[right].repetition->setCurrentIndex(0);
        showSides();
    });
    connect(side.repetition, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_filling)
            showSides();
    });
    connect(side.trace, &QAbstractButton::clicked, this, [this, right] {
        if (const TrialView *trial = shown(m_sides[right]); trial && trial->run.isValid())
            Q_EMIT openTrace(trial->run);
    });
    connect(side.keep, &QAbstractButton::clicked, this, [this, right] {
        if (const TrialView *trial = shown(m_sides[right]))
            Q_EMIT makeExample(m_shown.vars, m_shown.input, trial->output, m_sides[right].keep);
    });
    return side;
}

void TrialDetail::clear()
{
    m_row = -1;
    m_variants.clear();
    m_content->hide();
    m_empty->show();
}

void TrialDetail::showExample(const ExperimentExample &example, std::vector<Variant> variants, int chosen)
{
    const bool another = m_row != example.row || variants.size() != m_variants.size();
    m_shown = example;
    m_row = example.row;
    m_variants = std::move(variants);
    m_empty->hide();
    m_content->show();
    QList<QPair<QString, QString>> sections{{tr("Row %1, input").arg(example.row + 1), example.input}};
    if (!example.expected.isUndefined() && !example.expected.isNull())
        sections.append({tr("Expected"), jsonText(example.expected)});
    for (auto it = example.vars.begin(); it != example.vars.end(); ++it) {
        const QString text = jsonText(it.value());
        if (text != example.input && it.value() != example.expected)
            sections.append({it.key(), text});
    }
    m_example->setSections(sections);
    m_filling = true;
    const int count = int(m_variants.size());
    const int second = count < 2 ? -1 : chosen > 0 ? chosen : 1;
    for (const bool right : {false, true}) {
        QComboBox *box = m_sides[right].variant;
        QStringList names;
        for (int i = 0; i < count; ++i)
            names.append(QString(QChar(u'A' + i % 26)) + QStringLiteral("  ") + m_variants[size_t(i)].name);
        QStringList now;
        for (int i = 0; i < box->count(); ++i)
            now.append(box->itemText(i));
        const int before = box->currentIndex();
        if (now != names) {
            box->clear();
            box->addItems(names);
        }
        // With three and more, the chosen cell stands at the right, what it is compared with stays at the left.
        int wanted = right ? second : 0;
        if (!right && count > 2 && before >= 0 && before != second)
            wanted = before;
        box->setCurrentIndex(wanted);
        if (another)
            m_sides[right].repetition->clear();
    }
    m_sides[1].box->setVisible(count > 1);
    m_filling = false;
    showSides();
}

void TrialDetail::paintEvent(QPaintEvent *)
{
    if (!m_content->isVisible())
        return;
    QPainter painter(this);
    for (const Side &side : m_sides) {
        if (side.box->isVisible())
            painter.fillRect(QRect(side.box->mapTo(this, QPoint(0, 0)).x(), 0, 1, height()), m_theme->tokens().line);
    }
}

const TrialView *TrialDetail::shown(const Side &side) const
{
    const int variant = side.variant->currentIndex();
    if (variant < 0 || size_t(variant) >= m_variants.size())
        return nullptr;
    const auto &trials = m_variants[size_t(variant)].trials;
    const int repetition = std::max(0, side.repetition->currentIndex());
    return size_t(repetition) < trials.size() ? &trials[size_t(repetition)] : nullptr;
}

void TrialDetail::showSides()
{
    m_filling = true;
    for (Side &side : m_sides) {
        const int variant = side.variant->currentIndex();
        const int count = variant >= 0 && size_t(variant) < m_variants.size() ? int(m_variants[size_t(variant)].trials.size()) : 0;
        if (side.repetition->count() != count) {
            side.repetition->clear();
            for (int i = 0; i < count; ++i)
                side.repetition->addItem(tr("%1 of %2").arg(i + 1).arg(count));
        }
        side.repetition->setVisible(count > 1);
    }
    m_filling = false;
    showSide(m_sides[0], false);
    showSide(m_sides[1], true);
}

void TrialDetail::showSide(Side &side, bool right)
{
    const TrialView *trial = shown(side);
    const TrialView *other = shown(m_sides[!right]);
    side.dot->setStatus(trial ? statusOf(*trial) : Status::Idle);
    side.dot->setVisible(side.dot->status() != Status::None);
    side.trace->setEnabled(trial && trial->run.isValid());
    side.keep->setEnabled(trial && !trial->output.isEmpty());
    if (!trial) {
        side.text->setSections({{tr("Not run yet"), tr("Press F5 to run what is missing.")}});
        side.numbers->setText(QString());
        return;
    }
    const bool compare = other && other != trial && m_sides[1].box->isVisibleTo(this) && trial->status == TrialStatus::Done && other->status == TrialStatus::Done;
    if (trial->status == TrialStatus::Pending)
        side.text->setSections({{tr("Not run yet"), tr("Press F5 to run what is missing.")}});
    else
        side.text->setOutput(trial->output, compare ? &other->output : nullptr, right, trial->checks, trial->error ? trial->error->message : QString());
    QStringList numbers;
    if (trial->latencyUs > 0)
        numbers.append(format::duration(trial->latencyUs));
    if (trial->usage.totalTokens() > 0)
        numbers.append(format::count(trial->usage.totalTokens(), tr("token"), tr("tokens")));
    if (const QString cost = format::cost(trial->usage); !cost.isEmpty() && trial->status != TrialStatus::Pending)
        numbers.append(cost);
    if (trial->shared)
        numbers.append(tr("shared, nothing paid"));
    if (compare && trial->output == other->output)
        numbers.append(tr("identical"));
    side.numbers->setText(numbers.join(QStringLiteral("  \u00b7  ")));
}

} // namespace lathe
