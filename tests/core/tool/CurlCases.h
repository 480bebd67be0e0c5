// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace lathe::test {

struct CurlCase {
    const char *name, *text, *method, *url, *headers, *bodyType, *body, *secrets;
};

// Beside the test, because moc does not read raw strings.
inline std::vector<CurlCase> curlCases()
{
    return {
        {"plain", "curl https://api.example.com/users", "GET", "https://api.example.com/users", "", "none", "", ""},
        {"no scheme", "curl example.com/x?a=1", "GET", "https://example.com/x?a=1", "", "none", "", ""},
        {"prompt and path", "$ /usr/bin/curl http://localhost:8000/health", "GET", "http://localhost:8000/health", "", "none", "", ""},
        {"unquoted ampersand", "curl https://a.example/x?a=1&b=2", "GET", "https://a.example/x?a=1&b=2", "", "none", "", ""},
        {"openai",
         R"(curl https://api.openai.com/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer $OPENAI_API_KEY" \
  -d '{
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "It'"'"'s me"}]
  }')",
         "POST", "https://api.openai.com/v1/chat/completions", "Authorization: Bearer {{secret:OPENAI_API_KEY}}", "json",
         "{\n    \"model\": \"gpt-4o\",\n    \"messages\": [{\"role\": \"user\", \"content\": \"It's me\"}]\n  }", ""},
        {"anthropic", R"(curl https://api.anthropic.com/v1/models --header "x-api-key: sk-ant-0123456789abcdef" --header "anthropic-version: 2023-06-01")", "GET",
         "https://api.anthropic.com/v1/models", "x-api-key: {{secret:ANTHROPIC_X_API_KEY}}\nanthropic-version: 2023-06-01", "none", "",
         "ANTHROPIC_X_API_KEY=sk-ant-0123456789abcdef"},
        {"github", R"(curl -L -H "Accept: application/vnd.github+json" -H "Authorization: Bearer <YOUR-TOKEN>" https://api.github.com/repos/OWNER/REPO/issues)", "GET",
         "https://api.github.com/repos/OWNER/REPO/issues", "Accept: application/vnd.github+json\nAuthorization: Bearer {{secret:GITHUB_TOKEN}}", "none", "",
         "GITHUB_TOKEN="},
        {"stripe", R"(curl https://api.stripe.com/v1/customers -u "sk_test_abcdefghijklmnop1234:" -d name="Jenny Rosen" --data-urlencode email="jenny+1@example.com")", "POST",
         "https://api.stripe.com/v1/customers", "", "form", "name=Jenny Rosen&email=jenny%2B1%40example.com", "STRIPE_KEY=sk_test_abcdefghijklmnop1234"},
        {"get with data", "curl -G https://a.example/search --data-urlencode 'q=a b&c' -d limit=5", "GET", "https://a.example/search?q=a%20b%26c&limit=5", "", "none", "", ""},
        {"key in url", "curl 'https://api.weather.example/now?city=Bonn&api_key=0123abcd4567efgh'", "GET",
         "https://api.weather.example/now?city=Bonn&api_key={{secret:WEATHER_API_KEY}}", "", "none", "", "WEATHER_API_KEY=0123abcd4567efgh"},
        {"path braces", "curl -X DELETE 'https://a.example/users/{user-id}/keys/{id}'", "DELETE", "https://a.example/users/{{user_id}}/keys/{{id}}", "", "none", "", ""},
        {"shell variable in the path", "curl \"https://a.example/users/$USER_ID/${Thing}\"", "GET", "https://a.example/users/{{user_id}}/{{thing}}", "", "none", "", ""},
        {"postman placeholders", R"(curl --location 'https://a.example/items/{{item}}' --header 'X-App: {{app}}')", "GET", "https://a.example/items/{{item}}", "X-App: {{app}}",
         "none", "", ""},
        {"multipart", "curl https://a.example/up -F 'title=A & B' -F 'file=@/home/me/photo.jpg;type=image/jpeg' -F note=plain", "POST", "https://a.example/up", "", "multipart",
         "title=A%20%26%20B&file@photo.jpg={{file}}&note=plain", ""},
        {"json option", R"(curl --json '{"a":' --json '1}' https://a.example/x)", "POST", "https://a.example/x", "", "json", "{\"a\":1}", ""},
        {"password in json", R"(curl https://a.example/login -H 'Content-Type: application/json' -d '{"user": "ann", "password": "hunter2hunter"}')", "POST",
         "https://a.example/login", "", "json", "{\"user\": \"ann\", \"password\": \"{{secret:A_PASSWORD}}\"}", "A_PASSWORD=hunter2hunter"},
        {"cookies", "curl https://a.example/me -b 'sid=abc123def; theme=dark'", "GET", "https://a.example/me", "Cookie: {{secret:A_COOKIE}}", "none", "",
         "A_COOKIE=sid=abc123def; theme=dark"},
        {"agent and referer", "curl -A 'Me/1.0' -e https://b.example/ https://a.example/", "GET", "https://a.example/", "User-Agent: Me/1.0\nReferer: https://b.example/", "none",
         "", ""},
        {"head", "curl -I https://a.example/", "HEAD", "https://a.example/", "", "none", "", ""},
        {"glued options", "curl -XPUT -d{\\\"a\\\":1} -HX-A:1 https://a.example/", "PUT", "https://a.example/", "X-A: 1", "json", "{\"a\":1}", ""},
        {"get with a body", R"(curl -X GET "localhost:9200/_search" -H 'Content-Type: application/json' -d'{"query":{"match_all":{}}}')", "POST",
         "http://localhost:9200/_search", "", "json", "{\"query\":{\"match_all\":{}}}", ""},
        {"ansi quotes", R"(curl 'https://a.example/' --data-raw $'{"t":"it\'s \u00e4\x21\\n"}' -H 'content-type: application/json')", "POST", "https://a.example/", "", "json",
         "{\"t\":\"it's \u00e4!\\n\"}", ""},
        {"firefox", R"(curl 'https://www.example.org/api/v2/list' --compressed -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64)' -H 'Accept: */*' -H 'Accept-Encoding: gzip, deflate, br' -H 'Connection: keep-alive' -H 'TE: trailers')",
         "GET", "https://www.example.org/api/v2/list", "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\nAccept: */*", "none", "", ""},
        {"chrome on windows",
         "curl ^\"https://www.example.org/api/list?a=1^&b=2^\" ^\n  -H ^\"accept: */*^\" ^\n  -H ^\"content-type: application/json^\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x y^\\^\"^}^\"",
         "POST", "https://www.example.org/api/list?a=1&b=2", "accept: */*", "json", "{\"a\":\"x y\"}", ""},
        {"older chrome on windows",
         "curl \"https://www.example.org/api/list\" ^\r\n  -H \"accept: */*\" ^\r\n  -H \"content-type: application/json\" ^\r\n  --data-raw \"{\\\"a\\\":1}\" ^\r\n  --compressed", "POST",
         "https://www.example.org/api/list", "accept: */*", "json", "{\"a\":1}", ""},
        {"powershell", "curl.exe -X POST `\n  https://a.example/x `\n  -d 'a=1'", "POST", "https://a.example/x", "", "form", "a=1", ""},
        {"blank behind the backslash", "curl https://a.example/x \\ \n  -H 'X-A: 1'", "GET", "https://a.example/x", "X-A: 1", "none", "", ""},
        {"comment before", "# list them\ncurl https://a.example/x # all", "GET", "https://a.example/x", "", "none", "", ""},
        {"xml", "curl https://a.example/soap -H 'Content-Type: text/xml' -d '<a>{{b}}</a>'", "POST", "https://a.example/soap", "Content-Type: text/xml", "xml", "<a>{{b}}</a>", ""},
        {"repeated headers", "curl https://a.example/ -H 'Accept: a/b' -H 'accept: c/d' -H 'X-Gone:' -H 'X-Empty;'", "GET", "https://a.example/", "Accept: a/b, c/d\nX-Empty: ",
         "none", "", ""},
        {"form password", "curl https://a.example/token -d 'grant_type=password&username=ann&password=hunter2hunter'", "POST", "https://a.example/token", "", "form",
         "grant_type=password&username=ann&password={{secret:A_PASSWORD}}", "A_PASSWORD=hunter2hunter"},
    };
}

} // namespace lathe::test
