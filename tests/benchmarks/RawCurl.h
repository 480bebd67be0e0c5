// SPDX-License-Identifier: GPL-3.0-or-later
// The floor: libcurl alone, sending given bodies one after another over connections that are kept.
#pragma once

#include "tests/benchmarks/Measure.h"

#include <curl/curl.h>

#include <memory>

namespace lathe::bench {

class RawCurl
{
public:
    explicit RawCurl(QByteArray url) : m_url(std::move(url))
    {
        for (const char *line : {"Content-Type: application/json", "Accept: text/event-stream, application/json", "Expect:"})
            m_headers = curl_slist_append(m_headers, line);
    }
    ~RawCurl()
    {
        for (CURL *easy : m_easy)
            curl_easy_cleanup(easy);
        curl_multi_cleanup(m_multi);
        curl_slist_free_all(m_headers);
    }
    Q_DISABLE_COPY_MOVE(RawCurl)

    static QByteArray get(const QByteArray &url)
    {
        QByteArray body;
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url.constData());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
        check(curl_easy_perform(easy) == CURLE_OK, "the server did not answer");
        curl_easy_cleanup(easy);
        return body;
    }

    // `tasks` times all of `bodies` in order, one request at a time.
    void sequential(int tasks, const std::vector<QByteArray> &bodies)
    {
        CURL *easy = handle(0);
        for (int task = 0; task < tasks; ++task) {
            for (const QByteArray &body : bodies) {
                setBody(easy, body);
                check(curl_easy_perform(easy) == CURLE_OK, "raw libcurl failed");
            }
        }
    }

    // The same with `width` tasks under way at once: one multi handle, one easy handle a task.
    void parallel(int tasks, int width, const std::vector<QByteArray> &bodies)
    {
        std::vector<size_t> next(size_t(width), 1);
        int started = 0, done = 0;
        for (; started < std::min(width, tasks); ++started) {
            CURL *easy = handle(size_t(started));
            curl_easy_setopt(easy, CURLOPT_PRIVATE, &next[size_t(started)]);
            setBody(easy, bodies[0]);
            curl_multi_add_handle(m_multi, easy);
        }
        while (done < tasks) {
            int running = 0, left = 0;
            curl_multi_perform(m_multi, &running);
            bool any = false;
            while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
                any = true;
                check(message->data.result == CURLE_OK, "raw libcurl failed");
                CURL *easy = message->easy_handle;
                size_t *step = nullptr;
                curl_easy_getinfo(easy, CURLINFO_PRIVATE, &step);
                curl_multi_remove_handle(m_multi, easy);
                if (*step == bodies.size()) {
                    ++done;
                    if (started >= tasks)
                        continue;
                    ++started;
                    *step = 0;
                }
                setBody(easy, bodies[(*step)++]);
                curl_multi_add_handle(m_multi, easy);
            }
            if (!any && done < tasks)
                curl_multi_poll(m_multi, nullptr, 0, 1000, nullptr);
        }
    }
    qint64 received() const { return m_received; }

private:
    static size_t append(char *data, size_t, size_t size, void *to)
    {
        static_cast<QByteArray *>(to)->append(data, qsizetype(size));
        return size;
    }
    static size_t count(char *, size_t, size_t size, void *to)
    {
        *static_cast<qint64 *>(to) += qint64(size);
        return size;
    }
    CURL *handle(size_t index)
    {
        while (m_easy.size() <= index) {
            CURL *easy = curl_easy_init();
            curl_easy_setopt(easy, CURLOPT_URL, m_url.constData());
            curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, m_headers);
            curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &count);
            curl_easy_setopt(easy, CURLOPT_WRITEDATA, &m_received);
            m_easy.push_back(easy);
        }
        return m_easy[index];
    }
    static void setBody(CURL *easy, const QByteArray &body)
    {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, long(body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.constData());
    }

    QByteArray m_url;
    curl_slist *m_headers = nullptr;
    CURLM *m_multi = curl_multi_init();
    std::vector<CURL *> m_easy;
    qint64 m_received = 0;
};

} // namespace lathe::bench
