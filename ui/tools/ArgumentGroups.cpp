// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentField.h"

#include "core/base/Json.h"
#include "ui/itemmodels/SchemaMembers.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

using namespace argumentparts;

namespace {
constexpr int MostGroups = 8; // within each other
constexpr int Indent = 12;
const QJsonValue nothing(QJsonValue::Undefined);

bool isGroup(const SchemaFacts &facts)
{
    return facts.kind == SchemaFacts::Kind::Object || facts.kind == SchemaFacts::Kind::List || facts.kind == SchemaFacts::Kind::Variants;
}

// The members of an object: those the schema names, and others where it allows them.
class ObjectField : public ArgumentField
{
public:
    ObjectField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth)
        : ArgumentField(context), m_path(path), m_required(required), m_depth(depth)
    {
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(depth > 0 ? Indent : 0, 0, 0, 0);
        layout->setSpacing(metrics::Gap);
        m_form = new FormLayout(context->theme, this);
        m_form->setLabels(FormLayout::Labels::Above);
        layout->addWidget(m_form);
        const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
        const QStringList wanted = json::toStringList(facts.schema.value(QStringLiteral("required")));
        for (const QString &name : schemaMembers(facts.schema)) {
            if (context->budget > LastBudget)
                addMember(name, properties.value(name), wanted.contains(name));
            else
                ++m_undrawn;
        }
        if (m_undrawn > 0)
            m_form->addWidget(new Label(context->theme, tr("%1 more members are not drawn; write them as raw JSON.").arg(m_undrawn), Label::Style::Hint));
        const QJsonValue others = facts.schema.value(QStringLiteral("additionalProperties"));
        if (others.isObject()) {
            m_others = others;
            auto *more = new QVBoxLayout;
            more->setSpacing(metrics::GapSmall);
            m_more = more;
            layout->addLayout(more);
            m_addOther = new Button(tr("Add a member"), ButtonRole::Ghost);
            m_addOther->setObjectName(QStringLiteral("argument-add-") + path);
            m_addOther->setIcon(context->theme->icon(QStringLiteral("plus")));
            layout->addWidget(m_addOther, 0, Qt::AlignLeft);
            connect(m_addOther, &QAbstractButton::clicked, this, [this] {
                addOther(QString(), nothing)->setFocus();
                Q_EMIT edited();
            });
        }
    }

    QJsonValue value() const override
    {
        QJsonObject object;
        for (const Member &member : m_members) {
            const QJsonValue value = member.field->value();
            if (!value.isUndefined())
                object.insert(member.name, value);
        }
        for (const Other &other : m_otherRows) {
            const QJsonValue value = other.field->value();
            if (!other.name->text().isEmpty() && !object.contains(other.name->text()))
                object.insert(other.name->text(), value.isUndefined() ? QJsonValue(QString()) : value);
        }
        for (auto it = m_rest.begin(); it != m_rest.end(); ++it) {
            if (!object.contains(it.key()))
                object.insert(it.key(), it.value());
        }
        return object.isEmpty() && !m_required ? nothing : QJsonValue(object);
    }

