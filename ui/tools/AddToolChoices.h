// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QHash>
#include <QStringList>
#include <QWidget>

#include <vector>

class QComboBox;
class QStandardItem;
class QStandardItemModel;

namespace lathe {

class FilterableList;
class Label;
class LinkLabel;
class Theme;

// A long list of functions with a switch each (tools of a server, operations of an API): search, a group to look at, all or none of what is
// shown, Space or a click on the box switches, and the count below. Rows of 5,000 and more stay quick.
class AddToolChoices : public QWidget
{
    Q_OBJECT
public:
    struct Row {
        QString key;
        QString title;
        QString detail;   // one line below
        QString trailing; // quiet, at the right: hints, a method
        QString group;    // of the group box; empty: none
        QString icon;
        ColorToken color = ColorToken::Text2; // of the icon
        QString tip;
        bool on = true;
        bool fixed = false; // cannot be switched
        QString off;        // why it is off, when it is: "new, not approved"; empty: somebody switched it off
    };
    AddToolChoices(Theme *theme, const QString &placeholder, QWidget *parent = nullptr);
    // Keeps selection and search; the switches are those of the rows.
    void setRows(const std::vector<Row> &rows);
    void setNoun(const QString &one, const QString &many); // "tool", "tools": for the count
    void setSaysWhy(bool says); // the count names what is off, and why
    void setEmptyText(const QString &text);
    QStringList chosen() const; // keys, in the order of the rows
    int rowCount() const;
    QString current() const;
    void setCurrent(const QString &key);
    void setSwitchesEnabled(bool enabled);
    FilterableList *list() const { return m_list; }

Q_SIGNALS:
    void changed();                                // a person switched something
    void toggled(const QStringList &keys, bool on); // the same, with what
    void currentChanged(const QString &key);
    void activated(const QString &key);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void toggle(const QModelIndex &source);
    void setShown(bool on);
    void showGroup();
    void showCount();
    QString whyOff(QString *tip) const;
    QStandardItem *itemOf(const QString &key) const;
    bool m_saysWhy = false;
    Theme *m_theme;
    FilterableList *m_list;
    QStandardItemModel *m_model;
    QComboBox *m_groups;
    LinkLabel *m_all;
    LinkLabel *m_none;
    Label *m_count;
    QHash<QString, int> m_rows; // key -> row
    QString m_one, m_many;
    bool m_enabled = true;
};

} // namespace lathe
