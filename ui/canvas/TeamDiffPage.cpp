// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamDiffPage.h"

#include "core/base/Json.h"
#include "ui/canvas/CanvasView.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int MostCards = 200;
constexpr int MostText = 600; // of one value; the whole is in the revisions

DiffMark markOf(TeamDifference::What what)
{
    return what == TeamDifference::What::Added     ? DiffMark::Added
           : what == TeamDifference::What::Removed ? DiffMark::Removed
                                                   : DiffMark::Changed;
}

ColorToken colorOf(TeamDifference::What what)
{
    return what == TeamDifference::What::Added     ? ColorToken::Ok
           : what == TeamDifference::What::Removed ? ColorToken::Error
                                                   : ColorToken::Warning;
}
}

TeamDiffPage::TeamDiffPage(Session *session, Theme *theme, ArtifactId team, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_team(team)
{
    setObjectName(QStringLiteral("team-diff"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *header = new QWidget(this);
    auto *line = new QHBoxLayout(header);
    line->setContentsMargins(metrics::Margin, 6, metrics::GapSmall, 6);
    line->setSpacing(metrics::Gap);
    const auto box = [&](const char *name, const QString &title) {
        auto *made = new QComboBox(header);
        made->setObjectName(QString::fromLatin1(name));
        made->setAccessibleName(title);
        made->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        made->setMinimumContentsLength(18);
        return made;
    };
    line->addWidget(new Label(theme, tr("Compare"), Label::Style::Strong, header));
    m_olderBox = box("diff-older", tr("The older one"));
    m_newerBox = box("diff-newer", tr("The newer one"));
    line->addWidget(m_olderBox);
    line->addWidget(new Label(theme, tr("with"), Label::Style::Secondary, header));
    line->addWidget(m_newerBox);
    m_counts = new Label(theme, QString(), Label::Style::Secondary, header);
    m_counts->setObjectName(QStringLiteral("diff-counts"));
    line->addWidget(m_counts, 1);
    auto *close = new Button(tr("Back to the team"), ButtonRole::Ghost, header);
    close->setObjectName(QStringLiteral("diff-close"));
    connect(close, &QAbstractButton::clicked, this, &TeamDiffPage::closed);
    line->addWidget(close);
    column->addWidget(header);
    auto *splitter = new HeaderedSplitter(theme, Qt::Horizontal, this);
    m_canvas = new CanvasView(theme, splitter);
    m_canvas->setObjectName(QStringLiteral("diff-canvas"));
    m_canvas->setReadOnly(true);
    m_canvas->installEventFilter(this);
    splitter->addPanel(QStringLiteral("canvas"), m_canvas, 640, 1);
    m_scroll = new QScrollArea(splitter);
    m_scroll->setObjectName(QStringLiteral("diff-list"));
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setMinimumWidth(240);
    splitter->addPanel(QStringLiteral("list"), m_scroll, 340, 0);
    column->addWidget(splitter, 1);
    setFocusProxy(m_canvas);
    connect(m_olderBox, &QComboBox::activated, this, [this](int row) { compare(m_olderBox->itemData(row).toInt(), m_newer); });
    connect(m_newerBox, &QComboBox::activated, this, [this](int row) { compare(m_older, m_newerBox->itemData(row).toInt()); });
    connect(m_canvas, &CanvasView::selectionChanged, this, [this](const QStringList &ids) {
        const QString shown = ids.isEmpty() ? QString() : ids.last();
        for (auto it = m_cards.begin(); it != m_cards.end(); ++it)
            it.value()->setBorder(it.key() == shown ? ColorToken::Accent : ColorToken::Line);
        if (Card *card = m_cards.value(shown))
            m_scroll->ensureWidgetVisible(card);
    });
    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        if (id == m_team && isVisible())
            compare(m_older, m_newer);
    };
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QJsonObject TeamDiffPage::body(int number) const
{
    if (number > 0) {
        const auto revision = m_session->project().artifacts().revision(m_team, number);
        return revision ? revision->body : QJsonObject();
    }
    const auto draft = m_session->draft(m_team);
    return draft ? draft->body : QJsonObject();
}

void TeamDiffPage::fillBoxes()
{
    const auto revisions = m_session->project().artifacts().revisions(m_team);
    for (auto [box, chosen] : {std::pair(m_olderBox, m_older), std::pair(m_newerBox, m_newer)}) {
        const QSignalBlocker blocker(box);
        box->clear();
        box->addItem(tr("Draft"), 0);
        for (const RevisionInfo &info : revisions) {
            QString title = tr("Revision %1").arg(info.number);
            if (!info.labels.isEmpty())
                title += QStringLiteral(" (%1)").arg(info.labels.join(QLatin1String(", ")));
            if (!info.note.isEmpty())
                title += QStringLiteral(": ") + format::oneLine(info.note, 40);
            box->addItem(title, info.number);
        }
        box->setCurrentIndex(std::max(0, box->findData(chosen)));
    }
}

void TeamDiffPage::compare(int older, int newer)
{
    m_older = older;
    m_newer = newer;
    fillBoxes();
    showDifference();
    fit();
}

QJsonObject TeamDiffPage::merged(const QJsonObject &before, const QJsonObject &after, const std::vector<TeamDifference> &differences)
{
    QJsonObject result = after;
    QJsonObject nodes = after.value(QStringLiteral("nodes")).toObject(), edges = after.value(QStringLiteral("edges")).toObject();
    QJsonObject layout = after.value(QStringLiteral("layout")).toObject(), places = layout.value(QStringLiteral("nodes")).toObject();
    const QJsonObject oldNodes = before.value(QStringLiteral("nodes")).toObject(),
                      oldEdges = before.value(QStringLiteral("edges")).toObject();
    const QJsonObject oldPlaces = before.value(QStringLiteral("layout")).toObject().value(QStringLiteral("nodes")).toObject();
    for (const TeamDifference &difference : differences) {
        if (difference.what != TeamDifference::What::Removed || difference.id.isEmpty())
            continue;
        if (difference.edge && !edges.contains(difference.id)) {
            edges.insert(difference.id, oldEdges.value(difference.id));
        } else if (!difference.edge && !nodes.contains(difference.id)) {
            nodes.insert(difference.id, oldNodes.value(difference.id));
            if (oldPlaces.contains(difference.id))
                places.insert(difference.id, oldPlaces.value(difference.id));
        }
    }
    layout.insert(QStringLiteral("nodes"), places);
    result.insert(QStringLiteral("nodes"), nodes);
    result.insert(QStringLiteral("edges"), edges);
    result.insert(QStringLiteral("layout"), layout);
    return result;
}

void TeamDiffPage::showDifference()
{
    const QJsonObject before = body(m_older), after = body(m_newer);
    m_differences = diffTeams(before, after);
    QHash<QString, DiffMark> marks;
    int counts[3] = {0, 0, 0};
    for (const TeamDifference &difference : m_differences) {
        ++counts[int(difference.what)];
        if (!difference.id.isEmpty())
            marks.insert(difference.id, markOf(difference.what));
    }
    m_canvas->setBody(merged(before, after, m_differences));
    m_canvas->setDifference(marks);
    m_counts->setText(m_differences.empty() ? tr("No difference. Where nodes stand does not count.")
                                            : tr("%1 added, %2 removed, %3 changed").arg(counts[0]).arg(counts[1]).arg(counts[2]));
    fillList();
}

void TeamDiffPage::fillList()
{
    m_cards.clear();
    auto *content = new QWidget;
    m_list = new QVBoxLayout(content);
    m_list->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::GapLarge);
    m_list->setSpacing(metrics::Gap);
    int made = 0;
    for (const TeamDifference &difference : m_differences) {
        if (made++ == MostCards) {
            m_list->addWidget(
                new Label(m_theme, tr("and %1 more").arg(int(m_differences.size()) - MostCards), Label::Style::Hint, content));
            break;
        }
        Card *card = makeCard(difference);
        m_list->addWidget(card);
        if (!difference.id.isEmpty())
            m_cards.insert(difference.id, card);
    }
    m_list->addStretch(1);
    content->setAutoFillBackground(false);
    m_scroll->setWidget(content); // takes the old one away
    m_scroll->viewport()->setAutoFillBackground(false);
}

Card *TeamDiffPage::makeCard(const TeamDifference &difference)
{
    auto *card = new Card(m_theme);
    card->setObjectName(QStringLiteral("diff-item-") + (difference.id.isEmpty() ? QStringLiteral("team") : difference.id));
    card->setStripe(colorOf(difference.what));
    auto *column = card->body();
    column->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Gap, metrics::Gap);
    column->setSpacing(metrics::GapSmall);
    auto *line = new QHBoxLayout;
    line->setSpacing(metrics::Gap);
    auto *name = new LinkLabel(m_theme, difference.id.isEmpty() ? tr("The team") : difference.name, card);
    name->setQuiet(true);
    connect(name, &QAbstractButton::clicked, this, [this, id = difference.id] { m_canvas->reveal(id); });
    line->addWidget(name);
    line->addStretch(1);
    // A word beside the colour.
    line->addWidget(new Chip(m_theme, difference.what == TeamDifference::What::Added     ? tr("added")
                                      : difference.what == TeamDifference::What::Removed ? tr("removed")
                                                                                         : tr("changed"),
                             colorOf(difference.what), card));
    column->addLayout(line);
    const auto value = [&](const QString &text, const QString &sign, ColorToken color) {
        const QString shown = text.size() > MostText ? text.left(MostText) + QChar(0x2026) : text;
        auto *row = new QHBoxLayout;
        row->setSpacing(metrics::Gap);
        auto *glyph = new Label(m_theme, sign, Label::Style::Code, card);
        glyph->setColor(color);
        auto *label = new Label(m_theme, shown, Label::Style::Body, card);
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long word does not widen the list
        row->addWidget(glyph, 0, Qt::AlignTop);
        row->addWidget(label, 1);
        column->addLayout(row);
    };
    for (const TeamDifference::Field &field : difference.fields) {
        if (field.before.isEmpty() && field.after.isEmpty())
            continue; // an empty text and none: the same to a person
        QString path = field.path;
        column->addWidget(new Label(
            m_theme, path.replace(QLatin1String("settings/"), QString()).replace(QLatin1Char('/'), QLatin1String(" / ")),
            Label::Style::Caption, card));
        if (!field.before.isEmpty())
            value(field.before, QStringLiteral("-"), ColorToken::Error);
        if (!field.after.isEmpty())
            value(field.after, QStringLiteral("+"), ColorToken::Ok);
    }
    return card;
}

void TeamDiffPage::fit()
{
    m_canvas->fit();
    m_fitted = m_canvas->zoom();
}

bool TeamDiffPage::eventFilter(QObject *watched, QEvent *event)
{
    // All is in view whatever the size, until a person zooms.
    const bool follows = watched == m_canvas && event->type() == QEvent::Resize && m_canvas->zoom() == m_fitted;
    const bool done = QWidget::eventFilter(watched, event);
    if (follows)
        QMetaObject::invokeMethod(this, &TeamDiffPage::fit, Qt::QueuedConnection); // after it took its new size
    return done;
}

void TeamDiffPage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        return Q_EMIT closed();
    QWidget::keyPressEvent(event);
}

void TeamDiffPage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->tokens().surface);
}

} // namespace lathe
