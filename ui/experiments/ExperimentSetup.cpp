// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ExperimentSetup.h"

#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "ui/experiments/CheckCard.h"
#include "ui/experiments/ExperimentRowPicker.h"
#include "ui/experiments/ImportPanel.h"
#include "ui/experiments/JudgeCard.h"
#include "ui/experiments/ReferenceBox.h"
#include "ui/experiments/VariantCard.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ScrollColumn.h"
#include "ui/widgets/SectionHeader.h"
#include "ui/widgets/Silence.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QVBoxLayout>

namespace lathe {

namespace {
QString wordsOf(const Problem &problem)
{
    return problem.fix.isEmpty() ? problem.message : problem.message + QLatin1Char(' ') + problem.fix;
}

// The number in "/variants/3/name", -1 when it is of another list.
int indexIn(const QString &pointer, const QString &list)
{
    if (!pointer.startsWith(list + QLatin1Char('/')))
        return -1;
    bool good = false;
    const int index = pointer.mid(list.size() + 1).section(QLatin1Char('/'), 0, 0).toInt(&good);
    return good ? index : -1;
}
}

ExperimentSetup::ExperimentSetup(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("experiment-setup"));
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) { Q_EMIT edited(pointer, value, what); }, this);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_scroll = new QScrollArea(this);
    auto *content = new QWidget(m_scroll);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(metrics::GapLarge, 0, metrics::GapLarge, metrics::PageMargin);
    column->setSpacing(metrics::Gap);
    m_other = new InlineMessage(theme, Severity::Error, QString(), content);
    m_other->setObjectName(QStringLiteral("setup-problem"));
    m_other->hide();
    column->addWidget(m_other);
    buildVariants(column);
    buildExamples(column);
    buildChecks(column);
    buildJudges(column);
    buildAnswer(column);
    column->addStretch();
    fillScrollColumn(m_scroll, content);
    outer->addWidget(m_scroll);
    fillChoices();
    guardFields();
}

template<typename T>
void ExperimentSetup::addSection(QVBoxLayout *column, T **header, const QString &title, const QString &detail)
{
    *header = new SectionHeader(m_theme, title, SectionHeader::Level::Section, this);
    (*header)->setDetail(detail);
    column->addWidget(*header);
}

void ExperimentSetup::buildVariants(QVBoxLayout *column)
{
    addSection(column, &m_variantsHeader, tr("Variants"), tr("change one thing"));
    auto *add = new Button(tr("Add"), ButtonRole::Ghost, this);
    add->setObjectName(QStringLiteral("add-variant"));
    add->setIcon(m_theme->icon(QStringLiteral("plus")));
    add->setToolTip(tr("Another variant, like the last one"));
    connect(add, &QAbstractButton::clicked, this, [this] { addVariant(); });
    m_variantsHeader->addAction(add);
    m_variantList = new QVBoxLayout;
    m_variantList->setSpacing(metrics::Gap);
    column->addLayout(m_variantList);
}

