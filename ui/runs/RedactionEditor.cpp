// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RedactionEditor.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/Silence.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QGridLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QScrollBar>
#include <QThreadPool>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int previewSteps = 200;
constexpr qsizetype previewSize = 60'000;

struct Shown {
    QString text;
    qint64 replaced = 0, refused = 0;
    QStringList counts;
};

// A replacement as Redaction writes it.
std::vector<Span> marks(const QString &line, const QColor &color, const QColor &wash)
{
    static const QRegularExpression replaced(QStringLiteral("\\[(redacted|[^\\[\\]\\s]{1,60}-[0-9a-f]{8})\\]"));
    std::vector<Span> spans;
    for (auto it = replaced.globalMatch(line); it.hasNext();) {
        const auto match = it.next();
        Span span;
        span.from = int(match.capturedStart());
        span.length = int(match.capturedLength());
        span.format.setForeground(color);
        span.format.setBackground(wash);
        spans.push_back(span);
    }
    return spans;
}
}

RedactionEditor::RedactionEditor(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_pseudonyms(new QCheckBox(tr("Equal values stay equal ([email-3f9a1c2b])"), this)), m_preview(new CodeEditor(theme, this)),
      m_count(new Label(theme, QString(), Label::Style::Caption, this))
{
    setObjectName(QStringLiteral("redaction-editor"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapLarge);
    auto *area = new QScrollArea(this);
    area->setFocusPolicy(Qt::NoFocus);
    area->setFixedWidth(370);
    auto *left = new QWidget(area);
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, metrics::Gap, 0);
    column->setSpacing(4);
    column->addWidget(new Label(theme, tr("Take out"), Label::Style::Strong, left));
    for (const RedactionPreset &preset : redactionPresets()) {
        auto *box = new QCheckBox(preset.title, left);
        box->setObjectName(QStringLiteral("redact-") + preset.id);
        box->setToolTip(tr("For example %1").arg(preset.example).toHtmlEscaped());
        column->addWidget(box);
        m_presets.push_back(box);
        connect(box, &QCheckBox::toggled, this, &RedactionEditor::read);
    }
    column->addSpacing(metrics::Gap);
    column->addWidget(new Label(theme, tr("Own rules"), Label::Style::Strong, left));
    m_ownLayout = new QVBoxLayout;
    m_ownLayout->setSpacing(4);
    column->addLayout(m_ownLayout);
    auto *add = new Button(tr("Add a rule"), ButtonRole::Ghost, left);
    add->setObjectName(QStringLiteral("redact-add"));
    add->setIcon(theme->icon(QStringLiteral("plus")));
    auto *addRow = new QHBoxLayout;
    addRow->addWidget(add);
    addRow->addStretch(1);
    column->addLayout(addRow);
    column->addSpacing(metrics::Gap);
    m_pseudonyms->setParent(left);
    m_pseudonyms->setObjectName(QStringLiteral("redact-pseudonyms"));
    m_pseudonyms->setToolTip(tr("Instead of [redacted] each value gets a name of its own, so that one can still see who did what"));
    column->addWidget(m_pseudonyms);
    column->addStretch(1);
    fillScrollColumn(area, left);
    layout->addWidget(area);
    auto *right = new QVBoxLayout;
    right->setSpacing(4);
    right->addWidget(m_count);
    m_count->setObjectName(QStringLiteral("redact-count"));
    m_preview->setObjectName(QStringLiteral("redact-preview"));
    m_preview->setReadOnly(true);
    m_preview->setLineNumbersVisible(false);
    m_preview->setTokenizer([this](const QString &line) { return marks(line, m_theme->tokens().error, withAlpha(m_theme->tokens().error, 0.15)); });
    right->addWidget(m_preview, 1);
    layout->addLayout(right, 1);
    connect(add, &Button::clicked, this, [this] {
        RedactionRule rule;
        addOwn(rule);
        m_own.back().what->setFocus();
        read();
    });
    connect(m_pseudonyms, &QCheckBox::toggled, this, &RedactionEditor::read);
    connect(theme, &Theme::changed, m_preview, &CodeEditor::rehighlight);
    m_soon.setSingleShot(true);
    m_soon.setInterval(120);
    connect(&m_soon, &QTimer::timeout, this, &RedactionEditor::refreshPreview);
    m_reading = false;
}

RedactionEditor::~RedactionEditor()
{
    silence(this);
}

void RedactionEditor::addOwn(const RedactionRule &rule)
{
    OwnRow row;
    row.box = new QWidget(this);
    auto *layout = new QGridLayout(row.box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    row.type = new QComboBox(row.box);
    row.type->addItem(tr("Expression"), int(RedactionRule::Type::Pattern));
    row.type->addItem(tr("Key"), int(RedactionRule::Type::Key));
    row.type->setCurrentIndex(rule.type == RedactionRule::Type::Key ? 1 : 0);
    row.type->setFixedWidth(104);
    row.what = new QLineEdit(rule.what, row.box);
    row.what->setFont(m_theme->codeFont());
    row.what->setAccessibleName(tr("What is taken out"));
    auto *remove = new IconButton(m_theme, QStringLiteral("close"), tr("Remove the rule"), row.box);
    remove->setCompact(true);
    row.problem = new ProblemLine(m_theme, row.box);
    layout->addWidget(row.type, 0, 0);
    layout->addWidget(row.what, 0, 1);
    layout->addWidget(remove, 0, 2);
    layout->addWidget(row.problem, 1, 0, 1, 3);
    m_ownLayout->addWidget(row.box);
    const auto showHint = [type = row.type, what = row.what] {
        what->setPlaceholderText(type->currentIndex() == 1 ? QStringLiteral("user.email") : QStringLiteral("ACME-\\d+"));
    };
    showHint();
    connect(row.type, &QComboBox::currentIndexChanged, this, [this, showHint] {
        showHint();
        read();
    });
    connect(row.what, &QLineEdit::textEdited, this, &RedactionEditor::read);
    connect(remove, &IconButton::clicked, this, [this, box = row.box] { removeOwn(box); });
    m_own.push_back(row);
}

void RedactionEditor::removeOwn(QWidget *box)
{
    const auto found = std::find_if(m_own.begin(), m_own.end(), [box](const OwnRow &row) { return row.box == box; });
    if (found == m_own.end())
        return;
    m_own.erase(found);
    box->hide();
    box->deleteLater(); // its button is still in its click
    read();
}

void RedactionEditor::setRules(const RedactionRules &rules)
{
    m_reading = true;
    for (OwnRow &row : m_own)
        row.box->deleteLater();
    m_own.clear();
    const auto &presets = redactionPresets();
    for (size_t i = 0; i < presets.size(); ++i) {
        const bool on = std::any_of(rules.rules.begin(), rules.rules.end(), [&](const RedactionRule &rule) {
            return rule.type == RedactionRule::Type::Preset && rule.what == presets[i].id && rule.enabled;
        });
        m_presets[i]->setChecked(on);
    }
    bool pseudonyms = false;
    for (const RedactionRule &rule : rules.rules) {
        pseudonyms = pseudonyms || rule.replacement == RedactionRule::Replacement::Pseudonym;
        if (rule.type != RedactionRule::Type::Preset)
            addOwn(rule);
    }
    m_pseudonyms->setChecked(pseudonyms);
    m_rules.salt = rules.salt;
    m_reading = false;
    read();
}

void RedactionEditor::read()
{
    if (m_reading)
        return;
    const auto replacement = m_pseudonyms->isChecked() ? RedactionRule::Replacement::Pseudonym : RedactionRule::Replacement::Mask;
    m_rules.rules.clear();
    const auto &presets = redactionPresets();
    for (size_t i = 0; i < presets.size(); ++i) {
        if (!m_presets[i]->isChecked())
            continue;
        RedactionRule rule;
        rule.type = RedactionRule::Type::Preset;
        rule.what = presets[i].id;
        rule.replacement = replacement;
        m_rules.rules.push_back(rule);
    }
    std::vector<size_t> ruleOf; // row -> rule; size_t(-1): empty rows are no rules
    for (const OwnRow &row : m_own) {
        const QString what = row.what->text().trimmed();
        ruleOf.push_back(what.isEmpty() ? size_t(-1) : m_rules.rules.size());
        if (what.isEmpty())
            continue;
        RedactionRule rule;
        rule.type = RedactionRule::Type(row.type->currentData().toInt());
        rule.what = what;
        rule.replacement = replacement;
        m_rules.rules.push_back(rule);
    }
    const auto problems = m_rules.problems();
    m_problems = !problems.empty();
    for (size_t i = 0; i < m_own.size(); ++i) {
        const auto found = std::find_if(problems.begin(), problems.end(), [&](const RedactionProblem &of) { return size_t(of.rule) == ruleOf[i] && of.rule >= 0; });
        if (found != problems.end())
            m_own[i].problem->setProblem(Severity::Error, found->message);
        else
            m_own[i].problem->clear();
    }
    m_soon.start();
    Q_EMIT edited();
}

void RedactionEditor::setPreview(const Trace &trace, const QString &input)
{
    m_pieces.clear();
    qsizetype size = 0;
    const auto add = [&](const QString &title, const QString &text, const QJsonObject &object) {
        if ((text.isEmpty() && object.isEmpty()) || size > previewSize)
            return;
        m_pieces.push_back({title, text.left(previewSize - size), object});
        size += std::min(previewSize, text.size()) + 40;
    };
    add(tr("Input"), input, {});
    add(tr("Output"), trace.output(), {});
    for (size_t i = 0; i < trace.steps().size() && int(i) < previewSteps; ++i) {
        const Step &step = trace.steps()[i];
        const QString title = QStringLiteral("%1  %2").arg(step.path, stepstyle::title(step));
        const QString arguments = step.attributes.value(QLatin1String("gen_ai.tool.call.arguments")).toString();
        add(tr("%1: arguments").arg(title), arguments.isEmpty() ? step.toolArguments : arguments, {});
        add(title, step.text, {});
        add(tr("%1: attributes").arg(title), QString(), step.attributes);
    }
    m_soon.start();
}

namespace {
template<typename Pieces>
Task<Result<Shown>> redact(RedactionRules rules, Pieces pieces)
{
    Completion<Shown> done;
    QThreadPool::globalInstance()->start([rules = std::move(rules), pieces = std::move(pieces), done] {
        Redaction redaction(rules);
        auto shown = std::make_shared<Shown>();
        for (const auto &piece : pieces) {
            shown->text += QStringLiteral("\u2014 %1\n").arg(piece.title);
            shown->text += piece.object.isEmpty() ? redaction.text(piece.text) : QString::fromUtf8(json::pretty(redaction.object(piece.object)));
            shown->text += QStringLiteral("\n\n");
        }
        shown->replaced = redaction.replaced();
        shown->refused = redaction.refused();
        for (const RedactionCount &count : redaction.counts()) {
            if (count.replaced > 0)
                shown->counts.append(QStringLiteral("%1 %2").arg(count.rule, format::number(count.replaced)));
        }
        QMetaObject::invokeMethod(qApp, [shown, done] { done.complete(std::move(*shown)); }, Qt::QueuedConnection);
    });
    Shown shown = co_await done;
    co_return shown;
}
}

void RedactionEditor::refreshPreview()
{
    const quint64 generation = ++m_generation;
    runTask(this, redact(m_rules, m_pieces), [this, generation](const Shown &shown) {
        if (generation != m_generation)
            return;
        const int at = m_preview->verticalScrollBar()->value();
        if (m_preview->text() != shown.text)
            m_preview->setText(shown.text);
        m_preview->verticalScrollBar()->setValue(at);
        QString said = m_rules.isEmpty()     ? tr("As it is given: nothing is taken out.")
                       : shown.replaced == 0 ? tr("As it is given: nothing was found in this run.")
                                             : tr("As it is given: %1 taken out (%2).").arg(format::count(shown.replaced, tr("place"), tr("places")), shown.counts.join(QStringLiteral(", ")));
        if (shown.refused > 0)
            said += tr(" %1 texts are replaced whole: a rule takes too long on them.").arg(shown.refused);
        m_count->setText(said);
    }, [](const Error &) {});
}

} // namespace lathe
