// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QJsonValue>
#include <QTimer>
#include <QWidget>

namespace lathe {

class CodeEditor;
class JsonTree;
class Label;

// A value to look at, under a caption: text as text, objects and lists as a folding tree. As tall as what is open, up to a limit.
class TeamValueView : public QWidget
{
    Q_OBJECT
public:
    TeamValueView(Theme *theme, const QString &caption, QWidget *parent = nullptr);
    void setCaption(const QString &caption);
    QString caption() const;
    void setValue(const QJsonValue &value); // Undefined: nothing came
    const QJsonValue &value() const { return m_value; }
    QString text() const; // as shown

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void updateHeight();
    Theme *m_theme;
    Label *m_caption;
    Label *m_nothing;
    CodeEditor *m_text = nullptr; // made when first needed
    JsonTree *m_tree = nullptr;
    QTimer m_height;
    QJsonValue m_value = QJsonValue(QJsonValue::Undefined);
};

} // namespace lathe