    void setValue(const QJsonValue &value) override
    {
        QJsonObject object = value.toObject();
        for (Member &member : m_members) {
            member.field->setValue(object.value(member.name));
            object.remove(member.name);
        }
        while (!m_otherRows.empty())
            removeOther(m_otherRows.back().box);
        m_rest = QJsonObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (m_addOther && m_otherRows.size() < MostItems && m_context->budget > LastBudget)
                addOther(it.key(), it.value());
            else
                m_rest.insert(it.key(), it.value()); // what the form cannot show is not lost
        }
    }

    void findings(const QStringList &path, std::vector<Finding> *list) const override
    {
        for (const Member &member : m_members)
            member.field->findings(path + QStringList(member.name), list);
        QStringList names;
        for (const Other &other : m_otherRows) {
            const QString name = other.name->text();
            if (name.isEmpty())
                list->push_back({path, tr("A member has no name yet; it is left out.")});
            else if (names.contains(name))
                list->push_back({path, tr("\"%1\" is there twice; the second is left out.").arg(name.left(60))});
            names.append(name);
            other.field->findings(path + QStringList(name), list);
        }
    }

    bool showProblem(const QStringList &path, const QString &message, bool missing, bool strict) override
    {
        if (path.isEmpty())
            return false;
        for (Member &member : m_members) {
            if (member.name != path.first())
                continue;
            if (missing && path.size() == 1 && !strict && !member.touched)
                return true; // nobody got to it yet
            if (!member.field->showProblem(path.mid(1), message, missing, strict) && member.line->problem().isEmpty())
                member.line->setProblem(Severity::Error, message);
            return true;
        }
        for (Other &other : m_otherRows) {
            if (other.name->text() == path.first())
                return other.field->showProblem(path.mid(1), message, missing, strict);
        }
        return false;
    }

    void clearProblems() override
    {
        for (Member &member : m_members) {
            member.line->clearProblem();
            member.field->clearProblems();
        }
        for (Other &other : m_otherRows)
            other.field->clearProblems();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        if (m_depth == 0)
            return;
        QPainter painter(this);
        painter.fillRect(QRect(0, 2, 2, height() - 4), m_context->theme->tokens().line);
    }

private:
    struct Member {
        QString name;
        ArgumentField *field;
        FormField *line;
        bool touched = false;
    };
    struct Other {
        QWidget *box;
        QLineEdit *name;
        ArgumentField *field;
    };

    void addMember(const QString &name, const QJsonValue &schema, bool required)
    {
        const SchemaFacts facts = readSchema(schema, m_context->root);
        const QString path = m_path.isEmpty() ? name : m_path + QLatin1Char('/') + name;
        ArgumentField *field = ArgumentField::make(m_context, schema, path, required, m_depth);
        const QString title = facts.title();
        QString label = title.isEmpty() || title.compare(name, Qt::CaseInsensitive) == 0 ? name : QStringLiteral("%1 (%2)").arg(title.left(80), name);
        label = required ? tr("%1 (required)").arg(label.left(160)) : label.left(160);
        FormField *line = m_form->addField(label, field, facts.help().left(500));
        if (QWidget *proxy = field->focusProxy(); proxy && proxy->accessibleName().isEmpty())
            proxy->setAccessibleName(label);
        const QJsonValue first = facts.first();
        if (!first.isUndefined())
            field->setValue(first);
        const size_t index = m_members.size();
        m_members.push_back({name, field, line});
        connect(field, &ArgumentField::edited, this, [this, index] {
            m_members[index].touched = true;
            Q_EMIT edited();
        });
    }

    QWidget *addOther(const QString &name, const QJsonValue &value)
    {
        auto *box = new QWidget(this);
        auto *row = new QHBoxLayout(box);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(metrics::Gap);
        auto *line = new QLineEdit(name, box);
        line->setPlaceholderText(tr("name"));
        line->setAccessibleName(tr("Name of the member"));
        line->setObjectName(QStringLiteral("argument-name-%1/%2").arg(m_path).arg(m_otherRows.size()));
        line->setMaximumWidth(180);
        ArgumentField *field = ArgumentField::make(m_context, m_others, QStringLiteral("%1/+%2").arg(m_path).arg(m_otherRows.size()), true, m_depth + 1);
        if (!value.isUndefined())
            field->setValue(value);
        auto *remove = new IconButton(m_context->theme, QStringLiteral("close"), tr("Remove this member"), box);
        remove->setCompact(true);
        row->addWidget(line, 0, Qt::AlignTop);
        row->addWidget(field, 1);
        row->addWidget(remove, 0, Qt::AlignTop);
        m_more->addWidget(box);
        m_otherRows.push_back({box, line, field});
        m_addOther->setEnabled(m_otherRows.size() < MostItems);
        connect(line, &QLineEdit::textChanged, this, &ArgumentField::edited);
        connect(field, &ArgumentField::edited, this, &ArgumentField::edited);
        connect(remove, &QAbstractButton::clicked, this, [this, box] {
            removeOther(box);
            Q_EMIT edited();
        });
        return line;
    }

    void removeOther(QWidget *box)
    {
        m_otherRows.erase(std::remove_if(m_otherRows.begin(), m_otherRows.end(), [box](const Other &other) { return other.box == box; }), m_otherRows.end());
        drop(box);
        m_addOther->setEnabled(true);
    }

    QString m_path;
    bool m_required;
    int m_depth;
    FormLayout *m_form;
    std::vector<Member> m_members;
    QJsonValue m_others;
    QVBoxLayout *m_more = nullptr;
    Button *m_addOther = nullptr;
    std::vector<Other> m_otherRows;
    QJsonObject m_rest;
    int m_undrawn = 0;
};

