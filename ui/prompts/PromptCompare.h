// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonObject>
#include <QWidget>

namespace lathe {

class Button;
class DiffView;
class Label;

// Two states of a prompt compared: the texts word by word, and in a sentence what else differs. Escape closes.
class PromptCompare : public QWidget
{
    Q_OBJECT
public:
    PromptCompare(Theme *theme, QWidget *parent = nullptr);
    void compare(const QJsonObject &before, const QString &beforeName, const QJsonObject &after, const QString &afterName);
    DiffView *view() const { return m_view; }

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    Label *m_title;
    Label *m_counts;
    Label *m_others;
    Button *m_layoutButton;
    DiffView *m_view;
};

} // namespace lathe
