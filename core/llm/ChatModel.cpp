// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ChatModel.h"

#include "core/base/Assert.h"
#include "core/llm/ConnectionRules.h"
#include "core/llm/HttpChatModel.h"
#include "core/llm/OfflineModel.h"

namespace lathe {

Task<Result<std::vector<Embedding>>> ChatModel::embed(QString, QStringList, CancelToken)
{
    co_return Error(ErrorKind::NotFound, QStringLiteral("Embeddings of %1 are not known here; use a connection with OpenAI's API, or the offline one.")
                                             .arg(providerName()));
}

Result<std::shared_ptr<ChatModel>> makeChatModel(const ConnectionSpec &connection,
                                                 const QString &secret, HttpClient *http,
                                                 Clock *clock)
{
    if (connection.api == QLatin1String("offline"))
        return std::shared_ptr<ChatModel>(std::make_shared<OfflineModel>());
    auto codec = makeProviderCodec(connection.api);
    if (!codec) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("Connection %1: the API \"%2\" is not known; choose one of %3.")
                         .arg(connection.name, connection.api.left(60),
                              ConnectionSpec::knownApis().join(QLatin1String(", "))));
    }
    LATHE_ASSERT(http && clock,
                 return Error(ErrorKind::Internal, QStringLiteral("No HTTP client was given.")));
    const QString key = secret.trimmed(); // a key file or variable often ends with a line break
    if (key.isEmpty() && rules::isProvidersOwn(connection)) {
        const QString name = connection.secretName.isEmpty()
                                 ? ConnectionSpec::conventionalSecret(connection.api)
                                 : connection.secretName;
        return Error(ErrorKind::Auth,
                     QStringLiteral("Connection %1 needs a key for %2. Set the environment "
                                    "variable %3, or store the secret %3 "
                                    "in Connections.")
                         .arg(connection.name, rules::displayName(connection), name));
    }
    for (const QChar c : key) {
        if (c.unicode() < 0x20 || c.unicode() > 0x7e) {
            return Error(ErrorKind::Auth,
                         QStringLiteral("The secret %1 of connection %2 holds characters that no "
                                        "key has. Copy the key again.")
                             .arg(connection.secretName, connection.name));
        }
    }
    return std::shared_ptr<ChatModel>(
        std::make_shared<HttpChatModel>(connection, key, std::move(codec), http, clock));
}

} // namespace lathe
