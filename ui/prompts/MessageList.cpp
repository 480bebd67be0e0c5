// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/MessageList.h"

#include "ui/prompts/PromptHighlight.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/ProblemLine.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int RoleWidth = 104;

QString roleKey() { return QStringLiteral("role"); }
QString textKey() { return QStringLiteral("text"); }
}

MessageList::MessageList(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-messages"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::Gap);
    m_empty = new Label(theme, tr("No example turns. What a user says and what a good answer is teaches more than rules do; they are sent between the instructions and the input."),
                        Label::Style::Hint, this);
    m_empty->setWordWrap(true);
    m_layout->addWidget(m_empty);
    m_add = new Button(tr("Add message"), ButtonRole::Secondary, this);
    m_add->setObjectName(QStringLiteral("message-add"));
    m_add->setIcon(theme->icon(QStringLiteral("plus")));
    m_layout->addWidget(m_add, 0, Qt::AlignLeft);
    m_layout->addStretch(1);
    connect(m_add, &QAbstractButton::clicked, this, [this] {
        // Turns alternate: after a user an assistant speaks.
        const QString last = m_value.isEmpty() ? QString() : m_value.last()[roleKey()].toString();
        QJsonArray value = m_value;
        value.append(QJsonObject{{roleKey(), last == QLatin1String("user") ? QStringLiteral("assistant") : QStringLiteral("user")},
                                 {textKey(), QString()}});
        Q_EMIT edited(QStringLiteral("/messages"), value, tr("Add message"));
        focusRow(int(m_rows.size()) - 1);
    });
}

void MessageList::addRow()
{
    const int row = int(m_rows.size());
    Row made;
    made.box = new QWidget(this);
    auto *column = new QVBoxLayout(made.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::GapSmall);
    made.role = new QComboBox(made.box);
    made.role->setObjectName(QStringLiteral("message-role-%1").arg(row));
    made.role->setAccessibleName(tr("Role of message %1").arg(row + 1));
    made.role->setFixedWidth(RoleWidth);
    made.role->addItem(tr("User"), QStringLiteral("user"));
    made.role->addItem(tr("Assistant"), QStringLiteral("assistant"));
    made.role->addItem(tr("System"), QStringLiteral("system"));
    made.role->setItemData(2, tr("Added to the instructions"), Qt::ToolTipRole);
    line->addWidget(made.role, 0, Qt::AlignTop);
    made.text = new CodeEditor(m_theme, made.box);
    made.text->setObjectName(QStringLiteral("message-text-%1").arg(row));
    made.text->setAccessibleName(tr("Text of message %1").arg(row + 1));
    made.text->setLineNumbersVisible(false);
    made.text->setTabChangesFocus(true);
    made.text->setAutoHeight(1, 10);
    made.text->setTokenizer(prompthighlight::promptTokenizer(m_theme));
    made.text->installEventFilter(this);
    line->addWidget(made.text, 1);
    const auto button = [&](const char *name, const QString &icon, const QString &tip) {
        auto *one = new IconButton(m_theme, icon, tip, made.box);
        one->setObjectName(QStringLiteral("message-%1-%2").arg(QString::fromLatin1(name)).arg(row));
        one->setCompact(true);
        line->addWidget(one, 0, Qt::AlignTop);
        return one;
    };
    made.up = button("up", QStringLiteral("chevron-up"), tr("Move up (Alt+Up)"));
    made.down = button("down", QStringLiteral("chevron-down"), tr("Move down (Alt+Down)"));
    made.remove = button("remove", QStringLiteral("close"), tr("Remove this message"));
    column->addLayout(line);
    made.problem = new ProblemLine(m_theme, made.box);
    column->addWidget(made.problem);
    connect(made.role, &QComboBox::activated, this, [this, row, box = made.role] {
        Q_EMIT edited(QStringLiteral("/messages/%1/role").arg(row), box->currentData().toString(), tr("Change role of message"));
    });
    connect(made.text, &CodeEditor::edited, this, [this, row, text = made.text] {
        if (!m_loading)
            Q_EMIT edited(QStringLiteral("/messages/%1/text").arg(row), text->text(), tr("Change message"));
    });
    connect(made.up, &QAbstractButton::clicked, this, [this, row] { move(row, row - 1); });
    connect(made.down, &QAbstractButton::clicked, this, [this, row] { move(row, row + 1); });
    connect(made.remove, &QAbstractButton::clicked, this, [this, row] {
        QJsonArray value = m_value;
        value.removeAt(row);
        Q_EMIT edited(QStringLiteral("/messages"), value.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(value), tr("Remove message"));
    });
    m_layout->insertWidget(m_layout->indexOf(m_add), made.box);
    m_rows.push_back(made);
}

void MessageList::move(int from, int to)
{
    if (from < 0 || to < 0 || from >= m_value.size() || to >= m_value.size() || from == to || !m_editable)
        return;
    QJsonArray value = m_value;
    const QJsonValue moved = value.takeAt(from);
    value.insert(to, moved);
    Q_EMIT edited(QStringLiteral("/messages"), value, tr("Move message"));
    focusRow(to);
}

void MessageList::setValue(const QJsonArray &messages)
{
    m_value = messages;
    m_loading = true;
    while (m_rows.size() < size_t(messages.size()))
        addRow();
    while (m_rows.size() > size_t(messages.size())) {
        m_rows.back().box->hide();
        m_rows.back().box->deleteLater(); // its own button may be what was pressed
        m_rows.pop_back();
    }
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const QJsonValue item = messages[int(i)];
        m_rows[i].role->setCurrentIndex(std::max(0, m_rows[i].role->findData(item[roleKey()].toString())));
        const QString text = item[textKey()].toString();
        if (m_rows[i].text->text() != text)
            m_rows[i].text->setText(text);
    }
    m_loading = false;
    m_empty->setVisible(m_rows.empty());
    setEditable(m_editable);
}

void MessageList::setProblems(const std::vector<Problem> &problems)
{
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const QString prefix = QStringLiteral("/messages/%1/").arg(i);
        const auto found = std::find_if(problems.begin(), problems.end(), [&](const Problem &problem) { return problem.pointer.startsWith(prefix); });
        if (found == problems.end())
            m_rows[i].problem->clear();
        else
            m_rows[i].problem->setProblem(found->severity == Problem::Severity::Error ? Severity::Error : Severity::Warning, found->message);
    }
}

void MessageList::setEditable(bool editable)
{
    m_editable = editable;
    for (size_t i = 0; i < m_rows.size(); ++i) {
        m_rows[i].role->setEnabled(editable);
        m_rows[i].text->setReadOnly(!editable);
        m_rows[i].up->setEnabled(editable && i > 0);
        m_rows[i].down->setEnabled(editable && i + 1 < m_rows.size());
        m_rows[i].remove->setEnabled(editable);
    }
    m_add->setVisible(editable);
}

void MessageList::focusRow(int row)
{
    if (row >= 0 && row < int(m_rows.size()))
        m_rows[size_t(row)].text->setFocus(Qt::OtherFocusReason);
}

bool MessageList::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const int step = key->key() == Qt::Key_Up ? -1 : key->key() == Qt::Key_Down ? 1 : 0;
        if (step != 0 && key->modifiers() == Qt::AltModifier) {
            for (size_t i = 0; i < m_rows.size(); ++i) {
                if (m_rows[i].text == watched) {
                    move(int(i), int(i) + step);
                    return true;
                }
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
