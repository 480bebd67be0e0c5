// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

namespace lathe {

class Theme;

// The rows of a dataset as a filterable table. Rows can be copied.
class DatasetView : public QWidget
{
    Q_OBJECT
public:
    DatasetView(Session *session, Theme *theme, ArtifactId dataset, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
};

} // namespace lathe
