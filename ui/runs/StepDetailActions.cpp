// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepDetail.h"

#include "core/base/Json.h"
#include "core/session/Playground.h"
#include "core/session/TraceImport.h"
#include "core/session/WireRequest.h"
#include "core/trace/CopyAs.h"
#include "core/trace/StepWords.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/runs/StepStyle.h"
#include "ui/widgets/IconButton.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

namespace lathe {

QString StepDetail::plainText() const
{
    QString text = m_step.text;
    if (text.isEmpty() && m_step.error)
        text = m_step.error->message;
    if (text.isEmpty())
        text = m_systemText;
    return text.isEmpty() ? stepstyle::title(m_step) : text;
}

void StepDetail::copyText(const QString &text, const QString &what)
{
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT statusMessage(tr("%1 of step %2 is copied").arg(what, m_path));
}

void StepDetail::fillCopyMenu()
{
    QMenu *menu = m_copy->menu();
    menu->clear();
    menu->addAction(tr("Text"), this, [this] { copyText(plainText(), tr("The text")); });
    menu->addAction(tr("JSON"), this, [this] {
        QJsonObject record{{QStringLiteral("path"), m_step.path},
                           {QStringLiteral("kind"), stepKindName(m_step.kind)},
                           {QStringLiteral("name"), m_step.name},
                           {QStringLiteral("status"), stepStatusName(m_step.status)},
                           {QStringLiteral("start_us"), m_step.startUs},
                           {QStringLiteral("end_us"), m_step.endUs},
                           {QStringLiteral("attributes"), m_step.attributes},
                           {QStringLiteral("text"), m_step.text}};
        if (const StoredEntry *of = entry(m_path)) {
            record.insert(QStringLiteral("request"), requestJson());
            record.insert(QStringLiteral("outcome"), of->outcome);
        }
        copyText(QString::fromUtf8(json::pretty(record)), tr("The record"));
    });
    menu->addAction(tr("Path"), this, [this] { copyText(m_path, tr("The path")); });
    if (m_step.kind == StepKind::Tool) {
        menu->addAction(tr("Arguments"), this, [this] {
            copyText(callArguments(m_step), tr("What it was called with"));
        });
    }
    if (m_step.kind != StepKind::Model || !stepstyle::isOver(m_step.status))
        return;
    menu->addSeparator();
    if (!m_step.attributes.contains(QLatin1String("lathe.dialect")))
        menu->addAction(tr("As curl command"), this, &StepDetail::copyCurl);
    menu->addAction(tr("As dataset example (JSON line)"), this, &StepDetail::copyExample);
}

void StepDetail::copyCurl()
{
    m_action.cancel();
    m_action = CancelSource();
    runTask(
        this, m_session->wireRequest(m_run, m_path, m_action.token()),
        [this](const WireRequest &wire) {
            if (wire.url.isEmpty()) {
                Q_EMIT statusMessage(tr("The offline model answered this step: there is no request to copy"));
                return;
            }
            copyText(toCurl(wire.method, wire.url, wire.headers, wire.body, wire.secretName), tr("The curl command"));
        },
        [this](const Error &error) { Q_EMIT errorRaised(error); });
}

void StepDetail::copyExample()
{
    const auto request = stepRequest(*m_session, m_run, m_step);
    if (!request) {
        Q_EMIT errorRaised(request.error());
        return;
    }
    const PlaygroundSeed seed = playgroundSeed(*m_session, *request);
    copyText(QString::fromUtf8(toExampleLine(seed.input, QJsonObject(), m_step.text)), tr("The example"));
}

// The call as a prompt of its own with the input beside it, so that everything about it can be changed.
void StepDetail::openInPlayground()
{
    const auto request = stepRequest(*m_session, m_run, m_step);
    if (!request) {
        Q_EMIT errorRaised(request.error());
        return;
    }
    const PlaygroundSeed seed = playgroundSeed(*m_session, *request);
    const QString name = m_session->freeName(ArtifactKind::Prompt, QStringLiteral("run-%1-step-%2").arg(m_run.value).arg(
                                                                       QString(m_path).replace(QLatin1Char('.'), QLatin1Char('-')).left(40)));
    m_playground->setEnabled(false);
    runTask(
        this, m_session->createArtifact(ArtifactKind::Prompt, name, seed.promptBody),
        [this, seed, name](ArtifactId) {
            m_playground->setEnabled(true);
            VariantSpec variant;
            variant.prompt = name + QStringLiteral("@draft");
            if (!seed.model.connection.isEmpty() && !seed.model.model.isEmpty())
                variant.model = seed.model.connection + QLatin1Char('/') + seed.model.model;
            if (seed.temperature)
                variant.parameters.insert(QStringLiteral("temperature"), *seed.temperature);
            if (seed.maxTokens)
                variant.parameters.insert(QStringLiteral("max_output_tokens"), *seed.maxTokens);
            Playground &playground = m_session->playground();
            playground.clearRows();
            PlaygroundRow row = playground.rows().front();
            row.input = seed.input;
            row.variables = QJsonObject();
            playground.setRow(0, row);
            const int columns = int(playground.columns().size());
            const Result<void> added = columns < Playground::columnsMax ? playground.addColumn(variant) : playground.setColumn(columns - 1, variant);
            if (!added) {
                Q_EMIT errorRaised(added.error());
                return;
            }
            if (!seed.leftOut.isEmpty())
                Q_EMIT statusMessage(seed.leftOut.join(QLatin1Char(' ')));
            Q_EMIT openRequested(Location::page(Location::Kind::Playground));
        },
        [this](const Error &error) {
            m_playground->setEnabled(true);
            Q_EMIT errorRaised(error);
        });
}

} // namespace lathe
