// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/JsonBox.h"

#include "core/base/Json.h"
#include "ui/widgets/JsonTreeModel.h"

#include <QTreeView>

namespace lathe {

namespace {
constexpr qsizetype mostParsed = 400'000; // characters; some milliseconds
}

JsonBox::JsonBox(Theme *theme, int mostRows, QWidget *parent) : JsonTree(theme, parent), m_mostRows(mostRows)
{
    m_update.setSingleShot(true);
    m_update.setInterval(0);
    connect(&m_update, &QTimer::timeout, this, &JsonBox::updateHeight);
    const auto later = [this] { m_update.start(); };
    connect(view(), &QTreeView::expanded, this, later);
    connect(view(), &QTreeView::collapsed, this, later);
    connect(model(), &QAbstractItemModel::modelReset, this, later);
    connect(model(), &QAbstractItemModel::rowsInserted, this, later);
    connect(this, &JsonTree::parsed, this, [this](bool good) {
        if (good)
            m_update.start();
        else
            Q_EMIT unreadable();
    });
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(28);
}

void JsonBox::show(const QJsonValue &value)
{
    setValue(value);
    updateHeight();
}

void JsonBox::updateHeight()
{
    int rows = 0;
    for (QModelIndex at = model()->index(0, 0); at.isValid() && rows < m_mostRows; at = view()->indexBelow(at))
        ++rows;
    const int row = std::max(view()->sizeHintForRow(0), 20);
    setFixedHeight(std::max(1, rows) * row + 4);
}

bool JsonBox::looksLikeJson(const QString &text)
{
    const QStringView start = QStringView(text).left(200).trimmed();
    const QStringView end = QStringView(text).right(200).trimmed();
    return (start.startsWith(QLatin1Char('{')) && end.endsWith(QLatin1Char('}')))
        || (start.startsWith(QLatin1Char('[')) && end.endsWith(QLatin1Char(']')));
}

void JsonBox::showText(const QString &text)
{
    setJsonText(text);
    updateHeight();
}

QJsonValue JsonBox::parse(const QString &text)
{
    if (text.isEmpty() || text.size() > mostParsed)
        return QJsonValue(QJsonValue::Undefined);
    const QString start = text.left(200).trimmed();
    if (!start.startsWith(QLatin1Char('{')) && !start.startsWith(QLatin1Char('[')))
        return QJsonValue(QJsonValue::Undefined);
    const auto value = json::parse(text.toUtf8());
    return value ? *value : QJsonValue(QJsonValue::Undefined);
}

} // namespace lathe
