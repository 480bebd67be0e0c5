// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// Stands in for a tool at design time: canned answers, chosen by the arguments. In the texts of an answer {{arguments.city}} stands for a
// value of the call ({{arguments.items.0.name}}, {{arguments}} for all; a text that is nothing but one mark becomes the value itself), and
// {{= arguments.a * 2 + 1}} is calculated.
class MockTool : public Tool
{
public:
    struct Answer {
        QJsonObject arguments; // every member must be equal; of objects, those that are named
        std::vector<ArgumentRule> when;
        QJsonValue result;
        std::optional<QString> error;
        qint64 delayMs = 0;
    };
    struct Setup {
        QString name;
        QString purpose;
        QJsonObject parameters, outputSchema;
        std::vector<Answer> answers; // the first that fits
        qint64 maxBytes = 256 * 1024;
        bool isIdempotent = true;
        Clock *clock = nullptr; // null: no delays
    };
    explicit MockTool(Setup setup);
    QString name() const override { return m_setup->name; }
    QString description() const override;
    QJsonObject schema() const override { return m_setup->parameters; }
    QJsonObject outputSchema() const override { return m_setup->outputSchema; }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return m_setup->isIdempotent; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    static Task<Result<ToolOutcome>> run(std::shared_ptr<const Setup> setup, QJsonObject arguments, CancelToken cancel);
    std::shared_ptr<const Setup> m_setup;
};

// config: {parameters?: schema, output_schema?: schema, answers: [{arguments?, when?: [ArgumentRule], result | error, delay_ms?}]}. Errors:
// InvalidInput.
Result<std::shared_ptr<Tool>> makeMockTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

// One call that a mock is to answer as it was answered.
struct MockedCall {
    QJsonObject arguments;
    ToolOutcome outcome;
};
// The body of a mock that stands for `tool`: same purpose and schemas, and the answers of the calls.
QJsonObject mockBody(const Tool &tool, const std::vector<MockedCall> &calls);

} // namespace lathe
