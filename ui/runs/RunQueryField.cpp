// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunQueryField.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <utility>

namespace lathe {

namespace {
constexpr int mostRecent = 5;  // in the list of an empty line
constexpr int mostChoices = 60;

// "agent:" -> "agent:triage@3", what stands beside a field's name.
QString exampleOf(const QString &choice)
{
    QString name = choice;
    while (!name.isEmpty() && !name.back().isLetterOrNumber() && name.back() != QLatin1Char('-'))
        name.chop(1);
    if (name == QLatin1String("until"))
        return QStringLiteral("until:yesterday");
    if (name == QLatin1String("has"))
        return QStringLiteral("has:error");
    if (name == QLatin1String("is"))
        return QStringLiteral("is:pinned");
    for (int i = 0; i <= int(RunField::Started); ++i) {
        if (runFieldName(RunField(i)) == name)
            return runFieldExample(RunField(i));
    }
    return QString();
}

// Those that begin so, then those that hold it.
QStringList matching(const QStringList &choices, const QString &typed)
{
    QStringList first;
    QStringList second;
    for (const QString &choice : choices) {
        if (choice.startsWith(typed, Qt::CaseInsensitive))
            first.append(choice);
        else if (typed.size() > 1 && choice.contains(typed, Qt::CaseInsensitive))
            second.append(choice);
    }
    return first + second;
}
}

RunQueryField::RunQueryField(Theme *theme, QWidget *parent)
    : SearchField(theme, tr("Words, or agent:, status:, latency>, cost>, tool:, rating< ..."), parent), m_theme(theme)
{
    setMaxLength(4096); // what the language reads
    connect(this, &QLineEdit::textEdited, this, [this] { complete(false); });
    connect(this, &QLineEdit::cursorPositionChanged, this, [this](int, int now) {
        if (isCompleting() && !m_inserting && (now < m_at.from || now > m_at.from + m_at.length + 1))
            hidePopup();
    });
}

RunQueryField::~RunQueryField()
{
    delete m_popup;
}

void RunQueryField::setProblems(std::vector<RunFilterProblem> problems)
{
    m_problems = std::move(problems);
    update();
}

bool RunQueryField::isCompleting() const
{
    return m_popup && m_popup->isVisible();
}

bool RunQueryField::isPartial() const
{
    return isCompleting() && !m_recent && m_at.kind == RunFilterCompletion::Kind::Value && !m_exact;
}

int RunQueryField::columnX(int column) const
{
    // cursorRect() knows how far the line has scrolled.
    const QString whole = text();
    const int cursor = cursorPosition();
    const int at = std::clamp(column, 0, int(whole.size()));
    const QFontMetrics metrics = fontMetrics();
    return cursorRect().center().x() + metrics.horizontalAdvance(whole.left(at)) - metrics.horizontalAdvance(whole.left(cursor));
}

void RunQueryField::complete(bool asked)
{
    ++m_generation;
    m_moved = false;
    m_recent = false;
    m_at = completeRunFilter(text(), cursorPosition());
    if (text().trimmed().isEmpty()) {
        if (!asked)
            return hidePopup();
        m_recent = true;
        QList<CompletionItem> items;
        for (const QString &query : m_history.mid(0, mostRecent))
            items.append({query, tr("recent"), QStringLiteral("history")});
        for (const QString &field : m_at.fixed)
            items.append({field, exampleOf(field), QString()});
        return showItems(items);
    }
    if (m_at.kind == RunFilterCompletion::Kind::None || (m_at.typed.isEmpty() && m_at.kind == RunFilterCompletion::Kind::Field && !asked))
        return hidePopup();
    offer({});
    if (m_at.kind == RunFilterCompletion::Kind::Value && m_values) {
        m_values(m_at.field, m_at.typed, [alive = QPointer<RunQueryField>(this), generation = m_generation](const QStringList &values) {
            if (alive && generation == alive->m_generation)
                alive->offer(values);
        });
    }
}

void RunQueryField::offer(const QStringList &values)
{
    QStringList choices = matching(m_at.fixed, m_at.typed);
    const QStringList found = matching(values, m_at.typed);
    for (const QString &value : found) {
        if (!choices.contains(value))
            choices.append(value);
    }
    if (choices.size() == 1 && choices.front().compare(m_at.typed, Qt::CaseInsensitive) == 0)
        choices.clear(); // it stands there already
    m_exact = choices.contains(m_at.typed, Qt::CaseInsensitive);
    QList<CompletionItem> items;
    for (const QString &choice : choices.mid(0, mostChoices))
        items.append({choice, m_at.kind == RunFilterCompletion::Kind::Field ? exampleOf(choice) : QString(), QString()});
    if (m_moved && isCompleting() && items.isEmpty())
        return;
    showItems(items);
}

void RunQueryField::showItems(const QList<CompletionItem> &items)
{
    if (items.isEmpty() || !isVisible())
        return hidePopup();
    if (m_popup && m_popup->parentWidget() != window())
        delete m_popup; // this line moved to another window
    if (!m_popup) {
        m_popup = new CompletionPopup(m_theme, window());
        m_popup->setObjectName(QStringLiteral("run-query-completions"));
        connect(m_popup, &CompletionPopup::chosen, this, &RunQueryField::take);
    }
    const QPoint at = mapTo(window(), QPoint(columnX(m_at.from) - 12, 0));
    m_popup->showItems(items, QRect(at, QSize(1, height())));
}

void RunQueryField::take(const QString &choice)
{
    m_inserting = true;
    bool more = false;
    if (m_recent && m_history.contains(choice)) {
        setText(choice);
    } else {
        int cursor = cursorPosition();
        const QString whole = insertRunFilterChoice(text(), m_at, choice, &cursor);
        setText(whole);
        setCursorPosition(cursor);
        more = m_at.kind == RunFilterCompletion::Kind::Field || m_recent;
        m_spaced = !more && cursor > 0 && whole.at(cursor - 1) == QLatin1Char(' ');
    }
    m_inserting = false;
    hidePopup(); // completed()
    if (more)
        complete(true); // a field's name calls for its value
}

void RunQueryField::hidePopup()
{
    ++m_generation;
    if (!isCompleting())
        return;
    m_popup->hide();
    if (!m_inserting)
        Q_EMIT completed();
}

void RunQueryField::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    if (key == Qt::Key_Space && event->modifiers() == Qt::ControlModifier)
        return complete(true);
    const bool spaced = std::exchange(m_spaced, false);
    if (spaced && key == Qt::Key_Space && cursorPosition() > 0 && text().at(cursorPosition() - 1) == QLatin1Char(' '))
        return;
    if (isCompleting()) {
        switch (key) {
        case Qt::Key_Down:
        case Qt::Key_Up:
            m_moved = true;
            return m_popup->move(key == Qt::Key_Down ? 1 : -1);
        case Qt::Key_PageDown:
        case Qt::Key_PageUp:
            m_moved = true;
            return m_popup->move(key == Qt::Key_PageDown ? 7 : -7);
        case Qt::Key_Escape:
            return hidePopup();
        case Qt::Key_Tab:
            return take(m_popup->currentText());
        case Qt::Key_Return:
        case Qt::Key_Enter:
            // A word that happens to begin as a field does is searched for; a value that was begun is meant.
            if (m_moved || (m_at.kind == RunFilterCompletion::Kind::Value && !m_at.typed.isEmpty()))
                return take(m_popup->currentText());
            hidePopup();
            break;
        default:
            break;
        }
    } else if (key == Qt::Key_Down && text().isEmpty() && event->modifiers() == Qt::AltModifier) {
        return complete(true);
    }
    SearchField::keyPressEvent(event);
}

