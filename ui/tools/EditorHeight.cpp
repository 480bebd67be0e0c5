// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/EditorHeight.h"

#include "ui/widgets/CodeEditor.h"

#include <QEvent>
#include <QTimer>

namespace lathe {

namespace {
// Lives with its editor.
class HeightKeeper : public QObject
{
public:
    explicit HeightKeeper(CodeEditor *editor) : QObject(editor), m_editor(editor)
    {
        // The editor counts wrapped lines only once they are laid out at their width.
        m_later.setSingleShot(true);
        m_later.setInterval(0);
        m_later.callOnTimeout(this, [this] { m_editor->setAutoHeight(m_least, m_most); });
        connect(editor, &CodeEditor::textChanged, &m_later, qOverload<>(&QTimer::start));
        editor->installEventFilter(this);
    }
    void setRange(int least, int most)
    {
        m_least = least;
        m_most = most;
        m_editor->setAutoHeight(least, most);
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Resize && m_editor->width() != m_width) {
            m_width = m_editor->width();
            m_later.start();
        }
        return QObject::eventFilter(watched, event);
    }

private:
    CodeEditor *m_editor;
    int m_least = 1;
    int m_most = 1;
    int m_width = -1;
    QTimer m_later;
};
}

void growWithText(CodeEditor *editor, int least, int most)
{
    HeightKeeper *keeper = nullptr;
    for (QObject *child : editor->children())
        keeper = keeper ? keeper : dynamic_cast<HeightKeeper *>(child);
    if (!keeper)
        keeper = new HeightKeeper(editor);
    keeper->setRange(least, most);
}

} // namespace lathe
