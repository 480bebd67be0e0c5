// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolConfigForm.h"

#include "core/base/Json.h"
#include "ui/itemmodels/ModelNames.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/tools/CodeTokenizer.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/JsonField.h"
#include "ui/tools/LinesEditor.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/ModelField.h"
#include "ui/widgets/ProblemLine.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

namespace {
// A field that counts for nothing with the other choices is not shown.
bool isRelevant(const SettingField &field, const QJsonObject &body)
{
    if (field.shownWhen.isEmpty())
        return true;
    const QJsonValue value = json::at(body, field.shownWhen);
    return field.shownIs.contains(value);
}

ArtifactKind kindOf(SettingField::Type type)
{
    return type == SettingField::Type::Agent ? ArtifactKind::Agent : type == SettingField::Type::Team ? ArtifactKind::Team : ArtifactKind::Dataset;
}
}

ToolConfigForm::ToolConfigForm(Session *session, Theme *theme, const ToolTypeInfo &type, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_type(type)
{
    m_binding = new BodyBinding([this](const QString &pointer, const QJsonValue &value, const QString &what) {
        Q_EMIT edited(pointer, value, what);
    }, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_form = new FormLayout(theme, this);
    for (const SettingField &field : type.fields) {
        QWidget *widget = make(field);
        const bool hasOwnLabel = field.type == SettingField::Type::Bool;
        m_fields.insert(field.pointer, m_form->addField(hasOwnLabel ? QString() : field.label, widget, field.help));
    }
    layout->addWidget(m_form);
}

ToolConfigForm::~ToolConfigForm()
{
    if (m_looking)
        m_looking->cancel();
}

QWidget *ToolConfigForm::make(const SettingField &field)
{
    using T = SettingField::Type;
    const QString pointer = field.pointer;
    const QString name = QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1);
    const QString what = tr("Change %1").arg(field.label.toLower());
    switch (field.type) {
    case T::Text: {
        if (m_type.type == QLatin1String("mcp") && pointer == QLatin1String("/config/sampling_model"))
            return makeModel(field, what);
        auto *line = new QLineEdit;
        line->setObjectName(name);
        m_binding->bind(line, pointer, what);
        return line;
    }
    case T::MultiLine: {
        auto *editor = new CodeEditor(m_theme);
        editor->setObjectName(name);
        editor->setLineNumbersVisible(false);
        editor->setTabChangesFocus(true);
        growWithText(editor, 3, 10);
        m_binding->bind(editor, pointer, what);
        if (m_type.type == QLatin1String("sql") && pointer == QLatin1String("/config/tables"))
            return withLookUp(editor, pointer);
        return editor;
    }
    case T::Code: {
        if (field.language == QLatin1String("json"))
            return makeJson(field, what);
        auto *editor = new CodeEditor(m_theme);
        editor->setObjectName(name);
        editor->setAccessibleName(field.label);
        colour(editor, field.language);
        growWithText(editor, 8, 24);
        m_binding->bind(editor, pointer, what);
        return editor;
    }
    case T::Number:
    case T::Integer: {
        auto *spin = new QDoubleSpinBox; // whole numbers beyond 2^31 too
        spin->setObjectName(name);
        spin->setDecimals(field.type == T::Integer ? 0 : 2);
        const bool bounded = field.maximum > field.minimum;
        spin->setRange(bounded ? field.minimum : -1e12, bounded ? field.maximum : 1e12);
        spin->setGroupSeparatorShown(!pointer.endsWith(QLatin1String("port"))); // a name made of digits
        spin->setFixedWidth(160);
        const QJsonValue standard = field.defaultValue;
        m_binding->bind(pointer, [spin, standard](const QJsonValue &value) {
            const double number = value.isDouble() ? value.toDouble() : standard.toDouble();
            if (spin->value() != number)
                spin->setValue(number);
        });
        connect(spin, &QDoubleSpinBox::valueChanged, this, [this, pointer, what, whole = field.type == T::Integer](double value) {
            m_binding->report(pointer, whole ? QJsonValue(qint64(value)) : QJsonValue(value), what);
        });
        return spin;
    }
    case T::Bool: {
        auto *box = new QCheckBox(field.label);
        box->setObjectName(name);
        m_binding->bind(box, pointer, what, field.defaultValue.toBool());
        return box;
    }
    case T::Choice: {
        auto *box = new QComboBox;
        box->setObjectName(name);
        for (const QString &choice : field.choices)
            box->addItem(choice, choice);
        const QString standard = field.defaultValue.isString() ? field.defaultValue.toString() : field.choices.value(0);
        m_binding->bind(pointer, [box, standard](const QJsonValue &value) {
            // A body of before the setting was there shows what holds for it; a value of another version is none of these.
            box->setCurrentIndex(box->findData(value.isUndefined() ? standard : value.toString()));
        });
        connect(box, &QComboBox::activated, this, [this, box, pointer, what](int row) { m_binding->report(pointer, box->itemData(row).toString(), what); });
        return box;
    }
    case T::StringList:
        return makeLinesEditor(m_theme, m_binding, pointer, name, what);
    case T::File:
    case T::Folder:
        return makePath(field, what);
    case T::Json:
        return makeJson(field, what);
    case T::Dataset:
    case T::Agent:
    case T::Team:
        return makeReference(field, what);
    }
    return new QWidget;
}

// What a server says of its tables is put into the field; the person may shorten it.
QWidget *ToolConfigForm::withLookUp(QWidget *field, const QString &pointer)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    column->addWidget(field);
    auto *look = new Button(tr("Look up tables"), ButtonRole::Secondary, box);
    look->setObjectName(QStringLiteral("tool-look-up-tables"));
    look->setToolTip(tr("Ask the server which tables and columns its user may read"));
    auto *problem = new ProblemLine(m_theme, box);
    column->addWidget(look, 0, Qt::AlignLeft);
    column->addWidget(problem);
    box->setFocusProxy(field);
    connect(look, &QAbstractButton::clicked, this, [this, look, problem, pointer] {
        if (m_looking) { // the button says Stop
            CancelSource stop = *m_looking;
            stop.cancel();
            return;
        }
        m_looking.emplace();
        look->setText(tr("Stop"));
        problem->clear();
        const auto over = [this, look] {
            m_looking.reset();
            look->setText(tr("Look up tables"));
        };
        runTask(this, m_session->lookUpTables(m_body, m_looking->token()),
                [this, over, pointer](const QString &tables) {
                    over();
                    Q_EMIT edited(pointer, tables, tr("Look up tables"));
                },
                [over, problem](const Error &error) {
                    over();
                    if (error.kind == ErrorKind::Cancelled)
                        return;
                    problem->setProblem(Severity::Error, error.message);
                });
    });
    return box;
}

