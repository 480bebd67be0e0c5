// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"
#include "core/llm/ChatTypes.h"
#include "core/project/RunRepository.h"
#include "core/session/ForkRecord.h"

namespace lathe {

// The request of a model step as it goes over the wire to its provider. Secrets are never in it: "$NAME" stands where the value goes.
struct WireRequest {
    QString api;    // "openai_chat", ...; "offline": there is no wire, url and body are empty
    QByteArray method = "POST";
    QString url;
    HttpHeaders headers; // with "$OPENAI_API_KEY" for the secret
    QByteArray body; // JSON
    QString secretName; // which $NAME occurs; empty: none
    QString connection;
    QString model;
    QString note; // a sentence when the provider refused the request as it stands here and was asked in another way; else empty
    WireRequest() = default;
};

// Pure. `forks`: the run's, empty when it is none. NotFound: the step is no model call with a recorded request.
Result<WireRequest> wireRequest(const StoredRun &run, const ForkRecord &forks, const QString &step);

// What the journal keeps of a chat as a request again. InvalidInput: it is none.
Result<ChatRequest> chatRequestFromJson(const QJsonObject &json);

} // namespace lathe
