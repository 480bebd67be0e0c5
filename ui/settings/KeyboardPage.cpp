// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/KeyboardPage.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/KeyHint.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/SectionHeader.h"

#include <QAction>
#include <QGridLayout>
#include <QVBoxLayout>

namespace lathe {

KeyboardPage::KeyboardPage(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("settings-keyboard"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    layout->addWidget(new SectionHeader(theme, tr("Keyboard"), SectionHeader::Level::Page, this));
    m_filter = new SearchField(theme, tr("Filter shortcuts"), this);
    m_filter->setObjectName(QStringLiteral("keyboard-filter"));
    m_filter->setMaximumWidth(320);
    layout->addWidget(m_filter);
    layout->addStretch(1);
    connect(m_filter, &SearchField::searchChanged, this, &KeyboardPage::rebuild);
}

void KeyboardPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    rebuild(m_filter->text());
}

std::vector<KeyboardPage::Entry> KeyboardPage::entries() const
{
    std::vector<Entry> list;
    for (const QAction *action : window()->findChildren<QAction *>()) {
        if (!action->objectName().isEmpty() && !action->shortcut().isEmpty() && action->shortcutContext() != Qt::WidgetShortcut)
            list.push_back({tr("Window"), action->text().remove(QLatin1Char('&')), action->shortcut().toString(QKeySequence::NativeText)});
    }
    const std::pair<QString, QStringList> inside[] = {
        {tr("Texts"), {tr("Find"), QStringLiteral("Ctrl+F"), tr("Next match"), QStringLiteral("F3"), tr("Next problem"), QStringLiteral("F8"),
                       tr("Complete a variable"), QStringLiteral("Ctrl+Space")}},
        {tr("Revisions"), {tr("Restore into draft"), QStringLiteral("Ctrl+Return"), tr("Compare with draft"), QStringLiteral("Ctrl+D"),
                           tr("Compare with previous"), QStringLiteral("Ctrl+Shift+D"), tr("Set a label"), QStringLiteral("Ctrl+L"),
                           tr("Copy text"), QStringLiteral("Ctrl+C")}},
        {tr("Comparison"), {tr("Next change"), QStringLiteral("F8"), tr("Previous change"), QStringLiteral("Shift+F8"), tr("Close"), QStringLiteral("Esc")}},
        {tr("JSON trees"), {tr("Filter"), QStringLiteral("Ctrl+F"), tr("Copy value"), QStringLiteral("Ctrl+C"), tr("Copy path"), QStringLiteral("Ctrl+Shift+C")}},
    };
    for (const auto &[section, pairs] : inside) {
        for (qsizetype i = 0; i + 1 < pairs.size(); i += 2)
            list.push_back({section, pairs[i], pairs[i + 1]});
    }
    return list;
}

void KeyboardPage::rebuild(const QString &query)
{
    if (m_table) {
        m_table->hide();
        m_table->deleteLater();
    }
    m_table = new QWidget(this);
    auto *grid = new QGridLayout(m_table);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(metrics::GapLarge);
    grid->setVerticalSpacing(0);
    grid->setColumnMinimumWidth(0, 280);
    grid->setColumnStretch(2, 1);
    QString section;
    int row = 0;
    for (const Entry &entry : entries()) {
        if (!query.isEmpty() && !(entry.what + QLatin1Char(' ') + entry.keys + QLatin1Char(' ') + entry.section).contains(query, Qt::CaseInsensitive))
            continue;
        if (entry.section != section) {
            section = entry.section;
            auto *head = new Label(m_theme, section, Label::Style::Caption, m_table);
            head->setMinimumHeight(row == 0 ? metrics::RowHeight : metrics::RowHeight + 8);
            head->setAlignment(Qt::AlignLeft | Qt::AlignBottom);
            grid->addWidget(head, row++, 0, 1, 2);
        }
        auto *what = new Label(m_theme, entry.what, Label::Style::Body, m_table);
        what->setMinimumHeight(metrics::RowHeight);
        grid->addWidget(what, row, 0);
        grid->addWidget(new KeyHint(m_theme, QKeySequence(entry.keys), m_table), row++, 1, Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (row == 0)
        grid->addWidget(new Label(m_theme, tr("No shortcut fits \"%1\".").arg(query.left(60)), Label::Style::Hint, m_table), 0, 0);
    static_cast<QVBoxLayout *>(layout())->insertWidget(2, m_table);
    m_table->show();
}

} // namespace lathe
