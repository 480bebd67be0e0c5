// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/WelcomePage.h"

#include "core/session/Session.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/PrimaryButton.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace lathe {

WelcomePage::WelcomePage(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("welcome-page"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(24, 24, 24, 24);
    outer->addStretch(2);
    auto *column = new QWidget(this);
    column->setFixedWidth(720);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);

    auto *head = new QHBoxLayout;
    head->setSpacing(16);
    auto *logo = new QLabel(column);
    logo->setFixedSize(56, 56);
    logo->setPixmap(QIcon(QStringLiteral(":/lathe.svg")).pixmap(QSize(56, 56), devicePixelRatioF()));
    head->addWidget(logo);
    auto *titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(new Label(theme, tr("Lathe"), Label::Style::Title, column));
    titles->addWidget(new Label(theme, tr("Design AI agents, watch them work, and keep everything in one file."), Label::Style::Secondary, column));
    head->addLayout(titles, 1);
    layout->addLayout(head);

    m_error = new InlineMessage(theme, Severity::Error, QString(), column);
    m_error->setObjectName(QStringLiteral("welcome-error"));
    m_error->setDismissable(true);
    m_error->hide();
    connect(m_error, &InlineMessage::dismissed, m_error, &QWidget::hide);
    layout->addWidget(m_error);

    auto *start = new QHBoxLayout;
    start->setSpacing(8);
    auto *sample = new PrimaryButton(tr("Open the sample project"), column);
    sample->setObjectName(QStringLiteral("welcome-sample"));
    sample->setToolTip(tr("\"Feedback desk\": agents, tools and 300 customer messages; works without a key or a network"));
    auto *create = new Button(tr("New project..."), ButtonRole::Secondary, column);
    create->setObjectName(QStringLiteral("welcome-new"));
    create->setKey(QKeySequence::New);
    auto *open = new Button(tr("Open..."), ButtonRole::Secondary, column);
    open->setObjectName(QStringLiteral("welcome-open"));
    open->setKey(QKeySequence::Open);
    start->addWidget(sample);
    start->addWidget(create);
    start->addWidget(open);
    start->addStretch();
    layout->addLayout(start);
    layout->addWidget(new Label(theme, tr("The sample needs no key and no network: its agents use the offline model, which reads and extracts by "
                                          "rule."),
                                Label::Style::Hint, column));

    layout->addSpacing(8);
    layout->addWidget(new Label(theme, tr("Recent projects"), Label::Style::Heading, column));
    auto *card = new Card(theme, column);
    m_recent = card->body();
    m_recent->setContentsMargins(4, 4, 4, 4);
    m_recent->setSpacing(0);
    layout->addWidget(card);

    auto *center = new QHBoxLayout;
    center->addStretch();
    center->addWidget(column);
    center->addStretch();
    outer->addLayout(center);
    outer->addStretch(3);
    connect(sample, &QAbstractButton::clicked, this, [this] { Q_EMIT sampleRequested(QStringLiteral("feedback-desk")); });
    connect(create, &QAbstractButton::clicked, this, &WelcomePage::newRequested);
    connect(open, &QAbstractButton::clicked, this, &WelcomePage::openRequested);
    fillRecent({});
}

void WelcomePage::setRecent(const QStringList &paths)
{
    fillRecent(paths);
}

void WelcomePage::fillRecent(const QStringList &paths)
{
    while (QLayoutItem *item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int shown = 0;
    const qint64 nowUs = QDateTime::currentMSecsSinceEpoch() * 1000;
    for (const QString &path : paths) {
        const QFileInfo file(path);
        if (!file.exists() || shown >= 8)
            continue;
        ++shown;
        auto *row = new QWidget(this);
        row->setFixedHeight(metrics::RowHeight + 4);
        auto *line = new QHBoxLayout(row);
        line->setContentsMargins(8, 0, 8, 0);
        line->setSpacing(12);
        auto *name = new LinkLabel(m_theme, file.completeBaseName(), row);
        name->setQuiet(true);
        name->setToolTip(path);
        name->setObjectName(QStringLiteral("recent-%1").arg(shown));
        connect(name, &QAbstractButton::clicked, this, [this, path] { Q_EMIT openPathRequested(path); });
        auto *where = new ElidedLabel(m_theme, QDir::toNativeSeparators(file.absolutePath()), Qt::ElideMiddle, row);
        where->setColor(ColorToken::Text3);
        auto *when = new Label(m_theme, format::ago(file.lastModified().toMSecsSinceEpoch() * 1000, nowUs), Label::Style::Caption, row);
        line->addWidget(name);
        line->addWidget(where, 1);
        line->addWidget(when);
        m_recent->addWidget(row);
    }
    if (shown == 0) {
        auto *none = new Label(m_theme, tr("Projects you open appear here. A project is one file, ending in .lathe."), Label::Style::Hint, this);
        none->setContentsMargins(8, 8, 8, 8);
        m_recent->addWidget(none);
    }
}

void WelcomePage::showError(const QString &message)
{
    m_error->setMessage(Severity::Error, message);
    m_error->setVisible(!message.isEmpty());
}

} // namespace lathe
