// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormView.h"

#include "core/base/Json.h"
#include "ui/canvas/FormViewJson.h"
#include "ui/canvas/FormViewKeys.h"
#include "ui/canvas/FormViewModel.h"
#include "ui/canvas/FormViewReference.h"
#include "ui/canvas/FormViewRows.h"
#include "ui/canvas/FormViewText.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/Silence.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QStringListModel>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
using Type = FormFieldInfo::Type;
constexpr int MostLines = 10;

bool same(const FormFieldInfo &a, const FormFieldInfo &b)
{
    return a.key == b.key && a.title == b.title && a.about == b.about && a.type == b.type && a.choices == b.choices
        && a.choiceTitles == b.choiceTitles && a.reference == b.reference && a.absent == b.absent && a.least == b.least && a.most == b.most
        && a.onlyIfKey == b.onlyIfKey && a.onlyIfValue == b.onlyIfValue;
}

QJsonValue valueAt(const QJsonObject &settings, const QString &key)
{
    return json::at(QJsonValue(settings), QLatin1Char('/') + key);
}

// A value as a setting's condition names it.
QString conditionText(const QJsonValue &value)
{
    return value.isBool()     ? QString::fromLatin1(value.toBool() ? "true" : "false")
           : value.isDouble() ? QString::number(value.toDouble())
                              : value.toString();
}

// A JSON object that holds values by names of the person's own: drawn as rows instead of as JSON.
bool isMap(const FormFieldInfo &info)
{
    return info.absent.isObject()
           && (info.type == Type::Fields || info.key == QLatin1String("arguments") || info.key == QLatin1String("variables"));
}

// Numbers without trailing zeros and with thin spaces between thousands; a fraction that is stored is not rounded by showing it.
class NumberBox : public QDoubleSpinBox
{
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    QString textFromValue(double value) const override
    {
        return value == std::floor(value) && std::abs(value) < 1e15 ? format::number(qint64(value)) : QString::number(value, 'g', 12);
    }
    double valueFromText(const QString &text) const override { return plain(text).toDouble(); }
    QValidator::State validate(QString &text, int &pos) const override
    {
        QString digits = plain(text);
        int at = std::min(pos, int(digits.size()));
        return QDoubleSpinBox::validate(digits, at);
    }

private:
    static QString plain(QString text)
    {
        return text.remove(QChar(0x2009)).remove(QLatin1Char(' ')).replace(QLatin1Char(','), QLatin1Char('.'));
    }
};
}

FormView::FormView(Session *session, Theme *theme, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_layout(new QVBoxLayout(this)), m_keys(new FormViewKeys(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_fit.setSingleShot(true);
    m_fit.setInterval(0);
    connect(&m_fit, &QTimer::timeout, this, [this] {
        for (const Row &row : m_rows) {
            if (auto *editor = qobject_cast<CodeEditor *>(row.field))
                formview::fitHeight(editor, row.info.type == Type::Expression ? 1 : 2, MostLines);
        }
    });
    connect(m_keys, &FormViewKeys::undoRequested, this, &FormView::undoRequested);
    connect(m_keys, &FormViewKeys::redoRequested, this, &FormView::redoRequested);
}

void FormView::setFields(const std::vector<FormFieldInfo> &fields)
{
    const bool known = m_body && fields.size() == m_rows.size()
        && std::equal(fields.begin(), fields.end(), m_rows.begin(), [](const FormFieldInfo &a, const Row &b) { return same(a, b.info); });
    if (known)
        return;
    if (m_body) {
        m_body->setParent(nullptr); // its fields are found no more
        m_body->deleteLater();      // a signal of one of them may be under way
        m_binding->disconnect(this);
    }
    m_rows.clear();
    m_fields = fields;
    m_body = new QWidget(this);
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) {
        m_value = json::with(QJsonValue(m_value), pointer, value).toObject();
        Q_EMIT edited(pointer.mid(1), value, what);
        showConditions();
    }, m_body);
    auto *column = new QVBoxLayout(m_body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Margin);
    for (const FormFieldInfo &info : fields) {
        QWidget *field = makeField(info);
        QString name = QStringLiteral("field-") + info.key;
        field->setObjectName(name.replace(QLatin1Char('/'), QLatin1Char('-')));
        const bool byTitle = info.key == QLatin1String("otherwise") && hasRoutes();
        auto *line = new FormField(m_theme, info.type == Type::Flag ? QString() : info.title, field,
                                   byTitle ? tr("The route of what fits none.") : info.about, m_body);
        field->setAccessibleName(info.title);
        column->addWidget(line);
        m_rows.push_back({info, line, field});
    }
    m_layout->addWidget(m_body);
    m_body->show(); // now, not when the layout comes to it: no empty frame in between
    m_keys->watchAll(m_body);
    setEditable(m_editable);
}

