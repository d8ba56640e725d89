"""MAN qualification: has the lead the money, the authority to decide and the need? After the sales textbook's table.

An answer that is unknown is never taken for a no: the lead stays unclassed, and the advice is what to find out.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

YES, NO, UNKNOWN = "yes", "no", "unknown"
CLASSES: Mapping[tuple[str, str, str], str] = {
    (YES, YES, YES): "ideal",
    (YES, YES, NO): "strategy",
    (YES, NO, YES): "decider",
    (NO, YES, YES): "credit",
    (YES, NO, NO): "cultivate",
    (NO, YES, NO): "cultivate",
    (NO, NO, YES): "stop",
    (NO, NO, NO): "stop",
}
"""The class by (money, authority, need)."""
ADVICE: Mapping[str, Promise] = {
    "ideal": gettext_lazy("An ideal prospect, the best one to sell to: convert it and sell."),
    "strategy": gettext_lazy("Money and a decider, no need yet: approach it; the right sales strategy may win."),
    "decider": gettext_lazy("Money and need: approach it, and find the person who decides."),
    "credit": gettext_lazy("A decider and a need: approach it; look into business and credit, then finance on terms."),
    "cultivate": gettext_lazy("Approach it and cultivate it over time, until the conditions are met."),
    "stop": gettext_lazy("Not a prospect: stop."),
}
QUESTIONS: tuple[Promise, Promise, Promise] = (
    gettext_lazy("have they the money"),
    gettext_lazy("who decides"),
    gettext_lazy("do they need it"),
)


def class_of(money: str, authority: str, need: str) -> str:
    """The class of three answers; `unknown` while one of them is."""
    return CLASSES.get((money, authority, need), UNKNOWN)


def letters(money: str, authority: str, need: str) -> str:
    """The answers as the textbook writes them: capitals for yes, small letters for no, a question mark for unknown."""
    pairs = zip("MAN", (money, authority, need), strict=True)
    return " + ".join({YES: letter, NO: letter.lower()}.get(answer, "?") for letter, answer in pairs)


def advice(money: str, authority: str, need: str) -> str:
    """What to do next: what to find out, or what the class calls for."""
    known = ADVICE.get(class_of(money, authority, need))
    if known is not None:
        return str(known)
    asked = [str(question) for question, answer in zip(QUESTIONS, (money, authority, need), strict=True) if answer == UNKNOWN]
    return _("Find out: %(questions)s?") % {"questions": _(", ").join(asked)}
