// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolCatalogue.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/tools/ToolWords.h"
#include "ui/widgets/Label.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>

namespace lathe {

namespace {
constexpr int columns = 2;
constexpr int rowHeight = 46; // least
constexpr int textLeft = 42;
}

AddToolType::AddToolType(Theme *theme, const ToolTypeInfo &type, QWidget *parent) : QAbstractButton(parent), m_theme(theme), m_type(type)
{
    setObjectName(QStringLiteral("add-type-") + type.type);
    setText(type.title);
    setAccessibleName(type.title);
    setAccessibleDescription(type.about);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setAttribute(Qt::WA_Hover);
}

bool AddToolType::matches(const QString &words) const
{
    const QString text = m_type.title + QLatin1Char(' ') + m_type.about + QLatin1Char(' ') + m_type.type + QLatin1Char(' ') + m_type.group;
    for (const QString &word : words.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        if (!text.contains(word, Qt::CaseInsensitive))
            return false;
    }
    return true;
}

QSize AddToolType::sizeHint() const
{
    return QSize(280, rowHeight);
}

QRect AddToolType::aboutRect(int width) const
{
    const QRect room(textLeft, 23, std::max(40, width - textLeft - 8), 1000);
    return QFontMetrics(m_theme->smallFont()).boundingRect(room, Qt::TextWordWrap | Qt::AlignLeft, m_type.about);
}

int AddToolType::heightForWidth(int width) const
{
    return std::max(rowHeight, aboutRect(width).bottom() + 1 + 7);
}

void AddToolType::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    const QRectF box = QRectF(rect()).adjusted(1, 1, -1, -1);
    if (isDown())
        paint::roundedBox(painter, box, metrics::Radius, t.pressed);
    else if (underMouse() || hasFocus())
        paint::roundedBox(painter, box, metrics::Radius, t.hover);
    m_theme->paintIcon(painter, QRectF(10, 0, 20, rowHeight), toolwords::icon(m_type.type), m_theme->color(toolwords::color(m_type.type)), 18);
    const QRect upper(textLeft, 5, width() - textLeft - 8, 18);
    painter.setFont(m_theme->strongFont());
    painter.setPen(t.text);
    painter.drawText(upper, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(m_type.title, Qt::ElideRight, upper.width()));
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text2);
    painter.drawText(QRect(textLeft, 23, upper.width(), height() - 23), Qt::TextWordWrap | Qt::AlignLeft, m_type.about);
    if (hasFocus())
        paint::focusRing(painter, box, metrics::Radius, t.accent);
}

void AddToolType::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return click();
    QAbstractButton::keyPressEvent(event);
}

AddToolCatalogue::AddToolCatalogue(Theme *theme, QWidget *parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_nothing(new Label(theme, tr("No type of tool matches. Paste a command, a URL or a document instead."), Label::Style::Hint, this))
{
    setObjectName(QStringLiteral("add-catalogue"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::Gap);
    m_grid->setVerticalSpacing(0);
    for (int column = 0; column < columns; ++column)
        m_grid->setColumnStretch(column, 1);
    // What can bring the most stands first.
    QStringList order{QStringLiteral("Servers"), QStringLiteral("Web"), QStringLiteral("Data"), QStringLiteral("Code"),
                      QStringLiteral("Messages"), QStringLiteral("Agents"), QStringLiteral("Basics")};
    for (const ToolTypeInfo &type : toolTypes()) {
        if (!order.contains(type.group))
            order.append(type.group);
    }
    for (const QString &name : std::as_const(order)) {
        Group group;
        for (const ToolTypeInfo &type : toolTypes()) {
            if (type.group != name)
                continue;
            auto *button = new AddToolType(theme, type, this);
            button->installEventFilter(this);
            connect(button, &QAbstractButton::clicked, this, [this, id = type.type] { Q_EMIT chosen(id); });
            group.types.push_back(button);
        }
        if (group.types.empty())
            continue;
        group.title = new Label(theme, name, Label::Style::Caption, this);
        group.title->setContentsMargins(10, 8, 0, 2);
        m_groups.push_back(std::move(group));
    }
    m_nothing->setWordWrap(true);
    arrange();
}

void AddToolCatalogue::setFilter(const QString &words)
{
    if (words == m_words)
        return;
    m_words = words;
    arrange();
}

void AddToolCatalogue::arrange()
{
    while (QLayoutItem *item = m_grid->takeAt(0))
        delete item;
    int row = 0;
    for (const Group &group : m_groups) {
        int shown = 0;
        for (AddToolType *type : group.types) {
            const bool fits = type->matches(m_words);
            type->setVisible(fits);
            shown += fits;
        }
        group.title->setVisible(shown > 0);
        if (shown == 0)
            continue;
        m_grid->addWidget(group.title, row++, 0, 1, columns);
        int column = 0;
        for (AddToolType *type : group.types) {
            if (!type->matches(m_words))
                continue;
            m_grid->addWidget(type, row, column);
            if (++column == columns) {
                column = 0;
                ++row;
            }
        }
        row += column > 0;
    }
    m_nothing->setVisible(row == 0);
    if (row == 0)
        m_grid->addWidget(m_nothing, row++, 0, 1, columns);
    for (int i = 0; i < m_grid->rowCount(); ++i)
        m_grid->setRowStretch(i, i == row);
    m_grid->setRowStretch(row, 1);
}

AddToolType *AddToolCatalogue::first() const
{
    AddToolType *first = nullptr;
    for (const Group &group : m_groups) {
        for (AddToolType *type : group.types) {
            if (!type->matches(m_words))
                continue;
            if (type->type().title.startsWith(m_words.trimmed(), Qt::CaseInsensitive))
                return type; // what is called so comes before what only mentions it
            first = first ? first : type;
        }
    }
    return first;
}

int AddToolCatalogue::shownCount() const
{
    int count = 0;
    for (const Group &group : m_groups) {
        for (const AddToolType *type : group.types)
            count += type->matches(m_words);
    }
    return count;
}

bool AddToolCatalogue::eventFilter(QObject *watched, QEvent *event)
{
    auto *from = qobject_cast<AddToolType *>(watched);
    if (!from || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent *>(event)->key();
    const int dx = key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
    const int dy = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    if (dx == 0 && dy == 0)
        return QWidget::eventFilter(watched, event);
    // The nearest one in that direction.
    AddToolType *best = nullptr;
    int bestDistance = 0;
    for (const Group &group : m_groups) {
        for (AddToolType *type : group.types) {
            if (type == from || !type->matches(m_words))
                continue;
            const QPoint way = type->geometry().center() - from->geometry().center();
            const bool inDirection = dx != 0 ? way.x() * dx > 0 && std::abs(way.y()) < rowHeight / 2 : way.y() * dy > 0;
            const int distance = dx != 0 ? std::abs(way.x()) : std::abs(way.y()) * 4 + std::abs(way.x());
            if (inDirection && (!best || distance < bestDistance)) {
                best = type;
                bestDistance = distance;
            }
        }
    }
    if (best)
        best->setFocus(Qt::TabFocusReason);
    else if (dy < 0)
        Q_EMIT leftUpwards();
    return true;
}

} // namespace lathe
