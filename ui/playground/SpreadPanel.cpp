// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/SpreadPanel.h"

#include "core/prompt/TextDiff.h"
#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostOutputs = 8;
constexpr int differenceHeight = 140;
constexpr qsizetype mostCompared = 20'000; // characters of each text
}

SpreadPanel::SpreadPanel(Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_title(new Label(theme, QString(), Label::Style::Strong, this)),
      m_grid(new QGridLayout),
      m_outputs(new QVBoxLayout),
      m_difference(new QTextBrowser(this))
{
    setObjectName(QStringLiteral("spread"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 8);
    layout->setSpacing(metrics::GapSmall);
    m_title->setObjectName(QStringLiteral("spread-title"));
    layout->addWidget(m_title);
    m_grid->setHorizontalSpacing(metrics::Gap);
    m_grid->setVerticalSpacing(2);
    layout->addLayout(m_grid);
    m_outputs->setSpacing(0);
    layout->addLayout(m_outputs);
    layout->addWidget(m_difference);
    m_difference->setObjectName(QStringLiteral("spread-difference"));
    m_difference->setAccessibleName(tr("Words that differ from the most frequent answer"));
    m_difference->setOpenLinks(false);
    m_difference->hide();
    const QString heads[] = {QString(), tr("min"), tr("median"), tr("max")};
    for (int column = 1; column < 4; ++column) {
        auto *head = new Label(theme, heads[column], Label::Style::Hint, this);
        head->setAlignment(Qt::AlignRight);
        m_grid->addWidget(head, 0, column);
    }
    const std::pair<const char *, QString> rows[] = {{"first", tr("First token")},
                                                     {"total", tr("Total")},
                                                     {"tokens", tr("Tokens")},
                                                     {"cost", tr("Cost")}};
    for (const auto &[name, word] : rows) {
        const int row = int(m_rows.size()) + 1;
        std::array<Label *, 4> labels{};
        labels[0] = new Label(theme, word, Label::Style::Caption, this);
        m_grid->addWidget(labels[0], row, 0);
        const char *const parts[] = {"", "low", "median", "high"};
        for (size_t column = 1; column < 4; ++column) {
            labels[column] = new Label(theme, QString(), Label::Style::Body, this);
            labels[column]->setObjectName(
                QStringLiteral("spread-%1-%2")
                    .arg(QString::fromLatin1(name), QString::fromLatin1(parts[column])));
            labels[column]->setAlignment(Qt::AlignRight);
            m_grid->addWidget(labels[column], row, int(column));
        }
        m_rows.push_back(labels);
    }
    for (int column = 1; column < 4; ++column)
        m_grid->setColumnMinimumWidth(column, 52);
    m_grid->setColumnStretch(4, 1);
    connect(theme, &Theme::changed, this, [this] {
        update();
        if (m_open >= 0)
            showDifference(m_open);
    });
}

void SpreadPanel::show(const SpreadSummary &summary)
{
    m_summary = summary;
    QStringList parts{format::count(summary.answers, tr("answer"), tr("answers"))};
    if (summary.running > 0)
        parts.append(tr("%1 running").arg(summary.running));
    if (summary.failed > 0)
        parts.append(tr("%1 failed").arg(summary.failed));
    parts.append(summary.outputs.size() == 1 && summary.answers > 1
                     ? tr("all alike")
                     : tr("%1 distinct").arg(summary.outputs.size()));
    m_title->setText(parts.join(QStringLiteral(", ")));
    const auto time = [](double us) { return format::duration(qint64(us)); };
    const auto count = [](double value) { return format::number(qint64(value + 0.5)); };
    const auto money = [](double value) {
        Usage usage;
        usage.costUsd = value;
        usage.inputTokens = 1;
        return format::cost(usage);
    };
    const auto put = [](const std::array<Label *, 4> &labels, const SpreadFigures &figures,
                        const auto &text) {
        const double values[] = {figures.low, figures.median, figures.high};
        for (size_t i = 0; i < 3; ++i)
            labels[i + 1]->setText(figures.count > 0 ? text(values[i]) : QString(QChar(0x2013)));
    };
    put(m_rows[0], summary.firstTokenUs, time);
    put(m_rows[1], summary.totalUs, time);
    put(m_rows[2], summary.tokens, count);
    put(m_rows[3], summary.costUsd, money);
    for (QWidget *line : m_lines) {
        line->hide();
        line->deleteLater();
    }
    m_lines.clear();
    for (int i = 0; i < int(summary.outputs.size()) && i < mostOutputs; ++i) {
        const auto &output = summary.outputs[size_t(i)];
        auto *line = new QWidget(this);
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(metrics::GapSmall);
        auto *times =
            new Label(m_theme, QStringLiteral("%1\u00d7").arg(output.count), Label::Style::Caption, line);
        times->setFixedWidth(32);
        times->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        auto *text = new LinkLabel(
            m_theme, output.text.isEmpty() ? tr("(empty)") : format::oneLine(output.text, 300), line);
        text->setObjectName(QStringLiteral("spread-output-%1").arg(i));
        text->setQuiet(true);
        text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        text->setToolTip(i == 0 ? tr("The most frequent answer")
                                : tr("Show the words that differ from the most frequent answer"));
        row->addWidget(times);
        row->addWidget(text, 1);
        m_outputs->addWidget(line);
        m_lines.push_back(line);
        connect(text, &QAbstractButton::clicked, this, [this, i] { showDifference(m_open == i ? -1 : i); });
    }
    if (int(summary.outputs.size()) > mostOutputs) {
        auto *rest = new Label(m_theme, tr("and %1 more").arg(summary.outputs.size() - mostOutputs),
                               Label::Style::Hint, this);
        m_outputs->addWidget(rest);
        m_lines.push_back(rest);
    }
    showDifference(m_open < int(summary.outputs.size()) ? m_open : -1);
}

void SpreadPanel::showDifference(int output)
{
    m_open = output;
    m_difference->setVisible(output >= 0);
    if (output < 0)
        return;
    const Tokens &t = m_theme->tokens();
    QString html;
    const auto pieces = diffWords(m_summary.outputs.front().text.left(mostCompared),
                                  m_summary.outputs[size_t(output)].text.left(mostCompared));
    for (const DiffPiece &piece : pieces) {
        const QString text = piece.text.toHtmlEscaped();
        if (piece.type == DiffPiece::Type::Added)
            html += QStringLiteral("<span style=\"color:%1;text-decoration:underline\">%2</span>")
                        .arg(t.ok.name(), text);
        else if (piece.type == DiffPiece::Type::Removed)
            html += QStringLiteral("<span style=\"color:%1;text-decoration:line-through\">%2</span>")
                        .arg(t.error.name(), text);
        else
            html += text;
    }
    m_difference->setFont(m_theme->uiFont());
    m_difference->setHtml(
        QStringLiteral("<div style=\"white-space:pre-wrap;color:%1\">%2</div>").arg(t.text.name(), html));
    m_difference->document()->setTextWidth(std::max(80, width() - 40));
    m_difference->setFixedHeight(
        std::min(differenceHeight, int(m_difference->document()->size().height()) + 10));
}

void SpreadPanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    paint::roundedBox(painter, rect(), metrics::Radius, t.base, t.line);
}

} // namespace lathe
