#!/usr/bin/env python3
"""Layering rules of Lathe (shared/design/architecture.md: Layers, Rules of thumb, Threads) as a test.

    check-layers.py [--root FOLDER]   checks the tree
    check-layers.py --self-test       checks made-up trees, good and bad

Findings read `file:line: reason`; exit code 1 when there are any. `// NOLINT(layers): reason` silences a line,
`// long-file: reason` anywhere in a file lifts its length limit.
"""

import argparse
import glob
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
import cpp_source  # noqa: E402

TOP_FOLDERS = {"app", "core", "ui", "resources", "prompts", "tests", "packaging"}
NOT_SOURCES = {"build"}  # and whatever begins with a dot
MAX_LINES = 600

# --- The table: folder -> what it may include, besides itself. A folder that is not here may not exist.
BASE = {"core/base"}
VALUES = {"core/design", "core/prompt", "core/trace", "core/evaluation"}
FEATURES = {
    "ui/" + name
    for name in "canvas design prompts playground tools memory runs experiments monitor settings".split()
}
VIEW = BASE | VALUES | {"core/session"}
SHARED_UI = {"ui/theme", "ui/widgets", "ui/itemmodels"}
MAY_USE = {
    "core/base": set(),
    "core/design": BASE,
    "core/prompt": BASE,
    "core/trace": BASE,
    "core/sqlite": BASE,
    "core/http": BASE,
    "core/httpd": BASE,
    "core/vectorindex": BASE,
    "core/process": BASE,
    "core/postgres": BASE,
    "core/mcp": BASE | {"core/http", "core/process"},
    "core/llm": BASE | {"core/http", "core/trace"},
    "core/tool": BASE
    | {"core/design", "core/http", "core/trace", "core/sqlite", "core/process", "core/postgres", "core/mcp"},
    "core/evaluation": BASE | {"core/design", "core/trace"},
    "core/memory": BASE | {"core/llm", "core/vectorindex"},
    "core/runtime": BASE
    | {"core/design", "core/prompt", "core/trace", "core/llm", "core/tool", "core/memory"},
    "core/project": BASE | VALUES | {"core/sqlite"},
}
MAY_USE["core/session"] = set(MAY_USE) - {"core/httpd", "core/postgres"}
MAY_USE["core/server"] = VIEW | {"core/httpd", "core/mcp"}
CORE = set(MAY_USE)
MAY_USE["ui/theme"] = BASE
MAY_USE["ui/widgets"] = BASE | {"ui/theme"}  # reusable: they know no Lathe type
MAY_USE["ui/itemmodels"] = VIEW
MAY_USE |= {feature: VIEW | SHARED_UI for feature in FEATURES}
MAY_USE["ui/sources"] = VIEW | SHARED_UI | {"core/server"}  # it starts and attaches to servers
MAY_USE["ui/shell"] = VIEW | SHARED_UI | FEATURES | {"ui/sources", "core/server"}
MAY_USE["app/cli"] = CORE  # no GUI library is linked into it
MAY_USE["app/desktop"] = set(MAY_USE) - {"app/cli"}

# --- Libraries with one owner.
OWNED = (
    (re.compile(r"microhttpd\.h$"), "microhttpd.h", "core/httpd"),
    (re.compile(r"sqlite3(ext)?\.h$"), "sqlite3.h", "core/sqlite"),
    (re.compile(r"curl/"), "curl", "core/http"),
    (re.compile(r"hnswlib/"), "hnswlib", "core/vectorindex"),
)
HEAVY = re.compile(r"nlohmann/json\.hpp$|valijson/|QtWidgets$")

