// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/SampleSource.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QMimeData>

namespace lathe {

namespace {
constexpr int RunsAsked = 400;
constexpr qsizetype MostDropped = 4 * 1024 * 1024;
enum Kind { ByHand, Runs, Rows };
constexpr int KindRole = Qt::UserRole;
constexpr int NameRole = Qt::UserRole + 1;

std::optional<QJsonObject> droppedObject(const QMimeData *data)
{
    for (const QString &type : {QString::fromLatin1(SampleSource::runMime), QStringLiteral("application/json"), QStringLiteral("text/plain")}) {
        if (!data->hasFormat(type))
            continue;
        const QByteArray bytes = data->data(type).trimmed();
        if (bytes.size() > MostDropped || !bytes.startsWith('{'))
            continue;
        if (auto object = json::parseObject(bytes))
            return std::move(*object);
    }
    return std::nullopt;
}
}

SampleSource::SampleSource(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent)
    : QWidget(parent), m_session(session), m_theme(theme), m_prompt(prompt)
{
    auto *line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::GapSmall);
    m_source = new QComboBox(this);
    m_source->setObjectName(QStringLiteral("prompt-sample-source"));
    m_source->setAccessibleName(tr("Where sample values come from"));
    m_source->setToolTip(tr("Sample values: by hand, from a dataset's rows, or from past runs. A run dropped here gives its input."));
    m_source->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_source->setMinimumContentsLength(10);
    line->addWidget(m_source, 1);
    m_previous = new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous"), this);
    m_previous->setObjectName(QStringLiteral("prompt-sample-previous"));
    m_place = new Label(theme, QString(), Label::Style::Caption, this);
    m_place->setObjectName(QStringLiteral("prompt-sample-place"));
    m_next = new IconButton(theme, QStringLiteral("chevron-right"), tr("Next"), this);
    m_next->setObjectName(QStringLiteral("prompt-sample-next"));
    line->addWidget(m_previous);
    line->addWidget(m_place);
    line->addWidget(m_next);
    connect(m_source, &QComboBox::activated, this, &SampleSource::choose);
    connect(m_previous, &QAbstractButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QAbstractButton::clicked, this, [this] { step(1); });
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &SampleSource::refresh);
    connect(artifacts, &ArtifactRepository::changed, this, &SampleSource::refresh);
    refresh();
    showPosition();
}

SampleSource::~SampleSource()
{
    m_cancel.cancel();
}

void SampleSource::refresh()
{
    std::vector<std::tuple<QString, int, QString>> wanted{{tr("Values by hand"), ByHand, QString()}, {tr("Past runs"), Runs, QString()}};
    for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Dataset))
        wanted.emplace_back(tr("Dataset %1").arg(info.name), Rows, info.name);
    bool same = int(wanted.size()) == m_source->count();
    for (int i = 0; same && i < m_source->count(); ++i)
        same = m_source->itemText(i) == std::get<0>(wanted[size_t(i)]);
    if (same)
        return;
    const QString chosen = m_source->currentText();
    m_source->clear();
    for (const auto &[text, kind, name] : wanted) {
        m_source->addItem(text);
        m_source->setItemData(m_source->count() - 1, kind, KindRole);
        m_source->setItemData(m_source->count() - 1, name, NameRole);
    }
    m_source->setCurrentIndex(std::max(0, m_source->findText(chosen)));
}

int SampleSource::count() const
{
    const int kind = m_source->currentData(KindRole).toInt();
    return kind == Rows ? int(m_dataset.rows.size()) : kind == Runs ? int(m_runs.size()) : 0;
}

void SampleSource::useByHand()
{
    m_source->setCurrentIndex(0);
    showPosition();
}

