// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class Card;
class IconButton;
class InlineMessage;
class JsonBox;
class LinkLabel;
class RatingBar;
class TextBlock;

// How a run ended: the answer (rendered, or as text), or what went wrong and what to do; the rating; where to go next.
class AnswerPanel : public QWidget
{
    Q_OBJECT
public:
    AnswerPanel(Session *session, Theme *theme, QWidget *parent = nullptr);
    void show(RunId run, RunStatus status, const QString &output, const std::optional<Error> &error);
    void setRunAgainVisible(bool visible);
    void clear();
    RatingBar *rating() const { return m_rating; }

Q_SIGNALS:
    void openTrace();
    void runAgain();
    void openConnections();
    void statusMessage(const QString &text);

private:
    void showAnswer();
    Theme *m_theme;
    Card *m_card;
    IconButton *m_raw;
    TextBlock *m_text;
    JsonBox *m_json;
    InlineMessage *m_error;
    RatingBar *m_rating;
    LinkLabel *m_again;
    QString m_output;
    QJsonValue m_value{QJsonValue::Undefined};
    bool m_offerConnections = false;
};

} // namespace lathe
