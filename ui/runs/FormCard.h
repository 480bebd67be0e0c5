// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/AnswerCard.h"

namespace lathe {

class Button;
class FormField;

// A form that a run wants a person to fill in: a field for each of the question's, by type, and Answer; or Decline with a reason.
// Fields are named "form-NAME".
class FormCard : public AnswerCard
{
    Q_OBJECT
public:
    FormCard(Theme *theme, const PendingQuestion &pending, QWidget *parent = nullptr);

private:
    struct Entry {
        QString name;
        QString type;
        FormField *field = nullptr;
        std::function<QString()> text; // as typed
    };
    QWidget *addEntry(Theme *theme, const QJsonObject &field);
    void send();
    std::vector<Entry> m_entries;
};

} // namespace lathe
