// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// Lets a model ask the person at the run. The runtime routes the question; call() is what is left
// when nobody attends.
class AskHumanTool : public Tool
{
public:
    AskHumanTool(QString name, const ToolSpec &spec);
    QString name() const override { return m_name; }
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::External; }
    bool idempotent(const QJsonObject &) const override { return m_idempotent; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;
    bool asksHuman() const override { return true; }

private:
    QString m_name, m_purpose;
    bool m_idempotent;
};

} // namespace lathe
