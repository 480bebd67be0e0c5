// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTransfer.h"

#include <curl/curl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace lathe {

// The thread that owns libcurl: one multi handle driven by curl_multi_socket_action over epoll (Linux), woken for
// commands through an eventfd. Requests go in by start() and cancel(), what comes out is fetched by takeOutbox().
class HttpThread
{
public:
    struct Delivery {
        quint64 id = 0;
        std::optional<HttpResponse> head; // of an event stream, once
        std::vector<SseEvent> events;
        std::optional<Result<HttpResponse>> result; // the last delivery of this id
    };

    // `notify` is called on the http thread when the outbox was empty and is no more.
    explicit HttpThread(std::function<void()> notify);
    ~HttpThread(); // drops what is under way and joins

    // Owner's thread.
    void start(quint64 id, HttpRequest request, bool stream);
    void cancel(quint64 id);
    std::vector<Delivery> takeOutbox();

    // For HttpTransfer, on the http thread.
    CURLM *multi() const { return m_multi; }
    void socketOpened(curl_socket_t fd);
    void noteDeadline(qint64 deadlineUs);
    void noteEvents(HttpTransfer *transfer);
    static int closeSocketCallback(void *self, curl_socket_t fd);

private:
    struct Command {
        quint64 id = 0;
        std::optional<HttpRequest> request; // nullopt: cancel
        bool stream = false;
        qint64 startedUs = 0;
    };
    struct Outgoing {
        Delivery delivery;
        quint64 round = 0; // where earlier events of this id may still lie in the outbox
        size_t index = 0;
    };
    struct Socket {
        quint32 registered = 0; // what epoll watches
        quint32 wanted = 0;     // what libcurl asks for
        bool ours = false;      // opened by openSocketCallback, so we are told when it is closed
    };

    static int socketCallback(CURL *, curl_socket_t fd, int what, void *self, void *);
    static int timerCallback(CURLM *, long timeoutMs, void *self);

    void run();
    void post(Command command);
    void wake();
    int waitMs() const;
    void waitForEvents();
    void waitForMore();
    bool runCommands();
    void runTimer();
    void checkDeadlines();
    void reap();
    void flush();
    void startTransfer(Command command);
    void hop(HttpTransfer *transfer);
    void remove(HttpTransfer
                    *transfer); // takes it away from libcurl and from the list of those with events
    void deliver(HttpTransfer *transfer,
                 Result<HttpResponse> result); // ends it, with its last events
    void watch(curl_socket_t fd, quint32 wanted);
    Socket &socket(curl_socket_t fd);

    std::function<void()> m_notify;
    int m_epoll = -1;
    int m_wake = -1;
    int m_quiet = -1; // an epoll that watches m_wake alone

    // Owner's thread to http thread.
    std::mutex m_mutex;
    std::vector<Command> m_commands;
    bool m_stop = false;
    std::atomic<bool> m_awake{false}; // a wake-up is under way already

    // http thread to owner's thread.
    std::mutex m_outboxMutex;
    std::vector<Delivery> m_outbox;
    quint64 m_outboxRound = 1; // counts takeOutbox()

    // http thread only.
    CURLM *m_multi = nullptr;
    std::vector<Socket> m_sockets;
    std::unordered_map<quint64, std::unique_ptr<HttpTransfer>> m_transfers;
    std::vector<CURL *> m_free;
    std::vector<HttpTransfer *> m_withEvents;
    std::vector<Outgoing> m_results;
    qint64 m_timerUs = -1;   // when libcurl wants to be called
    qint64 m_deadlineUs = 0; // earliest time limit, or earlier
    qint64 m_lastFlushUs = 0;
    qint64 m_flushUs = -1; // when held events go out

    std::thread m_thread;
};

} // namespace lathe