QWidget *ToolConfigForm::makePath(const SettingField &field, const QString &what)
{
    const bool folder = field.type == SettingField::Type::Folder;
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::Gap);
    auto *line = new QLineEdit(box);
    line->setObjectName(QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1));
    line->setAccessibleName(field.label);
    line->setPlaceholderText(folder ? tr("A folder") : tr("A file"));
    m_binding->bind(line, field.pointer, what);
    auto *browse = new Button(tr("Choose..."), ButtonRole::Secondary, box);
    browse->setObjectName(line->objectName() + QStringLiteral("-browse"));
    browse->setToolTip(folder ? tr("Choose a folder of this computer") : tr("Choose a file of this computer"));
    row->addWidget(line, 1);
    row->addWidget(browse);
    box->setFocusProxy(line);
    connect(browse, &QAbstractButton::clicked, this, [this, line, folder, pointer = field.pointer, what] {
        const QDir base = QFileInfo(m_session->project().path()).absoluteDir();
        auto *dialog = new QFileDialog(this, folder ? tr("Choose a folder") : tr("Choose a file"), base.absoluteFilePath(line->text()));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
        if (!folder)
            dialog->setNameFilters({tr("Tables (*.csv *.db *.sqlite *.sqlite3)"), tr("All files (*)")});
        connect(dialog, &QFileDialog::fileSelected, this, [this, line, pointer, what, base](const QString &path) {
            // Below the project's folder the path is kept relative, so that both can move together.
            const QString relative = base.relativeFilePath(path);
            const QString chosen = relative.startsWith(QLatin1String("..")) ? path : relative;
            line->setText(chosen);
            m_binding->report(pointer, chosen, what);
        });
        dialog->open();
    });
    return box;
}

void ToolConfigForm::colour(CodeEditor *editor, const QString &language)
{
    editor->setTokenizer(codeTokenizer(m_theme, language));
    connect(m_theme, &Theme::changed, editor, [editor, theme = m_theme, language] { editor->setTokenizer(codeTokenizer(theme, language)); });
}

