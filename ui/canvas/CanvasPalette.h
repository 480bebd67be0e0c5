// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

namespace lathe {

class FilterableList;
class NodeKindModel;

// The node kinds to add, by group: they are dragged onto a canvas, or added by Enter and double
// click.
class CanvasPalette : public QWidget
{
    Q_OBJECT
public:
    explicit CanvasPalette(Theme *theme, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(lathe::NodeKind kind);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    FilterableList *m_list;
    NodeKindModel *m_model;
};

} // namespace lathe
