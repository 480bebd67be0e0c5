// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonValue>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <memory>

class QTreeView;

namespace lathe {

class JsonDelegate;
class JsonSearch;
class JsonTreeModel;
class Label;
class SearchField;

// A folding tree of a JSON value. Ctrl+F filters, Ctrl+C copies the value, Ctrl+Shift+C its path;
// Enter or a double click on a long string opens it in a window of its own. Searching runs in
// slices and stops when the text changes.
class JsonTree : public QWidget
{
    Q_OBJECT
public:
    explicit JsonTree(Theme *theme, QWidget *parent = nullptr);
    ~JsonTree() override;
    void setValue(const QJsonValue &value);
    // JSON as it was recorded. Some hundred kilobytes are parsed at once, more in a pool while a line says so; parsed() comes
    // in both cases. What cannot be parsed is shown as a string.
    void setJson(const QByteArray &text);
    void setJsonText(const QString &text);
    QTreeView *view() const { return m_view; }
    JsonTreeModel *model() const { return m_model; }
    SearchField *filterField() const { return m_field; }
    void setFilterVisible(bool visible);

Q_SIGNALS:
    // A search came to its end (tests, status lines).
    void filtered(int matches);
    void parsed(bool good);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void parseLater(std::function<QByteArray()> text, qsizetype size);
    void setParsed(const QByteArray &text, const QJsonValue &value, bool good);
    void setFilter(const QString &text);
    void searchSome();
    void expandFirst();
    void copyValue(const QModelIndex &index);
    void copyPath(const QModelIndex &index);
    void showText(const QModelIndex &index);
    void showMenu(const QPoint &pos);

    Theme *m_theme;
    SearchField *m_field;
    Label *m_status;
    QTreeView *m_view;
    JsonTreeModel *m_model;
    JsonDelegate *m_delegate;
    std::unique_ptr<JsonSearch> m_search;
    QTimer m_slice;
    int m_generation = 0; // of what is shown; a parse that comes late is dropped
};

} // namespace lathe
