"""Reading C++ as text, for the lints of this folder: no compiler, only comments, literals and lines."""

import os
import re

_LEXEME = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z))
      |(?P<raw>R"(?P<delimiter>[^()\\\s]{0,16})\(.*?(?:\)(?P=delimiter)"|\Z))
      |(?P<string>"(?:\\.|[^"\\\n])*"?)
      |(?P<number>(?<!\w)\d(?:'?[\w.])*)
      |(?P<char>'(?:\\.|[^'\\\n])*'?)""",
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*\#(?:\\\n|[^\n])*", re.MULTILINE)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def strip(text, keep_strings=False):
    """The text without comments and with empty literals; every character keeps its line and column."""

    def replace(match):
        found = match.group(0)
        if match.group("comment") is not None:
            return _blank(found)
        if keep_strings or match.group("number") is not None:
            return found
        return '"' + _blank(found[1:-1]) + '"' if len(found) > 1 else '"'

    return _LEXEME.sub(replace, text)


def without_directives(stripped):
    """Stripped text without preprocessor lines (and their continuations)."""
    return _DIRECTIVE.sub(lambda match: _blank(match.group(0)), stripped)


def literals(text):
    """(offset, content) of every string literal, raw ones too."""
    for match in _LEXEME.finditer(text):
        if match.group("string") is not None:
            yield match.start(), match.group("string")[1:].removesuffix('"')
        elif match.group("raw") is not None:
            raw = match.group("raw")
            yield match.start(), raw[raw.index("(") + 1 :]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def silenced(text, lint):
    """Lines that carry `// NOLINT(lint): reason`; without a reason the remark does not count."""
    remark = re.compile(r"//.*\bNOLINT\(" + re.escape(lint) + r"\):\s*\S")
    return {number for number, line in enumerate(text.split("\n"), 1) if remark.search(line)}


def sources(root, folders, endings=(".cpp", ".h")):
    """Paths, relative to root and sorted, of the sources below the folders."""
    found = []
    for folder in folders:
        for at, below, files in os.walk(os.path.join(root, folder)):
            below.sort()
            found += [os.path.relpath(os.path.join(at, f), root) for f in files if f.endswith(endings)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()
