// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/ReferenceBox.h"

#include "ui/itemmodels/UiTask.h"

#include <QLineEdit>
#include <QWheelEvent>

namespace lathe {

namespace {
constexpr int mostRevisions = 8;
}

ReferenceBox::ReferenceBox(QWidget *parent) : QComboBox(parent)
{
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(10);
    setFocusPolicy(Qt::StrongFocus);
    connect(this, &QComboBox::activated, this, [this](int row) {
        m_value = itemData(row).toString();
        if (isEditable())
            setEditText(m_value);
        Q_EMIT chosen(m_value);
    });
}

void ReferenceBox::add(const QString &text, const QString &reference)
{
    if (findData(reference) < 0)
        addItem(text, reference);
}

void ReferenceBox::fillArtifacts(Session *session, const std::vector<ArtifactKind> &kinds, bool withRevisions)
{
    clear();
    if (!m_none.isEmpty())
        addItem(m_none, QString());
    for (const ArtifactKind kind : kinds) {
        const auto artifacts = session->project().artifacts().list(kind);
        for (const ArtifactInfo &info : artifacts) {
            const QString team = kind == ArtifactKind::Team ? tr(" (team)") : QString();
            add(info.name + team, info.name);
            if (!withRevisions)
                continue;
            if (info.hasDraft)
                add(info.name + QStringLiteral("@draft") + team, info.name + QStringLiteral("@draft"));
            for (const auto &[label, number] : info.labels)
                add(QStringLiteral("%1@%2").arg(info.name, label) + team, QStringLiteral("%1@%2").arg(info.name, label));
            for (int number = info.latestNumber; number > std::max(0, info.latestNumber - mostRevisions) && info.latestNumber > 1; --number)
                add(QStringLiteral("%1@%2").arg(info.name).arg(number) + team, QStringLiteral("%1@%2").arg(info.name).arg(number));
        }
    }
    setValue(m_value);
}

void ReferenceBox::fillModels(Session *session)
{
    setEditable(true);
    setInsertPolicy(QComboBox::NoInsert);
    lineEdit()->setPlaceholderText(m_none.isEmpty() ? tr("connection/model") : m_none);
    disconnect(lineEdit(), &QLineEdit::textEdited, this, nullptr);
    connect(lineEdit(), &QLineEdit::textEdited, this, [this](const QString &text) {
        m_value = text.trimmed();
        Q_EMIT chosen(m_value);
    });
    clear();
    if (!m_none.isEmpty())
        addItem(m_none, QString());
    m_session = session;
    m_asked = false;
    setValue(m_value);
}

void ReferenceBox::showPopup()
{
    if (m_session && !std::exchange(m_asked, true))
        askModels();
    QComboBox::showPopup();
}

void ReferenceBox::askModels()
{
    const auto connections = m_session->project().artifacts().list(ArtifactKind::Connection);
    for (const ArtifactInfo &info : connections) {
        runTask(this, m_session->listModels(info.name, CancelToken()), [this, name = info.name](const QStringList &models) {
            const QSignalBlocker blocker(this);
            for (const QString &model : models)
                add(name + QLatin1Char('/') + model, name + QLatin1Char('/') + model);
            setValue(m_value);
        }, [](const Error &) {}); // the name can be typed; a bad connection shows when it is tested or run
    }
}

void ReferenceBox::setValue(const QString &reference)
{
    m_value = reference;
    const QSignalBlocker blocker(this);
    int row = findData(reference);
    if (row < 0 && !reference.isEmpty() && !isEditable()) {
        addItem(reference, reference);
        row = count() - 1;
    }
    setCurrentIndex(row);
    if (isEditable() && lineEdit()->text() != reference && !lineEdit()->hasFocus())
        setEditText(reference);
}

QString ReferenceBox::value() const
{
    return m_value;
}

} // namespace lathe
