// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/widgets/Popover.h"

class QLineEdit;
class QListView;
class QStandardItemModel;

namespace lathe {

// Which tag to put on runs, or to take off them: tags of the project filtered as one types, a new one as it stands. Those that all the
// runs carry have a tick and are taken off. Deletes itself when closed.
class RunTagPopover : public Popover
{
    Q_OBJECT
public:
    RunTagPopover(Session *session, Theme *theme, QWidget *anchor, QStringList carried);
    QLineEdit *field() const { return m_field; }

Q_SIGNALS:
    void addRequested(const QString &tag); // the popover is closed already
    void removeRequested(const QString &tag);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    QWidget *firstFocus() const override;

private:
    void fill();
    void take(const QModelIndex &index);
    Session *m_session;
    QStringList m_carried;
    QStringList m_known; // of the project
    QStandardItemModel *m_model;
    QLineEdit *m_field;
    QListView *m_list;
    CancelSource m_cancel;
};

} // namespace lathe
