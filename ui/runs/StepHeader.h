// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/StepStyle.h"
#include "ui/theme/TabularFont.h"

#include <QAbstractButton>

namespace lathe {

// The title line of a step: kind icon, name, state, numbers; a click folds what is below.
class StepHeader : public QAbstractButton
{
    Q_OBJECT
public:
    explicit StepHeader(Theme *theme, QWidget *parent = nullptr);
    void setStep(const Step &step, qint64 nowUs);
    void setTitle(const QString &icon, ColorToken color, const QString &title); // of something else than a step
    void setDetail(const QString &detail); // quiet text after the name
    void setVerdict(const QString &verdict); // the same, but where there is no room it is the name that is cut
    void setFoldable(bool foldable);
    void setOpen(bool open);
    bool isOpen() const { return m_open; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Theme *m_theme;
    TabularFont m_small;
    QString m_icon;
    ColorToken m_color = ColorToken::Text2;
    Status m_status = Status::None;
    QString m_title;
    QString m_detail;
    QString m_numbers;
    bool m_detailFirst = false;
    bool m_foldable = false;
    bool m_open = true;
};

// A quiet line with an icon: a retry, a denial, a fallback.
class NoteLine : public QWidget
{
    Q_OBJECT
public:
    NoteLine(Theme *theme, const stepstyle::NoteText &note, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    stepstyle::NoteText m_note;
};

} // namespace lathe
