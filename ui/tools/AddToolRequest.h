// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ToolImports.h"
#include "ui/tools/AddToolStep.h"

class QCheckBox;
class QLineEdit;

namespace lathe {

class AddToolSecrets;
class CodeEditor;
class InlineMessage;
class Label;

// A value in a request that may become a parameter of the tool.
struct RequestValue {
    bool inBody = false;
    qsizetype from = 0, length = 0; // of the raw text in config.url or config.body
    QString name;  // suggested
    QString type;  // "string", "number", "boolean"
    QString value; // decoded
    QString place; // "query", "path", "form", "JSON body"
};
// Query values, path segments that look like ids, fields of form bodies and leaves of JSON bodies; at most 40. What is a parameter or a
// secret already is left out.
std::vector<RequestValue> requestValues(const QJsonObject &config);
// The config with {{name}} over the values and their parameters listed. `chosen`: index into values -> {name, description}.
QJsonObject withParameters(const QJsonObject &config, const std::vector<RequestValue> &values,
                           const std::map<size_t, std::pair<QString, QString>> &chosen);

// A curl command (or a plain URL) on its way into the project as a request tool: the request as it was understood, its secrets, and which of
// its values the agent gives.
class AddToolRequest : public AddToolStep
{
    Q_OBJECT
public:
    AddToolRequest(Session *session, Theme *theme, CurlImport import, QWidget *parent = nullptr);
    QString title() const override;
    QString primaryText() const override;
    bool canGoOn() const override;
    void goOn() override;

private:
    void build();
    void refresh();
    QString problem() const; // of the parameters' names
    QJsonObject config() const;
    struct Line {
        QCheckBox *on = nullptr;
        QLineEdit *name = nullptr;
        QLineEdit *about = nullptr;
    };
    Session *m_session;
    Theme *m_theme;
    CurlImport m_import;
    std::vector<RequestValue> m_values;
    std::vector<Line> m_lines;
    bool m_adding = false;
    QLineEdit *m_name = nullptr;
    QLineEdit *m_purpose = nullptr;
    CodeEditor *m_request = nullptr;
    InlineMessage *m_message = nullptr;
    AddToolSecrets *m_secrets = nullptr;
};

} // namespace lathe
