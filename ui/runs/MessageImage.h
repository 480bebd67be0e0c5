// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QImage>
#include <QWidget>

namespace lathe {

// A picture of a message or a tool result: a data: address, or base64 with its type. Decoded in a pool, shown at most MostWidth wide and
// MostHeight tall; pictures that are too large to decode, or none at all, are named instead. Nothing is fetched from anywhere.
class MessageImage : public QWidget
{
    Q_OBJECT
public:
    static constexpr int MostWidth = 640;
    static constexpr int MostHeight = 420;
    // `mimeType` empty: `data` is a data: address.
    MessageImage(Theme *theme, const QString &data, const QString &mimeType, QWidget *parent = nullptr);
    static bool isImage(const QString &text); // a data: address of a picture
    static bool isImageType(const QString &mimeType);
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

Q_SIGNALS:
    void decoded(bool good);

protected:
    void paintEvent(QPaintEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void setImage(const QImage &image, const QSize &original, const QString &problem);
    Theme *m_theme;
    QImage m_image; // scaled down
    QString m_type;
    QString m_caption;
    qsizetype m_bytes = 0;
};

} // namespace lathe
