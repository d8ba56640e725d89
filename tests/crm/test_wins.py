"""Won and lost: every number is that of the list it leads to, by whatever deals have in common and whoever reads."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.access.models import FieldRight
from guanxi.crm.deals.verbs import lose, win
from guanxi.crm.forecast.spans import Span
from guanxi.crm.funnel.asking import Asked
from guanxi.crm.funnel.wins import DIMENSIONS, wins
from guanxi.crm.targets.queries import Aim
from guanxi.crm.targets.results import results
from guanxi.entity.actors import Level
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.changes import delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.record.reach import visible
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
ASKED = Asked(Span("2026", dt.date(2026, 1, 1), dt.date(2027, 1, 1)), day="closed_on")


def closed(cast: Cast, owner: Any, amount: int, *, won: bool, on: str = "2026-03-11", opened: str = "2026-03-01", **values: Any) -> Any:
    reason = {} if won else {"loss_reason": values.pop("reason", None) or make("loss_reasons", name=f"R{amount}").pk}
    stage = cast.stage("Won" if won else "Lost").pk
    return make(
        "deals", name="D", owner=owner.pk if owner else None, stage=stage, amount=amount, currency="USD", opened_on=opened, closed_on=on,
        **({} if owner else {"team": cast.harbour.pk}), **reason, **values,
    )  # fmt: skip


def sold(cast: Cast) -> None:
    """Won and lost by everyone, with and without a rival, source and product."""
    rival = make("accounts", name="Rival", owner=cast.charlie.pk)
    crane = make("products", name="Crane")
    price = make("loss_reasons", name="Too dear")
    several = product((cast.alice, cast.bob, cast.charlie, None), (True, False), (True, False), ("2026-03-11", "2025-03-11"))
    for amount, (owner, won, full, on) in enumerate(several, 1):
        facts = {"competitor": rival.pk, "source": "web", "product": crane.pk} if full else {}
        closed(cast, owner, amount, won=won, on=on, opened=f"{on[:5]}03-01", **facts, **({} if won else {"reason": price.pk}))
    make("deals", name="Open", owner=cast.bob.pk, amount=1)


def test_every_number_is_that_of_the_list_it_leads_to(cast: Cast) -> None:
    sold(cast)
    entity = entity_named("deals")
    for reader, by in product((cast.admin, cast.alice, cast.bob, cast.charlie), DIMENSIONS):
        whole = wins(reader, ASKED, by)
        for row in (*whole.rows, whole.total):
            for outcome, one in (("won", row.won), ("lost", row.lost)):
                if by.lost_only and outcome == "won" and row is not whole.total:
                    assert one.count == 0
                    continue
                condition = whole.condition(row, outcome)
                rows = visible(entity, to=reader).filter(compile_condition(parse(condition), entity, reader))
                assert (one.count, one.amount) == (rows.count(), sum(deal.amount for deal in rows)), condition
        assert sum(row.lost.count for row in whole.rows) == whole.total.lost.count > 0
    assert [wins(reader, ASKED, DIMENSIONS[0]).total.closed for reader in (cast.admin, cast.alice, cast.bob, cast.charlie)] == [
        16,
        12,
        4,
        4,
    ]


@pytest.fixture
def lined(cast: Cast) -> dict[str, Any]:
    """Deals that sell by their lines, whatever product they name, and some that have no lines; one of them in euros."""
    crane, hoist, rope = (make("products", name=name, family=name[:1]) for name in ("Crane", "Hoist", "Rope"))
    make("rates", currency="EUR", base="USD", starts_on="2026-03-01", rate="2")
    make("rates", currency="EUR", base="USD", starts_on="2026-04-01", rate="3")
    several = closed(cast, cast.bob, 1, won=True, product=rope.pk)
    for product_, price in ((crane, 10), (crane, 5), (hoist, 7), (None, 100)):
        make("deal_lines", deal=several.pk, product=product_.pk if product_ else None, name="L", quantity=1, price=price)
    gone = make("deal_lines", deal=several.pk, product=rope.pk, name="Gone", quantity=1, price=1000)
    delete(gone, by=cast.admin)
    edit(several, {"amount": 122}, by=cast.admin)
    euros = closed(cast, cast.bob, 3, won=False, product=crane.pk)
    edit(euros, {"currency": "EUR"}, by=cast.admin)
    make("deal_lines", deal=euros.pk, product=hoist.pk, quantity=2, price=20)
    closed(cast, cast.bob, 1000, won=True, product=crane.pk)
    closed(cast, cast.bob, 500, won=True)
    return {"crane": crane, "hoist": hoist, "rope": rope, "several": several}


def test_a_deal_counts_for_the_products_of_its_lines_with_what_each_comes_to(cast: Cast, lined: dict[str, Any]) -> None:
    (by,) = (one for one in DIMENSIONS if one.name == "product")
    whole, entity = wins(cast.bob, ASKED, by), entity_named("deals")
    assert {row.title: (row.won.count, row.won.amount, row.lost.count, row.lost.amount) for row in whole.rows} == {
        "Crane": (2, 1015, 0, 0), "Hoist": (1, 7, 1, 80), "No product": (2, 600, 0, 0),
    }  # fmt: skip
    assert (whole.total.won.count, whole.total.won.amount, whole.total.lost.count, whole.total.lost.amount) == (3, 1622, 1, 80)
    assert {row.title: row.days("won") for row in whole.rows}["Crane"] == 10
    for row in (*whole.rows, whole.total):
        for outcome, one in (("won", row.won), ("lost", row.lost)):
            where = compile_condition(parse(whole.condition(row, outcome)), entity, cast.bob)
            assert one.count == visible(entity, to=cast.bob).filter(where).count(), (row.title, outcome)
    assert wins(cast.charlie, ASKED, by).rows == []


def test_lines_that_may_not_be_read_make_no_figures(cast: Cast, client_of: Any, lined: dict[str, Any]) -> None:
    asked = "/api/v1/deals/figures/wins?period=2026&by=product"
    assert client_of(cast.bob).get(asked).status_code == 200
    FieldRight.objects.create(role=cast.roles["seller"], entity="deal_lines", field="total", level=Level.MASKED)
    raise_epoch()
    client = client_of(cast.bob)
    assert client.get(asked).status_code == 404
    assert "by=product" not in client.get("/deals/wins?period=2026").content.decode()
    assert client.get(asked.replace("product", "owner")).status_code == 200
    aimed = f"/api/v1/targets/figures/attainment?period=2026&product={lined['crane'].pk}"
    assert (client.get(aimed).status_code, client_of(cast.alice).get(aimed).status_code) == (403, 200)


def test_targets_of_a_product_go_by_the_lines_too(cast: Cast, lined: dict[str, Any]) -> None:
    def done(measure: str = "won_amount", **asked: Any) -> Any:
        return results(Aim(ASKED.span, measure, **asked), cast.alice).total

    crane, hoist, rope = (lined[name].pk for name in ("crane", "hoist", "rope"))
    assert [done(product=key) for key in (crane, hoist, rope)] == [1015, 7, 0]
    assert [done(family=family) for family in ("C", "H", "R")] == [1015, 7, 0]
    assert [done("won_count", product=key) for key in (crane, hoist, rope)] == [2, 1, 0]
    assert (done(), done("won_count")) == (1622, 3)


def test_rates_means_and_days(cast: Cast) -> None:
    closed(cast, cast.bob, 100, won=True)
    closed(cast, cast.bob, 300, won=True, opened="2026-03-05")
    closed(cast, cast.bob, 400, won=False, opened="2026-02-28")
    make("deals", name="No amount", owner=cast.bob.pk, stage=cast.stage("Won").pk, opened_on="2026-03-02", closed_on="2026-03-11")
    (row,) = wins(cast.alice, ASKED, DIMENSIONS[0]).rows
    assert (row.title, row.won.count, row.lost.count, row.rate, row.rate_of_amount) == ("Bob Reyes", 3, 1, 0.75, 0.5)
    assert (row.mean("won"), row.mean("lost")) == (200, 400)
    assert [round(row.days(name) or 0, 2) for name in ("won", "lost")] == [8.33, 11.0]


def test_the_page_and_the_api_tell_the_same_and_name_nobody_unseen(cast: Cast, client_of: Any) -> None:
    sold(cast)
    client = client_of(cast.bob)
    told = client.get("/api/v1/deals/figures/wins?period=2026&by=competitor").json()
    assert [(one["title"], one["won"]["deals"], one["lost"]["deals"], one["win_rate"]) for one in told["data"]] == [
        ("Some you may not see", 1, 1, 0.5), ("No competitor named", 1, 1, 0.5),
    ]  # fmt: skip
    page = client.get("/deals/wins?period=2026&by=competitor").content.decode()
    assert "Some you may not see" in page
    assert "Rival" not in page
    boss = client_of(cast.admin)
    boss.get("/deals/wins")
    for by in DIMENSIONS:
        with CaptureQueriesContext(connection) as asked:
            page = boss.get(f"/deals/wins?period=2026&by={by.name}").content.decode()
        assert len(asked) <= 12
        assert {"owner": "Charlie Ng", "competitor": "Rival", "source": "Web", "product": "Crane", "loss_reason": "Too dear"}[
            by.name
        ] in page
    assert client.get("/deals/wins?by=name").status_code == 404
    assert client.get("/api/v1/deals/figures/wins?by=name").status_code == 404


def test_hidden_fields_are_neither_shown_nor_grouped_by(cast: Cast, client_of: Any) -> None:
    closed(cast, cast.bob, 987654, won=True)
    for name in ("amount", "competitor", "opened_on"):
        FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field=name, level=Level.MASKED)
    raise_epoch()
    client = client_of(cast.bob)
    page, told = client.get("/deals/wins?period=2026").content.decode(), client.get("/api/v1/deals/figures/wins?period=2026").json()
    assert "987,654" not in page
    assert "Competitor" not in page
    assert "Days to win" not in page
    assert "987654" not in str(told)
    side = told["data"][0]["won"]
    assert (side["deals"], side["amount"], side["mean_amount"], side["mean_days"], told["data"][0]["win_rate_of_amount"]) == (
        1,
        None,
        None,
        None,
        None,
    )
    assert client.get("/deals/wins?by=competitor").status_code == 404
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="outcome", level=Level.HIDDEN)
    raise_epoch()
    assert client_of(cast.bob).get("/deals/wins").status_code == 403


def test_the_rival_is_named_on_winning_and_kept_on_losing(cast: Cast) -> None:
    rival, price = make("accounts", name="Rival", owner=cast.bob.pk), make("loss_reasons", name="Too dear")
    first, second = (make("deals", name="D", owner=cast.bob.pk, amount=1, competitor=key) for key in (None, rival.pk))
    win(first, by=cast.bob, competitor=rival.pk)
    lose(second, by=cast.bob, loss_reason=price.pk)
    (row,) = wins(cast.bob, ASKED, DIMENSIONS[1]).rows
    assert (row.title, row.won.count, row.lost.count) == ("Rival", 1, 1)
