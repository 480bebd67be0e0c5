// SPDX-License-Identifier: GPL-3.0-or-later
// Private to the session's own sources. Main thread.
#pragma once

#include "core/session/Experiments.h"
#include "core/session/ForeignRuns.h"
#include "core/session/McpHub.h"
#include "core/session/McpSecrets.h"
#include "core/session/Playground.h"
#include "core/session/RunService.h"
#include "core/session/SecretStore.h"
#include "core/session/Session.h"
#include "core/session/TrialRunner.h"
#include "core/session/VariantModel.h"

namespace lathe {

class Session::Private
{
public:
    Private(Session *session, Project *project, Clock *clock, const SessionOptions &options)
        : prices(shippedPrices()), mcpSecrets(options.secrets ? options.secrets : &environment),
          resolver(project, &http, clock, options.secrets ? options.secrets : &environment, &redactor,
                   options.offlineTokensPerSecond),
          runs(project, clock, &resolver, &redactor, &prices), secrets(options.secrets ? options.secrets : &environment),
          services{project, clock, &resolver, &runs}, experiments(session, services), foreign(session, project)
    {
        McpClientOptions mcp;
        mcp.http = &http;
        mcp.clock = clock;
        mcp.clientVersion = QStringLiteral(LATHE_VERSION);
        hub = std::make_unique<McpHub>(std::move(mcp), &resolver, &mcpSecrets);
        resolver.useMcp(hub.get());
        connect(&runs, &RunService::started, session, &Session::runStarted);
        connect(&runs, &RunService::ended, session, &Session::runEnded);
        connect(&runs, &RunService::questionsChanged, session, &Session::questionsChanged);
        connect(&runs, &RunService::pausedChanged, session, &Session::pausedChanged);
    }
    EnvironmentSecrets environment;
    HttpClient http;
    Redactor redactor;
    Prices prices;
    McpSecrets mcpSecrets;
    std::unique_ptr<McpHub> hub; // outlives the tools that the resolver, runs and others keep
    AgentResolver resolver;
    RunService runs;
    SecretStore *secrets;
    ExperimentServices services;
    Experiments experiments;
    std::unique_ptr<Playground> playground;
    ForeignRuns foreign;
};

} // namespace lathe
