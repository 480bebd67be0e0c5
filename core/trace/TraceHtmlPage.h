// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The fixed parts of the page TraceHtml writes.
namespace lathe::html {

extern const char *const style;  // between <style> and </style>
extern const char *const script; // between <script> and </script>; the page is whole without it

} // namespace lathe::html
