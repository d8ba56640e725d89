"""When a score foretells too well: facts that were only filled in once the end was near tell the answer itself (leakage).

A score that learns from them is right about what is over and of no use for what is open. Nobody can tell from numbers alone
whether a fact leaks, only that it is too good to be true; so it is named, and people decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TOO_GOOD = 0.97
"""From this AUC on newest outcomes, a score of sales is hardly honest."""
STRONG = 0.9
"""From this AUC alone, a fact is suspected; else the strongest is."""


def suspects(quality: Mapping[str, Any]) -> list[str]:
    """The fields that probably tell the answer, the strongest first; none where a score is not too good."""
    if (quality.get("auc") or 0) < TOO_GOOD:
        return []
    alone = {name: value for name, value in quality.get("alone", {}).items() if value is not None and value > 0.5}
    ordered = sorted(alone, key=lambda name: (-alone[name], name))
    return [name for name in ordered if alone[name] >= STRONG] or ordered[:1]
