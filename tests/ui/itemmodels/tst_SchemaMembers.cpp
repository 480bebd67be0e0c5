// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/SchemaMembers.h"

#include "tests/support/JsonText.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestSchemaMembers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void order_data()
    {
        QTest::addColumn<QString>("schema");
        QTest::addColumn<QString>("names");
        QTest::newRow("required first, as listed") << "{'properties': {'a': {}, 'm': {}, 'z': {}}, 'required': ['z', 'm']}" << "z m a";
        QTest::newRow("none required") << "{'properties': {'b': {}, 'a': {}}}" << "a b";
        QTest::newRow("required twice, and one that is not there") << "{'properties': {'b': {}, 'a': {}}, 'required': ['b', 'b', 'ghost']}" << "b a";
        QTest::newRow("no list") << "{'properties': {'a': {}}, 'required': 'a'}" << "a";
        QTest::newRow("empty") << "{}" << "";
    }
    void order()
    {
        QFETCH(QString, schema);
        QFETCH(QString, names);
        QCOMPARE(schemaMembers(object(schema.toLatin1().constData())).join(QLatin1Char(' ')), names);
    }
};

QTEST_GUILESS_MAIN(TestSchemaMembers)
#include "tst_SchemaMembers.moc"
