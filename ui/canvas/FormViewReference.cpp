// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewReference.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/LinkLabel.h"

#include <QComboBox>
#include <QHBoxLayout>

namespace lathe {

FormViewReference::FormViewReference(Session *session, Theme *theme, ArtifactKind kind, QWidget *parent)
    : QWidget(parent), m_session(session), m_kind(kind)
{
    auto *line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(metrics::GapSmall);
    m_box = new QComboBox(this);
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(8);
    m_open = new LinkLabel(theme, tr("Open"), this);
    m_open->setToolTip(tr("Open what is chosen"));
    const QString what = artifactKindName(kind);
    m_new = new IconButton(theme, QStringLiteral("plus"), kind == ArtifactKind::Agent ? tr("New agent") : tr("New %1").arg(what), this);
    line->addWidget(m_box, 1);
    line->addWidget(m_open);
    line->addWidget(m_new);
    setFocusProxy(m_box);
    connect(m_box, &QComboBox::activated, this, [this](int row) {
        m_value = m_box->itemData(row).toString();
        showLink();
        Q_EMIT chosen(m_value);
    });
    connect(m_open, &QAbstractButton::clicked, this, [this] {
        const auto ref = ArtifactRef::parse(m_value);
        const auto id = ref ? m_session->project().artifacts().find(m_kind, ref->name) : std::nullopt;
        if (id)
            Q_EMIT openRequested(Location::ofArtifact(*id, ref->number));
    });
    connect(m_new, &QAbstractButton::clicked, this, [this] { Q_EMIT createRequested(m_kind); });
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &FormViewReference::fill);
    connect(artifacts, &ArtifactRepository::changed, this, &FormViewReference::fill);
    fill();
}

void FormViewReference::fill()
{
    m_box->clear();
    m_box->addItem(m_none, QString());
    for (const ArtifactInfo &info : m_session->project().artifacts().list(m_kind)) {
        m_box->addItem(info.name, info.name);
        m_box->setItemData(m_box->count() - 1, tr("The newest revision; a draft run uses the draft"), Qt::ToolTipRole);
        for (const auto &[label, number] : info.labels) {
            const QString labelled = QStringLiteral("%1@%2").arg(info.name, label);
            m_box->addItem(labelled, labelled);
        }
    }
    setValue(m_value);
}

void FormViewReference::setNone(const QString &words)
{
    m_none = words;
    fill();
}

void FormViewReference::setValue(const QString &reference)
{
    m_value = reference;
    int row = reference.isEmpty() ? 0 : m_box->findData(reference);
    if (row < 0) {
        m_box->addItem(reference, reference); // nothing changes by looking
        row = m_box->count() - 1;
    }
    if (m_box->currentIndex() != row)
        m_box->setCurrentIndex(row);
    showLink();
}

void FormViewReference::showLink()
{
    const auto ref = ArtifactRef::parse(m_value);
    m_open->setEnabled(ref && m_session->project().artifacts().find(m_kind, ref->name));
}

void FormViewReference::setEditable(bool editable)
{
    m_box->setEnabled(editable);
    m_new->setVisible(editable);
}

} // namespace lathe