# --- Qt modules a folder must not see. The names come from the Qt that is installed; these few always count.
GUI = set(
    "QAction QBrush QClipboard QColor QCursor QDesktopServices QFont QFontDatabase QFontMetrics QGuiApplication "
    "QIcon QImage QKeyEvent QKeySequence QMouseEvent QPainter QPainterPath QPalette QPen QPixmap QPolygonF QScreen "
    "QShortcut QStandardItemModel QSyntaxHighlighter QTextCursor QTextDocument QTransform QUndoCommand QUndoStack "
    "QWindow".split()
)
WIDGETS = set(
    "QAbstractItemView QApplication QCheckBox QComboBox QDialog QDockWidget QFileDialog QFormLayout QFrame "
    "QGraphicsItem QGraphicsScene QGraphicsView QHBoxLayout QHeaderView QLabel QLineEdit QListView QMainWindow QMenu "
    "QMessageBox QPlainTextEdit QPushButton QScrollArea QSplitter QStyle QStyledItemDelegate QTabWidget QTableView "
    "QTextEdit QToolBar QToolButton QTreeView QVBoxLayout QWidget".split()
)
GUI_MODULES = {"QtGui", "QtSvg", "QtOpenGL"}
WIDGETS_MODULES = {"QtWidgets", "QtSvgWidgets", "QtOpenGLWidgets", "QtCharts", "QtPrintSupport"}

SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE INTO|CREATE (UNIQUE |VIRTUAL |TEMP )*(TABLE|INDEX|TRIGGER|VIEW)"
    r"|ALTER TABLE|DROP (TABLE|INDEX|TRIGGER|VIEW)|PRAGMA|ATTACH)\s"
)
SQL_FOLDERS = {"core/project", "core/sqlite", "core/tool"}
# The offline model writes SQL as its answer, for the SQL tool to check and run; it runs none itself.
SQL_ANSWERS = re.compile(r"core/llm/OfflineSql\w*\.cpp$")

NESTED_LOOPS = (
    (re.compile(r"\bQEventLoop\b"), "QEventLoop"),
    (re.compile(r"\bprocessEvents\s*\("), "processEvents()"),
    (re.compile(r"(\.|->)\s*exec\s*\(\s*\)"), "exec()"),
    (re.compile(r"\bwaitFor\s*\("), "waitFor()"),
)
# In ui every exec() is one: QMenu::exec(at), QDrag::exec(actions); in core a statement may have its own.
NESTED_LOOPS_UI = (re.compile(r"(\.|->)\s*exec\s*\([^)]"), "exec()")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
LONG_FILE = re.compile(r"//\s*long-file:\s*\S")


def qt_headers(module, known):
    names = {os.path.basename(path) for path in glob.glob(f"/usr/include/*/qt6/{module}/*")}
    return {name.lower().removesuffix(".h") for name in names | known}


def layer_of(path):
    return "/".join(path.split("/")[:2])


