// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

#include <optional>

class QComboBox;
class QLineEdit;
class QListView;
class QStandardItemModel;

namespace lathe {

class BodyBinding;
class BusyBar;
class Button;
class Chip;
class CostField;
class DocumentHeader;
class FormField;
class FormLayout;
class HeaderTable;
class InlineMessage;
class Label;
class PrimaryButton;
class SecretField;
class Theme;

// How to reach a model provider, and a test that lists its models.
class ConnectionEditor : public QWidget
{
    Q_OBJECT
public:
    ConnectionEditor(Session *session, Theme *theme, ArtifactId connection, QWidget *parent = nullptr);
    ~ConnectionEditor() override; // stops a test under way
    void test();
    static QString apiTitle(const QString &api);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QWidget *buildHeader();
    void buildReach(FormLayout *form);
    void buildCost(FormLayout *form);
    void showCost(const QJsonObject &body);
    void buildPatience(FormLayout *form);
    QWidget *buildTest(QWidget *parent);
    void changeApi(const QString &api);
    void reload();
    void showProblems();
    void testEnded(const std::optional<Error> &error, const QStringList &models);
    void edit(const QString &pointer, const QJsonValue &value, const QString &what);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_connection;
    BodyBinding *m_binding;
    DocumentHeader *m_header = nullptr;
    InlineMessage *m_summary = nullptr;
    InlineMessage *m_offline = nullptr;
    QWidget *m_online = nullptr; // everything that the offline model has no use for
    QComboBox *m_api = nullptr;
    QLineEdit *m_url = nullptr;
    QLineEdit *m_secretName = nullptr;
    SecretField *m_secret = nullptr;
    CostField *m_cost = nullptr;
    HeaderTable *m_headers = nullptr;
    PrimaryButton *m_test = nullptr;
    Button *m_cancelButton = nullptr;
    BusyBar *m_busy = nullptr;
    InlineMessage *m_result = nullptr;
    QListView *m_models = nullptr;
    QStandardItemModel *m_modelNames = nullptr;
    QHash<QString, FormField *> m_fields; // by key of the body
    std::optional<CancelSource> m_cancel;
    qint64 m_testStartedUs = 0;
    int m_testNumber = 0;
    QTimer m_check;
};

} // namespace lathe
