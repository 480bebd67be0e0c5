// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FlowLayout.h"
#include "ui/widgets/TabChain.h"

#include <QLineEdit>
#include <QTest>
#include <QVBoxLayout>

using namespace lathe;

class TestFlowLayout : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void breaksWhereThereIsNoRoom()
    {
        QWidget host;
        auto *flow = new FlowLayout(8, &host);
        flow->setContentsMargins(0, 0, 0, 0);
        QList<QWidget *> boxes;
        for (int i = 0; i < 4; ++i) {
            auto *box = new QWidget(&host);
            box->setFixedSize(100, 20);
            i < 3 ? flow->addWidget(box) : flow->addAtEnd(box);
            boxes.append(box);
        }
        QCOMPARE(flow->count(), 4);
        QVERIFY(flow->heightForWidth(424) < flow->heightForWidth(423));
        QVERIFY(flow->heightForWidth(100) > flow->heightForWidth(208));
        QCOMPARE(flow->minimumSize().width(), 100);
        for (const int width : {500, 424, 300, 210, 100}) {
            flow->setGeometry(QRect(0, 0, width, flow->heightForWidth(width)));
            for (int i = 0; i < boxes.size(); ++i) {
                QVERIFY2(boxes[i]->geometry().left() >= 0 && boxes[i]->geometry().right() < width, qPrintable(QString::number(width)));
                for (int j = 0; j < i; ++j)
                    QVERIFY2(!boxes[i]->geometry().intersects(boxes[j]->geometry()), qPrintable(QString::number(width)));
            }
            QCOMPARE(boxes[3]->geometry().right(), width - 1); // at the end
        }
    }

    // What is made late but stands early is reached in its place.
    void tabGoesAsTheEyeDoes()
    {
        QWidget window;
        auto *layout = new QVBoxLayout(&window);
        auto *first = new QLineEdit(&window);
        auto *last = new QLineEdit(&window);
        auto *late = new QWidget(&window);
        auto *lateLayout = new QVBoxLayout(late);
        auto *one = new QLineEdit(late);
        auto *two = new QLineEdit(late);
        lateLayout->addWidget(one);
        lateLayout->addWidget(two);
        layout->addWidget(first);
        layout->addWidget(late);
        layout->addWidget(last);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        chainTabs(first, late);
        first->setFocus();
        for (QWidget *next : {static_cast<QWidget *>(one), static_cast<QWidget *>(two), static_cast<QWidget *>(last)}) {
            QTest::keyClick(window.focusWidget(), Qt::Key_Tab);
            QCOMPARE(window.focusWidget(), next);
        }
    }
};

QTEST_MAIN(TestFlowLayout)
#include "tst_FlowLayout.moc"