class Checker:
    def __init__(self, root):
        self.root = root
        self.findings = []
        core = qt_headers("QtCore", set())
        self.gui = qt_headers("QtGui", GUI) - core
        self.widgets = qt_headers("QtWidgets", WIDGETS) - core

    def add(self, path, line, reason):
        self.findings.append((path, line, reason))

    def run(self):
        self.check_folders()
        for path in cpp_source.sources(self.root, ("app", "core", "ui")):
            self.check_source(path)
        for path in cpp_source.sources(self.root, ("tests",)):
            if not path.startswith("tests/data/"):
                self.check_length(path, cpp_source.read(self.root, path))
        self.check_build_table()
        return sorted(set(self.findings))

    def check_folders(self):
        there = {
            name
            for name in os.listdir(self.root)
            if os.path.isdir(os.path.join(self.root, name)) and not name.startswith(".")
        } - NOT_SOURCES
        for name in sorted(there - TOP_FOLDERS):
            self.add(name, 1, f"top-level folders are exactly {', '.join(sorted(TOP_FOLDERS))}")
        for name in sorted(TOP_FOLDERS - there):
            self.add(name, 1, "this top-level folder is missing")
        layers = {layer_of(path) for path in cpp_source.sources(self.root, ("core", "ui"))}
        for layer in sorted(layers & set(MAY_USE)):
            if not os.path.exists(os.path.join(self.root, layer, "README.md")):
                self.add(layer, 1, "a folder with sources has a short README.md")

    def check_source(self, path):
        text = cpp_source.read(self.root, path)
        layer = layer_of(path)
        self.check_length(path, text)
        if path.count("/") < 2 or layer not in MAY_USE:
            self.add(path, 1, f"{os.path.dirname(path)} is not in the layer table of packaging/check-layers.py")
            return
        found = []  # (offset, reason)
        no_comments = cpp_source.strip(text, keep_strings=True)
        for match in INCLUDE.finditer(no_comments):
            reason = self.judge_include(path, layer, match.group(2), match.group(1) == '"')
            if reason:
                found.append((match.start(2), reason))
        if layer not in SQL_FOLDERS and not SQL_ANSWERS.search(str(path)):
            for offset, literal in cpp_source.literals(text):
                if SQL.match(literal):
                    found.append((offset, "SQL text belongs in " + ", ".join(sorted(SQL_FOLDERS))))
        if not layer.startswith("app/"):
            code = cpp_source.strip(text)
            rules = NESTED_LOOPS + ((NESTED_LOOPS_UI,) if layer.startswith("ui/") else ())
            for banned, name in rules:
                for match in banned.finditer(code):
                    found.append((match.start(), f"{name} runs a nested event loop; await instead"))
            for match in INCLUDE.finditer(no_comments):
                if match.group(2) in ("QEventLoop", "qeventloop.h"):
                    found.append((match.start(2), "QEventLoop runs a nested event loop; await instead"))
        quiet = cpp_source.silenced(text, "layers")
        for offset, reason in found:
            line = cpp_source.line_of(text, offset)
            if line not in quiet:
                self.add(path, line, reason)

    def check_length(self, path, text):
        lines = text.count("\n") + (not text.endswith("\n"))
        if lines > MAX_LINES and not LONG_FILE.search(text):
            self.add(path, MAX_LINES + 1, f"{lines} lines; split the file, or say why in `// long-file: reason`")

    def judge_include(self, path, layer, name, quoted):
        for pattern, library, owner in OWNED:
            if pattern.match(name) and layer != owner:
                return f"only {owner} includes {library}"
        if path.endswith(".h") and HEAVY.search(name):
            return f"{name} is too heavy for a header: include it in one .cpp"
        reason = self.judge_qt(layer, name)
        if reason:
            return reason
        if name.split("/")[0] in ("core", "ui", "app"):
            target = layer_of(name)
            if target == layer or target in MAY_USE[layer]:
                return None
            if layer in FEATURES and target in FEATURES:
                return f"a feature folder never includes another: {layer} includes {target}"
            return f"{layer} may not use {target}"
        if not quoted:
            return None
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if os.path.exists(os.path.join(self.root, beside)):
            if name.startswith("..") or layer_of(beside) != layer:
                return f'write the path from the root: "{beside}"'
            return None
        if name.startswith("..") or name.split("/")[0] in TOP_FOLDERS:
            return f"{layer} may not use {name}"
        return None  # generated, or another library's

    def judge_qt(self, layer, name):
        without_gui = layer.startswith("core/") or layer == "app/cli"
        without_widgets = without_gui or layer == "ui/itemmodels"
        parts = name.split("/")
        header = parts[-1].lower().removesuffix(".h")
        if parts[-1][:1] not in ("Q", "q") or len(parts) > 2:
            return None
        if without_widgets and (WIDGETS_MODULES & set(parts) or header in self.widgets):
            return f"{layer} sees no Qt Widgets ({name})"
        if without_gui and (GUI_MODULES & set(parts) or header in self.gui):
            return f"{layer} sees no Qt Gui ({name})"
        return None

    def check_build_table(self):
        """The build's own table (packaging/cmake/LatheLayers.cmake) must not allow more than this one."""
        path = "packaging/cmake/LatheLayers.cmake"
        if not os.path.exists(os.path.join(self.root, path)):
            return
        text = cpp_source.read(self.root, path)
        groups = {}
        for match in re.finditer(r"\bset\((\w+) ((?:core|ui|app)/[^)]*)\)", text):
            groups["${" + match.group(1) + "}"] = match.group(2)
        for match in re.finditer(r"\bset\(LATHE_MAY_USE_([^\s)]+)\s*([^)]*)\)", text):
            words = match.group(2)
            for name, value in groups.items():
                words = words.replace(name, value)
            used = set(words.replace('"', " ").split())
            layer = match.group(1)
            allowed = VIEW | SHARED_UI if layer == "ui/${feature}" else MAY_USE.get(layer, set())
            if used - allowed:
                line = cpp_source.line_of(text, match.start())
                self.add(path, line, f"{layer} may not use {', '.join(sorted(used - allowed))}")


