// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

#include <QTimeZone>

namespace lathe {

// Tells the run's date and time, so that a replay gives the same answer.
class CurrentTimeTool : public Tool
{
public:
    CurrentTimeTool(QString name, const ToolSpec &spec, const ToolEnvironment &environment,
                    QTimeZone zone);
    QString name() const override { return m_name; }
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return m_idempotent; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    QString m_name, m_purpose;
    Clock *m_clock;
    std::function<qint64()> m_nowUs;
    QTimeZone m_zone;
    bool m_idempotent;
};

// "Europe/Berlin", "UTC", "+02:00"; an error sentence for others.
Result<QTimeZone> timeZoneFromName(const QString &name);
// config: {time_zone?}; empty: this computer's. InvalidInput for an unknown zone.
Result<std::shared_ptr<Tool>> makeCurrentTimeTool(const QString &name, const ToolSpec &spec,
                                                  const ToolEnvironment &environment);

} // namespace lathe
