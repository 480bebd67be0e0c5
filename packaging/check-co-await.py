#!/usr/bin/env python3
"""House rule for coroutines, because GCC 12 silently miscompiles the rest (shared/design/toolchain.md, 4):
the operand of co_await is one call with named locals or constructor calls. In a full expression with a co_await
there is no braced value, no ?: and no capturing lambda; a coroutine has no default argument in braces.

    check-co-await.py [--root FOLDER] [FILE...]   checks core, ui, app and tests, or the files
    check-co-await.py --self-test                 judges built-in good and bad examples

`// NOLINT(co_await): reason` on a line of the statement silences it. Exit code 1 when something is found.
"""

import argparse
import os
import re
import sys

sys.dont_write_bytecode = True
import cpp_source  # noqa: E402

FOLDERS = ("app", "core", "tests", "ui")
TOKEN = re.compile(r'[A-Za-z_]\w*|\d[\w.\']*|"[^"]*"?|->|::|&&|\|\||[^\s\w]')
WORD = re.compile(r"[A-Za-z_]\w*$")
CONTROL = {"if", "while", "for", "switch", "catch", "Q_FOREACH", "foreach"}
BEFORE_BLOCK = {"const", "noexcept", "override", "final", "mutable", "try", "else", "do", "forever"}
TYPE_BLOCK = {"namespace", "struct", "class", "union", "enum", "concept", "requires", "extern"}
BEFORE_EXPRESSION = {"return", "co_return", "co_await", "co_yield", "case", "throw"}
COROUTINE = {"Task", "AsyncGenerator", "Generator"}
SPECIFIERS = {"static", "virtual", "inline", "explicit", "friend", "constexpr", "extern"}
CLOSING = {"(": ")", "[": "]", "{": "}"}

BRACES = "braced value in an expression with co_await: put it into a named local first"
YIELD = "braced value in a co_yield: put it into a named local first"
CONDITIONAL = "?: in an expression with co_await: use if/else with a named local"
LAMBDA = "capturing lambda in an expression with co_await: put it into a named local first"
DEFAULT = "default argument in braces in a coroutine: call a constructor or add an overload"


class Token:
    """`text` is the source text; a lambda is one token, '[]' or (with captures) '[=]'."""

    def __init__(self, text, line):
        self.text = text
        self.line = line


class Frame:
    """An open brace: a block of statements, or a braced value inside the statement around it."""

    def __init__(self, is_block):
        self.is_block = is_block
        self.statement = []
        self.parens = 0


def tokenize(text):
    clean = cpp_source.without_directives(cpp_source.strip(text))
    tokens, line, at = [], 1, 0
    for match in TOKEN.finditer(clean):
        line += clean.count("\n", at, match.start())
        at = match.start()
        tokens.append(Token(match.group(0), line))
    return tokens


def skip_balanced(tokens, at):
    """Index after the bracket that closes the one at `at`."""
    opening, depth = tokens[at].text, 0
    closing = CLOSING.get(opening, ">")
    while at < len(tokens):
        depth += (tokens[at].text == opening) - (tokens[at].text == closing)
        at += 1
        if depth == 0:
            break
    return at


def text_at(tokens, at):
    return tokens[at].text if 0 <= at < len(tokens) else ""


def lambda_body(tokens, at):
    """For the `[` at `at`: (index of the `{` of the lambda's body, has captures), or None for another `[`."""
    before = text_at(tokens, at - 1)
    if before in (")", "]") or (WORD.match(before) and before not in BEFORE_EXPRESSION):
        return None
    after = skip_balanced(tokens, at)
    captures = after - at > 2
    if text_at(tokens, after) == "<":
        after = skip_balanced(tokens, after)
    if text_at(tokens, after) == "(":
        after = skip_balanced(tokens, after)
    while after < len(tokens):
        text = tokens[after].text
        if text == "{":
            return after, captures
        if text in ("mutable", "constexpr", "consteval", "static", "noexcept"):
            after += 1
            if text_at(tokens, after) == "(":
                after = skip_balanced(tokens, after)
        elif text == "->":
            after += 1
            while WORD.match(text_at(tokens, after)) or text_at(tokens, after) in ("::", "<", "*", "&", "&&", "("):
                after = skip_balanced(tokens, after) if tokens[after].text in "<(" else after + 1
        else:
            return None
    return None


def opens_block(frame):
    """Whether a `{` after the frame's unfinished statement opens a block, not a braced value."""
    words = [token.text for token in frame.statement]
    if not words:
        return True
    if frame.parens > 0 or not frame.is_block:
        return False
    last = words[-1]
    if last in BEFORE_BLOCK or last in (")", ":", "}") or words[-2:] == ["]", "]"]:
        return True
    if "=" not in words:
        for at, word in enumerate(words):
            if word in TYPE_BLOCK and (at == 0 or words[at - 1] not in ("<", ",")):
                return True
    if "->" in words:  # a trailing return type
        arrow = len(words) - 1 - words[::-1].index("->")
        follows = words[arrow - 1] if arrow else ""
        is_type = all(WORD.match(w) or w in ("::", "<", ">", ",", "*", "&", "&&") for w in words[arrow + 1 :])
        return is_type and (follows == ")" or follows in BEFORE_BLOCK)
    return False