QWidget *ToolConfigForm::makeJson(const SettingField &field, const QString &what)
{
    const QString pointer = field.pointer;
    // Emptied, it is what it was at first: a list or an object.
    const QJsonValue empty = field.defaultValue.isArray() ? QJsonValue(QJsonArray()) : QJsonValue(QJsonObject());
    auto *editor = new JsonField(m_theme);
    editor->editor()->setObjectName(QStringLiteral("tool-config-") + pointer.section(QLatin1Char('/'), -1));
    editor->editor()->setAccessibleName(field.label);
    editor->editor()->setPlaceholderText(empty.isArray() ? QStringLiteral("[ ... ]") : QStringLiteral("{ ... }"));
    colour(editor->editor(), QStringLiteral("json"));
    if (field.type == SettingField::Type::Code) {
        editor->editor()->setLineNumbersVisible(true);
        growWithText(editor->editor(), 6, 24);
    }
    m_binding->bind(pointer, [editor, empty](const QJsonValue &value) {
        // Nothing set looks like nothing; two braces that a person typed stay.
        const bool none = value == empty && editor->value() != value;
        editor->setValue(none ? QJsonValue(QJsonValue::Undefined) : value);
    });
    connect(editor, &JsonField::edited, this, [this, editor, pointer, what, empty] {
        if (const auto value = editor->value())
            m_binding->report(pointer, value->isUndefined() ? empty : *value, what);
    });
    return editor;
}

QWidget *ToolConfigForm::makeReference(const SettingField &field, const QString &what)
{
    const ArtifactKind kind = kindOf(field.type);
    auto *box = new QComboBox;
    box->setObjectName(QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1));
    box->setPlaceholderText(kind == ArtifactKind::Agent ? tr("Choose an agent") : tr("Choose a %1").arg(artifactKindName(kind)));
    const auto fill = [this, box, kind] {
        const QString current = box->currentData().toString();
        box->clear();
        for (const ArtifactInfo &info : m_session->project().artifacts().list(kind))
            box->addItem(info.name, info.name);
        box->setCurrentIndex(box->findData(current));
    };
    fill();
    connect(&m_session->project().artifacts(), &ArtifactRepository::added, box, fill);
    m_binding->bind(field.pointer, [box](const QJsonValue &value) {
        // A reference to a revision or a label, or to what is not there (any more), is shown as it is written.
        const QString reference = value.toString();
        if (!reference.isEmpty() && box->findData(reference) < 0)
            box->addItem(reference, reference);
        box->setCurrentIndex(reference.isEmpty() ? -1 : box->findData(reference));
    });
    connect(box, &QComboBox::activated, this, [this, box, pointer = field.pointer, what](int row) {
        m_binding->report(pointer, box->itemData(row).toString(), what);
    });
    return box;
}

QWidget *ToolConfigForm::makeModel(const SettingField &field, const QString &what)
{
    auto *box = new ModelField(m_theme, modelNames(m_session));
    const QString name = QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1);
    box->setObjectName(name);
    box->connectionBox()->setObjectName(name + QStringLiteral("-connection"));
    box->modelBox()->setObjectName(name + QStringLiteral("-model"));
    box->setNone(tr("none: what the server asks of a model is refused"));
    box->setMarksUnknown(true);
    const auto fill = [this, box] { box->setConnections(connectionNames(m_session)); };
    fill();
    connect(&m_session->project().artifacts(), &ArtifactRepository::added, box, fill);
    connect(&m_session->project().artifacts(), &ArtifactRepository::changed, box, fill);
    m_binding->bind(field.pointer, [box](const QJsonValue &value) {
        const QString text = value.toString();
        const qsizetype slash = text.indexOf(QLatin1Char('/')); // names of models may have more of them
        box->setValue(slash < 0 ? QString() : text.left(slash), text.mid(slash + 1));
    });
    const auto report = [this, pointer = field.pointer, what](const QString &connection, const QString &model) {
        m_binding->report(pointer, connection.isEmpty() ? model : connection + QLatin1Char('/') + model, what);
    };
    connect(box, &ModelField::edited, this, report);
    connect(box->modelBox(), &ModelBox::listed, this, [box, report](const QStringList &models) {
        const QString connection = box->connectionBox()->currentData().toString();
        if (box->modelBox()->currentText().isEmpty() && models.size() == 1 && !connection.isEmpty())
            report(connection, models.first()); // what else could it be
    });
    return box;
}

void ToolConfigForm::load(const QJsonObject &body)
{
    m_body = body;
    m_binding->load(body);
    for (const SettingField &field : m_type.fields)
        m_fields.value(field.pointer)->setVisible(isRelevant(field, body));
}

} // namespace lathe
