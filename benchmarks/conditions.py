"""What it costs to read, check and compile a condition, beside Django's own `Q` written by hand: `python -m benchmarks.conditions`.

Nothing is asked of a database.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from typing import Any

import django
from django.db.models import Q

OWN = 'amount > 5000 and closes_on within this_quarter and outcome = "open" and name contains "a" and owner = 3'
ACROSS = (
    'amount > 5000 and account.industry is not empty and stage.outcome = "open" and lines.total > 5 and activities[at > -90d].count() > 2'
)


def milliseconds(work: Callable[[], Any], rounds: int = 200) -> float:
    """The best of seven means: what it costs when nothing else runs."""
    best = float("inf")
    for _try in range(7):
        start = time.perf_counter()
        for _round in range(rounds):
            work()
        best = min(best, (time.perf_counter() - start) / rounds)
    return best * 1000


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.web.settings")
    os.environ.setdefault("GUANXI_SECRET_KEY", "only-for-benchmarks-" * 3)
    django.setup()
    from guanxi.entity.actors import SYSTEM
    from guanxi.entity.conditions import check, compile, from_json, parse, to_json  # noqa: A004
    from guanxi.entity.registry import entity_named

    deals = entity_named("deals")
    day = dt.date(2026, 10, 1)

    def by_hand() -> Q:
        return Q(amount__gt=5000) & Q(closes_on__gte=day, closes_on__lt=day) & Q(outcome="open") & Q(name__icontains="a") & Q(owner_id=3)

    print(f"{'':44}{'ms':>8}")
    for name, text in {"five fields of its own": OWN, "five, across four entities": ACROSS}.items():
        tree = parse(text)
        sent = to_json(tree)
        where = compile(tree, deals, SYSTEM)
        for step, work in {
            "parse": lambda text=text: parse(text),
            "from JSON": lambda sent=sent: from_json(sent),
            "check": lambda tree=tree: check(tree, deals, SYSTEM),
            "check and compile": lambda tree=tree: compile(tree, deals, SYSTEM),
            "Django: Q to SQL": lambda where=where: str(deals.model._default_manager.filter(where).query),
        }.items():
            print(f"{name + ': ' + step:44}{milliseconds(work):8.3f}")
    print(f"{'Q by hand, five fields':44}{milliseconds(by_hand):8.3f}")
    print(f"{'Django: Q by hand to SQL':44}{milliseconds(lambda: str(deals.model._default_manager.filter(by_hand()).query)):8.3f}")


if __name__ == "__main__":
    main()
