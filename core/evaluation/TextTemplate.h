// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonObject>
#include <QStringList>

#include <memory>
#include <vector>

namespace lathe {

struct TemplatePart;

// Something in a template that is not understood, and where.
struct TemplateDefect {
    qsizetype at = 0;
    int line = 1; // of the text, from 1
    QString what; // a sentence without the place
};

// Texts with {{ values }} as promptfoo's files have them, a part of Nunjucks: values by path ({{ user.name }}, {{ list[0] }}), literals,
// comparison, and/or/not/in, arithmetic, ~, "a if b else c", the usual filters (see textFilters()), {% if/elif/else %}, {% for %} with
// loop.index..., {% set %}, {% raw %}, {# comments #} and "-" that trims. No macros, blocks, includes, calls. Undefined gives nothing.
// Nothing is escaped. A value; any thread.
class TextTemplate
{
public:
    // Never fails: what is not understood is kept as it stands and named in defects().
    explicit TextTemplate(const QString &text);
    const std::vector<TemplateDefect> &defects() const { return m_defects; }
    // Names of variables it reads, "env" among them, in order of first use.
    QStringList variables() const;
    // InvalidInput: the first defect, or more text or steps than is allowed.
    Result<QString> render(const QJsonObject &values) const;

private:
    std::shared_ptr<const TemplatePart> m_root;
    std::vector<TemplateDefect> m_defects;
};

// In one go; texts without braces come back at once.
Result<QString> fillText(const QString &text, const QJsonObject &values);
// Every string in the value, keys not; a value that is nothing but "{{ name }}" stays text.
Result<QJsonValue> fillTexts(const QJsonValue &value, const QJsonObject &values);
// How a value looks inside a text: strings as they are, lists of plain values with commas, everything else as JSON.
QString templateText(const QJsonValue &value);

} // namespace lathe
