// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/StatusGlyph.h"

namespace lathe {

// The glyph of a run's status (any enum with the members of RunStatus; this folder knows none of Lathe's types).
template<typename AnyRunStatus>
Status statusOfRun(AnyRunStatus status)
{
    switch (status) {
    case AnyRunStatus::Running:
        return Status::Running;
    case AnyRunStatus::Waiting:
        return Status::Waiting;
    case AnyRunStatus::Done:
        return Status::Ok;
    case AnyRunStatus::Failed:
        return Status::Error;
    case AnyRunStatus::Cancelled:
        return Status::Cancelled;
    case AnyRunStatus::Interrupted:
        return Status::Warning;
    }
    return Status::None;
}

} // namespace lathe