void ExperimentSetup::buildExamples(QVBoxLayout *column)
{
    SectionHeader *header = nullptr;
    addSection(column, &header, tr("Examples"), QString());
    auto *bring = new Button(tr("Import"), ButtonRole::Ghost, this);
    bring->setObjectName(QStringLiteral("setup-import"));
    bring->setIcon(m_theme->icon(QStringLiteral("import")));
    bring->setToolTip(tr("A CSV or JSON file becomes a dataset; it can also be dropped on this page"));
    connect(bring, &QAbstractButton::clicked, this, &ExperimentSetup::chooseFile);
    header->addAction(bring);
    m_import = new ImportPanel(m_theme, this);
    connect(m_import, &ImportPanel::accepted, this, &ExperimentSetup::datasetImported);
    column->addWidget(m_import);
    const auto field = [this, column](const QString &pointer, const QString &label, QWidget *widget, const QString &help = QString()) {
        auto *made = new FormField(m_theme, label, widget, help, this);
        made->setLabelLeft(false);
        m_fields.insert(pointer, made);
        column->addWidget(made);
        return made;
    };
    auto *datasetRow = new QWidget(this);
    auto *line = new QHBoxLayout(datasetRow);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::Gap);
    m_dataset = new ReferenceBox(datasetRow);
    m_dataset->setObjectName(QStringLiteral("setup-dataset"));
    m_dataset->setAccessibleName(tr("Dataset"));
    m_dataset->setPlaceholderText(tr("choose a dataset"));
    m_openDataset = new LinkLabel(m_theme, tr("Open"), datasetRow);
    m_openDataset->setObjectName(QStringLiteral("setup-open-dataset"));
    line->addWidget(m_dataset, 1);
    line->addWidget(m_openDataset);
    datasetRow->setFocusProxy(m_dataset);
    field(QStringLiteral("/dataset"), tr("Dataset"), datasetRow);
    connect(m_dataset, &ReferenceBox::chosen, this, [this](const QString &reference) { Q_EMIT edited(QStringLiteral("/dataset"), reference, tr("Change dataset")); });
    m_binding->bind(QStringLiteral("/dataset"), [this](const QJsonValue &value) { m_dataset->setValue(value.toString()); });
    connect(m_openDataset, &QAbstractButton::clicked, this, [this] {
        const auto ref = ArtifactRef::parse(m_dataset->value());
        if (const auto id = ref ? m_session->project().artifacts().find(ArtifactKind::Dataset, ref->name) : std::nullopt)
            Q_EMIT openRequested(Location::ofArtifact(*id));
    });
    auto *rowsRow = new QWidget(this);
    auto *rows = new QHBoxLayout(rowsRow);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(metrics::Gap);
    m_rows = new QLineEdit(rowsRow);
    m_rows->setObjectName(QStringLiteral("setup-rows"));
    m_rows->setAccessibleName(tr("Rows that take part"));
    m_rows->setPlaceholderText(tr("all, or 1-40, 55"));
    m_binding->bind(m_rows, QStringLiteral("/rows"), tr("Change rows"));
    auto *pick = new Button(tr("Pick"), ButtonRole::Secondary, rowsRow);
    pick->setObjectName(QStringLiteral("setup-pick-rows"));
    pick->setToolTip(tr("Choose rows from the table"));
    connect(pick, &QAbstractButton::clicked, this, &ExperimentSetup::pickRows);
    m_rowCount = new Label(m_theme, QString(), Label::Style::Caption, rowsRow);
    m_rowCount->setObjectName(QStringLiteral("setup-row-count"));
    rows->addWidget(m_rows, 1);
    rows->addWidget(m_rowCount);
    rows->addWidget(pick);
    rowsRow->setFocusProxy(m_rows);
    field(QStringLiteral("/rows"), tr("Rows"), rowsRow);
    auto *columns = new QWidget(this);
    auto *pair = new QHBoxLayout(columns);
    pair->setContentsMargins(0, 0, 0, 0);
    pair->setSpacing(metrics::Gap);
    m_input = new QComboBox(columns);
    m_input->setObjectName(QStringLiteral("setup-input"));
    m_input->setAccessibleName(tr("Column of the input"));
    m_input->setToolTip(tr("Column whose text is the input of a run"));
    m_expected = new QComboBox(columns);
    m_expected->setObjectName(QStringLiteral("setup-expected"));
    m_expected->setAccessibleName(tr("Column of the expected answer"));
    m_expected->setToolTip(tr("Column that checks compare with when they say nothing else"));
    for (QComboBox *box : {m_input, m_expected}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(6);
        box->setFocusPolicy(Qt::StrongFocus);
    }
    pair->addWidget(m_input, 1);
    pair->addWidget(m_expected, 1);
    m_binding->bind(m_input, QStringLiteral("/input_column"), tr("Change input column"));
    m_binding->bind(m_expected, QStringLiteral("/expected_column"), tr("Change expected column"));
    field(QStringLiteral("/input_column"), tr("Input and expected answer"), columns);
    auto *repetitions = new QSpinBox(this);
    repetitions->setObjectName(QStringLiteral("setup-repetitions"));
    repetitions->setRange(1, 1000);
    repetitions->setSuffix(tr(" \u00d7 each example"));
    repetitions->setFocusPolicy(Qt::StrongFocus);
    m_binding->bind(repetitions, QStringLiteral("/repetitions"), tr("Change repetitions"), 1);
    field(QStringLiteral("/repetitions"), tr("Repetitions"), repetitions, tr("More show how much answers vary by chance."));
}

