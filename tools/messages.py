"""`make messages`: collect the texts that people see, bring the catalogues up to date, compile them; and check them.

Babel does what the gettext programs do elsewhere, so that nothing has to be installed for it. English is the text in
the code; a catalogue is kept for every other language.
"""

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parent.parent / "src"
LOCALE = SOURCE / "guanxi" / "locale"
LANGUAGES = ("zh_Hans",)
KEYWORDS = {
    **dict.fromkeys(("_", "_n", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def sources() -> Iterator[tuple[Path, bytes]]:
    """Every file that may hold texts, as Python for the extractor."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, path.read_bytes()
    for end in ("*.html", "*.txt"):
        for path in sorted(SOURCE.rglob(end)):
            if "templates" in path.parts:
                python = templatize(path.read_text("utf-8"), origin=str(path))
                # What was not text is now X's, indented like the page; Python minds indentation.
                yield path, "\n".join(line.strip() for line in python.split("\n")).encode()


def collect() -> Catalog:
    """All texts, in the order of files and lines."""
    found = Catalog(project="Guanxi", charset="utf-8", fuzzy=False)
    for path, python in sources():
        where = str(path.relative_to(SOURCE.parent))
        options = {"encoding": "utf-8"}
        for line, function, texts, comments in extract_python(io.BytesIO(python), KEYWORDS, ["Translators:"], options):
            if message := _message(function, texts):
                context, singular = message
                found.add(singular, locations=[(where, line)], auto_comments=comments, context=context)
        for line, text in operations(path, python):
            found.add(text, locations=[(where, line)])
    return found


def operations(path: Path, python: bytes) -> Iterator[tuple[int, str]]:
    """What the API's operations say of themselves: the documentation shows their docstrings."""
    if path.suffix != ".py" or path.parent.name != "api":
        return
    for node in ast.walk(ast.parse(python)):
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(one).startswith("router.") for one in node.decorator_list):
            text = ast.get_docstring(node)
            if text:
                yield node.lineno, text


def _message(function: str, texts: object) -> tuple[str | None, str | tuple[str, str]] | None:
    """(context, text or texts) of one call; None for calls whose text is not a plain string."""
    parts = list(texts) if isinstance(texts, tuple) else [texts]
    context = None
    if function.startswith(("pgettext", "npgettext")):
        context, *parts = parts
    wanted = 2 if function.startswith(("n",)) else 1
    parts = parts[:wanted]
    if not all(isinstance(part, str) and part for part in parts):
        return None
    return context, parts[0] if wanted == 1 else (parts[0], parts[1])


def path_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def load(language: str) -> Catalog:
    """The catalogue as it is kept; an empty one at first."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as kept:
        return read_po(kept, locale=language)


def update() -> None:
    """Catalogues that hold exactly the present texts; translations are kept."""
    template = collect()
    for language in LANGUAGES:
        catalogue = load(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as kept:
            # Without line numbers, so that a translation's diff shows translations.
            write_po(kept, catalogue, width=110, include_lineno=False, omit_header=False, sort_by_file=True)
        print(f"messages: {language} has {len(catalogue)} texts, {len(untranslated(catalogue))} untranslated")


def compile_all() -> None:
    """What the running program reads. Catalogues that did not change are left alone."""
    for language in LANGUAGES:
        path = path_of(language)
        compiled = path.with_suffix(".mo")
        if not path.exists() or (compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime):
            continue
        with compiled.open("wb") as out:
            write_mo(out, load(language))


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with an incomplete one."""
    return [message for message in catalogue if message.id and not _is_whole(message)]


def _is_whole(message: Message) -> bool:
    parts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return all(parts) and not message.fuzzy


def check() -> int:
    """0 when every text is translated, with the same placeholders; the faults are printed."""
    template = collect()
    faults = []
    for language in LANGUAGES:
        kept = load(language)
        for message in template:
            if not message.id:
                continue
            held = kept.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            where = ":".join(str(part) for part in message.locations[0])
            if held is None or not _is_whole(held):
                faults.append(f"{where}: no {language} translation of {message.id!r}")
            else:
                # Whether it holds placeholders is known from the code alone, not from the catalogue's flags.
                held.flags |= message.flags
                faults += [f"{where}: {language}: {wrong}" for wrong in held.check(kept)]
    for fault in faults:
        print(fault)
    print(f"messages: {len(template)} texts, {len(faults)} faults" + ("; make messages collects them" if faults else ""))
    return 1 if faults else 0


def main(what: str) -> int:
    settings.configure(USE_I18N=True)  # the template lexer asks
    match what:
        case "update":
            update()
            compile_all()
        case "compile":
            compile_all()
        case "check":
            return check()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
