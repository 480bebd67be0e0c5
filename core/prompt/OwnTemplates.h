// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/PromptSpec.h"

namespace lathe {

// Templates that a person saved to use in other projects: files like the shipped ones, in a folder of the person's data.

// QStandardPaths::AppDataLocation/templates; need not exist.
QString ownTemplatesFolder();

struct OwnTemplates {
    std::vector<PromptTemplate> templates; // by title
    struct Bad {
        QString path;
        QString message; // what is wrong with it, a sentence that names the file
    };
    std::vector<Bad> bad; // files that can not be read; the others are there all the same
};
// A missing folder is an empty list. At most 500 files are read, none larger than 1 MB.
OwnTemplates readOwnTemplates(const QString &folder);
// Writes the template under an id made of its title and gives it back with that id. An id that is taken gets a number, or the
// file is replaced when `prompt.id` names it already. Errors: InvalidInput (no title, no text), Denied when the folder or the
// file can not be written.
Result<PromptTemplate> saveOwnTemplate(const QString &folder, PromptTemplate prompt);
Result<void> deleteOwnTemplate(const QString &folder, const QString &id);

} // namespace lathe
