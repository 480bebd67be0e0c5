// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpTypes.h"

namespace lathe {

QByteArray headerValue(const HttpHeaders &headers, QByteArrayView name)
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

} // namespace lathe
