// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunQueryBar.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/runs/RunQueryHelp.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/Silence.h"

#include <QHBoxLayout>
#include <QJsonArray>

namespace lathe {

namespace {
const QString recentKey = QStringLiteral("ui/runs/recent");
constexpr int mostRecent = 20;
constexpr int settleMs = 900;
constexpr int mostValues = 50;

QStringList recentQueries(Session *session)
{
    return session->project().setting(recentKey).toVariant().toStringList();
}
}

RunQueryBar::RunQueryBar(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_line(new QHBoxLayout), m_field(new RunQueryField(theme, this)),
      m_help(new IconButton(theme, QStringLiteral("question"), tr("What one can ask for"), this)), m_problem(new ProblemLine(theme, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_line->setSpacing(metrics::Gap);
    m_line->addWidget(m_field, 1);
    m_line->addWidget(m_help);
    layout->addLayout(m_line);
    layout->addWidget(m_problem);
    m_field->setObjectName(QStringLiteral("run-query"));
    m_field->setAccessibleName(tr("Filter runs"));
    m_help->setObjectName(QStringLiteral("run-query-help-button"));
    m_problem->setObjectName(QStringLiteral("run-query-problem"));
    setFocusProxy(m_field);

    m_field->setHistory(recentQueries(session));
    m_field->setValues([this](RunField field, const QString &typed, RunQueryField::Answer answer) {
        m_valuesCancel.cancel();
        m_valuesCancel = CancelSource();
        runTask(
            this, m_session->project().runs().values(field, typed, mostValues, m_valuesCancel.token()),
            [answer = std::move(answer)](const QStringList &values) { answer(values); }, [](const Error &) {}); // the language's own stay
    });
    m_settle.setSingleShot(true);
    m_settle.setInterval(settleMs);
    connect(&m_settle, &QTimer::timeout, this, &RunQueryBar::showProblems);
    connect(m_field, &QLineEdit::textEdited, this, [this] { m_settle.start(); });
    connect(m_field, &SearchField::searchChanged, this, [this](const QString &query) {
        if (!m_field->isPartial()) // half a value would only empty the table
            apply(query);
    });
    connect(m_field, &RunQueryField::completed, this, [this] {
        m_settle.start(); // a field that was taken waits for its value
        if (m_field->text().trimmed() != m_query)
            apply(m_field->text());
    });
    connect(m_field, &SearchField::moveDown, this, &RunQueryBar::moveDown);
    connect(m_field, &SearchField::accepted, this, [this] {
        m_settle.stop();
        showProblems();
        remember(m_query);
        Q_EMIT accepted();
    });
    connect(m_help, &QAbstractButton::clicked, this, &RunQueryBar::showHelp);
}

RunQueryBar::~RunQueryBar()
{
    m_valuesCancel.cancel();
    silence(this);
}

void RunQueryBar::addLeading(QWidget *widget)
{
    m_line->insertWidget(m_line->indexOf(m_field), widget);
}

void RunQueryBar::addTrailing(QWidget *widget)
{
    m_line->addWidget(widget);
}

void RunQueryBar::setQuery(const QString &query)
{
    m_query = query.trimmed();
    m_settle.stop();
    if (m_field->text() != query)
        m_field->setText(query); // its searchChanged() finds nothing new
    showProblems();
}

void RunQueryBar::apply(const QString &query)
{
    const QString now = query.trimmed();
    const bool same = now == m_query;
    m_query = now;
    showProblems();
    if (!same)
        Q_EMIT queryChanged(m_query);
}

void RunQueryBar::toggleTerm(RunField field, const QString &value)
{
    const QString query = toggleRunFilterTerm(m_query, field, value);
    setQuery(query);
    remember(m_query);
    Q_EMIT queryChanged(m_query);
}

void RunQueryBar::remember(const QString &query)
{
    if (query.isEmpty())
        return;
    QStringList recent = recentQueries(m_session);
    recent.removeAll(query);
    recent.prepend(query);
    recent = recent.mid(0, mostRecent);
    m_field->setHistory(recent);
    m_session->project().setSetting(recentKey, QJsonArray::fromStringList(recent));
}

void RunQueryBar::setTrouble(const QString &sentence)
{
    m_trouble = sentence;
    showProblems();
}

void RunQueryBar::showProblems()
{
    std::vector<RunFilterProblem> problems = readRunFilter(m_field->text(), m_session->clock().nowUs()).problems;
    if (m_settle.isActive() || m_field->isCompleting()) { // what is being typed may still become right
        const int cursor = m_field->cursorPosition();
        std::erase_if(problems, [cursor](const RunFilterProblem &p) { return p.column <= cursor && p.column + p.length >= cursor; });
    }
    QString sentence = m_trouble;
    if (!problems.empty())
        sentence = tr("Column %1: %2").arg(problems.front().column + 1).arg(problems.front().message);
    if (problems.size() > 1)
        sentence += QLatin1Char(' ') + tr("(%1 more)").arg(problems.size() - 1);
    m_problem->setProblem(Severity::Error, sentence);
    m_field->setAccessibleDescription(sentence);
    m_field->setProblems(std::move(problems));
}

void RunQueryBar::showHelp()
{
    auto *help = new RunQueryHelp(m_theme, m_field);
    connect(help, &RunQueryHelp::chosen, this, [this](const QString &example) {
        const QString text = m_field->text().trimmed();
        m_field->setText(text.isEmpty() ? example : text + QLatin1Char(' ') + example);
        m_field->setFocus(Qt::OtherFocusReason);
    });
    help->open();
}

} // namespace lathe
