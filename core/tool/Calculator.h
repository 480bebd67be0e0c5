// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QString>

namespace lathe {

// The value of an arithmetic expression: + - * / % ^ ( ), functions, pi, e, thousands separators
// ("1,234.5" outside of function calls), percent ("15%" is 0.15, "10 % 3" is 1). Errors
// (InvalidInput) name the column, counted from 1.
Result<double> calculate(const QString &expression);
// Integers up to 2^53 as such, others with as many digits as tell them apart from all other
// doubles.
QString calculatedText(double value);
// "sqrt, abs, ...", for descriptions and errors.
QString calculatorFunctions();

} // namespace lathe
