// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RevisionRow.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QMenu>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t mostItems = 24;
constexpr size_t mostInMenu = 200;
constexpr int widestName = 200; // pixels; a longer one is cut
constexpr int between = 20;     // two of them

QString cutReference(const QString &reference, const QFontMetrics &metrics, int width)
{
    const auto at = reference.lastIndexOf(QLatin1Char('@'));
    const QString number = at < 0 ? QString() : reference.mid(at).left(12);
    const QString name = (at < 0 ? reference : reference.left(at)).left(120);
    return metrics.elidedText(name, Qt::ElideRight, std::max(24, width - metrics.horizontalAdvance(number))) + number;
}
}

RevisionRow::RevisionRow(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme), m_more(new LinkLabel(theme, QString(), this))
{
    setObjectName(QStringLiteral("run-revisions"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_more->setObjectName(QStringLiteral("revisions-more"));
    m_more->setQuiet(true);
    m_more->hide();
    connect(m_more, &LinkLabel::clicked, this, &RevisionRow::showOthers);
}

void RevisionRow::setEntries(std::vector<Entry> entries)
{
    for (const Item &item : m_items) {
        delete item.caption;
        delete item.link;
    }
    m_items.clear();
    m_entries = std::move(entries);
    for (size_t i = 0; i < m_entries.size() && i < mostItems; ++i) {
        const Entry &entry = m_entries[i];
        const QString kind = artifactKindName(entry.kind);
        auto *link = new LinkLabel(m_theme, QString(), this);
        link->setText(cutReference(entry.reference, link->fontMetrics(), widestName));
        link->setAccessibleName(kind + QLatin1Char(' ') + entry.reference.left(120));
        link->setQuiet(true);
        link->setObjectName(QStringLiteral("revision-%1-%2").arg(kind, entry.reference.section(QLatin1Char('@'), 0, 0)));
        link->setEnabled(entry.open != nullptr);
        link->setToolTip(entry.hint.toHtmlEscaped());
        if (entry.open)
            connect(link, &LinkLabel::clicked, this, entry.open);
        m_items.push_back({new Label(m_theme, kind, Label::Style::Hint, this), link});
    }
    m_more->raise();
    setTabOrder(m_items.empty() ? this : static_cast<QWidget *>(m_items.back().link), m_more);
    arrange();
    updateGeometry();
}

void RevisionRow::arrange()
{
    const auto widthOf = [this](size_t i) { return m_items[i].caption->sizeHint().width() + metrics::Gap + m_items[i].link->sizeHint().width(); };
    int used = 0;
    m_shown = 0;
    const auto moreWidth = [this](size_t shown) {
        m_more->setText(tr("+%1").arg(m_entries.size() - shown));
        return between + m_more->sizeHint().width();
    };
    while (m_shown < m_items.size()) {
        const int next = used + (m_shown > 0 ? between : 0) + widthOf(m_shown);
        const int rest = m_shown + 1 < m_entries.size() ? moreWidth(m_shown + 1) : 0;
        // Those after it may take the room of "+N" when all of them fit; seen when the last is placed.
        int all = next;
        for (size_t i = m_shown + 1; i < m_items.size() && all <= width(); ++i)
            all += between + widthOf(i);
        const bool allFit = m_items.size() == m_entries.size() && all <= width();
        if (m_shown > 0 && !allFit && next + rest > width())
            break;
        used = next;
        ++m_shown;
    }
    int left = 0;
    for (size_t i = 0; i < m_items.size(); ++i) {
        const auto [caption, link] = m_items[i];
        caption->setVisible(i < m_shown);
        link->setVisible(i < m_shown);
        if (i >= m_shown)
            continue;
        const QSize of = caption->sizeHint();
        caption->setGeometry(left, (height() - of.height()) / 2, of.width(), of.height());
        left += of.width() + metrics::Gap;
        const QSize linkSize = link->sizeHint();
        link->setGeometry(left, (height() - linkSize.height()) / 2, linkSize.width(), linkSize.height());
        left += linkSize.width() + between;
    }
    const size_t others = m_entries.size() - m_shown;
    m_more->setVisible(others > 0);
    if (others == 0)
        return;
    m_more->setText(tr("+%1").arg(others));
    m_more->setAccessibleName(tr("and %1 more").arg(others));
    m_more->setToolTip(tr("The other revisions that the run used"));
    const QSize of = m_more->sizeHint();
    m_more->setGeometry(left, (height() - of.height()) / 2, of.width(), of.height());
}

void RevisionRow::showOthers()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("revisions-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (size_t i = m_shown; i < m_entries.size() && i < m_shown + mostInMenu; ++i) {
        const Entry &entry = m_entries[i];
        const QString text = artifactKindName(entry.kind) + QLatin1Char(' ') + cutReference(entry.reference, menu->fontMetrics(), 2 * widestName);
        QAction *action = menu->addAction(QString(text).replace(QLatin1Char('&'), QLatin1String("&&")));
        action->setEnabled(entry.open != nullptr);
        if (entry.open)
            connect(action, &QAction::triggered, this, entry.open);
    }
    menu->popup(m_more->mapToGlobal(QPoint(0, m_more->height())));
}

QSize RevisionRow::sizeHint() const
{
    return QSize(400, m_more->sizeHint().height());
}

QSize RevisionRow::minimumSizeHint() const
{
    return QSize(80, m_more->sizeHint().height());
}

void RevisionRow::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

} // namespace lathe
