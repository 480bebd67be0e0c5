// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/StatusGlyph.h"

#include <QWidget>

namespace lathe {

// A status glyph as a 16 px widget; the word is its tooltip and accessible name.
class StatusDot : public QWidget
{
    Q_OBJECT
public:
    explicit StatusDot(Theme *theme, Status status = Status::Idle, QWidget *parent = nullptr);
    Status status() const { return m_status; }
    void setStatus(Status status);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Theme *m_theme;
    Status m_status = Status::None;
};

} // namespace lathe
