// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

namespace lathe {

// A Swagger 2.0 document as one of OpenAPI 3.0, as far as operations need it. What references point to stays where it is. Bounded by the
// size of the document, whatever it holds.
QJsonObject openApiFromSwagger2(const QJsonObject &document);

} // namespace lathe
