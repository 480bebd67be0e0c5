// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpGuard.h"
#include "core/tool/HttpToolCall.h"

#include <QTest>

using namespace lathe;

namespace {
QString q(const char *text) { return QString::fromUtf8(text); }
}

class TestHttpGuard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addresses_data()
    {
        QTest::addColumn<bool>("isPublic");
        for (const char *ip :
             {"93.184.216.34", "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "192.167.255.255", "100.63.255.255", "100.128.0.0",
              "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946", "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
            QTest::newRow(ip) << true;
        for (const char *ip : {"0.0.0.0",
                               "0.1.2.3",
                               "10.0.0.0",
                               "10.255.255.255",
                               "100.64.0.0",
                               "127.0.0.1",
                               "127.255.255.255",
                               "169.254.169.254",
                               "172.16.0.1",
                               "172.31.255.255",
                               "192.0.0.1",
                               "192.0.2.1",
                               "192.168.0.1",
                               "198.18.0.1",
                               "198.51.100.1",
                               "203.0.113.1",
                               "224.0.0.1",
                               "239.1.1.1",
                               "240.0.0.1",
                               "255.255.255.255",
                               "::",
                               "::1",
                               "::ffff:127.0.0.1",
                               "::ffff:10.0.0.1",
                               "::127.0.0.1",
                               "64:ff9b::7f00:1",
                               "2002:7f00:1::",
                               "2002:a00:1::",
                               "fc00::1",
                               "fd12::1",
                               "fe80::1",
                               "fe80::1%eth0",
                               "fec0::1",
                               "ff02::1",
                               "2001::1",
                               "2001:db8::1",
                               "",
                               "localhost",
                               "127.1",
                               "0x7f.0.0.1",
                               "1.2.3.4.5",
                               "8.8.8.8 ",
                               "8.8.8.8\n"})
            QTest::newRow(ip) << false;
    }
    void addresses()
    {
        QFETCH(bool, isPublic);
        QCOMPARE(isPublicAddress(q(QTest::currentDataTag())), isPublic);
    }

    void urls_data()
    {
        QTest::addColumn<QString>("parsed"); // empty: refused
        const auto row = [](const char *url, const char *parsed) { QTest::newRow(url) << q(parsed); };
        row("https://a.example/x y?q=\xc3\xa4#f", "https://a.example/x%20y?q=%C3%A4");
        row("HTTPS://A.Example:443/", "https://a.example:443/");
        row(" https://a.example ", "https://a.example");
        row("https://a.example/a%2Fb/%2e%2e", "https://a.example/a%2Fb/..");
        row("ftp://a.example/", "");
        row("file:///etc/passwd", "");
        row("javascript:alert(1)", "");
        row("https://u@a.example/", "");
        row("https://u:p@a.example/", "");
        row("https://@a.example/", "");
        row("https://a.example\\@b.example/", "");
        row("https://a.example/\r\nX: y", "");
        row("https://a.example/\tx", "");
        row("https:///x", "");
        row("https://", "");
        row("//a.example/", "");
        row("a.example", "");
        row("", "");
    }
    void urls()
    {
        QFETCH(QString, parsed);
        const auto url = parseHttpUrl(q(QTest::currentDataTag()));
        QCOMPARE(url.ok(), !parsed.isEmpty());
        if (url)
            QCOMPARE(QString::fromLatin1(url->toEncoded(QUrl::FullyEncoded)), parsed);
    }

    // No form of a secret that may come back is told.
    void usedSecrets()
    {
        UsedSecrets used;
        used.add(q("k"), q("a\"b/c d+e"));
        used.add(q("short"), q("abc")); // would black out ordinary words
        used.add(q("longer"), q("a\"b/c d+e-and-more"));
        for (const char *form : {"a\"b/c d+e", "a%22b%2Fc%20d%2Be", "a%22b%2fc%20d%2be", "a%22b%2Fc+d%2Be", "a\\\"b/c d+e", "YSJiL2MgZCtl"})
            QCOMPARE(used.redacted(q("<") + q(form) + q(">")), q("<[secret k]>"));
        QCOMPARE(used.redacted(q("a\"b/c d+e-and-more")), q("[secret longer]")); // the longest first
        QCOMPARE(used.redacted(q("abc")), q("abc"));
        const QJsonObject value{{q("a\"b/c d+e"), QJsonArray{q("x a\"b/c d+e"), 5}}};
        QCOMPARE(used.redacted(QJsonValue(value)), QJsonValue(QJsonObject{{q("[secret k]"), QJsonArray{q("x [secret k]"), 5}}}));
    }
};

QTEST_GUILESS_MAIN(TestHttpGuard)
#include "tst_HttpGuard.moc"
