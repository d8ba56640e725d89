"""`make feel`: how long things are. Medians are easy; taste shows in the longest."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).parent.parent / "src"
LONGEST = 10

Sized = list[tuple[int, str]]


def modules() -> Iterator[Path]:
    """Our Python, without migrations, which are written by a program."""
    return (path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """The functions of a module with their number of lines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name = f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"
            yield (node.end_lineno or node.lineno) - node.lineno + 1, name


def lines(path: Path) -> tuple[int, str]:
    """A file with its number of lines."""
    return path.read_text("utf-8").count("\n"), str(path.relative_to(SOURCE))


def main() -> None:
    """Print the table, then the longest of each."""
    sizes: dict[str, Sized] = {
        "modules": [lines(path) for path in modules()],
        "functions": [size for path in modules() for size in functions(path)],
        "templates": [lines(path) for path in SOURCE.rglob("*.html")],
        "styles and scripts": [lines(path) for end in ("*.css", "*.js") for path in SOURCE.rglob(end) if "vendor" not in path.parts],
    }
    print(f"{'':<20}{'count':>8}{'lines':>8}{'median':>8}{'longest':>9}")
    for name, found in sizes.items():
        counts = [count for count, _where in found] or [0]
        total = "" if name == "functions" else f"{sum(counts):,}"
        print(f"{name:<20}{len(found):>8,}{total:>8}{median(counts):>8g}{max(counts):>9}")
    for name, found in sizes.items():
        print(f"\nlongest {name}")
        for count, where in sorted(found, reverse=True)[:LONGEST]:
            print(f"{count:>6}  {where}")


if __name__ == "__main__":
    main()