bool FormView::hasRoutes() const
{
    return std::any_of(m_fields.begin(), m_fields.end(), [](const FormFieldInfo &of) { return of.type == Type::Routes; });
}

bool FormView::isWrittenHere(const QString &key) const
{
    return std::any_of(m_fields.begin(), m_fields.end(),
                       [&](const FormFieldInfo &of) { return of.onlyIfKey == key && of.onlyIfValue.isEmpty(); });
}

QWidget *FormView::makeField(const FormFieldInfo &info)
{
    const QString pointer = QLatin1Char('/') + info.key;
    const QString what = tr("Change %1").arg(info.title.toLower());
    switch (info.type) {
    case Type::Line: {
        if (info.key == QLatin1String("otherwise") && hasRoutes())
            return makeRouteChoice(pointer, what);
        auto *edit = new QLineEdit;
        if (info.absent.isString())
            edit->setPlaceholderText(info.absent.toString());
        m_binding->bind(edit, pointer, what, true);
        return edit;
    }
    case Type::Text:
    case Type::Expression:
    case Type::Template:
        return makeText(info, pointer, what);
    case Type::Number:
        return makeNumber(info, pointer, what);
    case Type::Choice:
        return makeChoice(info, pointer, what);
    case Type::Flag: {
        auto *box = new QCheckBox(info.title);
        m_binding->bind(box, pointer, what, info.absent.toBool());
        return box;
    }
    case Type::Json: {
        if (isMap(info))
            return makeRows(info, pointer);
        auto *field = new FormViewJson(m_theme);
        m_binding->bind(pointer, [field](const QJsonValue &value) { field->setValue(value); });
        connect(field, &FormViewJson::edited, m_body,
                [this, pointer, what](const QJsonValue &value) { m_binding->report(pointer, value, what); });
        return field;
    }
    case Type::Reference: {
        auto *field = new FormViewReference(m_session, m_theme, info.reference);
        field->setNone(isWrittenHere(info.key) ? tr("written here") : tr("none"));
        m_binding->bind(pointer, [field](const QJsonValue &value) { field->setValue(value.toString()); });
        connect(field, &FormViewReference::chosen, m_body, [this, pointer, what](const QString &reference) {
            m_binding->report(pointer, reference.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(reference), what);
        });
        connect(field, &FormViewReference::openRequested, this, &FormView::openRequested);
        connect(field, &FormViewReference::createRequested, m_body,
                [this, key = info.key](ArtifactKind kind) { Q_EMIT createRequested(kind, key); });
        return field;
    }
    case Type::ModelChoice: {
        auto *field = new FormViewModel(m_session, m_theme);
        m_binding->bind(pointer, [field](const QJsonValue &value) { field->setValue(value); });
        connect(field, &FormViewModel::valueEdited, m_body,
                [this, pointer, what](const QJsonValue &value) { m_binding->report(pointer, value, what); });
        return field;
    }
    case Type::Routes:
    case Type::Fields:
    case Type::List:
        return makeRows(info, pointer);
    }
    return new QWidget;
}