def has_braced_default(statement):
    """Whether the statement declares a coroutine with a parameter such as `Options o = {}`."""
    words = [token.text for token in statement]
    at = 0
    if words[:2] == ["template", "<"]:
        at = skip_balanced(statement, 1)
    while at < len(words) and (words[at] in SPECIFIERS or words[at] == "["):
        at = skip_balanced(statement, at) if words[at] == "[" else at + 1
    while text_at(statement, at + 1) == "::":
        at += 2
    if text_at(statement, at) not in COROUTINE or text_at(statement, at + 1) != "<":
        return None
    if "(" not in words[at:] or "=" in words[at : words.index("(", at)]:
        return None
    start = words.index("(", at)
    end = skip_balanced(statement, start)
    for begin in range(start, end):
        if words[begin] == "=":
            value = begin + 1
            while value < end and (WORD.match(words[value]) or words[value] in ("::", "<", ">")):
                value += 1
            if text_at(statement, value) == "{":
                return statement[value]
    return None


def judge(statement):
    """(token, message) for every breach in one statement."""
    words = [token.text for token in statement]
    if "co_await" in words:
        for token in statement:
            message = {"{": BRACES, "?": CONDITIONAL, "[=]": LAMBDA}.get(token.text)
            if message:
                yield token, message
    elif "co_yield" in words and "{" in words:
        yield statement[words.index("{")], YIELD
    token = has_braced_default(statement)
    if token:
        yield token, DEFAULT


def check(text):
    """([(line, message)], number of co_await) of one source text."""
    tokens = tokenize(text)
    quiet = cpp_source.silenced(text, "co_await")
    findings = set()

    def finish(frame):
        statement, frame.statement, frame.parens = frame.statement, [], 0
        if statement and not quiet.intersection(range(statement[0].line, statement[-1].line + 1)):
            findings.update((token.line, message) for token, message in judge(statement))

    frames = [Frame(True)]
    at = 0
    while at < len(tokens):
        token, frame = tokens[at], frames[-1]
        text_now = token.text
        if text_now == "[":
            body = lambda_body(tokens, at)
            if body:
                frame.statement.append(Token("[=]" if body[1] else "[]", token.line))
                frames.append(Frame(True))
                at = body[0] + 1
                continue
        if text_now == "{":
            is_block = opens_block(frame)
            inner = Frame(is_block)
            if is_block:
                finish(frame)
            else:  # the braced value belongs to the statement around it
                frame.statement.append(token)
                inner.statement = frame.statement
            frames.append(inner)
        elif text_now == "}":
            if len(frames) > 1:
                frames.pop()
                if frame.is_block:
                    finish(frame)
                else:
                    frame.statement.append(token)
        elif text_now == ";":
            finish(frame)
        elif frame.is_block and not frame.statement and text_now in ("else", "do", "try"):
            pass
        else:
            frame.statement.append(token)
            frame.parens += (text_now == "(") - (text_now == ")")
            first = frame.statement[0].text
            if frame.is_block and frame.parens == 0:
                if text_now == ")" and first in CONTROL:
                    finish(frame)
                elif text_now == ":" and first in ("case", "default", "public", "private", "protected"):
                    finish(frame)
        at += 1
    for frame in frames:
        finish(frame)
    return sorted(findings), sum(token.text == "co_await" for token in tokens)


