// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamValueView.h"

#include "core/base/Json.h"
#include "ui/canvas/FormViewText.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/JsonTreeModel.h"
#include "ui/widgets/Label.h"

#include <QTreeView>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype MostShown = 100'000; // characters of a text; the trace has the whole
constexpr int MostRows = 14;
}

TeamValueView::TeamValueView(Theme *theme, const QString &caption, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::GapSmall);
    m_caption = new Label(theme, caption, Label::Style::Caption, this);
    m_nothing = new Label(theme, tr("nothing"), Label::Style::Hint, this);
    layout->addWidget(m_caption);
    layout->addWidget(m_nothing);
    m_height.setSingleShot(true);
    m_height.setInterval(0);
    connect(&m_height, &QTimer::timeout, this, &TeamValueView::updateHeight);
    setCaption(caption);
}

void TeamValueView::setCaption(const QString &caption)
{
    m_caption->setText(caption);
    m_caption->setVisible(!caption.isEmpty());
}

QString TeamValueView::caption() const
{
    return m_caption->text();
}

void TeamValueView::setValue(const QJsonValue &value)
{
    if (value == m_value && (m_text || m_tree || value.isUndefined()))
        return;
    m_value = value;
    const bool tree = value.isObject() || value.isArray();
    const bool text = !tree && !value.isUndefined() && !value.isNull();
    m_nothing->setText(value.isNull() ? QStringLiteral("null") : tr("nothing"));
    m_nothing->setVisible(!tree && !text);
    if (tree && !m_tree) {
        m_tree = new JsonTree(m_theme, this);
        layout()->addWidget(m_tree);
        const auto later = [this] { m_height.start(); };
        connect(m_tree->view(), &QTreeView::expanded, this, later);
        connect(m_tree->view(), &QTreeView::collapsed, this, later);
        connect(m_tree->model(), &QAbstractItemModel::modelReset, this, later);
        connect(m_tree->model(), &QAbstractItemModel::rowsInserted, this, later);
    }
    if (text && !m_text) {
        m_text = new CodeEditor(m_theme, this);
        m_text->setReadOnly(true);
        m_text->setLineNumbersVisible(false);
        m_text->setTabChangesFocus(true);
        m_text->setAutoHeight(1, MostRows);
        layout()->addWidget(m_text);
    }
    if (m_tree)
        m_tree->setVisible(tree);
    if (m_text)
        m_text->setVisible(text);
    if (tree) {
        m_tree->setValue(value);
        updateHeight();
    } else if (text) {
        QString shown = this->text();
        if (shown.size() > MostShown)
            shown = shown.left(MostShown) + QChar(0x2026);
        m_text->setText(shown);
        m_height.start();
    }
    for (QWidget *part : {static_cast<QWidget *>(m_tree), static_cast<QWidget *>(m_text)}) {
        if (part)
            part->setAccessibleName(m_caption->text());
    }
}

void TeamValueView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_height.start();
}

QString TeamValueView::text() const
{
    return m_value.isUndefined() ? QString() : m_value.isString() ? m_value.toString() : json::compactString(m_value);
}

void TeamValueView::updateHeight()
{
    if (m_text && m_text->isVisibleTo(this))
        formview::fitHeight(m_text, 1, MostRows);
    if (!m_tree)
        return;
    int rows = 0;
    for (QModelIndex at = m_tree->model()->index(0, 0); at.isValid() && rows < MostRows; at = m_tree->view()->indexBelow(at))
        ++rows;
    const int row = std::max(m_tree->view()->sizeHintForRow(0), 20);
    m_tree->setFixedHeight(std::max(1, rows) * row + 4);
}

} // namespace lathe