void SampleSource::choose(int)
{
    m_at = 0;
    m_dataset = {};
    m_runs.clear();
    m_cancel.cancel();
    m_cancel = CancelSource();
    const int kind = m_source->currentData(KindRole).toInt();
    if (kind == Rows) {
        auto dataset = m_session->dataset(m_source->currentData(NameRole).toString());
        if (!dataset)
            return Q_EMIT errorRaised(dataset.error());
        m_dataset = std::move(*dataset);
        showPosition();
        give();
    } else if (kind == Runs) {
        m_place->setText(tr("looking ..."));
        RunQuery query;
        query.limit = RunsAsked;
        const auto own = m_session->project().artifacts().info(m_prompt);
        const QByteArray mark = '"' + (own ? own->name.toUtf8() : QByteArray()) + '@';
        runTask(this, m_session->project().runs().query(query, m_cancel.token()), [this, mark](std::vector<RunInfo> runs) {
            for (RunInfo &run : runs) {
                if (json::compact(run.revisions).contains(mark))
                    m_runs.push_back(std::move(run));
            }
            showPosition();
            give();
        }, [this](const Error &error) {
            if (error.kind != ErrorKind::Cancelled)
                Q_EMIT errorRaised(error);
        });
    } else {
        showPosition();
    }
}

void SampleSource::step(int by)
{
    const int to = m_at + by;
    if (to < 0 || to >= count())
        return;
    m_at = to;
    showPosition();
    give();
}

void SampleSource::showPosition()
{
    const int kind = m_source->currentData(KindRole).toInt();
    const int all = count();
    for (QWidget *part : {static_cast<QWidget *>(m_previous), static_cast<QWidget *>(m_place), static_cast<QWidget *>(m_next)})
        part->setVisible(kind != ByHand);
    m_previous->setEnabled(m_at > 0);
    m_next->setEnabled(m_at + 1 < all);
    m_place->setToolTip(QString());
    if (kind == Rows) {
        m_place->setText(all == 0 ? tr("no rows") : tr("row %1 of %2").arg(m_at + 1).arg(format::number(all)));
    } else if (kind == Runs) {
        if (all == 0) {
            m_place->setText(tr("none yet"));
            m_place->setToolTip(tr("No run has used this prompt; run an agent that does."));
        } else {
            const RunInfo &run = m_runs[size_t(m_at)];
            m_place->setText(tr("run %1 (%2 of %3)").arg(run.id.value).arg(m_at + 1).arg(all));
            m_place->setToolTip(tr("%1, %2").arg(run.agentName, format::ago(run.startUs, m_session->clock().nowUs())));
        }
    }
}

QJsonObject SampleSource::valuesOfInput(const QJsonObject &input)
{
    QJsonObject values = input.value(QStringLiteral("variables")).toObject();
    if (!values.contains(QStringLiteral("input")))
        values.insert(QStringLiteral("input"), input.value(QStringLiteral("text")).toString());
    return values;
}

void SampleSource::give()
{
    if (m_at >= count())
        return;
    if (m_source->currentData(KindRole).toInt() == Rows)
        return Q_EMIT taken(m_dataset.rowObject(m_at));
    // The list has excerpts only.
    const auto run = m_session->project().runs().run(m_runs[size_t(m_at)].id);
    if (!run)
        return Q_EMIT errorRaised(run.error());
    Q_EMIT taken(valuesOfInput(run->inputJson));
}

bool SampleSource::canTake(const QMimeData *data)
{
    return droppedObject(data).has_value();
}

std::optional<QJsonObject> SampleSource::valuesOf(const QMimeData *data) const
{
    const auto object = droppedObject(data);
    if (!object)
        return std::nullopt;
    if (object->value(QStringLiteral("run")).isDouble()) {
        const auto run = m_session->project().runs().run(RunId{object->value(QStringLiteral("run")).toInteger()});
        if (!run)
            return std::nullopt;
        return valuesOfInput(run->inputJson);
    }
    if (object->value(QStringLiteral("variables")).isObject() || (object->size() == 1 && object->contains(QStringLiteral("text"))))
        return valuesOfInput(*object);
    return *object;
}

} // namespace lathe
