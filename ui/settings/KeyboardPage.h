// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QGridLayout;

namespace lathe {

class SearchField;

// All shortcuts: those of the window are asked from its actions, so that this table cannot lag behind; those inside of texts and
// lists are written here.
class KeyboardPage : public QWidget
{
    Q_OBJECT
public:
    explicit KeyboardPage(Theme *theme, QWidget *parent = nullptr);

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Entry {
        QString section;
        QString what;
        QString keys;
    };
    std::vector<Entry> entries() const;
    void rebuild(const QString &query);
    Theme *m_theme;
    SearchField *m_filter;
    QWidget *m_table = nullptr;
};

} // namespace lathe
