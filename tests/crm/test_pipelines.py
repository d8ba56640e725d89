"""Pipelines as administrators set them up: their order, what a stage asks for, and what cannot be thrown away."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.crm.models import Deal, Stage
from guanxi.record.changes import delete, edit
from guanxi.record.history import undo_batch
from guanxi.record.models import Change
from guanxi.record.refusals import Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def names(cast: Cast) -> list[str]:
    return list(Stage.objects.filter(pipeline=cast.pipeline, deleted_at__isnull=True).order_by("position").values_list("name", flat=True))


def test_stages_are_put_in_order_and_back(cast: Cast, client_of: Any) -> None:
    client, before = client_of(cast.admin), names(cast)
    page = client.get("/settings/order/pipelines").content.decode()
    assert [page.index(f"Move {name}") for name in before] == sorted(page.index(f"Move {name}") for name in before)
    keys = [cast.stage(name).pk for name in ("New", "Proposal", "Qualified", "Negotiation", "Won", "Lost")]
    assert client.post("/settings/order/stages", {"ids": ",".join(map(str, keys))}).status_code == 204
    assert names(cast)[:3] == ["New", "Proposal", "Qualified"]
    batch = Change.objects.filter(entity="stages", event="stage.edited").latest("pk").batch
    undo_batch(batch, by=cast.admin)
    assert names(cast) == before
    assert client.post("/settings/order/stages", {"ids": f"{keys[0]},99999"}).status_code == 422
    assert client_of(cast.bob).post("/settings/order/stages", {"ids": str(keys[0])}).status_code == 403
    assert client.get("/settings/order/deals").status_code == 404


def test_a_stage_with_deals_in_it_is_not_thrown_away(cast: Cast) -> None:
    proposal = cast.stage("Proposal")
    deal = make("deals", name="Docks", stage=proposal.pk, owner=cast.bob.pk)
    for record in (proposal, cast.pipeline):
        with pytest.raises(Refused, match="1 deal"):
            delete(record, by=cast.admin)
    edit(Deal.objects.get(pk=deal.pk), {"stage": cast.stage("New").pk}, by=cast.bob)
    delete(proposal, by=cast.admin)
    assert "Proposal" not in names(cast)


def test_a_stage_asks_for_fields_by_their_labels_and_moves_stay_on_the_pipeline(cast: Cast) -> None:
    proposal = cast.stage("Proposal")
    assert edit(proposal, {"requires": ["Next step", "amount"]}, by=cast.admin).requires == ["next_step", "amount"]
    with pytest.raises(Refused) as refused:
        edit(proposal, {"requires": ["Amuont"]}, by=cast.admin)
    assert "Did you mean “Amount”?" in refused.value.errors["requires"]
    other = make("pipelines", name="Renewals")
    elsewhere = make("stages", name="Due", pipeline=other.pk)
    with pytest.raises(Refused) as refused:
        edit(proposal, {"moves_to": [elsewhere.pk]}, by=cast.admin)
    assert list(refused.value.errors) == ["moves_to"]
    deal = make("deals", name="Docks", owner=cast.bob.pk, amount=5)
    with pytest.raises(Refused) as refused:
        edit(deal, {"stage": proposal.pk}, by=cast.bob)
    assert list(refused.value.errors) == ["next_step"]
