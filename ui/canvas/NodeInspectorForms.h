// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"

// Forms of the inspector for what core has no description of: the team, a node's common part, edges, frames, notes.
namespace lathe::inspectorforms {

std::vector<FormFieldInfo> team();   // keys in the body
std::vector<FormFieldInfo> limits(); // same
std::vector<FormFieldInfo> name();   // keys in the node
std::vector<FormFieldInfo> onError();
std::vector<FormFieldInfo> edge();
std::vector<FormFieldInfo> frame();
std::vector<FormFieldInfo> note();

// Names that templates and expressions know: input, state.KEY, variables.FIELD, and item, index, iteration.
QStringList variables(const QJsonObject &body);

} // namespace lathe::inspectorforms