// Holds one other field, or none at the moment.
class HolderField : public ArgumentField
{
public:
    using ArgumentField::ArgumentField;
    void findings(const QStringList &path, std::vector<Finding> *list) const override
    {
        if (m_field)
            m_field->findings(path, list);
    }
    bool showProblem(const QStringList &path, const QString &message, bool missing, bool strict) override
    {
        return m_field && m_field->showProblem(path, message, missing, strict);
    }
    void clearProblems() override
    {
        if (m_field)
            m_field->clearProblems();
    }

protected:
    ArgumentField *m_field = nullptr;
};

// One of several forms.
class VariantField : public HolderField
{
public:
    VariantField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth)
        : HolderField(context), m_variants(facts.variants), m_path(path), m_nullable(facts.nullable), m_depth(depth)
    {
        m_layout = new QVBoxLayout(this);
        m_layout->setContentsMargins(0, 0, 0, 0);
        m_layout->setSpacing(metrics::Gap);
        m_box = new QComboBox;
        m_box->setObjectName(QStringLiteral("argument-form-") + path);
        m_box->setToolTip(tr("Which form the value has"));
        m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // titles of any length
        m_box->setMinimumContentsLength(12);
        if (!required)
            m_box->addItem(tr("left out"), Left);
        for (int i = 0; i < int(m_variants.size()); ++i)
            m_box->addItem(variantTitle(m_variants[size_t(i)], context->root, i + 1), i);
        if (m_nullable)
            m_box->addItem(QStringLiteral("null"), Null);
        m_layout->addWidget(m_box);
        setFocusProxy(m_box);
        choose(m_box->currentData().toInt());
        connect(m_box, &QComboBox::activated, this, [this](int row) {
            choose(m_box->itemData(row).toInt());
            Q_EMIT edited();
        });
    }

    QJsonValue value() const override { return m_field ? m_field->value() : m_chosen == Null ? QJsonValue(QJsonValue::Null) : nothing; }

    void setValue(const QJsonValue &value) override
    {
        if (value.isUndefined() || (value.isNull() && m_nullable)) {
            choose(value.isNull() ? Null : m_box->itemData(0).toInt());
            if (m_field)
                m_field->setValue(nothing);
            return;
        }
        int best = 0, score = -1000;
        for (int i = 0; i < int(m_variants.size()); ++i) {
            const int fit = fitness(readSchema(m_variants[size_t(i)], m_context->root), value, m_context->root);
            if (fit > score) {
                best = i;
                score = fit;
            }
        }
        choose(best);
        m_field->setValue(value);
    }

private:
    enum { Left = -1, Null = -2 };
    void choose(int variant)
    {
        m_box->setCurrentIndex(m_box->findData(variant));
        if (m_chosen == variant)
            return;
        m_chosen = variant;
        drop(m_field);
        m_field = nullptr;
        if (variant < 0)
            return;
        m_field = ArgumentField::make(m_context, m_variants[size_t(variant)], m_path, true, m_depth + 1);
        m_layout->addWidget(m_field);
        connect(m_field, &ArgumentField::edited, this, &ArgumentField::edited);
    }

    std::vector<QJsonObject> m_variants;
    QString m_path;
    bool m_nullable;
    int m_depth;
    int m_chosen = -3;
    QVBoxLayout *m_layout;
    QComboBox *m_box;
};

