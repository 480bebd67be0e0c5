// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/MessageImage.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Paint.h"

#include <QBuffer>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QImageReader>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QThreadPool>

namespace lathe {

namespace {
constexpr qsizetype mostEncoded = 40'000'000; // characters of base64
constexpr int mostMegabytes = 200;            // of a decoded picture
constexpr int captionHeight = 20;
}

bool MessageImage::isImageType(const QString &mimeType)
{
    // What draws itself from scripts or addresses (SVG) is not opened.
    return mimeType == QLatin1String("image/png") || mimeType == QLatin1String("image/jpeg") || mimeType == QLatin1String("image/jpg")
        || mimeType == QLatin1String("image/gif") || mimeType == QLatin1String("image/webp") || mimeType == QLatin1String("image/bmp");
}

bool MessageImage::isImage(const QString &text)
{
    if (!text.startsWith(QLatin1String("data:image/")))
        return false;
    const qsizetype semicolon = text.indexOf(QLatin1Char(';'));
    return semicolon > 0 && semicolon < 40 && isImageType(text.mid(5, semicolon - 5)) && text.mid(semicolon, 8) == QLatin1String(";base64,");
}

MessageImage::MessageImage(Theme *theme, const QString &data, const QString &mimeType, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_type(mimeType)
{
    setObjectName(QStringLiteral("message-image"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    qsizetype from = 0;
    if (mimeType.isEmpty()) {
        from = data.indexOf(QLatin1Char(',')) + 1;
        m_type = data.mid(5, std::max<qsizetype>(0, data.indexOf(QLatin1Char(';')) - 5)).left(60);
    }
    m_bytes = (data.size() - from) * 3 / 4;
    setAccessibleName(tr("Picture, %1").arg(m_type));
    if (data.size() > mostEncoded) {
        setImage({}, {}, tr("too large to show"));
        return;
    }
    m_caption = tr("%1, %2").arg(m_type, format::bytes(m_bytes));
    const QPointer<MessageImage> alive(this);
    const double dpr = devicePixelRatioF();
    QThreadPool::globalInstance()->start([data, from, alive, dpr] {
        QByteArray bytes = QByteArray::fromBase64(data.mid(from).toLatin1());
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::ReadOnly);
        QImageReader reader(&buffer);
        reader.setAutoTransform(true);
        const QSize original = reader.size();
        QImage image;
        // Sizes are read before anything is decoded: a small file may hold a huge picture.
        if (original.isValid() && qint64(original.width()) * original.height() * 4 <= qint64(mostMegabytes) * 1'000'000) {
            image = reader.read();
            const QSize most = QSize(MostWidth, MostHeight) * dpr;
            if (!image.isNull() && (image.width() > most.width() || image.height() > most.height()))
                image = image.scaled(most, Qt::KeepAspectRatio, Qt::SmoothTransformation);
            image.setDevicePixelRatio(dpr);
        }
        QMetaObject::invokeMethod(
            qApp,
            [alive, image, original] {
                if (alive)
                    alive->setImage(image, original, image.isNull() ? tr("cannot be shown") : QString());
            },
            Qt::QueuedConnection);
    });
}

void MessageImage::setImage(const QImage &image, const QSize &original, const QString &problem)
{
    m_image = image;
    QStringList parts{m_type, format::bytes(m_bytes)};
    if (original.isValid())
        parts.append(QStringLiteral("%1 \u00d7 %2").arg(original.width()).arg(original.height()));
    if (!problem.isEmpty())
        parts.append(problem);
    m_caption = parts.join(QStringLiteral("  \u00b7  "));
    updateGeometry();
    update();
    Q_EMIT decoded(!image.isNull());
}

QSize MessageImage::sizeHint() const
{
    return QSize(m_image.isNull() ? 200 : qRound(m_image.width() / m_image.devicePixelRatio()), heightForWidth(MostWidth));
}

int MessageImage::heightForWidth(int width) const
{
    if (m_image.isNull())
        return captionHeight;
    const QSizeF size = QSizeF(m_image.size()) / m_image.devicePixelRatio();
    const double share = std::min(1.0, std::max(40, width) / std::max(1.0, size.width()));
    return captionHeight + qRound(size.height() * share);
}

void MessageImage::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    if (!m_image.isNull()) {
        const QSizeF size = QSizeF(m_image.size()) / m_image.devicePixelRatio();
        const double share = std::min(1.0, width() / std::max(1.0, size.width()));
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        const QRectF box(0, 0, size.width() * share, size.height() * share);
        painter.fillRect(box, t.field);
        painter.drawImage(box, m_image);
        paint::roundedBox(painter, box, 2, Qt::transparent, t.line);
    }
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text2);
    painter.drawText(QRect(0, height() - captionHeight, width(), captionHeight), Qt::AlignVCenter | Qt::TextSingleLine,
                     QFontMetrics(m_theme->smallFont()).elidedText(m_caption, Qt::ElideRight, width()));
}

void MessageImage::contextMenuEvent(QContextMenuEvent *event)
{
    if (m_image.isNull())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy picture"), this, [this] { QGuiApplication::clipboard()->setImage(m_image); });
    menu->popup(event->globalPos());
}

} // namespace lathe
