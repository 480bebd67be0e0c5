// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/OpenUrlCard.h"

#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QUrlQuery>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr qsizetype longestUrl = 8000;
constexpr int longestRun = 16; // of letters without a place to break

bool isLoopback(const QString &host)
{
    return host == QLatin1String("localhost") || host.endsWith(QLatin1String(".localhost")) || host.startsWith(QLatin1String("127.")) || host == QLatin1String("::1");
}

bool isNumber(const QString &host)
{
    static const QRegularExpression number(QStringLiteral("\\A[0-9.]+\\z"));
    return host.contains(QLatin1Char(':')) || number.match(host).hasMatch();
}

// An address has no spaces: lines may break after what divides it, and within long runs of letters.
QString breakable(const QString &html)
{
    QString made;
    int run = 0;
    for (qsizetype i = 0; i < html.size(); ++i) {
        const QChar c = html[i];
        const qsizetype end = c == QLatin1Char('<') ? html.indexOf(QLatin1Char('>'), i) : c == QLatin1Char('&') ? html.indexOf(QLatin1Char(';'), i) : -1;
        if (end > i) { // a tag or an entity is one piece
            made += html.mid(i, end + 1 - i);
            i = end;
        } else {
            made += c;
        }
        run = c.isLetterOrNumber() || c == QLatin1Char('<') ? run + 1 : longestRun;
        if (run >= longestRun && c != QLatin1Char('<')) {
            made += QChar(0x200b);
            run = 0;
        }
    }
    return made;
}

// A sign-in comes back to this computer; when the browser runs elsewhere, the person carries the address over.
bool isSignIn(const QString &url)
{
    const QUrl back(QUrlQuery(QUrl(url)).queryItemValue(QStringLiteral("redirect_uri"), QUrl::FullyDecoded));
    return isLoopback(back.host());
}
}

QString OpenUrlCard::warning(const QString &text, bool *refused)
{
    if (refused)
        *refused = false;
    const QUrl url(text, QUrl::StrictMode);
    const QString scheme = url.scheme().toLower();
    if (text.size() > longestUrl || !url.isValid() || url.host().isEmpty() || (scheme != QLatin1String("https") && scheme != QLatin1String("http"))) {
        if (refused)
            *refused = true;
        return tr("This is no web address, so Lathe does not open it.");
    }
    if (!url.userInfo().isEmpty())
        return tr("The part before the @ is no host: the page is at %1.").arg(url.host());
    if (url.host(QUrl::EncodeUnicode).contains(QLatin1String("xn--")))
        return tr("The host has letters of other scripts that may look like another name: %1.").arg(url.host(QUrl::EncodeUnicode));
    if (isLoopback(url.host()))
        return tr("The page is on this computer.");
    if (isNumber(url.host()))
        return tr("The host is a bare number, not a name.");
    if (scheme == QLatin1String("http"))
        return tr("What you enter there can be read on the way: the address is not https.");
    return {};
}

QString OpenUrlCard::emphasised(const QString &text)
{
    const QString shown = text.left(longestUrl);
    const QUrl url(text, QUrl::StrictMode);
    const QString host = url.host();
    // The host begins after the scheme, or after an @ in front of it.
    const qsizetype slashes = shown.indexOf(QLatin1String("//"));
    const qsizetype end = slashes < 0 ? -1 : shown.indexOf(QLatin1Char('/'), slashes + 2);
    const qsizetype from = slashes < 0 || host.isEmpty() ? -1 : shown.lastIndexOf(host, end < 0 ? -1 : end, Qt::CaseInsensitive);
    if (from < 0)
        return shown.toHtmlEscaped();
    return shown.left(from).toHtmlEscaped() + QStringLiteral("<b>") + shown.mid(from, host.size()).toHtmlEscaped() + QStringLiteral("</b>") + shown.mid(from + host.size()).toHtmlEscaped();
}

