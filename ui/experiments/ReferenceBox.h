// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QComboBox>

namespace lathe {

// A choice among references ("reply@3") or models ("connection/model"). What the body holds is always shown, also when it exists no
// more. chosen() comes from a person only.
class ReferenceBox : public QComboBox
{
    Q_OBJECT
public:
    explicit ReferenceBox(QWidget *parent = nullptr);
    // The words for an empty reference; empty: there must be one.
    void setNone(const QString &text) { m_none = text; }
    // Artifacts of these kinds: the newest revision, the draft, each label, the last revisions.
    void fillArtifacts(Session *session, const std::vector<ArtifactKind> &kinds, bool withRevisions);
    // Models of all connections, as far as they tell; they are asked when the list is opened. Typing is allowed.
    void fillModels(Session *session);
    void setValue(const QString &reference);
    QString value() const;
    void showPopup() override;

Q_SIGNALS:
    void chosen(const QString &reference);

private:
    void add(const QString &text, const QString &reference);
    void askModels();
    Session *m_session = nullptr; // of models
    bool m_asked = false;
    QString m_none;
    QString m_value;
};

} // namespace lathe
