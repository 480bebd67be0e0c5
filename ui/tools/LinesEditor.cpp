// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/LinesEditor.h"

#include "core/base/Json.h"
#include "ui/tools/EditorHeight.h"
#include "ui/widgets/BodyBinding.h"
#include "ui/widgets/CodeEditor.h"

namespace lathe {

CodeEditor *makeLinesEditor(Theme *theme, BodyBinding *binding, const QString &pointer, const QString &name, const QString &what, bool removeEmpty)
{
    auto *editor = new CodeEditor(theme);
    editor->setObjectName(name);
    editor->setLineNumbersVisible(false);
    editor->setTabChangesFocus(true);
    growWithText(editor, 2, 8);
    editor->setPlaceholderText(QObject::tr("one a line"));
    binding->bind(pointer, [editor](const QJsonValue &value) {
        const QStringList list = json::toStringList(value);
        if (linesOf(editor->text()) != list)
            editor->setText(list.join(QLatin1Char('\n')));
    });
    QObject::connect(editor, &CodeEditor::edited, binding, [binding, editor, pointer, what, removeEmpty] {
        const QStringList lines = linesOf(editor->text());
        binding->report(pointer, lines.isEmpty() && removeEmpty ? QJsonValue(QJsonValue::Undefined) : json::fromStringList(lines), what);
    });
    return editor;
}

} // namespace lathe
