// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ExperimentTypes.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QScrollArea;
class QSpinBox;
class QVBoxLayout;

namespace lathe {

struct ImportedRows;
class BodyBinding;
class Button;
class CheckCard;
class FormField;
class ImportPanel;
class InlineMessage;
class JudgeCard;
class Label;
class LinkLabel;
class ReferenceBox;
class SectionHeader;
class VariantCard;

// What an experiment compares, with what examples, by what yardsticks. Shows the body of the draft and reports edits of it.
class ExperimentSetup : public QWidget
{
    Q_OBJECT
public:
    ExperimentSetup(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~ExperimentSetup() override;
    void load(const QJsonObject &body);
    void setProblems(const std::vector<Problem> &problems);
    // What each variant uses, and why one cannot be run.
    void setVariants(const std::vector<ExperimentVariant> &variants);
    void fillChoices(); // artifacts came or went
    void addVariant(int like = -1);
    void addCheck(const QString &type);
    void addJudge(const QString &kind);
    void importFile(const QString &path);
    void chooseFile();
    // Brings the field of a problem into view and focuses it.
    bool focusPointer(const QString &pointer);
    int checkCount() const { return int(m_checks.size()); }

Q_SIGNALS:
    void edited(const QString &pointer, const QJsonValue &value, const QString &what);
    void judgeRequested(const QString &judge);
    void undoRequested(bool redo);
    void openRequested(const lathe::Location &location);
    void datasetImported(const lathe::ImportedRows &rows);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void guardFields();
    void buildVariants(QVBoxLayout *column);
    void buildExamples(QVBoxLayout *column);
    void buildChecks(QVBoxLayout *column);
    void buildJudges(QVBoxLayout *column);
    void buildAnswer(QVBoxLayout *column);
    template<typename T>
    void addSection(QVBoxLayout *column, T **header, const QString &title, const QString &detail);
    void showDataset();
    void showDecideBy();
    void pickRows();
    void remove(const QString &list, int index, const QString &what);
    void append(const QString &list, QJsonObject item, const QString &prefix, const QString &what);
    Session *m_session;
    Theme *m_theme;
    BodyBinding *m_binding;
    QJsonObject m_body;
    QScrollArea *m_scroll = nullptr;
    InlineMessage *m_other = nullptr;
    SectionHeader *m_variantsHeader = nullptr;
    SectionHeader *m_checksHeader = nullptr;
    SectionHeader *m_judgesHeader = nullptr;
    QVBoxLayout *m_variantList = nullptr;
    QVBoxLayout *m_checkList = nullptr;
    QVBoxLayout *m_judgeList = nullptr;
    Label *m_noChecks = nullptr;
    Label *m_noJudges = nullptr;
    size_t m_cards = 0;
    std::vector<VariantCard *> m_variants;
    std::vector<CheckCard *> m_checks;
    std::vector<JudgeCard *> m_judges;
    ReferenceBox *m_dataset = nullptr;
    LinkLabel *m_openDataset = nullptr;
    QLineEdit *m_rows = nullptr;
    Label *m_rowCount = nullptr;
    QComboBox *m_input = nullptr;
    QComboBox *m_expected = nullptr;
    ImportPanel *m_import = nullptr;
    QComboBox *m_decideBy = nullptr;
    QHash<QString, FormField *> m_fields;
};

} // namespace lathe