void ExperimentSetup::buildChecks(QVBoxLayout *column)
{
    addSection(column, &m_checksHeader, tr("Checks"), tr("by rule"));
    auto *add = new Button(tr("Add"), ButtonRole::Ghost, this);
    add->setObjectName(QStringLiteral("add-check"));
    add->setIcon(m_theme->icon(QStringLiteral("plus")));
    add->setToolTip(tr("A check that every output should pass"));
    connect(add, &QAbstractButton::clicked, this, [this, add] {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("add-check-menu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->setToolTipsVisible(true);
        for (const CheckTypeInfo &type : checkTypes()) {
            QAction *action = menu->addAction(type.title, this, [this, id = type.type] { addCheck(id); });
            action->setObjectName(QStringLiteral("check-of-") + type.type);
            action->setToolTip(type.help);
        }
        menu->popup(add->mapToGlobal(QPoint(0, add->height())));
    });
    m_checksHeader->addAction(add);
    m_noChecks = new Label(m_theme, tr("A check says pass or fail by rule: it contains a word, fits a schema, is quick enough."), Label::Style::Hint, this);
    m_noChecks->setWordWrap(true);
    column->addWidget(m_noChecks);
    m_checkList = new QVBoxLayout;
    m_checkList->setSpacing(metrics::Gap);
    column->addLayout(m_checkList);
}

void ExperimentSetup::buildJudges(QVBoxLayout *column)
{
    addSection(column, &m_judgesHeader, tr("Judges"), tr("by preference"));
    auto *add = new Button(tr("Add"), ButtonRole::Ghost, this);
    add->setObjectName(QStringLiteral("add-judge"));
    add->setIcon(m_theme->icon(QStringLiteral("plus")));
    add->setToolTip(tr("Somebody who says which output is better"));
    connect(add, &QAbstractButton::clicked, this, [this, add] {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("add-judge-menu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        const std::pair<QString, QString> kinds[] = {{QStringLiteral("human"), tr("You, blind: which is better?")},
                                                     {QStringLiteral("stars"), tr("You, blind: stars")},
                                                     {QStringLiteral("model"), tr("A model with a rubric, in both orders")}};
        for (const auto &[kind, title] : kinds)
            menu->addAction(title, this, [this, id = kind] { addJudge(id); })->setObjectName(QStringLiteral("judge-of-") + kind);
        menu->popup(add->mapToGlobal(QPoint(0, add->height())));
    });
    m_judgesHeader->addAction(add);
    m_noJudges = new Label(m_theme, tr("A judge compares outputs without knowing whose they are: you, with one key a pair, or a model."), Label::Style::Hint, this);
    m_noJudges->setWordWrap(true);
    column->addWidget(m_noJudges);
    m_judgeList = new QVBoxLayout;
    m_judgeList->setSpacing(metrics::Gap);
    column->addLayout(m_judgeList);
}

void ExperimentSetup::buildAnswer(QVBoxLayout *column)
{
    SectionHeader *header = nullptr;
    addSection(column, &header, tr("Answer"), QString());
    const auto field = [this, column](const QString &pointer, const QString &label, QWidget *widget, const QString &help = QString()) {
        auto *made = new FormField(m_theme, label, widget, help, this);
        made->setLabelLeft(false);
        m_fields.insert(pointer, made);
        column->addWidget(made);
    };
    m_decideBy = new QComboBox(this);
    m_decideBy->setObjectName(QStringLiteral("setup-decide-by"));
    m_decideBy->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_decideBy->setMinimumContentsLength(10);
    m_decideBy->setFocusPolicy(Qt::StrongFocus);
    m_binding->bind(m_decideBy, QStringLiteral("/decide_by"), tr("Change what decides"));
    field(QStringLiteral("/decide_by"), tr("Decided by"), m_decideBy, tr("Choose before you look: one metric answers the question, the others are shown beside it."));
    auto *threshold = new QDoubleSpinBox(this);
    threshold->setObjectName(QStringLiteral("setup-threshold"));
    threshold->setRange(0, 100);
    threshold->setDecimals(0);
    threshold->setSuffix(tr(" % must pass all checks"));
    threshold->setSpecialValueText(tr("none"));
    threshold->setFocusPolicy(Qt::StrongFocus);
    m_binding->bind(QStringLiteral("/threshold"), [threshold](const QJsonValue &value) { threshold->setValue(value.toDouble() * 100); });
    connect(threshold, &QDoubleSpinBox::valueChanged, this, [this](double value) { m_binding->report(QStringLiteral("/threshold"), value / 100, tr("Change threshold")); });
    field(QStringLiteral("/threshold"), tr("Threshold"), threshold, tr("Below it lathe-cli eval exits with 1."));
    auto *atOnce = new QSpinBox(this);
    atOnce->setObjectName(QStringLiteral("setup-at-once"));
    atOnce->setRange(1, 256);
    atOnce->setSuffix(tr(" trials at a time"));
    atOnce->setFocusPolicy(Qt::StrongFocus);
    m_binding->bind(atOnce, QStringLiteral("/at_once"), tr("Change trials at a time"), 4);
    field(QStringLiteral("/at_once"), tr("Pace"), atOnce);
    auto *early = new QCheckBox(tr("Stop as soon as it is sure"), this);
    early->setObjectName(QStringLiteral("setup-stop-early"));
    early->setToolTip(tr("The test is valid however often it is looked at, so stopping early does not fool you."));
    m_binding->bind(early, QStringLiteral("/stop_early"), tr("Change stopping"), false);
    column->addWidget(early);
}

void ExperimentSetup::fillChoices()
{
    m_dataset->fillArtifacts(m_session, {ArtifactKind::Dataset}, true);
    for (VariantCard *card : m_variants)
        card->fill();
    if (!m_body.isEmpty())
        load(m_body);
}

void ExperimentSetup::load(const QJsonObject &body)
{
    m_body = body;
    const QJsonArray variants = body.value(QStringLiteral("variants")).toArray();
    const QJsonArray checks = body.value(QStringLiteral("checks")).toArray();
    const QJsonArray judges = body.value(QStringLiteral("judges")).toArray();
    while (qsizetype(m_variants.size()) > variants.size()) {
        m_variants.back()->hide();
        m_variants.back()->deleteLater();
        m_variants.pop_back();
    }
    while (qsizetype(m_variants.size()) < variants.size()) {
        const int index = int(m_variants.size());
        auto *card = new VariantCard(m_session, m_theme, index, this);
        connect(card, &VariantCard::edited, this, &ExperimentSetup::edited);
        connect(card, &VariantCard::duplicateRequested, this, [this, index] { addVariant(index); });
        connect(card, &VariantCard::removeRequested, this, [this, index] { remove(QStringLiteral("variants"), index, tr("Remove variant")); });
        m_variantList->addWidget(card);
        card->show();
        m_variants.push_back(card);
    }
    while (qsizetype(m_checks.size()) > checks.size()) {
        m_checks.back()->hide();
        m_checks.back()->deleteLater();
        m_checks.pop_back();
    }
    while (qsizetype(m_checks.size()) < checks.size()) {
        const int index = int(m_checks.size());
        auto *card = new CheckCard(m_session, m_theme, index, this);
        connect(card, &CheckCard::edited, this, &ExperimentSetup::edited);
        connect(card, &CheckCard::removeRequested, this, [this, index] { remove(QStringLiteral("checks"), index, tr("Remove check")); });
        m_checkList->addWidget(card);
        card->show();
        m_checks.push_back(card);
    }
    while (qsizetype(m_judges.size()) > judges.size()) {
        m_judges.back()->hide();
        m_judges.back()->deleteLater();
        m_judges.pop_back();
    }
    while (qsizetype(m_judges.size()) < judges.size()) {
        const int index = int(m_judges.size());
        auto *card = new JudgeCard(m_session, m_theme, index, this);
        connect(card, &JudgeCard::edited, this, &ExperimentSetup::edited);
        connect(card, &JudgeCard::judgeRequested, this, &ExperimentSetup::judgeRequested);
        connect(card, &JudgeCard::removeRequested, this, [this, index] { remove(QStringLiteral("judges"), index, tr("Remove judge")); });
        m_judgeList->addWidget(card);
        card->show();
        m_judges.push_back(card);
    }
    for (size_t i = 0; i < m_variants.size(); ++i) {
        m_variants[i]->load(variants.at(qsizetype(i)).toObject());
        m_variants[i]->setRemovable(m_variants.size() > 1);
    }
    for (size_t i = 0; i < m_checks.size(); ++i)
        m_checks[i]->load(checks.at(qsizetype(i)).toObject());
    for (size_t i = 0; i < m_judges.size(); ++i)
        m_judges[i]->load(judges.at(qsizetype(i)).toObject());
    m_noChecks->setVisible(m_checks.empty());
    m_noJudges->setVisible(m_judges.empty());
    showDecideBy();
    showDataset();
    m_binding->load(body);
    const size_t cards = m_variants.size() + m_checks.size() + m_judges.size();
    if (std::exchange(m_cards, cards) != cards)
        guardFields();
}

// Scrolling the page must not change the fields under the mouse, and Ctrl+Z in a field is the draft's undo, not the field's own.
void ExperimentSetup::guardFields()
{
    const auto boxes = findChildren<QComboBox *>();
    for (QComboBox *box : boxes)
        box->installEventFilter(this);
    const auto numbers = findChildren<QAbstractSpinBox *>();
    for (QAbstractSpinBox *number : numbers)
        number->installEventFilter(this);
    const auto lines = findChildren<QLineEdit *>();
    for (QLineEdit *line : lines)
        line->installEventFilter(this);
    const auto texts = findChildren<QPlainTextEdit *>();
    for (QPlainTextEdit *text : texts)
        text->installEventFilter(this);
}

bool ExperimentSetup::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel && watched->isWidgetType() && !static_cast<QWidget *>(watched)->hasFocus()) {
        event->ignore(); // the scroll area takes it
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool redo = key->matches(QKeySequence::Redo);
        if (redo || key->matches(QKeySequence::Undo)) {
            if (event->type() == QEvent::KeyPress)
                Q_EMIT undoRequested(redo);
            else
                event->ignore(); // the window's shortcut wins, when it has one
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ExperimentSetup::showDataset()
{
    const QString reference = m_body.value(QStringLiteral("dataset")).toString();
    const auto dataset = m_session->project().artifacts().resolve(ArtifactKind::Dataset, reference);
    const QStringList columns = dataset ? json::toStringList(dataset->body.value(QStringLiteral("columns"))) : QStringList();
    const int count = dataset ? dataset->body.value(QStringLiteral("row_count")).toInt() : 0;
    m_openDataset->setEnabled(dataset.ok());
    const auto fill = [&columns](QComboBox *box, const QString &usual, const QString &none, const QString &value) {
        const QSignalBlocker blocker(box);
        box->clear();
        box->addItem(columns.contains(usual) ? usual : none, QString());
        for (const QString &column : columns) {
            if (column != usual)
                box->addItem(column, column);
        }
        if (!value.isEmpty() && box->findData(value) < 0)
            box->addItem(value, value);
        box->setCurrentIndex(std::max(0, box->findData(value)));
    };
    fill(m_input, QStringLiteral("input"), columns.isEmpty() ? tr("input") : columns.first() + tr(" (first)"), m_body.value(QStringLiteral("input_column")).toString());
    fill(m_expected, QStringLiteral("expected"), tr("no expected answer"), m_body.value(QStringLiteral("expected_column")).toString());
    if (!dataset) {
        m_rowCount->clear();
        return;
    }
    const auto chosen = rowSelection(m_body.value(QStringLiteral("rows")).toString(), count);
    m_rowCount->setText(!chosen                     ? tr("of %1").arg(format::number(count))
                        : int(chosen->size()) == count ? format::number(count)
                                                       : tr("%1 of %2").arg(format::number(qint64(chosen->size())), format::number(count)));
}

void ExperimentSetup::showDecideBy()
{
    const QSignalBlocker blocker(m_decideBy);
    m_decideBy->clear();
    const QJsonArray checks = m_body.value(QStringLiteral("checks")).toArray();
    const QJsonArray judges = m_body.value(QStringLiteral("judges")).toArray();
    m_decideBy->addItem(tr("the first there is"), QString());
    if (!checks.isEmpty())
        m_decideBy->addItem(tr("all checks together"), QStringLiteral("checks"));
    const auto spec = ExperimentSpec::fromJson(m_body);
    if (spec) {
        for (const CheckSpec &check : spec->checks)
            m_decideBy->addItem(tr("check: %1").arg(check.name.isEmpty() ? checkTitle(check) : check.name), check.id);
        for (const JudgeSpec &judge : spec->judges)
            m_decideBy->addItem(judge.kind == QLatin1String("human")   ? tr("judge: you, blind")
                                : judge.kind == QLatin1String("stars") ? tr("judge: your stars")
                                                                       : tr("judge: %1").arg(judge.model),
                                judge.id);
    }
    m_decideBy->addItem(tr("latency"), QStringLiteral("latency"));
    m_decideBy->addItem(tr("cost"), QStringLiteral("cost"));
    m_decideBy->setCurrentIndex(std::max(0, m_decideBy->findData(m_body.value(QStringLiteral("decide_by")).toString())));
}

void ExperimentSetup::setVariants(const std::vector<ExperimentVariant> &variants)
{
    for (size_t i = 0; i < m_variants.size(); ++i) {
        if (i >= variants.size()) {
            m_variants[i]->setUses(QString(), QString());
            continue;
        }
        m_variants[i]->setUses(variants[i].uses, variants[i].name);
        if (variants[i].problem && !m_variants[i]->hasProblem())
            m_variants[i]->setProblem(Problem::Severity::Error, variants[i].problem->message);
    }
}

void ExperimentSetup::setProblems(const std::vector<Problem> &problems)
{
    for (VariantCard *card : m_variants)
        card->setProblem(Problem::Severity::Hint, QString());
    for (CheckCard *card : m_checks)
        card->setProblem(Problem::Severity::Hint, QString());
    for (JudgeCard *card : m_judges)
        card->setProblem(Problem::Severity::Hint, QString());
    for (FormField *field : std::as_const(m_fields))
        field->clearProblem();
    m_other->hide();
    // The gravest comes first, so that a hint never hides an error.
    std::vector<Problem> sorted = problems;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem &a, const Problem &b) { return a.severity > b.severity; });
    QSet<QString> told;
    for (const Problem &problem : sorted) {
        const QString text = wordsOf(problem);
        const int variant = indexIn(problem.pointer, QStringLiteral("/variants"));
        const int check = indexIn(problem.pointer, QStringLiteral("/checks"));
        const int judge = indexIn(problem.pointer, QStringLiteral("/judges"));
        const QString place = problem.pointer.section(QLatin1Char('/'), 0, variant >= 0 || check >= 0 || judge >= 0 ? 2 : 1);
        if (told.contains(place))
            continue;
        told.insert(place);
        if (variant >= 0 && size_t(variant) < m_variants.size()) {
            m_variants[size_t(variant)]->setProblem(problem.severity, text);
        } else if (check >= 0 && size_t(check) < m_checks.size()) {
            m_checks[size_t(check)]->setProblem(problem.severity, text);
        } else if (judge >= 0 && size_t(judge) < m_judges.size()) {
            m_judges[size_t(judge)]->setProblem(problem.severity, text);
        } else if (FormField *field = m_fields.value(problem.pointer)) {
            field->setProblem(problem.severity == Problem::Severity::Error ? Severity::Error : problem.severity == Problem::Severity::Warning ? Severity::Warning : Severity::Info, text);
        } else if (problem.severity != Problem::Severity::Hint && !m_other->isVisibleTo(this)) {
            m_other->setMessage(problem.severity == Problem::Severity::Error ? Severity::Error : Severity::Warning, text);
            m_other->show();
        }
    }
}

