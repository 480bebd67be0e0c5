// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QLineEdit;

namespace lathe {

// The second page of the add sheet: what was understood, and what is still to be decided. Destroying it stops what is under way.
class AddToolStep : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;
    virtual QString title() const = 0;
    virtual QString primaryText() const = 0; // of the sheet's brass button
    virtual bool canGoOn() const = 0;        // whether it can be pressed
    virtual void goOn() = 0;                 // it was pressed

Q_SIGNALS:
    void stateChanged(); // texts and canGoOn()
    void created(const QList<lathe::ArtifactId> &tools, const QString &message);
};

// The rows "NAME  [value]" of secrets that a tool needs: values that were found in what was pasted, and empty fields for the others that
// are not kept yet. Values leave this widget only into Session::storeSecret.
class AddToolSecrets : public QWidget
{
    Q_OBJECT
public:
    AddToolSecrets(Session *session, Theme *theme, QWidget *parent = nullptr);
    // All secrets that `body` names by {{secret:NAME}}, with the values that are known.
    void setSecrets(const QJsonObject &body, const QList<std::pair<QString, QString>> &found);
    bool isEmpty() const { return m_names.isEmpty(); }
    QStringList names() const { return m_names; }
    // Stores what was typed or found. Errors: of the keychain, with what to do instead.
    Task<Result<void>> store();
    void focusField(); // the first one that holds something, else the first

private:
    static Task<Result<void>> storeAll(Session *session, QList<std::pair<QString, QString>> values);
    Session *m_session;
    Theme *m_theme;
    QStringList m_names;
    QWidget *m_rows = nullptr;
    std::vector<std::pair<QString, QLineEdit *>> m_fields;
};

// The names in {{secret:NAME}} anywhere in a value, in order, each once.
QStringList secretNames(const QJsonValue &value);
// Makes tools one after the other; names that are taken get a number. Ends with the first error; what was made by then stays.
Task<Result<QList<ArtifactId>>> createTools(Session *session, std::vector<std::pair<QString, QJsonObject>> tools);

} // namespace lathe
