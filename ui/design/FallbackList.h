// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QJsonArray>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class Theme;

// The models tried when the first one fails: rows of connection and model, in order.
class FallbackList : public QWidget
{
    Q_OBJECT
public:
    FallbackList(Session *session, Theme *theme, QWidget *parent = nullptr);
    void setValue(const QJsonArray &value);

Q_SIGNALS:
    void edited(const QJsonArray &value);

private:
    void rebuild();
    void change(int row, const QString &key, const QString &text);
    Session *m_session;
    Theme *m_theme;
    QVBoxLayout *m_rows;
    QJsonArray m_value;
};

} // namespace lathe
