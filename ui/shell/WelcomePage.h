// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QVBoxLayout;

namespace lathe {

class InlineMessage;
class Theme;

// Shown while no project is open: recent projects, New, Open, samples.
class WelcomePage : public QWidget
{
    Q_OBJECT
public:
    explicit WelcomePage(Theme *theme, QWidget *parent = nullptr);
    void setRecent(const QStringList &paths);
    void showError(const QString &message); // empty: none

Q_SIGNALS:
    void newRequested();
    void openRequested();
    void openPathRequested(const QString &path);
    void sampleRequested(const QString &id);

private:
    void fillRecent(const QStringList &paths);
    Theme *m_theme;
    QVBoxLayout *m_recent;
    InlineMessage *m_error;
};

} // namespace lathe
