// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/CompareDetail.h"

#include "core/base/Json.h"
#include "core/session/TraceImport.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"
#include "ui/runs/compare/ColumnDiffView.h"
#include "ui/runs/compare/CompareModel.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/ElidedLabel.h"

#include <QPainter>
#include <QTabBar>
#include <QVBoxLayout>

namespace lathe {

// The names of the runs over their columns of text.
class ColumnTitles : public QWidget
{
public:
    ColumnTitles(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme) { setFixedHeight(24); }
    void show(const QStringList &titles, const std::vector<bool> &differs)
    {
        m_shown = titles;
        m_differs = differs;
        update();
    }
    void setColumnArea(int width)
    {
        m_area = width;
        update();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = m_theme->tokens();
        QPainter painter(this);
        painter.fillRect(rect(), t.base);
        painter.setFont(m_theme->smallFont());
        const int width = (m_area > 0 ? m_area : this->width()) / std::max(1, int(m_shown.size()));
        for (int i = 0; i < int(m_shown.size()); ++i) {
            const bool differs = size_t(i) < m_differs.size() && m_differs[size_t(i)];
            if (i > 0)
                painter.fillRect(QRect(i * width, 0, 1, height()), t.line);
            painter.setPen(differs ? t.accent : t.text2);
            painter.drawText(QRect(i * width + 10, 0, width - 16, height()), Qt::AlignVCenter | Qt::TextSingleLine,
                             painter.fontMetrics().elidedText(m_shown[i], Qt::ElideRight, width - 16));
        }
        painter.fillRect(QRect(0, height() - 1, this->width(), 1), t.line);
    }

private:
    Theme *m_theme;
    QStringList m_shown;
    std::vector<bool> m_differs;
    int m_area = 0;
};

namespace {
// A conversation as text that can be compared line by line.
QString conversationText(const ChatRequest &request)
{
    QString text;
    for (const Message &message : request.messages) {
        text += QStringLiteral("[%1]\n").arg(roleName(message.role));
        for (const MessagePart &part : message.parts) {
            switch (part.type) {
            case MessagePart::Type::Text:
            case MessagePart::Type::ToolResult:
                text += part.text;
                break;
            case MessagePart::Type::Reasoning:
                text += QObject::tr("(thinks) %1").arg(part.text);
                break;
            case MessagePart::Type::ToolCall:
                text += QObject::tr("calls %1 %2").arg(part.name, part.argumentsText);
                break;
            case MessagePart::Type::Image:
                text += QObject::tr("(image, %1)").arg(format::bytes(part.bytes.size()));
                break;
            }
            text += QLatin1Char('\n');
        }
        text += QLatin1Char('\n');
    }
    return text;
}
}

CompareDetail::CompareDetail(Session *session, Theme *theme, const CompareModel *model, QWidget *parent)
    : QWidget(parent), m_session(session), m_model(model), m_tabs(new QTabBar(this)), m_what(new ElidedLabel(theme, QString(), Qt::ElideRight, this)),
      m_titles(new ColumnTitles(theme, this)), m_texts(new ColumnDiffView(theme, this))
{
    setObjectName(QStringLiteral("compare-detail"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QHBoxLayout;
    top->setContentsMargins(metrics::Margin, 2, metrics::Margin, 2);
    m_tabs->setObjectName(QStringLiteral("compare-tabs"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->addTab(tr("Output"));
    m_tabs->addTab(tr("Input"));
    m_tabs->addTab(tr("Attributes"));
    m_what->setObjectName(QStringLiteral("compare-what"));
    m_what->setColor(ColorToken::Text2);
    m_what->setAlignment(Qt::AlignRight);
    top->addWidget(m_tabs);
    top->addWidget(m_what, 1);
    layout->addLayout(top);
    layout->addWidget(m_titles);
    layout->addWidget(m_texts, 1);
    connect(m_tabs, &QTabBar::tabBarClicked, this, [this] { m_chosen = true; });
    connect(m_tabs, &QTabBar::currentChanged, this, &CompareDetail::refresh);
    m_texts->viewport()->installEventFilter(this); // its width also changes with the scroll bar
}

bool CompareDetail::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_texts->viewport() && event->type() == QEvent::Resize)
        m_titles->setColumnArea(m_texts->viewport()->width());
    return QWidget::eventFilter(watched, event);
}

void CompareDetail::showRow(int row)
{
    m_row = row;
    const AlignedRow *of = m_model->row(row);
    // What differs comes first, unless a tab was chosen.
    if (of && !m_chosen && of->differences != 0) {
        const bool input = (of->differences & RowArguments) && !(of->differences & RowText);
        const bool named = of->differences == RowName;
        const QSignalBlocker quiet(m_tabs);
        m_tabs->setCurrentIndex(input ? Input : named ? Attributes : Output);
    }
    m_tabs->setTabEnabled(Attributes, of != nullptr);
    refresh();
}

QString CompareDetail::textOf(int run, Tab tab) const
{
    const Step *step = m_model->step(m_row, run);
    const RunInfo &info = m_model->run(run).info;
    if (!m_model->row(m_row)) {
        const QString text = tab == Input ? info.input : info.output;
        return tab == Output && info.error ? text + QStringLiteral("\n\n") + info.error->message : text;
    }
    if (!step)
        return {};
    switch (tab) {
    case Output:
        return stepOutputText(*step);
    case Input:
        if (step->kind == StepKind::Model) {
            if (const auto request = stepRequest(*m_session, info.id, *step))
                return conversationText(request->request);
        }
        return stepInputText(*step);
    case Attributes:
        return QString::fromUtf8(json::pretty(step->attributes));
    }
    return {};
}

void CompareDetail::refresh()
{
    const Tab tab = Tab(std::max(0, m_tabs->currentIndex()));
    const AlignedRow *of = m_model->row(m_row);
    QStringList texts, titles;
    std::vector<bool> absent, differs;
    QString name;
    QStringList missing;
    for (int i = 0; i < m_model->runCount(); ++i) {
        const Step *step = m_model->step(m_row, i);
        texts.append(textOf(i, tab));
        absent.push_back(of && !step);
        differs.push_back(of && of->differing & (1 << i));
        QString title = tr("Run %1").arg(m_model->run(i).info.id.value);
        if (step) {
            title += QStringLiteral("  %1  %2").arg(step->path, stepstyle::numbers(*step, 0));
            if (name.isEmpty())
                name = stepstyle::title(*step);
        }
        if (of && !step)
            missing.append(QString::number(m_model->run(i).info.id.value));
        titles.append(title);
    }
    const QString words = of ? CompareModel::differenceWords(of->differences & ~RowMissing) : QString();
    QString what;
    if (!of)
        what = tr("The runs as a whole");
    else if (of->differences == 0)
        what = tr("%1: the same in all runs").arg(name);
    else if (missing.isEmpty())
        what = tr("%1 differs in: %2").arg(name, words);
    else if (words.isEmpty())
        what = (missing.size() == 1 ? tr("%1: not in run %2") : tr("%1: not in runs %2")).arg(name, missing.join(QStringLiteral(", ")));
    else
        what = (missing.size() == 1 ? tr("%1 differs in: %2; not in run %3") : tr("%1 differs in: %2; not in runs %3")).arg(name, words, missing.join(QStringLiteral(", ")));
    m_what->setText(what);
    m_titles->show(titles, differs);
    m_texts->setTexts(texts, titles, absent);
}

} // namespace lathe