// A group that need not be there: a button until somebody wants it. That keeps long forms short, and recursive schemas finite.
class OptionalField : public HolderField
{
public:
    OptionalField(const ArgumentContextPtr &context, SchemaFacts facts, const QString &path, int depth)
        : HolderField(context), m_facts(std::move(facts)), m_path(path), m_depth(depth)
    {
        m_layout = new QHBoxLayout(this);
        m_layout->setContentsMargins(0, 0, 0, 0);
        m_layout->setSpacing(metrics::GapSmall);
        m_add = new Button(tr("Add"), ButtonRole::Ghost);
        m_add->setObjectName(QStringLiteral("argument-set-") + path);
        m_add->setIcon(context->theme->icon(QStringLiteral("plus")));
        m_add->setToolTip(tr("Left out now; give it a value"));
        m_layout->addWidget(m_add, 0, Qt::AlignLeft | Qt::AlignTop);
        setFocusProxy(m_add);
        connect(m_add, &QAbstractButton::clicked, this, [this] {
            build();
            Q_EMIT edited();
        });
    }

    QJsonValue value() const override { return m_field ? m_field->value() : m_null ? QJsonValue(QJsonValue::Null) : nothing; }
    void setValue(const QJsonValue &value) override
    {
        m_null = value.isNull();
        if (value.isUndefined() || value.isNull())
            return clear();
        build();
        m_field->setValue(value);
    }

private:
    void build()
    {
        m_null = false;
        if (m_field)
            return;
        m_field = makeGroupField(m_context, m_facts, m_path, true, m_depth + 1);
        m_remove = new IconButton(m_context->theme, QStringLiteral("close"), tr("Leave it out"), this);
        m_remove->setObjectName(QStringLiteral("argument-unset-") + m_path);
        m_remove->setCompact(true);
        m_layout->addWidget(m_field, 1);
        m_layout->addWidget(m_remove, 0, Qt::AlignTop);
        m_add->hide();
        setFocusProxy(m_field);
        connect(m_field, &ArgumentField::edited, this, &ArgumentField::edited);
        connect(m_remove, &QAbstractButton::clicked, this, [this] {
            clear();
            Q_EMIT edited();
        });
    }
    void clear()
    {
        if (!m_field)
            return;
        setFocusProxy(m_add);
        drop(m_field);
        drop(m_remove);
        m_field = nullptr;
        m_remove = nullptr;
        m_add->show();
    }

    SchemaFacts m_facts;
    QString m_path;
    int m_depth;
    QHBoxLayout *m_layout;
    Button *m_add;
    IconButton *m_remove = nullptr;
    bool m_null = false;
};
}

ArgumentField *makeGroupField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth)
{
    switch (facts.kind) {
    case SchemaFacts::Kind::Object:
        return new ObjectField(context, facts, path, required, depth);
    case SchemaFacts::Kind::List:
        return makeListField(context, facts, path, required, depth);
    case SchemaFacts::Kind::Variants:
        return new VariantField(context, facts, path, required, depth);
    default:
        return makeScalarField(context, facts, path, required);
    }
}

ArgumentField *ArgumentField::make(const ArgumentContextPtr &context, const QJsonValue &schema, const QString &path, bool required, int depth)
{
    SchemaFacts facts = readSchema(schema, context->root);
    --context->budget;
    if (depth >= MostGroups || context->budget <= 0) {
        if (isGroup(facts))
            facts.kind = SchemaFacts::Kind::Any; // as JSON
        return makeScalarField(context, facts, path, required);
    }
    if (!isGroup(facts))
        return makeScalarField(context, facts, path, required);
    // Lists show their own "Add"; objects and choices of forms that may be left out wait for being wanted.
    if (facts.kind == SchemaFacts::Kind::Object && !required)
        return new OptionalField(context, std::move(facts), path, depth);
    return makeGroupField(context, facts, path, required, facts.kind == SchemaFacts::Kind::Object ? depth + 1 : depth);
}

} // namespace lathe
