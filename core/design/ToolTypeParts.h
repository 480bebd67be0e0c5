// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/BodyReader.h"
#include "core/design/ProblemList.h"
#include "core/design/ToolSpec.h"

// For the files of this folder that describe and check tool types; each family has a file of its own.
namespace lathe {

namespace toolparts {
SettingField field(const char *key, const char *label, SettingField::Type type, const QJsonValue &defaultValue, const char *help);
SettingField choice(const char *key, const char *label, const QStringList &choices, const char *help);
SettingField integer(const char *key, const char *label, qint64 value, double minimum, double maximum, const char *help);
// The default body holds the default of each field.
ToolTypeInfo make(const char *type, const char *title, const char *about, SideEffect effect, bool idempotent, const char *purpose,
                  Approval approval, std::vector<SettingField> fields, double seconds = ToolLimits().seconds);
}

std::vector<ToolTypeInfo> mcpToolTypes();      // mcp
std::vector<ToolTypeInfo> webToolTypes();      // openapi, request, webhook, web_page
std::vector<ToolTypeInfo> localToolTypes();    // email, script, mock
std::vector<ToolTypeInfo> delegateToolTypes(); // agent, team

// The problems of a configuration of the family's types; of other types nothing. Pointers begin with /config.
void checkMcpTool(const ToolSpec &spec, ProblemList *list);
void checkWebTool(const ToolSpec &spec, ProblemList *list);
void checkLocalTool(const ToolSpec &spec, ProblemList *list);
void checkDelegateTool(const ToolSpec &spec, const DesignLookup &lookup, ProblemList *list);

} // namespace lathe
