// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/HttpGuard.h"
#include "core/tool/Tool.h"

namespace lathe {

// One HTTP request to an allowed server. The model chooses URL, method and body; hosts, methods and
// headers with secrets are configured, and the model can neither see nor change those.
class HttpTool : public Tool
{
public:
    struct Header {
        QByteArray name;
        QString value; // with {{secret:NAME}} where secrets go
        bool hasSecret = false;
    };
    struct Setup {
        QString name;
        QString purpose;
        HostAllowList hosts;
        HostAllowList policyHosts; // a bound beside it, of redirects too; empty: none
        HostAllowList secretHosts; // where headers with secrets may go
        QStringList methods;
        std::vector<Header> headers;
        bool allowPrivateNetwork = false;
        double seconds = 30;
        qint64 maxBodyBytes = 4 * 1024 * 1024;
        std::optional<bool> isIdempotent;
        HttpClient *http = nullptr;
        std::function<QString(const QString &)> secret;
    };
    explicit HttpTool(Setup setup);
    QString name() const override { return m_setup->name; }
    QString description() const override;
    QJsonObject schema() const override;
    // A GET tells another computer something too.
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::External; }
    bool idempotent(const QJsonObject &arguments) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    std::shared_ptr<const Setup> m_setup; // shared with calls under way
};

// config: {allowed_hosts: [..], allowed_methods?: [..], headers?: {name: value},
// allow_private_network?, secret_hosts?: [..], max_body_bytes?}. Headers with secrets go to
// secret_hosts only, which are the first allowed host when not given. Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makeHttpTool(const QString &name, const ToolSpec &spec,
                                           const ToolEnvironment &environment);

} // namespace lathe