QWidget *FormView::makeText(const FormFieldInfo &info, const QString &pointer, const QString &what)
{
    auto *editor = new CodeEditor(m_theme);
    editor->setLineNumbersVisible(false);
    editor->setTabChangesFocus(true);
    editor->setAutoHeight(info.type == Type::Expression ? 1 : 2, MostLines);
    if (info.absent.isString())
        editor->setPlaceholderText(info.absent.toString());
    if (info.type == Type::Template) {
        editor->setTokenizer(formview::templateTokenizer(m_theme));
        editor->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"), [this](const QString &prefix) {
            QList<CompletionItem> items;
            const QStringList names = m_variables ? m_variables() : QStringList();
            for (const QString &name : names) {
                if (name.startsWith(prefix.trimmed(), Qt::CaseInsensitive))
                    items.append({name, QString(), QString()});
            }
            return items;
        });
    } else if (info.type == Type::Expression) {
        editor->setTokenizer(formview::expressionTokenizer(m_theme));
    }
    m_binding->bind(pointer, [editor](const QJsonValue &value) {
        if (editor->text() != value.toString())
            editor->setText(value.toString());
    });
    connect(editor, &CodeEditor::edited, m_body, [this, editor, pointer, what] {
        const QString text = editor->text();
        m_binding->report(pointer, text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text), what);
    });
    return editor;
}

QWidget *FormView::makeNumber(const FormFieldInfo &info, const QString &pointer, const QString &what)
{
    auto *box = new NumberBox;
    // Shares, money and time may be fractions.
    const bool whole = info.most > 2 && !info.key.endsWith(QLatin1String("_usd")) && !info.key.endsWith(QLatin1String("seconds"));
    const bool mayLack = !info.absent.isDouble();
    const double step = whole || info.key.endsWith(QLatin1String("seconds")) ? 1 : info.most > 2 ? 0.1 : 0.05;
    box->setDecimals(3);
    box->setSingleStep(step);
    box->setRange(mayLack ? info.least - step : info.least, info.most);
    if (mayLack)
        box->setSpecialValueText(tr("not set"));
    const double shown = mayLack ? box->minimum() : info.absent.toDouble();
    m_binding->bind(pointer, [box, shown](const QJsonValue &value) {
        const double number = value.isDouble() ? value.toDouble() : shown;
        if (box->value() != number)
            box->setValue(number);
    });
    connect(box, &QDoubleSpinBox::valueChanged, m_body, [this, box, pointer, what, whole, mayLack](double value) {
        const bool lacks = mayLack && value <= box->minimum();
        m_binding->report(pointer,
                          lacks   ? QJsonValue(QJsonValue::Undefined)
                          : whole ? QJsonValue(std::round(value))
                                  : QJsonValue(value),
                          what);
    });
    return box;
}

QWidget *FormView::makeChoice(const FormFieldInfo &info, const QString &pointer, const QString &what)
{
    auto *box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    for (qsizetype i = 0; i < info.choices.size(); ++i)
        box->addItem(info.choiceTitles.value(i, info.choices[i]), info.choices[i]);
    m_binding->bind(pointer, [box, absent = info.absent.toString()](const QJsonValue &value) {
        const QString text = value.toString(absent);
        int row = box->findData(text);
        if (row < 0 && !text.isEmpty()) {
            box->addItem(text, text); // nothing changes by looking
            row = box->count() - 1;
        }
        box->setCurrentIndex(row);
    });
    connect(box, &QComboBox::activated, m_body,
            [this, box, pointer, what](int row) { m_binding->report(pointer, box->itemData(row).toString(), what); });
    return box;
}

// The route that is taken when none fits: by title, since ids are never shown.
QWidget *FormView::makeRouteChoice(const QString &pointer, const QString &what)
{
    auto *box = new QComboBox;
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(8);
    m_binding->bind(pointer, [this, box](const QJsonValue &value) {
        const QSignalBlocker blocker(box);
        box->clear();
        box->addItem(tr("The node fails"), QString());
        for (const Row &row : m_rows) {
            if (row.info.type != Type::Routes)
                continue;
            for (const QJsonValue &route : valueAt(m_value, row.info.key).toArray()) {
                const QString id = route[QLatin1String("id")].toString(), title = route[QLatin1String("title")].toString();
                box->addItem(title.isEmpty() ? id : title, id);
            }
        }
        if (box->findData(value.toString()) < 0)
            box->addItem(tr("%1 (no such route)").arg(value.toString()), value.toString());
        box->setCurrentIndex(box->findData(value.toString()));
    });
    connect(box, &QComboBox::activated, m_body, [this, box, pointer, what](int row) {
        const QString id = box->itemData(row).toString();
        m_binding->report(pointer, id.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(id), what);
    });
    return box;
}

