// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/SamplingCard.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/runs/TextBlock.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/PrimaryButton.h"

#include <QJsonArray>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int mostMessages = 20;

QString textOf(const QJsonValue &content)
{
    if (content.isArray()) {
        QStringList parts;
        for (const QJsonValue &block : content.toArray())
            parts.append(textOf(block));
        return parts.join(QStringLiteral("\n\n"));
    }
    const QJsonObject block = content.toObject();
    const QString type = block.value(QStringLiteral("type")).toString();
    if (type == QLatin1String("text"))
        return block.value(QStringLiteral("text")).toString();
    if (type == QLatin1String("image") || type == QLatin1String("audio"))
        return SamplingCard::tr("[%1, %2]").arg(block.value(QStringLiteral("mimeType")).toString().left(60), format::bytes(block.value(QStringLiteral("data")).toString().size() * 3 / 4));
    return json::compactString(content);
}
}

SamplingCard::SamplingCard(Theme *theme, const PendingQuestion &pending, QWidget *parent)
    : AnswerCard(theme, pending, QStringLiteral("sampling-card"), parent)
{
    const HumanQuestion &question = pending.question;
    const QJsonObject params = question.arguments;
    addTitle(tr("The server %1 wants to ask your model").arg(whoAsks(pending)));
    if (!question.text.isEmpty())
        addText(question.text, 1000)->setObjectName(QStringLiteral("sampling-text"));
    const auto block = [&](const QString &caption, const QString &text) {
        body()->addWidget(new Label(theme, caption, Label::Style::Caption, this));
        auto *shown = new TextBlock(theme, TextBlock::Look::Code, this);
        shown->setLimit(2500, 16);
        shown->setText(text);
        body()->addWidget(shown);
    };
    if (const QString system = params.value(QStringLiteral("systemPrompt")).toString(); !system.isEmpty())
        block(tr("Instructions"), system);
    const QJsonArray messages = params.value(QStringLiteral("messages")).toArray();
    for (qsizetype i = 0; i < std::min<qsizetype>(messages.size(), mostMessages); ++i) {
        const QString role = messages.at(i)[QLatin1String("role")].toString();
        block(role == QLatin1String("assistant") ? tr("As if the model had said") : tr("Message"), textOf(messages.at(i)[QLatin1String("content")]));
    }
    if (messages.size() > mostMessages)
        body()->addWidget(new Label(theme, tr("and %1 more messages").arg(messages.size() - mostMessages), Label::Style::Hint, this));
    QStringList facts;
    if (params.contains(QStringLiteral("maxTokens")))
        facts.append(tr("at most %1 tokens").arg(format::number(params.value(QStringLiteral("maxTokens")).toInteger())));
    if (params.contains(QStringLiteral("temperature")))
        facts.append(tr("temperature %1").arg(params.value(QStringLiteral("temperature")).toDouble()));
    if (const qsizetype tools = params.value(QStringLiteral("tools")).toArray().size(); tools > 0)
        facts.append(tr("with %1").arg(format::count(tools, tr("tool of its own"), tr("tools of its own"))));
    addHint(tr("The answer goes back to the server, the cost is yours%1.").arg(facts.isEmpty() ? QString() : QStringLiteral(": ") + facts.join(QStringLiteral(", "))));
    auto *send = new PrimaryButton(tr("Ask the model"), this);
    send->setObjectName(QStringLiteral("sampling-accept"));
    send->setToolTip(withShortcut(tr("Send exactly this"), QKeySequence(Qt::CTRL | Qt::Key_Return)));
    auto *no = new Button(tr("Refuse"), ButtonRole::Danger, this);
    no->setObjectName(QStringLiteral("sampling-refuse"));
    addButtons({send}, no);
    takesFocusItself();
    connect(send, &Button::clicked, this, [this] { approve(); });
    connect(no, &Button::clicked, this, [this] { refuse(QStringLiteral("decline")); });
    onControlReturn(this, [this] { approve(); });
}

} // namespace lathe
