// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentsForm.h"

#include "core/base/Json.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/ArgumentField.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/JsonField.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/ProblemLine.h"

#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int CheckAfter = 120; // ms after the last key press

QStringList pathOf(const QString &pointer)
{
    QStringList path = pointer.split(QLatin1Char('/'));
    path.removeFirst(); // before the first slash
    for (QString &part : path)
        part.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
    return path;
}

// A stack is as high as the page that shows, not as the highest.
class PageStack : public QStackedWidget
{
public:
    using QStackedWidget::QStackedWidget;
    QSize sizeHint() const override { return currentWidget() ? currentWidget()->sizeHint() : QStackedWidget::sizeHint(); }
    QSize minimumSizeHint() const override { return currentWidget() ? currentWidget()->minimumSizeHint() : QStackedWidget::minimumSizeHint(); }
};
}

ArgumentsForm::ArgumentsForm(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("tool-arguments"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_pages = new PageStack(this);
    m_formPage = new QWidget(m_pages);
    m_formLayout = new QVBoxLayout(m_formPage);
    m_formLayout->setContentsMargins(0, 0, 0, 0);
    m_formLayout->setSpacing(metrics::Gap);
    m_none = new Label(theme, tr("This tool takes no arguments."), Label::Style::Hint, m_formPage);
    m_formLayout->addWidget(m_none);
    m_none->hide();
    m_whole = new ProblemLine(theme, m_formPage);
    m_whole->setObjectName(QStringLiteral("tool-arguments-problem"));
    m_formLayout->addWidget(m_whole);
    m_pages->addWidget(m_formPage);
    auto *rawPage = new QWidget(m_pages);
    auto *rawLayout = new QVBoxLayout(rawPage);
    rawLayout->setContentsMargins(0, 0, 0, 0);
    rawLayout->setSpacing(metrics::GapSmall);
    m_raw = new JsonField(theme, rawPage);
    m_raw->editor()->setObjectName(QStringLiteral("tool-arguments-raw"));
    m_raw->editor()->setAccessibleName(tr("Arguments as JSON"));
    m_raw->editor()->setTabChangesFocus(false);
    growWithText(m_raw->editor(), 4, 14);
    rawLayout->addWidget(m_raw);
    m_rawProblem = new ProblemLine(theme, rawPage);
    m_rawProblem->setObjectName(QStringLiteral("tool-arguments-raw-problem"));
    rawLayout->addWidget(m_rawProblem);
    m_pages->addWidget(rawPage);
    layout->addWidget(m_pages);
    m_soon.setSingleShot(true);
    m_soon.setInterval(CheckAfter);
    connect(&m_soon, &QTimer::timeout, this, [this] { check(false); });
    connect(m_raw->editor(), &CodeEditor::textChanged, this, [this] {
        m_soon.start();
        if (isRaw())
            Q_EMIT edited();
    });
}

void ArgumentsForm::setSchema(const QJsonObject &schema)
{
    if (m_hasSchema && schema == m_schema)
        return;
    const QJsonObject before = m_hasSchema ? values() : QJsonObject();
    m_hasSchema = true;
    m_schema = schema;
    build(before);
    if (isRaw() && m_raw->text().trimmed().isEmpty())
        m_raw->setText(json::fromUtf8Lossy(json::pretty(values())).trimmed());
}

namespace {
void focusFirstIn(QWidget *place)
{
    const auto inside = QList<QWidget *>{place} + place->findChildren<QWidget *>();
    for (QWidget *widget : inside) {
        if (widget->focusPolicy() & Qt::TabFocus && !widget->focusProxy() && widget->isEnabled() && widget->isVisible())
            return widget->setFocus(Qt::OtherFocusReason);
    }
}
}

void ArgumentsForm::focusFirst()
{
    focusFirstIn(isRaw() ? static_cast<QWidget *>(m_raw) : m_formPage);
}

void ArgumentsForm::focusProblem()
{
    const auto fields = isRaw() ? QList<FormField *>() : m_formPage->findChildren<FormField *>();
    const auto isWrong = [](const FormField *field) { return field->isVisible() && !field->problem().isEmpty(); };
    const auto wrong = std::find_if(fields.begin(), fields.end(), isWrong);
    if (isRaw())
        focusFirst();
    else if (wrong != fields.end())
        focusFirstIn((*wrong)->field());
}

void ArgumentsForm::build(const QJsonObject &kept)
{
    if (m_form) {
        m_form->hide();
        m_form->deleteLater();
    }
    auto context = std::make_shared<ArgumentContext>();
    context->theme = m_theme;
    context->root = m_schema;
    SchemaFacts facts = readSchema(m_schema, m_schema);
    // Arguments are an object, whatever else the schema says; free members of the whole are for raw JSON unless they are described.
    const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
    if (facts.kind == SchemaFacts::Kind::Variants) {
        const auto object = [&](const QJsonObject &variant) {
            const SchemaFacts one = readSchema(variant, m_schema);
            return one.kind == SchemaFacts::Kind::Object || one.kind == SchemaFacts::Kind::Any;
        };
        facts.variants.erase(std::remove_if(facts.variants.begin(), facts.variants.end(), [&](const QJsonObject &one) { return !object(one); }),
                             facts.variants.end());
        if (facts.variants.empty())
            facts.kind = SchemaFacts::Kind::Object;
    } else {
        facts.kind = SchemaFacts::Kind::Object;
    }
    m_fields = int(facts.kind == SchemaFacts::Kind::Variants ? facts.variants.size() : properties.size())
        + int(facts.schema.value(QStringLiteral("additionalProperties")).isObject());
    m_form = makeGroupField(context, facts, QString(), true, 0);
    m_form->setParent(m_formPage);
    m_none->setVisible(m_fields == 0);
    m_formLayout->insertWidget(0, m_form);
    m_form->setVisible(m_fields > 0);
    if (!kept.isEmpty()) {
        // Over defaults and examples: what was typed, where the name is still there.
        QJsonObject all = values();
        for (auto it = kept.begin(); it != kept.end(); ++it) {
            if (properties.contains(it.key()))
                all.insert(it.key(), it.value());
        }
        m_form->setValue(all);
    }
    connect(m_form, &ArgumentField::edited, this, [this] {
        m_soon.start();
        Q_EMIT edited();
    });
    m_soon.start();
}

void ArgumentsForm::check(bool strict)
{
    m_soon.stop();
    m_problemCount = 0;
    m_whole->clear();
    m_rawProblem->clear();
    if (!m_form)
        return;
    m_form->clearProblems();
    const bool raw = isRaw();
    const auto typed = raw ? m_raw->value() : std::optional<QJsonValue>(values());
    if (!typed) { // the line under the text says so
        m_problemCount = 1;
        Q_EMIT checked(m_problemCount);
        return;
    }
    QStringList others;
    QStringList said;
    const auto place = [&](const QStringList &path, const QString &message, bool missing) {
        const QString key = path.join(QLatin1Char('/'));
        if (said.contains(key))
            return;
        said.append(key);
        ++m_problemCount;
        const bool shown = !raw && m_form->showProblem(path, message, missing, strict);
        if (!shown && others.size() < 4)
            others.append(path.isEmpty() ? message : QStringLiteral("%1: %2").arg(key, message));
    };
    if (!raw) {
        std::vector<ArgumentField::Finding> own;
        m_form->findings({}, &own);
        for (const ArgumentField::Finding &finding : own)
            place(finding.path, finding.message, false);
    }
    if (m_check) {
        for (const Problem &problem : m_check(m_schema, *typed))
            place(problem.pointer.isEmpty() ? QStringList() : pathOf(problem.pointer), problem.message, problem.code == QLatin1String("required"));
    }
    if (!others.isEmpty())
        (raw ? m_rawProblem : m_whole)->setProblem(Severity::Error, others.join(QLatin1Char('\n')));
    Q_EMIT checked(m_problemCount);
}

int ArgumentsForm::showAllProblems()
{
    check(true);
    return m_problemCount;
}

QJsonObject ArgumentsForm::values() const
{
    return m_form ? m_form->value().toObject() : QJsonObject();
}

bool ArgumentsForm::isRaw() const
{
    return m_pages->currentIndex() == 1;
}

void ArgumentsForm::setRaw(bool raw)
{
    if (raw == isRaw())
        return;
    if (raw)
        m_raw->setText(json::fromUtf8Lossy(json::pretty(values())).trimmed());
    else if (const auto typed = m_raw->value(); typed && typed->isObject() && m_form)
        m_form->setValue(*typed);
    m_pages->setCurrentIndex(raw ? 1 : 0);
    m_pages->updateGeometry();
    check(false);
}

QString ArgumentsForm::argumentsText() const
{
    return isRaw() ? m_raw->text() : json::compactString(values());
}

QJsonObject ArgumentsForm::arguments() const
{
    const auto typed = isRaw() ? m_raw->value() : std::nullopt;
    return typed && typed->isObject() ? typed->toObject() : values();
}

void ArgumentsForm::setArguments(const QJsonObject &arguments)
{
    if (m_form)
        m_form->setValue(arguments);
    m_raw->setText(json::fromUtf8Lossy(json::pretty(arguments)).trimmed());
    check(false);
}

void ArgumentsForm::reset()
{
    build({});
    m_raw->setText(json::fromUtf8Lossy(json::pretty(values())).trimmed());
}

} // namespace lathe
