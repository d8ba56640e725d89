"""Word of large and of stuck deals: to those concerned who may see them, of each thing once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from guanxi.access.models import FieldRight, User
from guanxi.crm.deals import stuck
from guanxi.crm.deals.model import Deal, StagePeriod
from guanxi.crm.deals.stuck import tell_stuck
from guanxi.crm.deals.verbs import lose, move, win
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many, edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Notification
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db


def news() -> list[tuple[str, str, int | None]]:
    """What was told since this was last asked: to whom, what, of which deal."""
    found = [(str(one.user.username), one.what, one.record_id) for one in Notification.objects.order_by("user__username", "pk")]
    Notification.objects.all().delete()
    return found


@pytest.fixture
def large(cast: Cast) -> Cast:
    """Deals are large from 1,000 dollars on."""
    edit(cast.pipeline, {"large_from": 1000, "currency": "USD"}, by=cast.admin)
    return cast


def deal_of(owner: Any, amount: Any, *, by: Any = SYSTEM, **values: Any) -> Any:
    return make("deals", **{"name": "Docks", "by": by, "owner": owner.pk, "amount": amount, "currency": "USD", **values})


def test_owner_and_manager_hear_what_becomes_of_a_large_deal_and_the_doer_does_not(large: Cast) -> None:
    bob, alice, admin = large.bob, large.alice, large.admin
    deal = deal_of(bob, 999, by=bob)
    assert news() == []
    edit(deal, {"amount": 1000}, by=bob)
    assert news() == [("alice", "large grown", deal.pk)]
    deal.refresh_from_db()
    move(deal, large.stage("Proposal").pk, by=alice)
    edit(deal, {"name": "Docks and quays"}, by=alice)
    assert news() == []
    deal.refresh_from_db()
    move(deal, large.stage("Qualified").pk, by=alice)
    assert news() == [("bob", "large back", deal.pk)]
    deal.refresh_from_db()
    edit(deal, {"closes_on": "2026-11-30"}, by=bob)
    deal.refresh_from_db()
    edit(deal, {"closes_on": "2026-12-31"}, by=bob)
    assert news() == []
    deal.refresh_from_db()
    edit(deal, {"closes_on": "2027-01-01"}, by=bob)
    assert news() == [("alice", "large slipped", deal.pk)]
    deal.refresh_from_db()
    win(deal, by=bob)
    assert news() == [("alice", "large won", deal.pk)]
    second = deal_of(bob, 5000, by=admin)
    assert news() == [("alice", "large new", second.pk), ("bob", "large new", second.pk)]
    lose(second, by=bob, loss_reason=make("loss_reasons", name="Too dear").pk)
    assert news() == [("alice", "large lost", second.pk)]
    third = deal_of(bob, 5000, by=bob, currency="JPY")
    assert news() == []
    make("rates", currency="JPY", base="USD", starts_on="2020-01-01", rate="0.5")
    edit(third, {"amount": 6000}, by=bob)
    assert news() == []
    deal_of(bob, 5000, by=bob, currency="USD", stage=large.stage("Won").pk)
    assert [what for _who, what, _key in news()] == ["large won"]


def test_nobody_hears_of_what_they_may_not_see_or_of_imports(large: Cast) -> None:
    bob = large.bob
    gone = person("gone", "Gone", large.harbour, [large.roles["manager"]])
    User.objects.filter(pk=gone.pk).update(is_active=False)
    raise_epoch()
    deal_of(large.charlie, 5000)
    assert [who for who, _what, _key in news()] == ["charlie"]
    create_many(entity_named("deals"), [{"name": "D", "owner": bob.pk, "amount": 5000}] * 2, by=large.admin, origin=Origin("import"))
    assert news() == []
    create_many(entity_named("deals"), [{"name": "D", "owner": bob.pk, "amount": 5000, "currency": "USD"}] * 9, by=large.admin)
    assert [(one.user.username, one.what, one.values["count"]) for one in Notification.objects.order_by("user__username")] == [
        ("alice", "large many", 9), ("bob", "large many", 9),
    ]  # fmt: skip
    news()
    FieldRight.objects.create(role=large.roles["manager"], entity="deals", field="amount", level=Level.MASKED)
    raise_epoch()
    deal = deal_of(bob, 5000)
    assert [who for who, _what, _key in news()] == ["bob"]
    FieldRight.objects.create(role=large.roles["seller"], entity="deals", field="closes_on", level=Level.HIDDEN)
    raise_epoch()
    edit(deal, {"closes_on": "2026-11-30"}, by=large.admin)
    deal.refresh_from_db()
    edit(deal, {"closes_on": "2028-11-30"}, by=large.admin)
    assert news() == []


def stand(deal: Any, days: int) -> Any:
    """The deal as if it had entered its stage so long ago."""
    since = timezone.now() - dt.timedelta(days=days)
    Deal.objects.filter(pk=deal.pk).update(stage_since=since, stuck_at=since + dt.timedelta(days=14))
    StagePeriod.objects.filter(deal=deal, ended_at=None).update(began_at=since)
    return deal


def test_stuck_deals_are_told_once_a_stay_to_the_owner_and_together_to_the_manager(cast: Cast, client_of: Any) -> None:
    now = timezone.now()
    several = [stand(deal_of(owner, 5), 20) for owner in (cast.bob, cast.bob, cast.alice, cast.charlie)]
    fresh = stand(deal_of(cast.bob, 5), 3)
    stand(win(deal_of(cast.bob, 5), by=cast.admin), 20)
    assert tell_stuck(now) == 4
    told = {one.user.username: [] for one in Notification.objects.all()}
    for one in Notification.objects.order_by("pk"):
        told[one.user.username].append((one.what, one.record_id, one.values.get("count")))
    assert told == {
        "bob": [("deals stuck", None, 2)], "charlie": [("deal stuck", several[3].pk, None)],
        "alice": [("deal stuck", several[2].pk, None), ("team deals stuck", None, 2)],
    }  # fmt: skip
    digest = Notification.objects.get(user=cast.alice, what="team deals stuck")
    client = client_of(cast.alice)
    assert "2 deals of Harbour are stuck" in client.get("/inbox").content.decode()
    opened = client.get(f"/inbox/{digest.pk}")
    assert client.get(opened["Location"]).status_code == 200
    news()
    assert tell_stuck(now) == 0
    assert news() == []
    first = several[0]
    first.refresh_from_db()
    move(first, cast.stage("Qualified").pk, by=cast.bob)
    stand(first, 40)
    stand(fresh, 20)
    assert tell_stuck(timezone.now()) == 2
    assert [(who, what) for who, what, _key in news()] == [("alice", "team deals stuck"), ("bob", "deals stuck")]


def test_a_job_that_is_killed_and_begun_again_tells_nobody_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner in (cast.bob, cast.charlie):
        stand(deal_of(owner, 5), 20)
    tell, said = stuck.tell, []

    def killed(*args: Any, **values: Any) -> int:
        """Dies in the middle of the second team, when its owner was told."""
        said.append(tell(*args, **values))
        if len(said) == 3:
            raise KeyboardInterrupt
        return said[-1]

    monkeypatch.setattr(stuck, "tell", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_stuck(timezone.now())
    monkeypatch.undo()
    assert tell_stuck(timezone.now()) == 1
    assert [(who, what) for who, what, _key in news()] == [("alice", "deal stuck"), ("bob", "deal stuck"), ("charlie", "deal stuck")]


def test_who_does_not_see_stages_is_not_told_that_a_deal_is_stuck_in_one(cast: Cast) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="deals", field="stage", level=Level.HIDDEN)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    raise_epoch()
    stand(deal_of(cast.bob, 5), 20)
    assert tell_stuck(timezone.now()) == 1
    assert news() == []
