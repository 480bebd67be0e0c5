// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OrderedObject.h"

#include <QJsonObject>
#include <QStringList>

#include <functional>
#include <vector>

namespace lathe {

struct PromptVariable {
    QString name;
    QString description;
    QString defaultValue;
    bool required = true;
    bool operator==(const PromptVariable &) const = default;
};

// A turn of an example conversation that stands between the instructions and the input.
struct PromptMessage {
    QString role; // "system" (added to the instructions), "user", "assistant"
    QString text; // a template as PromptSpec::text
    bool operator==(const PromptMessage &) const = default;
};

// Instructions of an agent as a value. Body JSON: {text, messages?:[{role,text}], variables:[{name,description,default,required}],
//  output:{format: text|markdown|json_schema, schema?}, tone, success_criteria:[...], fallback, retry:{attempts}, template?}
struct PromptSpec {
    // Mustache: {{name}}, {{#section}}..{{/section}}, {{^inverted}}, {{! comment}}, {{> other-prompt@label}} (PromptPartials.h)
    QString text;
    std::vector<PromptMessage> messages;
    std::vector<PromptVariable> variables;
    QString outputFormat = QStringLiteral("text");
    OrderedObject outputSchema; // in the body an object, or the text of one where a person wrote it
    QString tone;
    QStringList successCriteria;
    QString fallback;     // what to answer when the job cannot be done
    int retryAttempts = 1; // times an answer that breaks the format is sent back to be mended
    QString templateName; // the shipped template it came from
    static Result<PromptSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const;
    bool operator==(const PromptSpec &) const = default;
};

// A token of the template text, for highlighting, completion and checks.
struct TemplateToken {
    enum class Type { Text, Variable, SectionOpen, InvertedOpen, SectionClose, Comment, Partial, Broken };
    Type type = Type::Text;
    qsizetype from = 0;
    qsizetype length = 0;
    QString name;
};
std::vector<TemplateToken> tokenizeTemplate(const QString &text);
// Names used by variables and sections, in order of first use. Dotted names give their first part.
QStringList templateVariables(const QString &text);
// The same of the instructions and all messages.
QStringList templateVariables(const PromptSpec &spec);

struct RenderedPrompt {
    QString system;        // text of the system message: instructions, then format, tone, criteria, fallback
    std::vector<PromptMessage> messages; // user and assistant turns; those that came out empty are left out
    QStringList missing;   // required variables without a value
    QStringList undefined; // used in the text but declared nowhere
};

// The wording of the parts below the instructions comes from prompts/parts/*.md. Values are put in verbatim (no HTML
// escaping). A broken template, and a partial that was not put in before (expandPrompt), is InvalidInput with the position.
Result<RenderedPrompt> renderPrompt(const PromptSpec &spec, const QJsonObject &values);

// A file of prompts/: front matter (title, use, variables, notes) and text.
struct PromptTemplate {
    QString id;    // file name without .md
    QString title;
    QString use;   // when to use it, one sentence
    QString notes; // author's notes
    PromptSpec spec;
};
// All shipped templates, sorted by title; read from :/prompts/templates.
const std::vector<PromptTemplate> &shippedTemplates();
Result<PromptTemplate> parseTemplateFile(const QString &id, const QByteArray &bytes);
// The inverse; reading it again gives the same template (but for lists of sentences, whose items are kept on one line).
QByteArray writeTemplateFile(const PromptTemplate &prompt);
// A text of prompts/<name>.md with {{variables}} filled, e.g. "patterns/react". Missing files are a bug, logged, and give "".
QString promptText(const QString &name, const QJsonObject &values);

// A change that mends a problem: pieces of the instructions replaced, and values set at JSON pointers of the body.
struct PromptFix {
    struct TextEdit {
        qsizetype from = 0;
        qsizetype length = 0;
        QString with;
    };
    struct Change {
        QString pointer;
        QJsonValue value = QJsonValue(QJsonValue::Undefined); // Undefined removes
    };
    QString title; // what a button says: "Declare “topic”"
    std::vector<TextEdit> edits; // of /text, in order, not overlapping
    std::vector<Change> changes;
    QString applyTo(const QString &text) const; // the edits; those outside of the text are left out
};

// Something to know about a prompt; pointers and codes as core/design's Problem, which this folder may not use.
struct PromptProblem {
    int severity = 1; // 0 hint, 1 warning, 2 error
    QString pointer;
    QString code;
    QString message;
    QString fix;
    qsizetype from = -1, length = 0; // in /text; of "/messages/N/text" in that text
    std::vector<PromptFix> fixes;    // the first is the one to offer
};
// What can be said from the prompt alone; PromptLint.h has more.
std::vector<PromptProblem> lintPrompt(const PromptSpec &spec);

} // namespace lathe
