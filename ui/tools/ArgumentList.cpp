// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ArgumentField.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/FormField.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

namespace lathe {

using namespace argumentparts;

namespace {
const QJsonValue nothing(QJsonValue::Undefined);

// The elements of a list, one below the other.
class ListField : public ArgumentField
{
public:
    ListField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth)
        : ArgumentField(context), m_items(facts.schema.value(QStringLiteral("items"))), m_path(path), m_required(required), m_depth(depth),
          m_most(int(std::clamp<double>(facts.schema.value(QStringLiteral("maxItems")).toDouble(MostItems), 0, MostItems)))
    {
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(metrics::GapSmall);
        m_rows = new QVBoxLayout;
        m_rows->setSpacing(metrics::GapSmall);
        layout->addLayout(m_rows);
        m_add = new Button(tr("Add item"), ButtonRole::Ghost);
        m_add->setObjectName(QStringLiteral("argument-add-") + path);
        m_add->setIcon(context->theme->icon(QStringLiteral("plus")));
        layout->addWidget(m_add, 0, Qt::AlignLeft);
        setFocusProxy(m_add);
        connect(m_add, &QAbstractButton::clicked, this, [this] {
            Row &row = addRow(nothing);
            (row.field->focusProxy() ? row.field->focusProxy() : row.field)->setFocus();
            Q_EMIT edited();
        });
        const int least = std::clamp(facts.schema.value(QStringLiteral("minItems")).toInt(), 0, 10);
        for (int i = 0; i < (required ? least : 0) && context->budget > 0; ++i)
            addRow(nothing);
    }

    QJsonValue value() const override
    {
        QJsonArray array;
        for (const auto &row : m_list) {
            const QJsonValue value = row->field->value();
            array.append(value.isUndefined() ? QJsonValue(QString()) : value);
        }
        for (const QJsonValue &value : m_rest)
            array.append(value);
        return array.isEmpty() && !m_required ? nothing : QJsonValue(array);
    }

    void setValue(const QJsonValue &value) override
    {
        const QJsonArray array = value.toArray();
        while (int(m_list.size()) > array.size())
            removeRow(m_list.back().get());
        m_rest = QJsonArray();
        for (int i = 0; i < int(array.size()); ++i) {
            if (i < int(m_list.size()))
                m_list[size_t(i)]->field->setValue(array[i]);
            else if (i < MostItems && m_context->budget > LastBudget)
                addRow(array[i]);
            else
                m_rest.append(array[i]); // what the form cannot show is not lost
        }
        renumber();
    }

    void findings(const QStringList &path, std::vector<Finding> *list) const override
    {
        for (size_t i = 0; i < m_list.size(); ++i)
            m_list[i]->field->findings(path + QStringList(QString::number(i)), list);
        if (!m_rest.isEmpty())
            list->push_back({path, tr("%1 more items are kept but not shown; see them as raw JSON.").arg(m_rest.size())});
    }

    bool showProblem(const QStringList &path, const QString &message, bool missing, bool strict) override
    {
        bool isNumber = false;
        const int index = path.isEmpty() ? -1 : path.first().toInt(&isNumber);
        if (!isNumber || index < 0 || size_t(index) >= m_list.size())
            return false;
        Row &row = *m_list[size_t(index)];
        if (!row.field->showProblem(path.mid(1), message, missing, strict) && row.line->problem().isEmpty())
            row.line->setProblem(Severity::Error, message);
        return true;
    }

    void clearProblems() override
    {
        for (const auto &row : m_list) {
            row->line->clearProblem();
            row->field->clearProblems();
        }
    }

private:
    struct Row {
        QWidget *box;
        Label *number;
        ArgumentField *field;
        FormField *line;
        IconButton *up;
        IconButton *down;
    };

    Row &addRow(const QJsonValue &value)
    {
        auto *box = new QWidget(this);
        auto *layout = new QHBoxLayout(box);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(metrics::GapSmall);
        const QString path = QStringLiteral("%1/%2").arg(m_path).arg(m_made++);
        auto *number = new Label(m_context->theme, QString(), Label::Style::Caption, box);
        number->setFixedSize(20, metrics::ControlHeight);
        ArgumentField *field = ArgumentField::make(m_context, m_items, path, true, m_depth + 1);
        auto *line = new FormField(m_context->theme, QString(), field, QString(), box);
        Theme *theme = m_context->theme;
        auto *up = new IconButton(theme, QStringLiteral("chevron-up"), tr("Move up"), box);
        auto *down = new IconButton(theme, QStringLiteral("chevron-down"), tr("Move down"), box);
        auto *remove = new IconButton(theme, QStringLiteral("close"), tr("Remove"), box);
        remove->setObjectName(QStringLiteral("argument-remove-") + path);
        up->setObjectName(QStringLiteral("argument-up-") + path);
        down->setObjectName(QStringLiteral("argument-down-") + path);
        layout->addWidget(number, 0, Qt::AlignTop);
        layout->addWidget(line, 1);
        for (IconButton *button : {up, down, remove}) {
            button->setCompact(true);
            layout->addWidget(button, 0, Qt::AlignTop);
        }
        m_rows->addWidget(box);
        m_list.push_back(std::make_unique<Row>(Row{box, number, field, line, up, down}));
        Row *row = m_list.back().get();
        const SchemaFacts facts = readSchema(m_items, m_context->root);
        if (!value.isUndefined())
            field->setValue(value);
        else if (const QJsonValue first = facts.schema.value(QStringLiteral("default")); !first.isUndefined())
            field->setValue(first);
        connect(field, &ArgumentField::edited, this, &ArgumentField::edited);
        connect(up, &QAbstractButton::clicked, this, [this, row] { move(row, -1); });
        connect(down, &QAbstractButton::clicked, this, [this, row] { move(row, 1); });
        connect(remove, &QAbstractButton::clicked, this, [this, row] {
            removeRow(row);
            Q_EMIT edited();
        });
        renumber();
        return *row;
    }

    void removeRow(Row *row)
    {
        const auto at = std::find_if(m_list.begin(), m_list.end(), [row](const auto &one) { return one.get() == row; });
        if (at == m_list.end())
            return;
        drop(row->box);
        m_list.erase(at);
        renumber();
    }

    void move(Row *row, int by)
    {
        const auto at = std::find_if(m_list.begin(), m_list.end(), [row](const auto &one) { return one.get() == row; });
        const auto from = at - m_list.begin();
        const auto to = from + by;
        if (at == m_list.end() || to < 0 || size_t(to) >= m_list.size())
            return;
        std::swap(m_list[size_t(from)], m_list[size_t(to)]);
        m_rows->removeWidget(row->box);
        m_rows->insertWidget(int(to), row->box);
        renumber();
        Q_EMIT edited();
    }

    void renumber()
    {
        for (size_t i = 0; i < m_list.size(); ++i) {
            m_list[i]->number->setText(QString::number(i + 1));
            m_list[i]->up->setEnabled(i > 0);
            m_list[i]->down->setEnabled(i + 1 < m_list.size());
        }
        m_add->setEnabled(int(m_list.size()) < m_most && m_rest.isEmpty());
    }

    QJsonValue m_items;
    QString m_path;
    bool m_required;
    int m_depth;
    int m_most;
    int m_made = 0;
    QVBoxLayout *m_rows;
    Button *m_add;
    std::vector<std::unique_ptr<Row>> m_list;
    QJsonArray m_rest;
};
}

ArgumentField *makeListField(const ArgumentContextPtr &context, const SchemaFacts &facts, const QString &path, bool required, int depth)
{
    return new ListField(context, facts, path, required, depth);
}

} // namespace lathe