QWidget *FormView::makeRows(const FormFieldInfo &info, const QString &pointer)
{
    using Column = FormViewRows::Column;
    FormViewRows *rows = nullptr;
    const auto column = [](const char *key, const QString &title, Column::Type type = Column::Type::Line, const QString &hint = QString()) {
        Column made;
        made.key = QString::fromLatin1(key);
        made.title = title;
        made.type = type;
        made.hint = hint.isEmpty() ? title.toLower() : hint;
        return made;
    };
    if (info.type == Type::Routes) {
        Column about = column("about", tr("About"), Column::Type::Line, tr("when to take it"));
        about.newLine = true;
        Column rule = column("rule", tr("Rule"), Column::Type::Code, tr("rule, such as input.score > 3"));
        rule.newLine = true;
        rule.optional = true;
        rows = new FormViewRows(m_theme, {column("title", tr("Title")), about, rule}, FormViewRows::Shape::Objects);
        rows->setWords(tr("route"), tr("No routes: the node leads nowhere."));
        rows->setIdKey(QStringLiteral("id"), QStringLiteral("r"));
        rows->setNewRow({{QStringLiteral("title"), tr("New route")}, {QStringLiteral("about"), QString()}});
    } else if (isMap(info)) {
        Column value = column("value", tr("Value"), Column::Type::Json, tr("value or {{template}}"));
        value.share = 2;
        rows = new FormViewRows(m_theme, {column("name", tr("Name"), Column::Type::Code), value}, FormViewRows::Shape::Members);
        rows->setWords(tr("value"), QString());
    } else if (info.type == Type::Fields) {
        Column type = column("type", tr("Type"), Column::Type::Choice);
        type.choices = info.choices.isEmpty() ? QStringList{QStringLiteral("text"), QStringLiteral("number"),
                                                            QStringLiteral("boolean"), QStringLiteral("json")}
                                              : info.choices;
        Column about = column("about", tr("About"), Column::Type::Line, tr("what it holds"));
        about.newLine = true;
        // What a run asks for shows a sample; what a person is asked in the middle of one may offer choices.
        const bool asked = !info.onlyIfKey.isEmpty();
        Column last = asked ? column("choices", tr("Choices"), Column::Type::Line, tr("choices, by comma"))
                            : column("sample", tr("Sample"), Column::Type::Json);
        last.optional = true;
        rows = new FormViewRows(m_theme, {column("name", tr("Name"), Column::Type::Code), type, about, last}, FormViewRows::Shape::Objects);
        rows->setWords(tr("field"), QString());
        rows->setNewRow({{QStringLiteral("name"), tr("field")}, {QStringLiteral("type"), type.choices.value(0)}});
    } else if (info.reference == ArtifactKind::Tool) { // tools as an agent's body has them
        Column tool = column("tool", tr("Tool"), Column::Type::Choice);
        for (const ArtifactInfo &of : m_session->project().artifacts().list(ArtifactKind::Tool))
            tool.choices.append(of.name);
        rows = new FormViewRows(m_theme, {tool}, FormViewRows::Shape::Objects);
        rows->setWords(tr("tool"), QString());
        rows->setNewRow({{QStringLiteral("tool"), tool.choices.value(0)}});
    } else {
        rows = new FormViewRows(m_theme, {column("item", info.title)}, FormViewRows::Shape::Strings);
        rows->setWords(tr("entry"), QString());
        rows->setNewRow({{QStringLiteral("item"), QString()}});
    }
    m_binding->bind(pointer, [rows](const QJsonValue &value) { rows->setValue(value); });
    connect(rows, &FormViewRows::edited, m_body, [this, pointer, title = info.title](const QJsonValue &value, const QString &did) {
        m_binding->report(pointer, value, did.isEmpty() ? tr("Change %1").arg(title) : did);
    });
    connect(rows, &FormViewRows::rowsMade, m_body, [this, rows] { m_keys->watchAll(rows); });
    return rows;
}

void FormView::setValue(const QJsonObject &settings)
{
    m_value = settings;
    if (!m_binding)
        return;
    m_binding->load(settings);
    m_fit.start();
    showConditions();
}

