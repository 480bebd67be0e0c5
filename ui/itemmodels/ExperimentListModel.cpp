// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ExperimentListModel.h"

#include "core/evaluation/ExperimentSpec.h"
#include "ui/itemmodels/Format.h"

namespace lathe {

ExperimentListModel::ExperimentListModel(Session *session, QObject *parent) : QAbstractTableModel(parent), m_session(session)
{
    auto *artifacts = &session->project().artifacts();
    const auto follow = [this](ArtifactId id) {
        const auto info = m_session->project().artifacts().info(id);
        if (info && info->kind == ArtifactKind::Experiment)
            reload();
    };
    connect(artifacts, &ArtifactRepository::added, this, follow);
    connect(artifacts, &ArtifactRepository::changed, this, follow);
    connect(artifacts, &ArtifactRepository::draftChanged, this, follow);
    reload();
}

void ExperimentListModel::setFilter(const QString &words)
{
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    reload();
}

void ExperimentListModel::reload()
{
    auto artifacts = m_session->project().artifacts().list(ArtifactKind::Experiment);
    m_total = int(artifacts.size());
    std::stable_sort(artifacts.begin(), artifacts.end(), [](const ArtifactInfo &a, const ArtifactInfo &b) { return a.changedUs > b.changedUs; });
    std::vector<Row> rows;
    for (const ArtifactInfo &info : artifacts) {
        Row row;
        row.id = info.id;
        row.name = info.name;
        row.changedUs = info.changedUs;
        const auto draft = m_session->draft(info.id);
        if (const auto spec = draft ? ExperimentSpec::fromJson(draft->body) : Result<ExperimentSpec>(ExperimentSpec())) {
            row.question = spec->question;
            row.dataset = spec->dataset;
            row.conclusion = spec->conclusion;
            QStringList names;
            for (const VariantSpec &variant : spec->variants) {
                const QString shown = !variant.name.isEmpty() ? variant.name : !variant.prompt.isEmpty() ? variant.prompt : variant.agent;
                names.append(variant.name.isEmpty() && !variant.model.isEmpty() && shown == variant.agent ? shown + QStringLiteral(" on ") + variant.model : shown);
            }
            row.variants = names.join(QStringLiteral(", "));
        }
        const bool fits = std::all_of(m_words.begin(), m_words.end(), [&row](const QString &word) {
            return row.name.contains(word, Qt::CaseInsensitive) || row.question.contains(word, Qt::CaseInsensitive) || row.variants.contains(word, Qt::CaseInsensitive);
        });
        if (fits)
            rows.push_back(std::move(row));
    }
    if (rows.size() == m_rows.size() && std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const Row &a, const Row &b) { return a.id == b.id; })) {
        m_rows = std::move(rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    if (!m_rows.empty()) {
        beginRemoveRows({}, 0, rowCount() - 1);
        m_rows.clear();
        endRemoveRows();
    }
    if (rows.empty())
        return;
    beginInsertRows({}, 0, int(rows.size()) - 1);
    m_rows = std::move(rows);
    endInsertRows();
}

QVariant ExperimentListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[size_t(index.row())];
    if (role == DetailRole)
        return index.column() == Question ? row.question.isEmpty() ? row.conclusion : row.conclusion.isEmpty() ? row.name : row.name + QStringLiteral("  \u00b7  ") + row.conclusion : QString();
    if (role == Qt::ToolTipRole)
        return index.column() == Changed ? format::dateTime(row.changedUs) : QVariant();
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Question:
        return row.question.isEmpty() ? row.name : row.question;
    case Variants:
        return row.variants;
    case Dataset:
        return row.dataset;
    case Changed:
        return format::ago(row.changedUs, m_session->clock().nowUs());
    default:
        return {};
    }
}

QVariant ExperimentListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    static const QStringList titles{tr("Question"), tr("Variants"), tr("Dataset"), tr("Changed")};
    return titles.value(section);
}

} // namespace lathe