GOOD = r"""
auto r = co_await f(x);
co_return co_await f(std::move(x));
if (auto r = co_await f(x); !r) { co_return r.error(); }
if (auto r = co_await f(x); !r) co_return Error{r.error()};
if (!co_await f(x)) co_return {};
if constexpr (a) { co_await f(x); } else { co_await g(x); }
while (co_await g()) { use({1, 2}); }
while (auto item = co_await queue.next()) out->push_back({*item});
do { list = {1}; } while (co_await more());
for (int i = 0; i < 3; ++i) { co_await g(i); }
for (const auto &m : co_await list()) { use(m ? 1 : 2); }
for (const auto &m : {1, 2}) co_await g(m);
switch (co_await g()) { case A: co_await f(x); break; default: { co_await f(x); } }
case Kind::A: { auto b = co_await f(x); } case 2: y = a ? b : c;
auto [a, b] = co_await pair(x);
auto &[a, b] = co_await pair(x); use({a, b});
const Options o{.n = 2}; co_await f(o);
co_await f(QString("{?}"), 'x', '{', "a ? b : c"); // { ? }
co_await f(R"({"a": {"b": ?}})", 1'000'000); /* { ? */
co_return Agg{1, 2};
Agg a{1}; const int n = b ? 1 : 2; co_await f(a);
co_await f(Named("a"), std::string("b") + c);
co_await std::visit(visitor, x);
Task<> f(int a) { co_await g(); }
Task<Result<void>> X::f(CancelToken c) const { co_await g(); }
Task<Result<void>> f(CancelToken c = CancelToken(), int n = 3, QString s = QString());
auto f(int a) -> QCoro::Task<int> { co_return co_await g(a); }
auto run = [this, x]() -> Task<> { co_await g(x); co_await h(); };
start([this]() -> Task<> { const Agg a{1}; co_await g(a); });
connect(p, &P::done, this, [this, a = Agg{1}] { use(a ? 1 : 2); });
co_await f([](int a) { return a ? 1 : 2; });
co_await g(values[at], values[index[at]]);
struct Foo : Bar<int> { Task<> f() { co_await g(); } int m = b ? 1 : 2; };
template<class T> Task<T> f(T t) { co_await g(); co_return T{}; }
enum class E { A, B }; namespace a::b { Task<> f() { co_await g(); } }
Foo::Foo() : m_a{1}, m_b(b ? 1 : 2) { start(); }
Foo::Foo() : m_a(1), m_b{2} { start(); }
try { co_await g(); } catch (const E &e) { use({e}); }
if (x) [[likely]] { co_await g(); } use({1});
auto t = f({1, 2}); co_await t;
#define AGG(x) co_await f({x})
QCOMPARE(co_await g(), 2); QVERIFY(x ? 1 : 2);
co_await f({1}); // NOLINT(co_await): trivial type, checked with GCC 12
co_await f(a, // NOLINT(co_await): a plain int\n b ? 1 : 2);
delete[] p; co_await g();
const bool both = co_await g() && co_await h(a < b, c > d);
co_yield value;
QCoro::Task<int> task = start({1});
forever { co_await g(); }
"""

BAD = r"""
co_await f(Agg{1});
co_await f(Agg{});
co_await f({.n = 2});
co_await f({"a", "b"});
auto r = co_await f(x, {});
co_return co_await f(Agg{1});
Agg a{co_await x(), 2};
T v[] = {co_await x()};
std::vector<int> v{co_await a(), co_await b()};
co_return Agg{co_await x()};
co_return {co_await x()};
return json{{"a", co_await x()}};
auto y = b ? co_await x() : T();
co_await (b ? f() : g());
co_await f(b ? s1() : s2());
co_return co_await f() ? 1 : 2;
if (auto r = co_await f({1}); !r) { }
if (co_await f(b ? 1 : 2)) return;
while (co_await g(Agg{1})) { }
for (auto x : {co_await a(), co_await b()}) { }
switch (co_await g({1})) { }
co_await fn([c] { use(c); });
co_await [c]() -> Task<> { co_await g(); }();
co_await fn([=](int a) mutable noexcept { use(a); });
const auto r = co_await pool.run([this, x = std::move(x)] { return x; });
QVERIFY(co_await f({1}));
co_yield Agg{1};
auto run = [this]() -> Task<> { co_await g({1}); };
start([] { return [x]() -> Task<> { co_await g(x ? 1 : 2); }; });
Task<> f(Agg a = {});
virtual Task<Result<int>> f(int n, const Options &o = Options{}) = 0;
[[nodiscard]] static QCoro::Task<int> f(QStringList l = {"a"}, int n = 1);
template<typename T> QCoro::AsyncGenerator<T> f(std::vector<T> v = {1, 2}) { co_yield v[0]; }
struct S { Task<> f() { co_await g(Agg{1}); } };
case A: co_await g({1}); break;
else co_await g({1});
Foo::Foo() : m_a{1} { } Task<> f() { co_await g({1}); }
co_await f({1}); // NOLINT(co_await)
if (x) [[unlikely]] { co_await g({2}); }
int n = 1'000; co_await f({n});
"""


def self_test():
    wrong = 0
    for examples, should_pass in ((GOOD, True), (BAD, False)):
        for example in examples.strip().split("\n"):
            findings, _ = check(example.replace(r"\n", "\n"))
            if bool(findings) == should_pass:
                wrong += 1
                print(f"misjudged as {'bad' if findings else 'good'}: {example} {findings}")
    findings, awaits = check('// a\nco_await f(\n    "x",\n    {1});\n')
    if findings != [(4, BRACES)] or awaits != 1:
        wrong += 1
        print(f"wrong line or count: {findings} {awaits}")
    total = len((GOOD + BAD).strip().split("\n"))
    print(f"co_await self-test: {total} examples, {wrong} misjudged")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    root = "" if options.files else options.root
    paths = options.files or cpp_source.sources(root, FOLDERS)
    found = awaits = 0
    for path in paths:
        findings, count = check(cpp_source.read(root, path))
        awaits += count
        found += len(findings)
        for line, message in findings:
            print(f"{path}:{line}: {message}")
    print(f"co_await: {found} findings in {len(paths)} files with {awaits} co_await", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
