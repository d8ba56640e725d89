"""The page of attainment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from guanxi.access.models import User
from guanxi.access.titles import teams
from guanxi.base.money import format_sum
from guanxi.crm.forecast.judging import span_named
from guanxi.crm.forecast.pages import around
from guanxi.crm.forecast.spans import containing
from guanxi.crm.forecast.tree import BESIDES
from guanxi.crm.pipelines.queries import stages
from guanxi.crm.products.model import Product
from guanxi.crm.targets.attainment import SCHEMA, Attainment, Row, attainment, told
from guanxi.crm.targets.measures import MEASURES
from guanxi.crm.targets.queries import Aim
from guanxi.crm.targets.results import may_measure
from guanxi.crm.targets.standing import Standing
from guanxi.entity.registry import entity_named
from guanxi.record.reach import visible
from guanxi.record.refusals import Missing, Refused
from guanxi.surfaces.api.figures import Figures
from guanxi.surfaces.pages import answering, must_see, render, user_of

PATH = "/targets/attainment"
ENOUGH = 100


@answering
@require_GET
def of_period(request: HttpRequest) -> HttpResponse:
    """What was done of what is aimed for in a period, by team and person."""
    user = user_of(request)
    must_see(entity_named("targets"), user)
    aim = asked_of(request.GET, user)
    whole = attainment(user, aim)
    team = _team(request.GET.get("team", ""), whole)
    rows = [_row(whole, row, user) for row in whole.under(team)]
    head = _row(whole, whole.team(team) if team else whole.total, user)
    way = around(aim.span, aim.pipeline if aim.by.pipeline else None, team, user, PATH, {**_more(aim)})
    missing = sorted({*whole.found.missing, *whole.aimed.missing})
    return render(
        request, "crm/attainment.html", "figures", rows=rows, head=head, crumbs=_crumbs(whole, team), measures=_measures(aim, team, user),
        measure=aim.by.label, here=place(aim, team), products=_products(aim, user), aim=aim, team=team, missing=", ".join(missing),
        currency=user.locale.currency if aim.by.amount else "", converted=", ".join(sorted(whole.found.used - whole.found.missing.keys())),
        sets=user.rights.may("create", "targets"),
        forecast_url=f"/deals/forecast?period={aim.span.name}" if user.rights.may("see", "deals") else "",
        **{**way, "pipelines": way["pipelines"] if aim.by.pipeline else []},
    )  # fmt: skip


def _tell(user: User, asked: Mapping[str, str]) -> Any:
    return told(user, asked_of(asked, user))


ATTAINMENT = Figures(
    "targets",
    "attainment",
    gettext_lazy("What was done of what is aimed for"),
    _tell,
    SCHEMA,
    takes=Figures.takes | {"measure", "product", "family"},
)


def asked_of(asked: Mapping[str, str], user: User) -> Aim:
    """What is asked for: period, measure, pipeline, product. Refused, Missing."""
    text = asked.get("period", "")
    span = span_named(text) if text else containing(user.locale.today, "quarter")
    measure = asked.get("measure", "") or _first(user)
    if measure not in MEASURES:
        raise Refused({"measure": _("“%(text)s” is not one of the choices.") % {"text": measure[:60]}})
    aim = Aim(span, measure, _pipeline(asked.get("pipeline", "")), _product(asked.get("product", "")), asked.get("family", "")[:80])
    if aim.pipeline and not aim.by.pipeline:
        raise Refused({"pipeline": _("“%(measure)s” is not measured by pipeline.") % {"measure": aim.by.label}})
    if (aim.product or aim.family) and not aim.by.product:
        raise Refused({"product": _("“%(measure)s” is not measured by product.") % {"measure": aim.by.label}})
    return aim


def _first(user: User) -> str:
    """The first measure that the reader may see."""
    span = containing(user.locale.today, "quarter")
    return next((name for name in MEASURES if may_measure(Aim(span, name), user)), next(iter(MEASURES)))


def _pipeline(text: str) -> int | None:
    if text and text not in {str(stage.pipeline_id) for stage in stages().values()}:
        raise Missing(_("There is no such pipeline."))
    return int(text) if text else None


def _product(text: str) -> int | None:
    if not text:
        return None
    key = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    if not Product.objects.filter(pk=key).exists():
        raise Missing(_("There is no such product."))
    return key


def _team(asked: str, whole: Attainment) -> int | None:
    """The team whose parts are shown: the one asked for, or the only one there is."""
    tree = whole.found.tree
    if asked.isascii() and asked.isdecimal() and len(asked) < 19 and int(asked) in tree.parents and tree.reach.over(team=int(asked)):
        return int(asked)
    if asked:
        raise Missing(_("There is no such team, or you may not see it."))
    top = list(whole.under(None))
    return top[0].key if len(top) == 1 and top[0].kind == "team" else None


def _more(aim: Aim) -> dict[str, Any]:
    return {name: value for name, value in (("measure", aim.measure), ("product", aim.product), ("family", aim.family)) if value}


def place(aim: Aim, team: int | None, **other: Any) -> str:
    asked = {"period": aim.span.name, "pipeline": aim.pipeline, "team": team, **_more(aim), **other}
    return f"{PATH}?{urlencode({name: value for name, value in asked.items() if value})}"


def _measures(aim: Aim, team: int | None, user: User) -> list[tuple[str, str, bool]]:
    """The measures to choose from, with where each leads."""
    found = []
    for name, one in MEASURES.items():
        other = Aim(
            aim.span, name, aim.pipeline if one.pipeline else None, aim.product if one.product else None, aim.family if one.product else ""
        )
        if may_measure(other, user):
            found.append((place(other, team), str(one.label), name == aim.measure))
    return found


def _products(aim: Aim, user: User) -> list[tuple[str, str, bool]]:
    """The products that have targets in this period, where the measure knows products."""
    if not aim.by.product:
        return []
    rows = visible(entity_named("targets"), to=user).filter(period=aim.span.name, measure=aim.measure).exclude(product=None, family="")
    several = sorted({(title or "", key, family) for title, key, family in rows.values_list("product__name", "product", "family")})
    if not several and not (aim.product or aim.family):
        return []
    plain = Aim(aim.span, aim.measure, aim.pipeline)
    found = [(place(plain, None), _("All products"), not (aim.product or aim.family))]
    for title, key, family in several:
        one = Aim(aim.span, aim.measure, aim.pipeline, key, family)
        found.append((place(one, None), title or family, one == aim))
    return found


def _crumbs(whole: Attainment, team: int | None) -> list[dict[str, Any]]:
    way, at, tree = [], team, whole.found.tree
    while at is not None and at in tree.parents and tree.reach.over(team=at):
        way.append({"title": teams().get(at, ""), "url": place(whole.aim, at), "current": at == team})
        at = tree.parents.get(at)
    return way[::-1]


def in_words(aim: Aim, value: Decimal | None, user: User) -> str:
    """A figure of a measure: money, or a number."""
    if value is None:
        return ""
    if aim.by.amount:
        return format_sum(value, user.locale.currency, user.locale.language)
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.1f}"


def _row(whole: Attainment, row: Row, user: User) -> dict[str, Any]:
    aim, held = whole.aim, row.held
    title = {"total": _("Everything you see"), "nobody": _("No owner"), "others": _("Other owners")}.get(row.kind, row.title)
    return {
        "kind": row.kind, "title": title, "done": in_words(aim, row.done, user), "any": bool(row.done), **held_in_words(aim, held, user),
        "done_url": f"/{aim.by.entity}?" + urlencode({"view": "all", "where": whole.condition(row)}),
        "url": place(aim, row.key) if row.kind == "team" else "", "target_url": f"/targets/{row.target.pk}" if row.target else "",
        "new_url": "" if row.target or row.kind in BESIDES else _new_url(aim, row, user),
    }  # fmt: skip


def _whole(value: Decimal | None) -> Decimal | None:
    """What is only worked out needs no cents."""
    return value if value is None or abs(value) < ENOUGH else value.quantize(Decimal(1))


def held_in_words(aim: Aim, held: Standing | None, user: User) -> dict[str, Any]:
    if held is None:
        return {}
    share = None if held.attained is None else round(held.attained * 100)
    return {
        "target": in_words(aim, held.target, user), "gap": in_words(aim, held.gap, user), "due": in_words(aim, _whole(held.due), user),
        "weekly": in_words(aim, _whole(held.weekly), user), "attained": "–" if share is None else f"{share}%", "share": min(max(share or 0, 0), 100),
        "pace": "–" if held.pace is None else f"{round(held.pace * 100)}%", "tone": "good" if held.done >= held.due else "warn",
    }  # fmt: skip


def _new_url(aim: Aim, row: Row, user: User) -> str:
    """Where a target is set for a row; nothing for those who set none."""
    if not user.rights.may("create", "targets"):
        return ""
    whose: dict[str, Any] = (
        {"owner": row.key} if row.kind == "person" else {"owner": "", **({"team": row.key} if row.kind == "team" else {})}
    )
    asked = {**whose, "period": aim.span.name, "pipeline": aim.pipeline or "", **_more(aim)}
    return f"/targets/new?{urlencode({name: value for name, value in asked.items() if value != '' or name == 'owner'})}"
