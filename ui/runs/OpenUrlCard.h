// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "ui/widgets/Card.h"

#include <QUrl>

class QLineEdit;

namespace lathe {

class Button;
class InlineMessage;
class Label;

// A server wants a page opened in the browser: the whole address with its host in bold and a warning about what looks wrong with it. It opens
// only when the person presses Open, and only http and https. Then "Done", or for a sign-in that could not come back, the address where the
// browser ended.
class OpenUrlCard : public Card
{
    Q_OBJECT
public:
    OpenUrlCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);
    // Why an address looks wrong; empty: it does not. `refused`: it cannot be opened at all.
    static QString warning(const QString &url, bool *refused = nullptr);
    static QString emphasised(const QString &url); // rich text, everything escaped

Q_SIGNALS:
    void answered(const lathe::HumanAnswer &answer);

private:
    void open();
    void done();
    void refuse(const QString &how);
    void finish(const HumanAnswer &answer);
    Theme *m_theme;
    QString m_url;
    Label *m_address;
    InlineMessage *m_message;
    Button *m_open;
    Button *m_done;
    QLineEdit *m_back = nullptr; // of a sign-in
    bool m_opened = false;
    bool m_sent = false;
};

} // namespace lathe