# --- Self-test: (path, content, words of the expected finding or None).
CASES = (
    ("core/llm/A.cpp", '#include "core/base/B.h"\n#include "core/http/H.h"\n', None),
    ("core/llm/A.cpp", '#include "core/llm/B.h"\n#include "Beside.h"\n#include "A.moc"\n', None),
    ("core/llm/A.cpp", "#include <QJsonObject>\n#include <QEvent>\n#include <QtCore/QString>\n", None),
    ("core/llm/A.cpp", '// #include "ui/shell/S.h"\n/* #include <QWidget> */\n', None),
    ("core/llm/A.cpp", 'auto s = "DELETE"; auto t = "Select one"; // "SELECT * FROM t"\n', None),
    ("core/llm/A.cpp", "// QEventLoop, exec(), waitFor()\nwaitForIt(); query.exec(sql); exec();\n", None),
    ("core/llm/A.cpp", "x\n" * 600, None),
    ("core/llm/A.cpp", "// long-file: one table\n" + "x\n" * 600, None),
    ("core/llm/A.cpp", '#include "core/tool/T.h" // NOLINT(layers): moves in the next commit\n', None),
    ("core/project/A.cpp", 'auto s = "SELECT 1";\n#include "core/sqlite/S.h"\n', None),
    ("core/sqlite/A.cpp", "#include <sqlite3.h>\n", None),
    ("core/http/A.cpp", "#include <curl/curl.h>\n", None),
    ("core/vectorindex/A.cpp", "#include <hnswlib/hnswlib.h>\n", None),
    ("core/tool/A.cpp", "#include <valijson/validator.hpp>\n", None),
    ("ui/itemmodels/A.cpp", '#include <QColor>\n#include "core/session/S.h"\n', None),
    ("ui/runs/A.cpp", '#include <QWidget>\n#include "ui/itemmodels/M.h"\n#include "core/trace/T.h"\n', None),
    ("ui/shell/A.cpp", '#include "ui/runs/R.h"\n#include "ui/design/D.h"\n', None),
    ("ui/runs/A.cpp", "menu->popup(at); dialog.open();\n", None),
    ("app/desktop/main.cpp", '#include "ui/shell/S.h"\n#include <QApplication>\nreturn app.exec();\n', None),
    ("app/cli/main.cpp", '#include "core/session/S.h"\nreturn app.exec();\n', None),
    ("core/base/A.cpp", '#include "core/design/D.h"\n', "1: core/base may not use core/design"),
    ("core/llm/A.cpp", '\n#include "core/project/P.h"\n', "2: core/llm may not use core/project"),
    ("core/llm/A.cpp", "#include <core/tool/T.h>\n", "core/llm may not use core/tool"),
    ("core/session/A.cpp", '#include "core/server/S.h"\n', "may not use core/server"),
    ("core/session/A.cpp", '#include "ui/shell/S.h"\n', "may not use ui/shell"),
    ("core/llm/A.cpp", '#include "../http/Real.h"\n', "write the path from the root"),
    ("core/llm/A.cpp", '#include "tests/support/FakeClock.h"\n', "may not use tests/support"),
    ("core/llm/A.cpp", '#include "core/tool/T.h" // NOLINT(layers)\n', "may not use core/tool"),
    ("core/nowhere/A.cpp", "", "not in the layer table"),
    ("core/A.cpp", "", "not in the layer table"),
    ("ui/runs/A.cpp", '#include "ui/prompts/P.h"\n', "a feature folder never includes another"),
    ("ui/runs/A.cpp", '#include "core/project/P.h"\n', "ui/runs may not use core/project"),
    ("ui/runs/A.cpp", '#include "ui/shell/S.h"\n', "ui/runs may not use ui/shell"),
    ("ui/widgets/A.cpp", '#include "core/design/D.h"\n', "ui/widgets may not use core/design"),
    ("app/cli/main.cpp", '#include "ui/theme/T.h"\n', "app/cli may not use ui/theme"),
    ("app/cli/main.cpp", "#include <QApplication>\n", "sees no Qt Widgets"),
    ("core/project/A.cpp", "#include <sqlite3.h>\n", "only core/sqlite includes sqlite3.h"),
    ("ui/runs/A.cpp", "#include <curl/curl.h>\n", "only core/http includes curl"),
    ("core/memory/A.cpp", "#include <hnswlib/hnswlib.h>\n", "only core/vectorindex includes hnswlib"),
    ("core/tool/A.h", "#include <valijson/validator.hpp>\n", "too heavy for a header"),
    ("ui/runs/A.h", "#include <QtWidgets>\n", "too heavy for a header"),
    ("core/design/A.cpp", "#include <QColor>\n", "sees no Qt Gui"),
    ("core/design/A.cpp", "#include <QtGui/QIcon>\n", "sees no Qt Gui"),
    ("core/design/A.cpp", "#include <qwidget.h>\n", "sees no Qt Widgets"),
    ("ui/itemmodels/A.cpp", "#include <QTreeView>\n", "sees no Qt Widgets"),
    ("core/session/A.cpp", 'x("SELECT name FROM t");\n', "SQL text belongs in"),
    ("core/session/A.cpp", 'x(QStringLiteral("PRAGMA wal"));\n', "SQL text belongs in"),
    ("ui/runs/A.cpp", 'x(R"(\n  CREATE TABLE t (a)\n)");\n', "SQL text belongs in"),
    ("app/cli/A.cpp", 'x("DELETE FROM t");\n', "SQL text belongs in"),
    ("core/http/A.cpp", "\n\nQEventLoop loop;\n", "3: QEventLoop runs a nested event loop"),
    ("core/http/A.cpp", "#include <QEventLoop>\n", "QEventLoop runs a nested event loop"),
    ("ui/runs/A.cpp", "QCoreApplication::processEvents();\n", "processEvents() runs a nested"),
    ("ui/runs/A.cpp", "if (dialog->exec() == 1) {\n", "exec() runs a nested"),
    ("ui/runs/A.cpp", "dialog.exec( );\n", "exec() runs a nested"),
    ("ui/runs/A.cpp", "menu->exec(at);\n", "exec() runs a nested"),
    ("core/llm/A.cpp", "QCoro::waitFor(task);\n", "waitFor() runs a nested"),
    ("core/llm/A.cpp", "x\n" * 601, "601 lines"),
    ("tests/core/tst_A.cpp", "x\n" * 700, "700 lines"),
    ("src/A.cpp", "", "src:1: top-level folders are exactly"),
    ("core/llm/README.md", None, "core/llm:1: a folder with sources has a short README.md"),
    ("prompts", None, "prompts:1: this top-level folder is missing"),
    ("packaging/cmake/LatheLayers.cmake", "set(LATHE_MAY_USE_core/llm core/base core/http)\n", None),
    ("packaging/cmake/LatheLayers.cmake", 'set(LATHE_MAY_USE_core/base "")\n', None),
    (
        "packaging/cmake/LatheLayers.cmake",
        "set(LATHE_VALUES core/design)\nset(LATHE_MAY_USE_core/llm\n    core/base ${LATHE_VALUES})\n",
        "2: core/llm may not use core/design",
    ),
    (
        "packaging/cmake/LatheLayers.cmake",
        "foreach(feature runs)\nset(LATHE_MAY_USE_ui/${feature} core/project)\nendforeach()\n",
        "2: ui/${feature} may not use core/project",
    ),
)


