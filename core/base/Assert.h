// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// LATHE_ASSERT(condition, recovery): a broken promise inside Lathe is logged with file and line, and the
// recovery statement runs; a user's session is never aborted.
//     LATHE_ASSERT(index < size, return {});
namespace lathe {
void reportBug(const char *condition, const char *file, int line);
}

#define LATHE_ASSERT(condition, recovery) \
    do { \
        if (!(condition)) [[unlikely]] { \
            ::lathe::reportBug(#condition, __FILE__, __LINE__); \
            recovery; \
        } \
    } while (false)
