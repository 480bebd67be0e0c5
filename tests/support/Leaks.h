// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__has_feature) // moc knows nothing of it
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define LATHE_LEAKS_HERE_ARE_MEANT const __lsan::ScopedDisabler leaksAreMeant
#endif
#endif
#ifndef LATHE_LEAKS_HERE_ARE_MEANT
#define LATHE_LEAKS_HERE_ARE_MEANT static_assert(true)
#endif