bool ExperimentSetup::focusPointer(const QString &pointer)
{
    QWidget *target = nullptr;
    if (const int variant = indexIn(pointer, QStringLiteral("/variants")); variant >= 0 && size_t(variant) < m_variants.size())
        target = m_variants[size_t(variant)]->nameField();
    else if (const int check = indexIn(pointer, QStringLiteral("/checks")); check >= 0 && size_t(check) < m_checks.size())
        target = m_checks[size_t(check)]->typeBox();
    else if (FormField *field = m_fields.value(pointer))
        target = field->field();
    if (!target)
        return false;
    m_scroll->ensureWidgetVisible(target);
    target->setFocus(Qt::OtherFocusReason);
    return true;
}

void ExperimentSetup::chooseFile()
{
    m_import->choose();
}

void ExperimentSetup::importFile(const QString &path)
{
    m_import->start(path);
    m_scroll->ensureWidgetVisible(m_import);
}

void ExperimentSetup::pickRows()
{
    auto rows = m_session->dataset(m_dataset->value());
    if (!rows) {
        m_fields.value(QStringLiteral("/dataset"))->setProblem(Severity::Error, rows.error().message);
        return;
    }
    auto *picker = new ExperimentRowPicker(m_theme, this, std::move(*rows), m_rows->text());
    connect(picker, &ExperimentRowPicker::picked, this, [this](const QString &text) { Q_EMIT edited(QStringLiteral("/rows"), text, tr("Change rows")); });
    picker->open();
}

ExperimentSetup::~ExperimentSetup()
{
    silence(this);
}

} // namespace lathe