bool RunQueryField::event(QEvent *event)
{
    // Tab is taken for the next widget before keyPressEvent() would see it.
    if (event->type() == QEvent::KeyPress && isCompleting() && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Tab) {
        keyPressEvent(static_cast<QKeyEvent *>(event));
        return true;
    }
    // So that Escape closes the list and not what is around.
    if (event->type() == QEvent::ShortcutOverride && isCompleting() && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return SearchField::event(event);
}

void RunQueryField::mousePressEvent(QMouseEvent *event)
{
    SearchField::mousePressEvent(event);
    if (text().isEmpty())
        complete(true); // teaches what can be asked
}

void RunQueryField::focusInEvent(QFocusEvent *event)
{
    SearchField::focusInEvent(event);
    update();
}

void RunQueryField::focusOutEvent(QFocusEvent *event)
{
    if (event->reason() != Qt::PopupFocusReason)
        hidePopup();
    SearchField::focusOutEvent(event);
}

void RunQueryField::paintEvent(QPaintEvent *event)
{
    SearchField::paintEvent(event);
    if (m_problems.empty() || text().isEmpty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme->color(ColorToken::Error), 1.25, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QRect inside = rect().adjusted(28, 0, -28, 0); // between the icons
    painter.setClipRect(inside);
    const double y = rect().center().y() + fontMetrics().height() / 2.0 + 0.5;
    for (const RunFilterProblem &problem : m_problems) {
        const double left = columnX(problem.column);
        const double right = std::max<double>(columnX(problem.column + std::max(problem.length, 1)), left + 6);
        if (right < inside.left() || left > inside.right())
            continue;
        QPainterPath wave(QPointF(left, y));
        bool up = true;
        for (double x = left + 2; x <= right; x += 2, up = !up)
            wave.lineTo(x, up ? y + 2 : y);
        painter.drawPath(wave);
    }
}

} // namespace lathe
