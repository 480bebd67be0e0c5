// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

#include <QUrl>

class QLineEdit;

namespace lathe {

class Button;
class InlineMessage;
class Label;

// A server wants a page opened in the browser: the whole address with its host in bold and a warning about what looks wrong with it. It opens
// only when the person presses Open, and only http and https. Then "Done", or for a sign-in that could not come back, the address where the
// browser ended.
class OpenUrlCard : public AnswerCard
{
    Q_OBJECT
public:
    OpenUrlCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);
    // Why an address looks wrong; empty: it does not. `refused`: it cannot be opened at all.
    static QString warning(const QString &url, bool *refused = nullptr);
    static QString emphasised(const QString &url); // rich text, everything escaped

private:
    void open();
    void done();
    QString m_url;
    Label *m_address;
    InlineMessage *m_message;
    Button *m_open;
    Button *m_done;
    QLineEdit *m_back = nullptr; // of a sign-in
    bool m_opened = false;
};

} // namespace lathe