OpenUrlCard::OpenUrlCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("open-url-card"), parent), m_url(pending.question.url.trimmed()), m_address(new Label(theme, QString(), Label::Style::Code, this)),
      m_message(new InlineMessage(theme, Severity::Warning, QString(), this)), m_open(new PrimaryButton(tr("Open in the browser"), this)),
      m_done(new Button(tr("Done"), ButtonRole::Secondary, this))
{
    const HumanQuestion &question = pending.question;
    addTitle(isSignIn(m_url) ? tr("Sign in to %1").arg(whoAsks(pending)) : tr("The server \u201c%1\u201d wants you to open a page").arg(whoAsks(pending)));
    if (!question.text.isEmpty())
        addText(question.text, 1000);
    auto *line = new QHBoxLayout;
    m_address->setObjectName(QStringLiteral("open-url-address"));
    m_address->setTextFormat(Qt::RichText);
    m_address->setWordWrap(true);
    m_address->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_address->setText(breakable(emphasised(m_url)));
    auto *copy = new IconButton(theme, QStringLiteral("copy"), tr("Copy the address"), this);
    line->addWidget(m_address, 1);
    line->addWidget(copy, 0, Qt::AlignTop);
    body()->addLayout(line);
    bool refused = false;
    const QString wrong = warning(m_url, &refused);
    m_message->setObjectName(QStringLiteral("open-url-message"));
    m_message->setMessage(refused ? Severity::Error : Severity::Warning, wrong);
    m_message->setVisible(!wrong.isEmpty());
    body()->addWidget(m_message);
    if (isSignIn(m_url) && !refused) {
        m_back = new QLineEdit(this);
        m_back->setObjectName(QStringLiteral("open-url-back"));
        m_back->setAccessibleName(tr("Address where the browser ended"));
        m_back->setPlaceholderText(tr("Page not reached? Paste its address"));
        m_back->hide();
        body()->addWidget(m_back);
        connect(m_back, &QLineEdit::returnPressed, this, &OpenUrlCard::done);
    }
    m_open->setObjectName(QStringLiteral("open-url-open"));
    m_open->setEnabled(!refused);
    m_done->setObjectName(QStringLiteral("open-url-done"));
    m_done->setToolTip(tr("Tell the server that you have been there"));
    m_done->hide();
    auto *decline = new Button(tr("Decline"), ButtonRole::Secondary, this);
    decline->setObjectName(QStringLiteral("open-url-decline"));
    auto *cancel = new Button(tr("Cancel"), ButtonRole::Ghost, this);
    cancel->setObjectName(QStringLiteral("open-url-cancel"));
    addButtons({m_open, m_done, decline}, cancel);
    takesFocusItself();
    connect(m_open, &Button::clicked, this, &OpenUrlCard::open);
    connect(m_done, &Button::clicked, this, &OpenUrlCard::done);
    connect(decline, &Button::clicked, this, [this] { refuse(QStringLiteral("decline")); });
    connect(cancel, &Button::clicked, this, [this] { refuse(QStringLiteral("cancel")); });
    connect(copy, &IconButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_url); });
}

void OpenUrlCard::open()
{
    bool refused = false;
    (void)warning(m_url, &refused);
    if (refused)
        return;
    const bool opened = QDesktopServices::openUrl(QUrl(m_url, QUrl::StrictMode));
    m_message->setMessage(opened ? Severity::Info : Severity::Error, opened ? tr("Opened. Come back when you are done there.") : tr("No browser could be started. Copy the address and open it yourself."));
    m_message->show();
    m_opened = true;
    m_open->setText(tr("Open again"));
    m_done->show();
    if (m_back)
        m_back->show();
    m_done->setFocus(Qt::OtherFocusReason);
}

void OpenUrlCard::done()
{
    const QString back = m_back ? m_back->text().trimmed() : QString();
    approve({}, back.isEmpty() ? std::nullopt : std::optional(QJsonObject{{QStringLiteral("redirect"), back}}));
}

} // namespace lathe
