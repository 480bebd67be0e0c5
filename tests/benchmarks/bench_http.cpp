// SPDX-License-Identifier: GPL-3.0-or-later
// HttpClient against a bare libcurl loop doing the same requests to the same server in a process of its own. Prints one
// line for each: wall time and CPU time of this process per request, the ratio to the floor, and the aim.
#include "core/http/HttpClient.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
struct Cost {
    double wallUs = 0;
    double cpuUs = 0;
};

double cpuUs()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
           + double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

template<typename F>
Cost measure(int operations, F work)
{
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpuUs();
    work();
    const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - begin;
    return {wall.count() / operations, (cpuUs() - cpu) / operations};
}

size_t discard(char *, size_t, size_t size, void *)
{
    return size;
}

const QByteArray body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + QByteArray(200, 'q') + "\"}]}";

void prepare(CURL *easy, curl_slist *headers, const QByteArray &url)
{
    curl_easy_setopt(easy, CURLOPT_URL, url.constData());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.constData());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, long(body.size()));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &discard);
}

void bareSequential(const QByteArray &url, int count)
{
    curl_slist *headers =
        curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
    CURL *easy = curl_easy_init();
    prepare(easy, headers, url);
    for (int i = 0; i < count; ++i) {
        if (const CURLcode code = curl_easy_perform(easy); code != CURLE_OK)
            std::fprintf(stderr, "bare: %s\n", curl_easy_strerror(code));
    }
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
}

void bareParallel(const QByteArray &url, int count, int width)
{
    curl_slist *headers =
        curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 256L);
    int started = 0, done = 0;
    for (; started < std::min(width, count); ++started) {
        CURL *easy = curl_easy_init();
        prepare(easy, headers, url);
        curl_multi_add_handle(multi, easy);
    }
    while (done < count) {
        int running = 0, left = 0;
        curl_multi_perform(multi, &running);
        bool any = false;
        while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
            CURL *easy = message->easy_handle;
            any = true;
            ++done;
            curl_multi_remove_handle(multi, easy);
            if (started < count) {
                ++started;
                curl_multi_add_handle(multi, easy);
            } else {
                curl_easy_cleanup(easy);
            }
        }
        if (!any && done < count)
            curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
}

Task<> lane(HttpClient *client, QString url, int *left, int *lanes, QEventLoop *loop)
{
    while (*left > 0) {
        --*left;
        HttpRequest request;
        request.url = url;
        request.method = "POST";
        request.body = body;
        request.headers = {{"Content-Type", "application/json"}};
        const auto result = co_await client->fetch(std::move(request), CancelToken());
        if (!result || result->status != 200)
            std::fprintf(stderr, "lathe: %s\n",
                         result ? "status" : qPrintable(result.error().message));
    }
    if (--*lanes == 0)
        QTimer::singleShot(0, loop, &QEventLoop::quit);
}

void fetchAll(HttpClient &client, const QString &url, int count, int width)
{
    QEventLoop loop;
    int left = count, lanes = width;
    std::vector<Task<>> tasks;
    for (int i = 0; i < width; ++i)
        tasks.push_back(lane(&client, url, &left, &lanes, &loop));
    loop.exec();
}

Task<> tokens(HttpClient *client, QString url, qint64 *events, qint64 *batches, int *open,
              QEventLoop *loop)
{
    HttpRequest request;
    request.url = url;
    const HttpClient::SseSink sink = [events, batches](std::vector<SseEvent> more) {
        *events += qint64(more.size());
        ++*batches;
    };
    const auto result = co_await client->stream(std::move(request), sink, CancelToken());
    if (!result)
        std::fprintf(stderr, "stream: %s\n", qPrintable(result.error().message));
    if (--*open == 0)
        QTimer::singleShot(0, loop, &QEventLoop::quit);
}

void streams(HttpClient &client, const char *name, const QString &url, int count, int perStream)
{
    qint64 events = 0, batches = 0;
    const Cost cost = measure(count * perStream, [&] {
        QEventLoop loop;
        int open = count;
        std::vector<Task<>> tasks;
        for (int i = 0; i < count; ++i)
            tasks.push_back(tokens(&client, url, &events, &batches, &open, &loop));
        loop.exec();
    });
    std::printf("%-34s %8.2f us wall %7.2f us CPU per token, %lld of %d tokens, %lld batches\n",
                name, cost.wallUs, cost.cpuUs, static_cast<long long>(events), count * perStream,
                static_cast<long long>(batches));
}

