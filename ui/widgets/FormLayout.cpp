// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FormLayout.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/SectionHeader.h"

#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int WideEnough = 520; // from here on labels stand beside their fields
}

FormLayout::FormLayout(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_layout(new QVBoxLayout(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(metrics::Margin);
    setMaximumWidth(metrics::ReadingWidth + 164);
}

void FormLayout::setLabels(Labels labels)
{
    m_labels = labels;
    updateLabels();
}

FormField *FormLayout::addField(const QString &label, QWidget *field, const QString &help)
{
    auto *line = new FormField(m_theme, label, field, help);
    m_layout->addWidget(line);
    m_fields.append(line);
    updateLabels();
    return line;
}

void FormLayout::addSection(const QString &title, const QString &detail)
{
    if (m_layout->count() > 0)
        m_layout->addSpacing(metrics::Gap);
    auto *header = new SectionHeader(m_theme, title, SectionHeader::Level::Section);
    header->setDetail(detail);
    m_layout->addWidget(header);
}

void FormLayout::addWidget(QWidget *widget)
{
    m_layout->addWidget(widget);
}

void FormLayout::addStretch()
{
    m_layout->addStretch(1);
}

void FormLayout::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    updateLabels();
}

void FormLayout::updateLabels()
{
    const bool left =
        m_labels == Labels::Left || (m_labels == Labels::Auto && width() >= WideEnough);
    for (FormField *field : std::as_const(m_fields))
        field->setLabelLeft(left);
}

} // namespace lathe
