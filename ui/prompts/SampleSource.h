// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QComboBox;
class QMimeData;

namespace lathe {

class IconButton;
class Label;

// Where sample values come from: written by hand, the rows of a dataset, or the inputs of past runs that used the prompt. One goes
// through them with "previous" and "next".
class SampleSource : public QWidget
{
    Q_OBJECT
public:
    // Runs can be dropped as this: JSON {"run": 12}. Plain text or "application/json" of the same shape, of a run's
    // input ({"text":..,"variables":{..}}), or of plain values is taken as well.
    static constexpr char runMime[] = "application/x-lathe-run";
    SampleSource(Session *session, Theme *theme, ArtifactId prompt, QWidget *parent = nullptr);
    ~SampleSource() override;
    // The values a drop stands for; nothing when it is none.
    std::optional<QJsonObject> valuesOf(const QMimeData *data) const;
    static bool canTake(const QMimeData *data);
    static QJsonObject valuesOfInput(const QJsonObject &input);
    void useByHand(); // without telling
    int position() const { return m_at; }
    int count() const;

Q_SIGNALS:
    void taken(const QJsonObject &values);
    void errorRaised(const lathe::Error &error);

private:
    void refresh(); // the choices
    void choose(int index);
    void step(int by);
    void showPosition();
    void give();
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_prompt;
    QComboBox *m_source;
    IconButton *m_previous;
    IconButton *m_next;
    Label *m_place;
    Dataset m_dataset;
    std::vector<RunInfo> m_runs;
    CancelSource m_cancel;
    int m_at = 0;
};

} // namespace lathe
