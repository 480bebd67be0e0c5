// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace lathe {

class Label;
class LinkLabel;
class PrimaryButton;

// What an empty screen says: an icon, one sentence, one primary button and one link. Parts without
// text are hidden.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    EmptyState(Theme *theme, const QString &iconName, const QString &sentence,
               QWidget *parent = nullptr);
    void setSentence(const QString &sentence);
    void setAction(const QString &text);
    void setLink(const QString &text);
    PrimaryButton *button() const { return m_button; }
    LinkLabel *link() const { return m_link; }

Q_SIGNALS:
    void actionTriggered();
    void linkTriggered();

private:
    void applyTheme();

    Theme *m_theme;
    QString m_iconName;
    QLabel *m_icon;
    Label *m_sentence;
    PrimaryButton *m_button;
    LinkLabel *m_link;
};

} // namespace lathe
