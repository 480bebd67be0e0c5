// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolSpec.h"

#include "core/design/ToolTypeParts.h"

#include <QJsonArray>

#include <algorithm>

namespace lathe {

namespace toolparts {
SettingField field(const char *key, const char *label, SettingField::Type type,
                const QJsonValue &defaultValue, const char *help)
{
    SettingField result;
    result.pointer = QStringLiteral("/config/") + QLatin1String(key);
    result.label = QString::fromUtf8(label);
    result.help = QString::fromUtf8(help);
    result.type = type;
    result.defaultValue = defaultValue;
    return result;
}

SettingField choice(const char *key, const char *label, const QStringList &choices, const char *help)
{
    SettingField result = field(key, label, SettingField::Type::Choice, choices.first(), help);
    result.choices = choices;
    return result;
}

SettingField integer(const char *key, const char *label, qint64 value, double minimum, double maximum,
                  const char *help)
{
    SettingField result = field(key, label, SettingField::Type::Integer, value, help);
    result.minimum = minimum;
    result.maximum = maximum;
    return result;
}

// The default body holds the default of each field.
ToolTypeInfo make(const char *type, const char *title, const char *about, SideEffect effect,
                  bool idempotent, const char *purpose, Approval approval,
                  std::vector<SettingField> fields, double seconds)
{
    ToolTypeInfo info;
    info.type = QString::fromLatin1(type);
    info.title = QString::fromUtf8(title);
    info.about = QString::fromUtf8(about);
    info.sideEffect = effect;
    info.idempotent = idempotent;
    info.fields = std::move(fields);
    ToolSpec spec;
    spec.type = info.type;
    spec.purpose = QString::fromUtf8(purpose);
    spec.approval = approval;
    spec.limits.seconds = seconds;
    for (const SettingField &f : info.fields)
        spec.config.insert(f.pointer.section(QLatin1Char('/'), -1), f.defaultValue);
    info.defaultBody = spec.toJson();
    return info;
}
} // namespace toolparts

namespace {
using namespace toolparts;

std::vector<ToolTypeInfo> makeTypes()
{
    using T = SettingField::Type;
    std::vector<ToolTypeInfo> types;
    types.push_back(
        make("http", "HTTP request", "Calls web addresses of allowed hosts.", SideEffect::External,
             false, "Send an HTTP request and read the answer.", Approval::Ask,
             {field("allowed_hosts", "Allowed hosts", T::StringList, QJsonArray(),
                    "Host names such as api.example.com; *.example.com allows all below it. "
                    "Nothing else can be reached."),
              field("allowed_methods", "Allowed methods", T::StringList,
                    QJsonArray{QStringLiteral("GET")}, "GET only reads; others can change things."),
              field("headers", "Headers", T::Json, QJsonObject(),
                    "Sent with every request, as an object of texts. {{secret:NAME}} stands for a "
                    "secret of the keychain."),
              field("secret_hosts", "Hosts that get secrets", T::StringList, QJsonArray(),
                    "The only hosts to which headers with secrets are sent; empty: the first "
                    "allowed host."),
              integer("max_body_bytes", "Largest download", 1024 * 1024, 1, 64.0 * 1024 * 1024,
                      "In bytes; larger answers are refused. How much of one the model sees is a limit below."),
              field("allow_private_network", "Private network", T::Bool, false,
                    "Also reach this computer and the local network.")}));
    types.push_back(
        make("files", "Files",
             "Lists, reads and searches the files of one folder; writes them if allowed.",
             SideEffect::Read, true, "List, read and search files of the folder.", Approval::Always,
             {field("folder", "Folder", T::Folder, QString(),
                    "The agent sees nothing outside this folder."),
              field("writable", "May write", T::Bool, false,
                    "Lets the agent create and change files in the folder."),
              integer("max_file_bytes", "Largest file", 1024 * 1024, 1, 64.0 * 1024 * 1024,
                      "In bytes; larger files are neither read nor written.")}));
    types.push_back(make("calculator", "Calculator", "Computes an expression exactly as written.",
                         SideEffect::Read, true, "Compute an arithmetic expression.",
                         Approval::Always, {}));
    types.push_back(make("current_time", "Current time", "Tells date and time.", SideEffect::Read,
                         true, "Tell the current date and time.", Approval::Always,
                         {field("time_zone", "Time zone", T::Text, QStringLiteral("UTC"),
                                "A name such as Europe/Berlin; empty: this computer's.")}));
    types.push_back(make("ask_human", "Ask a person",
                         "Puts a question to the person at the desk and waits for the answer.",
                         SideEffect::External, true,
                         "Ask the person in charge a question when only they can know.",
                         Approval::Always, {}, 3600));
    for (ToolTypeInfo &type : types)
        type.group = type.type == QLatin1String("files") ? QStringLiteral("Data")
                     : type.type == QLatin1String("http") ? QStringLiteral("Web") : QStringLiteral("Basics");
    std::vector<ToolTypeInfo> all = localToolTypes(); // sql first, as ever
    for (auto *more : {&mcpToolTypes, &webToolTypes, &delegateToolTypes}) {
        for (ToolTypeInfo &type : more())
            types.push_back(std::move(type));
    }
    for (ToolTypeInfo &type : types)
        all.push_back(std::move(type));
    return all;
}
} // namespace

SideEffect ToolTypeInfo::sideEffectOf(const QJsonObject &config) const
{
    const auto is = [&config](const char *key) { return config.value(QLatin1String(key)).toBool(); };
    const auto text = [&config](const char *key) { return config.value(QLatin1String(key)).toString(); };
    if (type == QLatin1String("files"))
        return is("writable") ? SideEffect::Write : sideEffect;
    if (type == QLatin1String("sql"))
        return text("mode") == QLatin1String("write") ? SideEffect::Write : sideEffect;
    if (type == QLatin1String("script")) {
        if (is("network"))
            return SideEffect::External;
        return text("folder").isEmpty() ? sideEffect : SideEffect::Write;
    }
    return sideEffect;
}

const std::vector<ToolTypeInfo> &toolTypes()
{
    static const std::vector<ToolTypeInfo> types = makeTypes();
    return types;
}

const ToolTypeInfo *toolType(const QString &type)
{
    const auto &types = toolTypes();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [&](const ToolTypeInfo &info) { return info.type == type; });
    return found == types.end() ? nullptr : &*found;
}

} // namespace lathe
