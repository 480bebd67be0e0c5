// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpPromptMenu.h"

#include "ui/widgets/FilterableList.h"
#include "ui/widgets/Popover.h"
#include "ui/widgets/RowDelegate.h"

#include <QStandardItemModel>

namespace lathe {

void choosePrompt(Session *session, Theme *theme, QWidget *anchor, const QString &newTitle, std::function<void(ArtifactId)> done)
{
    auto *popover = new Popover(theme, anchor);
    popover->setObjectName(QStringLiteral("choose-prompt"));
    popover->setDeleteOnClose(true);
    auto *list = new FilterableList(theme, QObject::tr("Which prompt?"));
    list->setFixedSize(320, 300);
    auto *model = new QStandardItemModel(list);
    const auto add = [model](const QString &text, ArtifactId id, const QString &icon) {
        auto *item = new QStandardItem(text);
        item->setData(id.value, Qt::UserRole + 1);
        item->setData(icon, rowrole::Icon);
        model->appendRow(item);
    };
    add(newTitle, ArtifactId(), QStringLiteral("plus"));
    for (const ArtifactInfo &info : session->project().artifacts().list(ArtifactKind::Prompt))
        add(info.name, info.id, QStringLiteral("prompt"));
    list->setModel(model);
    list->setCurrentIndex(model->index(0, 0));
    const auto choose = [popover, done = std::move(done)](const QModelIndex &index) {
        if (!index.isValid())
            return;
        ArtifactId id;
        id.value = index.data(Qt::UserRole + 1).value<decltype(id.value)>();
        const auto chosen = done;
        popover->dismiss();
        chosen(id);
    };
    QObject::connect(list, &FilterableList::activated, popover, choose);
    QObject::connect(list->view(), &QAbstractItemView::clicked, popover, [list, choose] { choose(list->currentIndex()); });
    popover->setContent(list);
    popover->open();
}

} // namespace lathe