// The server in a child process, so that its CPU time is not counted here.
pid_t forkServer(quint16 *port, int argc, char **argv)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    const pid_t child = fork();
    if (child != 0) {
        close(ends[1]);
        const bool got = read(ends[0], port, sizeof *port) == sizeof *port;
        close(ends[0]);
        return got ? child : -1;
    }
    QCoreApplication app(argc, argv);
    ScriptedHttpServer server;
    const HttpReply answer = HttpReply::json("{\"choices\":[{\"message\":{\"content\":\""
                                             + QByteArray(300, 'a') + "\"}}]}");
    const QByteArray token = "data: {\"choices\":[{\"delta\":{\"content\":\"token\"}}]}\n\n";
    const HttpReply flood = HttpReply::sse(QList<QByteArray>(2000, token));
    const HttpReply paced = HttpReply::sse(QList<QByteArray>(100, token), 20);
    server.setRecording(false);
    server.setHandler([&](const HttpSeen &request) {
        return request.path == "/flood" ? flood : request.path == "/paced" ? paced : answer;
    });
    const quint16 own = server.start();
    const bool told = write(ends[1], &own, sizeof own) == sizeof own;
    pause(); // until the parent ends it
    _exit(told ? 0 : 1);
}

double median(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

void compare(const char *name, int count, double aimWall, double aimCpu,
             const std::function<void()> &floor, const std::function<void()> &ours)
{
    // In turn, in short rounds, so that other load on the machine hits both; the median of the ratios of the pairs.
    std::vector<double> wall, cpu, floorWall, floorCpu, ownWall, ownCpu;
    for (int round = 0; round < 25; ++round) {
        const Cost f = measure(count, floor), o = measure(count, ours);
        wall.push_back(o.wallUs / f.wallUs);
        cpu.push_back(o.cpuUs / f.cpuUs);
        floorWall.push_back(f.wallUs);
        floorCpu.push_back(f.cpuUs);
        ownWall.push_back(o.wallUs);
        ownCpu.push_back(o.cpuUs);
    }
    std::printf("%-34s floor %6.1f us wall %6.1f us CPU | lathe %6.1f us wall %6.1f us CPU | ratio "
                "%.2f wall (aim %.2f) %.2f CPU "
                "(aim %.2f)\n",
                name, median(floorWall), median(floorCpu), median(ownWall), median(ownCpu),
                median(wall), aimWall, median(cpu), aimCpu);
}
} // namespace

int main(int argc, char **argv)
{
    quint16 port = 0;
    const pid_t server = forkServer(&port, argc, argv);
    if (server < 0) {
        std::fprintf(stderr, "no server\n");
        return 1;
    }
    curl_global_init(CURL_GLOBAL_ALL);
    {
        QCoreApplication app(argc, argv);
        HttpClient client;
        const QString url = QStringLiteral("http://127.0.0.1:%1/v1/chat").arg(port);
        const QByteArray plain = url.toUtf8();
        fetchAll(client, url, 200, 1);
        compare(
            "sequential fetch", 1000, 1.6, 2.0, [&] { bareSequential(plain, 1000); },
            [&] { fetchAll(client, url, 1000, 1); });
        compare(
            "64 in flight", 3'200, 1.3, 1.3, [&] { bareParallel(plain, 3'200, 64); },
            [&] { fetchAll(client, url, 3'200, 64); });
        const QString base = QStringLiteral("http://127.0.0.1:%1").arg(port);
        streams(client, "unpaced stream, 4 x 2000 tokens", base + QStringLiteral("/flood"), 4,
                2000);
        streams(client, "unpaced stream, 100 x 2000 tokens", base + QStringLiteral("/flood"), 100,
                2000);
        streams(client, "paced, 100 streams x 50 tokens/s", base + QStringLiteral("/paced"), 100,
                100);
    }
    kill(server, SIGTERM);
    rusage used{};
    wait4(server, nullptr, 0, &used);
    std::printf("(the scripted server used %.1f s of CPU in all)\n",
                double(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
                    + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 0;
}
