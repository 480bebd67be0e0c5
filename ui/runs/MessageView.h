// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/TextBlock.h"

#include <QJsonObject>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class IconButton;
class StepHeader;


// One message of a conversation: who says it, its texts, thoughts, tool calls and results. Built when it is opened.
class MessageView : public QWidget
{
    Q_OBJECT
public:
    // {role, parts:[{type, content, ...}]} as requests and responses are recorded.
    MessageView(Theme *theme, const QJsonObject &message, bool open, QWidget *parent = nullptr);
    // A message that is still being written.
    MessageView(Theme *theme, const QString &role, QWidget *parent);
    void streamText(const QString &text);
    void streamReasoning(const QString &text);
    void streamArguments(const QString &text);
    QString plainText() const;

    static qsizetype size(const QJsonObject &message); // characters, about

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void construct(const QString &role, bool open);
    void setOpen(bool open);
    void build();
    void addPart(const QJsonObject &part);
    TextBlock *block(TextBlock **at, const QString &title, TextBlock::Look look);
    void setRaw(bool raw);
    Theme *m_theme;
    QString m_role;
    QJsonObject m_message;
    QVBoxLayout *m_layout = nullptr;
    StepHeader *m_header = nullptr;
    IconButton *m_raw = nullptr;
    QWidget *m_body = nullptr;
    QVBoxLayout *m_bodyLayout = nullptr;
    QList<TextBlock *> m_rendered; // that the raw switch changes
    TextBlock *m_text = nullptr;
    TextBlock *m_reasoning = nullptr;
    TextBlock *m_arguments = nullptr;
    bool m_built = false;
};

} // namespace lathe
