// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/TemplatePicker.h"

#include "ui/prompts/PromptHighlight.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/RowDelegate.h"
#include "ui/widgets/SearchField.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPointer>
#include <QStandardItemModel>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int IdRole = Qt::UserRole + 1;
constexpr int OwnRole = Qt::UserRole + 2;
constexpr int SheetWidth = 920;
constexpr int ContentHeight = 460;

// Role by role, as the text a person reads.
QString wholeText(const PromptSpec &spec)
{
    QString text = spec.text;
    for (const PromptMessage &message : spec.messages)
        text += QStringLiteral("\n\n\u2500\u2500 %1 \u2500\u2500\n").arg(message.role) + message.text;
    return text;
}
}

TemplatePicker::TemplatePicker(Theme *theme, QWidget *anchor, const QString &folder)
    : Sheet(theme, anchor, tr("Start from a template"), SheetWidth), m_look(theme), m_folder(folder)
{
    setObjectName(QStringLiteral("template-picker"));
    setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *columns = new QHBoxLayout(content);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(metrics::GapLarge);
    auto *left = new QVBoxLayout;
    left->setSpacing(metrics::Gap);
    m_search = new SearchField(theme, tr("Filter templates"), content);
    m_search->setObjectName(QStringLiteral("template-filter"));
    left->addWidget(m_search);
    m_list = new QListView(content);
    m_list->setObjectName(QStringLiteral("template-list"));
    m_list->setAccessibleName(tr("Templates"));
    m_list->setFixedWidth(330);
    m_list->setMouseTracking(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setUniformItemSizes(true);
    auto *delegate = new RowDelegate(theme, m_list);
    delegate->setTwoLines(true);
    m_list->setItemDelegate(delegate);
    m_model = new QStandardItemModel(m_list);
    m_list->setModel(m_model);
    left->addWidget(m_list, 1);
    m_bad = new InlineMessage(theme, Severity::Warning, QString(), content);
    m_bad->setObjectName(QStringLiteral("template-bad"));
    m_bad->setFixedWidth(330);
    m_bad->hide();
    left->addWidget(m_bad);
    columns->addLayout(left);
    auto *right = new QVBoxLayout;
    right->setSpacing(metrics::GapSmall);
    m_title = new Label(theme, QString(), Label::Style::Heading, content);
    m_use = new Label(theme, QString(), Label::Style::Body, content);
    m_use->setWordWrap(true);
    m_use->setTextFormat(Qt::PlainText);
    m_notes = new Label(theme, QString(), Label::Style::Secondary, content);
    m_notes->setWordWrap(true);
    m_notes->setTextFormat(Qt::PlainText);
    right->addWidget(m_title);
    right->addWidget(m_use);
    right->addWidget(m_notes);
    right->addSpacing(metrics::GapSmall);
    m_text = new CodeEditor(theme, content);
    m_text->setObjectName(QStringLiteral("template-text"));
    m_text->setAccessibleName(tr("Text of the template"));
    m_text->setReadOnly(true);
    m_text->setLineNumbersVisible(false);
    m_text->setTokenizer(prompthighlight::promptTokenizer(theme));
    right->addWidget(m_text, 1);
    columns->addLayout(right, 1);
    content->setMinimumHeight(ContentHeight);
    setContent(content);
    addCancel();
    m_delete = addButton(tr("Delete"), ButtonRole::Danger);
    m_delete->setObjectName(QStringLiteral("template-delete"));
    m_delete->setToolTip(tr("Delete this template of your own"));
    m_take = addButton(tr("Use template"), ButtonRole::Primary);
    m_take->setObjectName(QStringLiteral("template-use"));
    connect(m_take, &QAbstractButton::clicked, this, &TemplatePicker::accept);
    connect(m_delete, &QAbstractButton::clicked, this, &TemplatePicker::remove);
    connect(m_search, &SearchField::searchChanged, this, &TemplatePicker::fill);
    connect(m_search, &SearchField::accepted, this, &TemplatePicker::accept);
    connect(m_search, &SearchField::moveDown, this, [this] { m_list->setCurrentIndex(m_model->index(std::min(m_list->currentIndex().row() + 1, m_model->rowCount() - 1), 0)); });
    connect(m_search, &SearchField::moveUp, this, [this] { m_list->setCurrentIndex(m_model->index(std::max(m_list->currentIndex().row() - 1, 0), 0)); });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, &TemplatePicker::showCurrent);
    connect(m_list, &QListView::doubleClicked, this, &TemplatePicker::accept);
    m_list->installEventFilter(this);
    load();
}

QWidget *TemplatePicker::firstFocus() const
{
    return m_search;
}

bool TemplatePicker::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_list && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            accept();
            return true;
        }
        if (key == Qt::Key_Delete && m_delete->isVisibleTo(this)) {
            remove();
            return true;
        }
    }
    return Sheet::eventFilter(watched, event);
}

void TemplatePicker::load()
{
    m_own = readOwnTemplates(m_folder);
    QStringList bad;
    for (const OwnTemplates::Bad &one : m_own.bad)
        bad.append(one.message);
    m_bad->setMessage(Severity::Warning, bad.mid(0, 3).join(QLatin1Char('\n')) + (bad.size() > 3 ? tr("\nand %1 more").arg(bad.size() - 3) : QString()));
    m_bad->setVisible(!bad.isEmpty());
    fill();
}

