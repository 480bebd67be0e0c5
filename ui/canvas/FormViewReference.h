// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

class QComboBox;

namespace lathe {

class IconButton;
class LinkLabel;
class Theme;

// A reference to an artifact of a kind: the project's names and labels to choose from, a link that opens it, a button that makes a
// new one. What is stored but does not exist is shown as it is.
class FormViewReference : public QWidget
{
    Q_OBJECT
public:
    FormViewReference(Session *session, Theme *theme, ArtifactKind kind, QWidget *parent = nullptr);
    void setValue(const QString &reference);
    void setNone(const QString &words); // what the empty choice says
    void setEditable(bool editable);
    QComboBox *box() const { return m_box; }

Q_SIGNALS:
    void chosen(const QString &reference);
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);

private:
    void fill();
    void showLink();
    Session *m_session;
    ArtifactKind m_kind;
    QComboBox *m_box;
    LinkLabel *m_open;
    IconButton *m_new;
    QString m_value, m_none;
};

} // namespace lathe
