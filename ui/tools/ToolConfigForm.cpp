// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolConfigForm.h"

#include "core/base/Json.h"
#include "ui/tools/EditorHeight.h"
#include "ui/tools/JsonField.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"

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
QStringList linesOf(const QString &text)
{
    QStringList lines;
    for (const QString &line : text.split(QLatin1Char('\n'))) {
        if (!line.trimmed().isEmpty())
            lines.append(line.trimmed());
    }
    return lines;
}

// A field that says nothing for the chosen source is not shown.
bool isRelevant(const QString &pointer, const QJsonObject &config)
{
    const QJsonValue source = config.value(QStringLiteral("source"));
    if (!source.isString())
        return true;
    if (pointer == QLatin1String("/config/path"))
        return source.toString() == QLatin1String("file");
    if (pointer == QLatin1String("/config/dataset"))
        return source.toString() == QLatin1String("dataset");
    return true;
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

QWidget *ToolConfigForm::make(const SettingField &field)
{
    using T = SettingField::Type;
    const QString pointer = field.pointer;
    const QString name = QStringLiteral("tool-config-") + field.pointer.section(QLatin1Char('/'), -1);
    const QString what = tr("Change %1").arg(field.label.toLower());
    switch (field.type) {
    case T::Text: {
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
        return editor;
    }
    case T::Number:
    case T::Integer: {
        auto *spin = new QDoubleSpinBox; // whole numbers beyond 2^31 too
        spin->setObjectName(name);
        spin->setDecimals(field.type == T::Integer ? 0 : 2);
        const bool bounded = field.maximum > field.minimum;
        spin->setRange(bounded ? field.minimum : -1e12, bounded ? field.maximum : 1e12);
        spin->setGroupSeparatorShown(true);
        spin->setMaximumWidth(200);
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
        m_binding->bind(box, pointer, what);
        return box;
    }
    case T::StringList: {
        auto *editor = new CodeEditor(m_theme);
        editor->setObjectName(name);
        editor->setLineNumbersVisible(false);
        editor->setTabChangesFocus(true);
        growWithText(editor, 2, 8);
        editor->setPlaceholderText(tr("one a line"));
        m_binding->bind(pointer, [editor](const QJsonValue &value) {
            const QStringList list = json::toStringList(value);
            if (linesOf(editor->text()) != list)
                editor->setText(list.join(QLatin1Char('\n')));
        });
        connect(editor, &CodeEditor::edited, this, [this, editor, pointer, what] {
            m_binding->report(pointer, json::fromStringList(linesOf(editor->text())), what);
        });
        return editor;
    }
    case T::File:
    case T::Folder:
        return makePath(field, what);
    case T::Json: {
        auto *editor = new JsonField(m_theme);
        editor->editor()->setObjectName(name);
        editor->editor()->setAccessibleName(field.label);
        editor->editor()->setPlaceholderText(QStringLiteral("{ ... }"));
        m_binding->bind(pointer, [editor](const QJsonValue &value) {
            // Nothing set looks like nothing; two braces that a person typed stay.
            const bool nothing = value.isObject() && value.toObject().isEmpty() && editor->value() != value;
            editor->setValue(nothing ? QJsonValue(QJsonValue::Undefined) : value);
        });
        connect(editor, &JsonField::edited, this, [this, editor, pointer, what] {
            if (const auto value = editor->value())
                m_binding->report(pointer, value->isUndefined() ? QJsonValue(QJsonObject()) : *value, what);
        });
        return editor;
    }
    case T::Dataset: {
        auto *box = new QComboBox;
        box->setObjectName(name);
        box->setPlaceholderText(tr("Choose a dataset"));
        const auto fill = [this, box] {
            const QString current = box->currentData().toString();
            box->clear();
            for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Dataset))
                box->addItem(info.name, info.name);
            box->setCurrentIndex(box->findData(current));
        };
        fill();
        connect(&m_session->project().artifacts(), &ArtifactRepository::added, box, fill);
        m_binding->bind(box, pointer, what);
        return box;
    }
    }
    return new QWidget;
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

void ToolConfigForm::load(const QJsonObject &body)
{
    m_binding->load(body);
    const QJsonObject config = body.value(QStringLiteral("config")).toObject();
    for (auto it = m_fields.constBegin(); it != m_fields.constEnd(); ++it)
        it.value()->setVisible(isRelevant(it.key(), config));
}

} // namespace lathe