void TemplatePicker::fill()
{
    const QString filter = m_search->text().trimmed();
    const PromptTemplate *before = current();
    const QString kept = before ? before->id : QString();
    m_model->clear();
    int select = 0;
    const auto add = [&](const PromptTemplate &prompt, bool own) {
        const QString all = prompt.title + QLatin1Char('\n') + prompt.use + QLatin1Char('\n') + prompt.spec.text;
        for (const QString &word : filter.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
            if (!all.contains(word, Qt::CaseInsensitive))
                return;
        }
        auto *item = new QStandardItem(prompt.title);
        item->setData(prompt.use, rowrole::Detail);
        item->setData(own ? tr("yours") : QString(), rowrole::Trailing);
        item->setData(prompt.use, Qt::ToolTipRole);
        item->setData(prompt.id, IdRole);
        item->setData(own, OwnRole);
        if (prompt.id == kept)
            select = m_model->rowCount();
        m_model->appendRow(item);
    };
    for (const PromptTemplate &prompt : m_own.templates)
        add(prompt, true);
    for (const PromptTemplate &prompt : shippedTemplates())
        add(prompt, false);
    m_list->setCurrentIndex(m_model->index(select, 0));
    showCurrent();
}

int TemplatePicker::shownCount() const
{
    return m_model->rowCount();
}

void TemplatePicker::select(const QString &id, bool own)
{
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        if (index.data(IdRole).toString() == id && index.data(OwnRole).toBool() == own)
            m_list->setCurrentIndex(index);
    }
}

const PromptTemplate *TemplatePicker::current() const
{
    const QModelIndex index = m_list->currentIndex();
    if (!index.isValid())
        return nullptr;
    const auto &all = index.data(OwnRole).toBool() ? m_own.templates : shippedTemplates();
    const QString id = index.data(IdRole).toString();
    const auto found = std::find_if(all.begin(), all.end(), [&](const PromptTemplate &prompt) { return prompt.id == id; });
    return found == all.end() ? nullptr : &*found;
}

void TemplatePicker::showCurrent()
{
    const PromptTemplate *prompt = current();
    m_take->setEnabled(prompt);
    m_delete->setVisible(prompt && m_list->currentIndex().data(OwnRole).toBool());
    m_title->setText(prompt ? prompt->title : tr("No template fits"));
    m_use->setText(prompt ? prompt->use : tr("Try another word."));
    m_notes->setText(prompt ? prompt->notes : QString());
    m_notes->setVisible(prompt && !prompt->notes.isEmpty());
    m_text->setText(prompt ? wholeText(prompt->spec) : QString());
    m_text->setVisible(prompt);
}

void TemplatePicker::accept()
{
    const PromptTemplate *prompt = current();
    if (!prompt)
        return;
    PromptTemplate taken = *prompt;
    taken.spec.templateName = taken.id;
    Q_EMIT chosen(taken);
    dismiss();
}

void TemplatePicker::remove()
{
    const PromptTemplate *prompt = current();
    if (!prompt)
        return;
    auto *ask = new ConfirmPopover(m_look, m_delete, tr("Delete the template \"%1\"? Prompts that were made of it stay.").arg(prompt->title), tr("Delete"),
                                   [self = QPointer<TemplatePicker>(this), id = prompt->id] {
                                       if (!self)
                                           return;
                                       if (const auto done = deleteOwnTemplate(self->m_folder, id); !done) {
                                           self->m_bad->setMessage(Severity::Error, done.error().message);
                                           self->m_bad->show();
                                           return;
                                       }
                                       self->load();
                                   });
    ask->open();
}

void openSaveTemplate(Theme *theme, QWidget *anchor, const PromptSpec &spec, const QString &title, const QString &folder,
                      std::function<void(const PromptTemplate &)> done)
{
    auto *sheet = new Sheet(theme, anchor, TemplatePicker::tr("Save as template"), 520);
    sheet->setObjectName(QStringLiteral("save-template"));
    sheet->setDeleteOnClose(true);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::Gap);
    auto *message = new InlineMessage(theme, Severity::Error, QString(), content);
    message->setObjectName(QStringLiteral("save-template-message"));
    message->hide();
    auto *form = new FormLayout(theme);
    auto *name = new QLineEdit(form);
    name->setObjectName(QStringLiteral("save-template-title"));
    name->setText(title);
    name->setMaxLength(80);
    name->selectAll();
    auto *use = new QLineEdit(form);
    use->setObjectName(QStringLiteral("save-template-use"));
    use->setPlaceholderText(TemplatePicker::tr("To ..., or: for an agent that ..."));
    auto *notes = new QLineEdit(form);
    notes->setObjectName(QStringLiteral("save-template-notes"));
    notes->setPlaceholderText(TemplatePicker::tr("What to know when one adapts it"));
    form->addField(TemplatePicker::tr("Title"), name);
    form->addField(TemplatePicker::tr("When to use it"), use);
    form->addField(TemplatePicker::tr("Notes"), notes, TemplatePicker::tr("The template is offered in every project of yours."));
    form->setToolTip(TemplatePicker::tr("Kept as a file in %1").arg(folder));
    content->setMinimumHeight(3 * 56 + 24); // the sheet asks for no more than the least
    column->addWidget(form);
    column->addWidget(message);
    sheet->setContent(content);
    sheet->addCancel();
    auto *save = sheet->addButton(TemplatePicker::tr("Save template"), ButtonRole::Primary);
    save->setObjectName(QStringLiteral("save-template-save"));
    const auto accept = [=] {
        PromptTemplate made;
        made.title = name->text().trimmed();
        made.use = use->text().trimmed();
        made.notes = notes->text().trimmed();
        made.spec = spec;
        const auto saved = saveOwnTemplate(folder, made);
        if (!saved) {
            message->setMessage(Severity::Error, saved.error().message);
            message->show();
            return;
        }
        sheet->dismiss();
        done(*saved);
    };
    QObject::connect(save, &QAbstractButton::clicked, sheet, accept);
    QObject::connect(name, &QLineEdit::returnPressed, sheet, accept);
    sheet->open();
}

} // namespace lathe
