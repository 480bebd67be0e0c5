// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonObject>

#include <utility>
#include <vector>

namespace lathe {

struct PromptfooMember;

// A value of a YAML or JSON file that knows where it stands and keeps the order of members.
struct PromptfooNode {
    enum class Kind { Missing, Scalar, List, Map };
    Kind kind = Kind::Missing;
    QJsonValue scalar; // text, number, bool or null
    std::vector<PromptfooNode> items;
    std::vector<PromptfooMember> members;
    QString file;
    int line = 0;        // from 1; 0: not known
    QString environment; // the text was "{{env.NAME}}": NAME

    // One YAML document (JSON is YAML). Aliases and merge keys are resolved. InvalidInput: broken, nested too deeply, or grows
    // too large by its aliases, with file and line.
    static Result<PromptfooNode> fromYaml(const QByteArray &text, const QString &file);
    static PromptfooNode fromJson(const QJsonValue &value, const QString &file, int line);
    QJsonValue toJson() const;

    const PromptfooNode &at(QLatin1String key) const; // Missing when there is none
    const PromptfooNode &at(const QString &key) const;
    bool has(QLatin1String key) const { return at(key).isSet(); }
    bool isSet() const
    {
        return kind != Kind::Missing && !(kind == Kind::Scalar && scalar.isNull());
    }
    bool isText() const { return kind == Kind::Scalar && scalar.isString(); }
    bool isList() const { return kind == Kind::List; }
    bool isMap() const { return kind == Kind::Map; }
    // Text of any scalar, "" for others.
    QString text() const;
};

struct PromptfooMember {
    QString first; // name
    PromptfooNode second;
    PromptfooMember(QString name, PromptfooNode value)
        : first(std::move(name)), second(std::move(value))
    {
    }
};

} // namespace lathe
