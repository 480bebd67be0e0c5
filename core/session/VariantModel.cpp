// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/VariantModel.h"

#include <QFile>

namespace lathe {

namespace {
// Asks with other sampling. The run's snapshot holds the body that says so, and a replay asks no model at all.
class VariantModel : public ChatModel
{
public:
    VariantModel(std::shared_ptr<ChatModel> model, Sampling sampling) : m_model(std::move(model)), m_sampling(sampling) {}
    Task<Result<ChatResponse>> chat(ChatRequest request, ChatSinks sinks, CancelToken cancel) override
    {
        if (m_sampling.topP)
            request.topP = m_sampling.topP;
        if (m_sampling.seed)
            request.seed = m_sampling.seed;
        return m_model->chat(std::move(request), std::move(sinks), cancel);
    }
    QString providerName() const override { return m_model->providerName(); }
    Task<Result<QStringList>> listModels(CancelToken cancel) override { return m_model->listModels(cancel); }
    Task<Result<std::vector<Embedding>>> embed(QString model, QStringList texts, CancelToken cancel) override
    {
        return m_model->embed(std::move(model), std::move(texts), cancel);
    }

private:
    std::shared_ptr<ChatModel> m_model;
    Sampling m_sampling;
};
}

Sampling Sampling::of(const QJsonObject &body)
{
    Sampling sampling;
    const QJsonValue topP = body.value(QLatin1String("top_p"));
    const QJsonValue seed = body.value(QLatin1String("seed"));
    if (topP.isDouble())
        sampling.topP = topP.toDouble();
    if (seed.isDouble())
        sampling.seed = seed.toInteger();
    return sampling;
}

std::shared_ptr<ChatModel> Sampling::applied(std::shared_ptr<ChatModel> model) const
{
    if (!topP && !seed)
        return model;
    return std::make_shared<VariantModel>(std::move(model), *this);
}

Prices shippedPrices()
{
    QFile file(QStringLiteral(":/data/prices.json"));
    if (file.open(QIODevice::ReadOnly)) {
        const auto parsed = json::parseObject(file.readAll());
        if (parsed)
            return Prices::fromJson(*parsed).valueOr(Prices());
    }
    return {};
}

} // namespace lathe