void FormView::showConditions()
{
    for (const Row &row : m_rows) {
        bool shown = true;
        if (!row.info.onlyIfKey.isEmpty()) {
            QJsonValue value = valueAt(m_value, row.info.onlyIfKey);
            if (value.isUndefined()) {
                if (const Row *other = rowOf(row.info.onlyIfKey))
                    value = other->info.absent;
            }
            shown = row.info.onlyIfValue.split(QLatin1Char('|')).contains(conditionText(value));
        }
        row.line->setVisible(shown);
    }
}

void FormView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_fit.start();
}

void FormView::setVariables(std::function<QStringList()> names)
{
    m_variables = std::move(names);
}

void FormView::setSuggestions(const QString &key, const QStringList &texts)
{
    const Row *row = rowOf(key);
    auto *edit = row ? qobject_cast<QLineEdit *>(row->field) : nullptr;
    if (!edit)
        return;
    if (!edit->completer()) {
        auto *completer = new QCompleter(new QStringListModel(edit), edit);
        completer->setCaseSensitivity(Qt::CaseInsensitive);
        completer->setFilterMode(Qt::MatchContains);
        edit->setCompleter(completer);
        // The completer writes by itself, which is no typing.
        connect(completer, qOverload<const QString &>(&QCompleter::activated), m_body, [this, key](const QString &text) {
            if (const Row *of = rowOf(key))
                m_binding->report(QLatin1Char('/') + of->info.key, text, tr("Change %1").arg(of->info.title.toLower()));
        });
    }
    static_cast<QStringListModel *>(edit->completer()->model())->setStringList(texts);
}

void FormView::setEditable(bool editable)
{
    m_editable = editable;
    for (const Row &row : m_rows) {
        if (auto *edit = qobject_cast<QLineEdit *>(row.field))
            edit->setReadOnly(!editable);
        else if (auto *text = qobject_cast<QPlainTextEdit *>(row.field))
            text->setReadOnly(!editable);
        else if (auto *json = qobject_cast<FormViewJson *>(row.field))
            json->setEditable(editable);
        else if (auto *reference = qobject_cast<FormViewReference *>(row.field))
            reference->setEditable(editable);
        else if (auto *model = qobject_cast<FormViewModel *>(row.field))
            model->setEditable(editable);
        else if (auto *rows = qobject_cast<FormViewRows *>(row.field))
            rows->setEditable(editable);
        else
            row.field->setEnabled(editable);
    }
}

const FormView::Row *FormView::rowOf(const QString &key) const
{
    // The longest key that the wanted one is, or lies in; else one inside of it.
    const Row *best = nullptr;
    for (const Row &row : m_rows) {
        const bool fits = key == row.info.key || key.startsWith(row.info.key + QLatin1Char('/'));
        if (fits && (!best || row.info.key.size() > best->info.key.size()))
            best = &row;
    }
    for (size_t i = 0; !best && i < m_rows.size(); ++i) {
        if (m_rows[i].info.key.startsWith(key + QLatin1Char('/')))
            best = &m_rows[i];
    }
    return best;
}

bool FormView::setProblem(const QString &key, Severity severity, const QString &text)
{
    const Row *row = rowOf(key);
    if (!row || row->line->isHidden())
        return false;
    if (row->line->problem().isEmpty())
        row->line->setProblem(severity, text);
    return true;
}

void FormView::clearProblems()
{
    for (const Row &row : m_rows)
        row.line->clearProblem();
}

QString FormView::problem(const QString &key) const
{
    const Row *row = rowOf(key);
    return row ? row->line->problem() : QString();
}

bool FormView::focusKey(const QString &key)
{
    const Row *row = rowOf(key);
    if (!row || row->line->isHidden())
        return false;
    if (auto *rows = qobject_cast<FormViewRows *>(row->field)) {
        const QStringList rest = key.mid(row->info.key.size() + 1).split(QLatin1Char('/'));
        if (rows->focusRow(rest.value(0).toInt(), rest.value(1)))
            return true;
    }
    row->field->setFocus(Qt::OtherFocusReason);
    return true;
}

FormView::~FormView()
{
    silence(this);
}

} // namespace lathe
