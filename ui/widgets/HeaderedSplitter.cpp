// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/HeaderedSplitter.h"

#include "ui/widgets/SectionHeader.h"

#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

HeaderedSplitter::HeaderedSplitter(Theme *theme, Qt::Orientation orientation, QWidget *parent)
    : QSplitter(orientation, parent), m_theme(theme)
{
    setChildrenCollapsible(false);
    m_report.setSingleShot(true);
    m_report.setInterval(500);
    connect(&m_report, &QTimer::timeout, this, [this] {
        if (m_callback)
            m_callback(panelSizes());
    });
    connect(this, &QSplitter::splitterMoved, this, [this] {
        const QList<int> now = sizes();
        for (int i = 0; i < m_panels.size() && i < now.size(); ++i) {
            const bool folded = m_panels[i].header && !m_panels[i].header->isExpanded();
            if (!folded && now[i] > 0)
                m_panels[i].preferred = now[i];
        }
        m_report.start();
    });
}

void HeaderedSplitter::addPanel(const QString &name, QWidget *content, int preferredSize,
                                int stretch)
{
    m_panels.append({name, content, nullptr, content, preferredSize});
    addWidget(content);
    setStretchFactor(count() - 1, stretch);
    applyPreferred();
}

SectionHeader *HeaderedSplitter::addTitledPanel(const QString &name, const QString &title,
                                                QWidget *content, int preferredSize, int stretch)
{
    auto *panel = new QWidget;
    auto *header = new SectionHeader(m_theme, title);
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(header);
    layout->addWidget(content, 1);
    const int index = static_cast<int>(m_panels.size());
    m_panels.append({name, panel, header, content, preferredSize});
    addWidget(panel);
    setStretchFactor(count() - 1, stretch);
    if (orientation() == Qt::Vertical) {
        header->setCollapsible(true);
        connect(header, &SectionHeader::expandedChanged, this, [this, index](bool expanded) {
            setFolded(index, !expanded);
            m_report.start();
        });
    }
    applyPreferred();
    return header;
}

void HeaderedSplitter::setFolded(int index, bool folded)
{
    Panel &panel = m_panels[index];
    if (folded && panel.content->isVisibleTo(panel.widget))
        panel.preferred = std::max(panel.preferred, sizes().value(index));
    panel.content->setVisible(!folded);
    panel.widget->setMaximumHeight(folded ? panel.header->height() : QWIDGETSIZE_MAX);
    if (folded)
        return; // the others take the room
    QList<int> now = sizes();
    const int missing = panel.preferred - now.value(index);
    // The room comes from the largest other panel.
    int largest = -1;
    for (int i = 0; i < now.size(); ++i) {
        if (i != index && (largest < 0 || now[i] > now[largest]))
            largest = i;
    }
    if (largest >= 0 && missing > 0) {
        now[index] = panel.preferred;
        now[largest] = std::max(0, now[largest] - missing);
        setSizes(now);
    }
}

void HeaderedSplitter::applyPreferred()
{
    QList<int> wanted;
    for (const Panel &panel : std::as_const(m_panels))
        wanted.append(panel.preferred);
    setSizes(wanted);
}

void HeaderedSplitter::setSizesChanged(std::function<void(const Sizes &)> callback)
{
    m_callback = std::move(callback);
}

HeaderedSplitter::Sizes HeaderedSplitter::panelSizes() const
{
    Sizes result;
    const QList<int> now = sizes();
    for (int i = 0; i < m_panels.size() && i < now.size(); ++i) {
        const Panel &panel = m_panels[i];
        if (panel.header && !panel.header->isExpanded())
            result.insert(panel.name, -panel.preferred);
        else
            result.insert(panel.name, now[i] > 0 ? now[i] : panel.preferred);
    }
    return result;
}

void HeaderedSplitter::restore(const Sizes &stored)
{
    for (Panel &panel : m_panels) {
        const int size = stored.value(panel.name, panel.preferred);
        panel.preferred = std::clamp(std::abs(size), 24, 10'000);
    }
    applyPreferred();
    for (Panel &panel : m_panels) {
        if (panel.header && orientation() == Qt::Vertical)
            panel.header->setExpanded(stored.value(panel.name, 1) > 0);
    }
    m_report.stop(); // restoring is not the user's doing
}

void HeaderedSplitter::setPanelVisible(const QString &name, bool visible)
{
    for (const Panel &panel : std::as_const(m_panels)) {
        if (panel.name == name)
            panel.widget->setVisible(visible);
    }
}

} // namespace lathe