def write(root, path, content):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="utf-8") as file:
        file.write(content)


def make_tree(root):
    for folder in TOP_FOLDERS | {"build", ".git"}:
        os.makedirs(os.path.join(root, folder))
    for layer in MAY_USE:
        write(root, f"{layer}/README.md", "One line.\n")
        write(root, f"{layer}/Real.h", "#pragma once\n")
        write(root, f"{layer}/Beside.h", "#pragma once\n")


def self_test():
    wrong = 0
    for path, content, expected in CASES:
        with tempfile.TemporaryDirectory() as root:
            make_tree(root)
            if content is not None:
                write(root, path, content)
            elif os.path.isdir(os.path.join(root, path)):
                os.rmdir(os.path.join(root, path))
            else:
                os.remove(os.path.join(root, path))
            found = ["%s:%d: %s" % finding for finding in Checker(root).run()]
        as_expected = not found if expected is None else found and all(expected in line for line in found)
        if not as_expected:
            wrong += 1
            print(f"misjudged: {path} {(content or '')[:60]!r}: expected {expected}, found {found}")
    print(f"layers self-test: {len(CASES)} trees, {wrong} misjudged")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    findings = Checker(options.root).run()
    for finding in findings:
        print("%s:%d: %s" % finding)
    print(f"layers: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
