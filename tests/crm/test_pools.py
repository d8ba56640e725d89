"""Pools: whose they are, who may take how much, what comes back by hand and by rules, who is told, and who wins."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from guanxi.access.models import User
from guanxi.crm.models import Account, Contact, Lead, OwnerPeriod, PoolMove, PoolViews
from guanxi.crm.pools.distributing import distribute
from guanxi.crm.pools.recycling import recycle
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import UI, Origin, create, edit, update
from guanxi.record.history import undo_batch
from guanxi.record.models import Change, Notification, SearchDocument
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.record.sweeping import sweep
from guanxi.surfaces.search.query import find
from tests.api.conftest import Program
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
claim, give_back = (entity_named("leads").verb(name) for name in ("claim", "give_back"))
DAY = dt.timedelta(days=1)


def pool_of(cast: Cast, **values: Any) -> Any:
    return make("pools", **{"name": "Harbour pool", "of": "leads", "teams": [cast.harbour.pk], **values})


def news_of(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("id").values_list("what", flat=True))


# ——— whose it is ———


def test_members_see_what_is_in_their_pool_and_others_do_not(cast: Cast, client_of: Any) -> None:
    lead = make("leads", name="Zhang Wei", company="Bluefin", pool=pool_of(cast).pk)
    assert (lead.owner_id, lead.team_id, lead.pooled_at is not None) == (None, None, True)
    bob, charlie = client_of(cast.bob), client_of(cast.charlie)
    assert "Zhang Wei" in bob.get("/leads", {"view": "pool"}).content.decode()
    assert f"/leads/{lead.pk}/do/claim" in bob.get(f"/leads/{lead.pk}").content.decode()
    assert [hit.key for hit in find("Bluefin", to=cast.bob)] == [lead.pk]
    assert charlie.get(f"/leads/{lead.pk}").status_code == 404
    assert "Zhang Wei" not in charlie.get("/leads", {"view": "pool"}).content.decode()
    assert find("Bluefin", to=cast.charlie) == []
    with pytest.raises(Missing):
        claim(lead, by=cast.charlie)
    with pytest.raises(Forbidden):
        edit(lead, {"need": "Mine"}, by=cast.bob)


def test_administrators_of_a_pool_tend_what_is_in_it(cast: Cast) -> None:
    lead = make("leads", name="Zhang Wei", pool=pool_of(cast, admin_people=[cast.bob.pk]).pk)
    edit(lead, {"need": "Checked"}, by=cast.bob)
    mine = create(entity_named("leads"), {"name": "Straight in", "pool": lead.pool_id}, by=cast.bob)
    assert (mine.owner_id, mine.pool_id) == (None, lead.pool_id)


def test_a_pool_takes_only_its_kind_and_nothing_that_is_owned(cast: Cast) -> None:
    pool = pool_of(cast)
    for entity, values in (("accounts", {"name": "A", "pool": pool.pk}), ("leads", {"name": "L", "pool": pool.pk, "owner": cast.bob.pk})):
        with pytest.raises(Refused) as wrong:
            create(entity_named(entity), values, by=SYSTEM)
        assert list(wrong.value.errors) == ["pool"]
    with pytest.raises(Refused) as wrong:
        make("pool_rules", pool=pool.pk, name="Odd", condition="colour = 3")
    assert list(wrong.value.errors) == ["condition"]


# ——— what it keeps back ———


@pytest.fixture
def kept_back(cast: Cast) -> Any:
    """A lead in a pool that covers phones and hides e-mails and the need, and one of Bob's own."""
    pool = pool_of(cast, masked=["phones", "address"], hidden=["emails", "need"])
    values = {"phones": ["+86 138 0013 8000"], "emails": ["zw@bluefin.example"], "need": "Forty scanners for Qingdao"}
    values |= {"address": {"country": "CN", "province": "浙江省", "city": "宁波市", "street": "中山东路 8 号"}}
    make("leads", name="Own Lead", owner=cast.bob.pk, **{**values, "emails": ["own@own.example"]})
    lead = make("leads", name="Zhang Wei", company="Bluefin", pool=pool.pk, **values)
    edit(lead, {"phones": ["+86 138 0013 8001"]}, by=SYSTEM)
    return lead


SECRET = ("138 0013 8", "1380013", "13 8001", "zw@", "Qingdao", "中山东路")


def test_what_a_pool_keeps_back_is_told_nowhere_before_the_claim(cast: Cast, client_of: Any, kept_back: Any) -> None:
    bob, key = client_of(cast.bob), kept_back.pk
    pool, columns = {"where": "pool is not empty"}, {"columns": "name,phones,emails,address,need"}
    pages = {
        "list": bob.get("/leads", {**pool, **columns}), "board": bob.get("/leads", {**pool, "shape": "board"}), "page": bob.get(f"/leads/{key}"),
        "peek": bob.get(f"/leads/{key}/peek", headers={"HX-Request": "true"}), "history": bob.get(f"/leads/{key}/history"),
        "timeline": bob.get(f"/leads/{key}/timeline", headers={"HX-Request": "true"}), "api list": bob.get("/api/v1/leads", {"condition": "pool is not empty"}),
        "api": bob.get(f"/api/v1/leads/{key}"), "api history": bob.get(f"/api/v1/leads/{key}/history"),
        "search": bob.get("/search", {"q": "Bluefin"}), "suggestions": bob.get("/leads/suggest", {"q": "Zhang"}),
    }  # fmt: skip
    told = {name: response.content.decode() for name, response in pages.items()}
    own = "+8613800138000"
    found = {name: [secret for secret in SECRET if secret in text.replace(own, "")] for name, text in told.items()}
    assert {name: secrets for name, secrets in found.items() if secrets} == {}
    assert "Zhang Wei" in told["list"]
    assert "+86138****8001" in told["page"]
    assert "Ningbo" in told["page"]
    rita = client_of(person("rita", "Rita Reader", roles=[cast.roles["reader"]]))  # sellers export what is theirs, nothing out of pools
    exported = b"".join(rita.get("/leads/export", {"where": "pool is not empty", "all": "1", "view": "all"}).streaming_content).decode()
    assert [secret for secret in SECRET if secret in exported] == []
    assert "+86138****8001" in exported
    admin = client_of(cast.admin).get(f"/leads/{key}").content.decode()
    assert "zw@bluefin.example" in admin


def test_what_is_kept_back_cannot_be_asked_for(cast: Cast, client_of: Any, kept_back: Any) -> None:
    bob = client_of(cast.bob)
    for condition in (
        'phones contains "13800138"',
        'not phones contains "99"',
        "emails is not empty",
        "emails is empty",
        'need contains "Qingdao"',
    ):
        names = [one["name"] for one in bob.get("/api/v1/leads", {"condition": condition}).json()["data"]]
        assert "Zhang Wei" not in names, condition
    for typed in ("13800138001", "8001", "Qingdao", "zw@bluefin.example"):
        listed = [one["name"] for one in bob.get("/api/v1/leads", {"q": typed}).json()["data"]]
        assert "Zhang Wei" not in listed, typed
    assert [hit.title for hit in find("13800138000", to=cast.bob)] == ["Own Lead"]
    assert find("Qingdao", to=cast.bob, entities=[entity_named("leads")])[0].title == "Own Lead"
    assert [one["name"] for one in bob.get("/api/v1/leads", {"condition": 'phones contains "13800138"'}).json()["data"]] == ["Own Lead"]
    assert [one["name"] for one in bob.get("/api/v1/leads", {"q": "Bluefin"}).json()["data"]] == ["Zhang Wei"]


def test_a_claim_brings_everything_to_light_unharmed(cast: Cast, client_of: Any, kept_back: Any) -> None:
    claim(kept_back, by=cast.bob)
    told = client_of(cast.bob).get(f"/api/v1/leads/{kept_back.pk}").json()
    assert [one["value"] for one in told["phones"]] == ["+8613800138001"]
    assert (told["need"], told["address"]["street"]) == ("Forty scanners for Qingdao", "中山东路 8 号")
    assert "zw@bluefin.example" in client_of(cast.bob).get(f"/leads/{kept_back.pk}/history").content.decode()


# ——— taking ———


def test_claiming_makes_it_yours_and_tells_its_way(cast: Cast) -> None:
    lead = claim(make("leads", name="Zhang Wei", pool=pool_of(cast).pk), by=cast.bob)
    lead.refresh_from_db()
    assert (lead.owner, lead.team, lead.pool, lead.pooled_at) == (cast.bob, cast.harbour, None, None)
    assert lead.owned_since is not None
    move = PoolMove.objects.get()
    assert (move.entity, move.record_id, move.why, move.owner_after) == ("leads", lead.pk, "claim", cast.bob)
    assert Change.objects.filter(event="lead.claimed", record_id=lead.pk).count() == 1


def test_a_day_has_so_many_claims_and_a_person_so_many_records(cast: Cast) -> None:
    pool = pool_of(cast, claims_a_day=2, capacity=3, not_counted='status = "qualified"')
    make("leads", name="Own", owner=cast.bob.pk)
    make("leads", name="Own and qualified", owner=cast.bob.pk, status="qualified")
    first, second, third = (make("leads", name=f"L{number}", pool=pool.pk) for number in range(3))
    claim(first, by=cast.bob)
    claim(second, by=cast.bob)
    with pytest.raises(Refused, match="2 records a day"):
        claim(third, by=cast.bob)
    PoolMove.objects.update(at=timezone.now() - DAY * 2)
    with pytest.raises(Refused, match="You own 3 leads"):
        claim(third, by=cast.bob)
    edit(first, {"status": "qualified"}, by=cast.bob)
    assert claim(third, by=cast.bob).owner_id == cast.bob.pk


def test_what_is_new_waits_and_who_had_it_waits_longer(cast: Cast) -> None:
    pool = pool_of(cast, embargo_days=1, cooling_days=30)
    lead = make("leads", name="Zhang Wei", owner=cast.bob.pk)
    give_back(lead, by=cast.bob, reason="Wrong region")
    with pytest.raises(Refused, match="new in the pool"):
        claim(lead, by=cast.alice)
    Lead.objects.update(pooled_at=timezone.now() - DAY * 2)
    with pytest.raises(Refused, match="It was yours"):
        claim(lead, by=cast.bob)
    assert claim(lead, by=cast.alice).owner_id == cast.alice.pk
    give_back(lead, by=cast.alice, reason="Back", pool=pool.pk)
    edit(pool, {"admin_people": [cast.bob.pk]}, by=SYSTEM)
    assert claim(lead, by=cast.bob).owner_id == cast.bob.pk


# ——— giving back ———


def test_giving_back_wants_a_reason_and_tells_the_owner_and_the_manager(cast: Cast) -> None:
    pool_of(cast, name="Everybody's", teams=[])
    harbour = pool_of(cast)
    lead = make("leads", name="Zhang Wei", owner=cast.bob.pk)
    with pytest.raises(Refused):
        give_back(lead, by=cast.bob)
    give_back(lead, by=cast.bob, reason="Wrong region")
    lead.refresh_from_db()
    assert (lead.pool, lead.owner) == (harbour, None)
    assert (news_of(cast.bob), news_of(cast.alice), news_of(cast.charlie)) == ([], ["returned"], [])
    move = PoolMove.objects.get()
    assert (move.why, move.owner_before, move.pool_after, move.reason) == ("return", cast.bob, harbour, "Wrong region")


def test_an_accounts_contacts_go_with_its_owner(cast: Cast) -> None:
    pool_of(cast, of="accounts")
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    mine = make("contacts", name="Wei", account=account.pk, owner=cast.bob.pk)
    other = make("contacts", name="Li", account=account.pk, owner=cast.charlie.pk)
    account_claim, account_back = (entity_named("accounts").verb(name) for name in ("claim", "give_back"))
    account_back(account, by=cast.bob, reason="Too far")
    assert dict(Contact.objects.values_list("pk", "owner")) == {mine.pk: None, other.pk: cast.charlie.pk}
    account_claim(account, by=cast.alice)
    assert dict(Contact.objects.values_list("pk", "owner")) == {mine.pk: cast.alice.pk, other.pk: cast.charlie.pk}
    periods = OwnerPeriod.objects.filter(account=account).order_by("id")
    assert [(one.owner, one.ended_at is None) for one in periods] == [(cast.bob, False), (cast.alice, True)]


def test_a_claim_can_be_undone(cast: Cast) -> None:
    pool = pool_of(cast)
    lead, origin = make("leads", name="Zhang Wei", pool=pool.pk), UI.batched()
    claim(lead, by=cast.bob, origin=origin)
    assert origin.batch is not None
    assert undo_batch(origin.batch, by=cast.bob).counts == (1, 0)
    lead.refresh_from_db()
    assert (lead.owner_id, lead.pool_id) == (None, pool.pk)


# ——— recycling ———


def untouched(lead: Any, days: int) -> Any:
    Lead.objects.filter(pk=lead.pk).update(owned_since=timezone.now() - DAY * days)
    return lead


def test_rules_bring_back_what_matches_and_nothing_else(cast: Cast) -> None:
    pool = pool_of(cast, protect_days=5)
    stale = make("pool_rules", pool=pool.pk, name="Nobody cared", condition="owned_since < -30d and last_contact_at is empty", position=1)
    make("pool_rules", pool=pool.pk, name="Not qualified", condition='owned_since < -3d and status = "new"', position=2)
    old = untouched(make("leads", name="Old", owner=cast.bob.pk), 40)
    untouched(make("leads", name="Protected", owner=cast.bob.pk), 4)
    untouched(make("leads", name="Elsewhere", owner=cast.charlie.pk), 40)
    called = untouched(make("leads", name="Called", owner=cast.bob.pk, status="working"), 40)
    make("activities", kind="call", body="Hello", lead=called.pk, owner=cast.bob.pk)
    converted = untouched(make("leads", name="Converted", owner=cast.bob.pk), 40)
    entity_named("leads").verb("convert")(converted, by=cast.bob)

    assert recycle(now=timezone.now() + dt.timedelta(seconds=1)) == 1

    old.refresh_from_db()
    assert (old.owner, old.team, old.pool, old.owned_since) == (None, None, pool, None)
    move = PoolMove.objects.get()
    assert (move.why, move.owner_before, move.rule, move.record_id) == ("recycle", cast.bob, pool.rules.get(pk=stale.pk), old.pk)
    assert Lead.objects.filter(owner__isnull=True).count() == 1
    assert ("recycled mine" in news_of(cast.bob), "recycled" in news_of(cast.alice), news_of(cast.charlie)) == (True, True, [])
    assert [hit.key for hit in find("Old", to=cast.alice)] == [old.pk]


def test_owners_are_warned_ahead_and_only_once(cast: Cast) -> None:
    pool = pool_of(cast)
    make("pool_rules", pool=pool.pk, name="Not called", condition="owned_since < -30d and last_contact_at is empty", warn_days=7)
    lead = untouched(make("leads", name="Soon", owner=cast.bob.pk), 25)
    untouched(make("leads", name="Later", owner=cast.bob.pk), 10)
    for _night in range(2):
        assert recycle() == 0
    assert news_of(cast.bob) == ["recycle warning"]
    assert list(Lead.objects.filter(warned_at__isnull=False).values_list("name", flat=True)) == ["Soon"]
    make("activities", kind="call", body="Hello", lead=lead.pk, owner=cast.bob.pk)
    recycle()
    assert not Lead.objects.filter(warned_at__isnull=False).exists()


def test_a_sweep_writes_what_single_writes_would(cast: Cast) -> None:
    entity, moment = entity_named("accounts"), timezone.now().replace(microsecond=0)
    pool = pool_of(cast, of="accounts")
    one, other = (make("accounts", name="Bluefin", owner=cast.bob.pk) for _number in range(2))
    Account.objects.update(owned_since=moment - DAY)
    values = {"owner": None, "team": None, "pool": pool.pk, "pooled_at": moment, "owned_since": None, "warned_at": None}
    update(entity, [(Account.objects.get(pk=one.pk), values)], by=SYSTEM, event="recycled", origin=Origin("system"), derive=False)

    assert sweep(entity, [other.pk], "true", values, by=SYSTEM, event="recycled", origin=Origin("system")) == 1

    def told(account: Any) -> tuple[Any, ...]:
        change = Change.objects.filter(entity="accounts", record_id=account.pk).order_by("-id")[0]
        row = Account.objects.values("owner", "team", "pool", "pooled_at", "owned_since", "version").get(pk=account.pk)
        document = SearchDocument.objects.values("title", "owner_id", "team_id", "shared").get(entity="accounts", record_id=account.pk)
        periods = [(one.owner_id, one.ended_at is None) for one in OwnerPeriod.objects.filter(account=account)]
        return change.event, change.origin, change.title, change.diff, change.by_id, change.parent_id, row, document, periods

    assert told(one) == told(other)
    with pytest.raises(ValueError, match="cannot set"):
        sweep(entity, [other.pk], "true", {"name": "X"}, by=SYSTEM, event="edited", origin=UI)


# ——— who wins ———


def test_only_who_could_have_had_it_is_told_who_was_faster(cast: Cast) -> None:
    lead = make("leads", name="Wanted", pool=pool_of(cast, people=[cast.bob.pk], teams=[]).pk)
    claim(lead, by=cast.bob)

    def told(user: User) -> str:
        with pytest.raises((Forbidden, Missing)) as refusal:
            claim(lead, by=user)
        return str(refusal.value)

    unknown = "There is no such record, or you may not see it."
    assert told(cast.charlie) == unknown
    assert told(cast.admin) == "It is not in the pool any more: Bob Reyes was faster."
    assert told(cast.bob) == "It is yours already."
    other = make("leads", name="Other", pool=pool_of(cast).pk)
    claim(other, by=cast.alice)
    lead = other
    assert told(cast.bob) == "It is not in the pool any more: Alice Chen was faster."
    PoolMove.objects.update(at=timezone.now() - 2 * DAY)
    assert told(cast.bob) == unknown
    assert told(cast.admin) == "It is not in the pool any more: somebody else was faster."


def test_what_is_not_there_and_what_is_out_of_sight_are_claimed_alike(cast: Cast, client_of: Any) -> None:
    gone, lost = make("leads", name="Gone", pool=pool_of(cast).pk), make("leads", name="Lost", pool=pool_of(cast).pk)
    claim(gone, by=cast.alice)
    others, owned = (
        make("leads", name="Theirs", pool=pool_of(cast, teams=[cast.airport.pk]).pk),
        make("leads", name="Own", owner=cast.bob.pk),
    )
    claim(lost, by=cast.alice)
    program, page = Program(cast.bob), client_of(cast.bob)
    charlie, his_page = Program(cast.charlie), client_of(cast.charlie)
    for key in (others.pk, 987654):
        assert program.refused("POST", f"leads/{key}/claim", {}, status=404)["detail"] == "There is no such record, or you may not see it."
        for headers in ({}, {"HX-Request": "true"}):
            assert page.get(f"/leads/{key}/do/claim", headers=headers).status_code == 404
            assert page.post(f"/leads/{key}/do/claim", headers=headers).status_code == 404
    charlie.refused("POST", f"leads/{gone.pk}/claim", {}, status=404)
    assert his_page.post(f"/leads/{gone.pk}/do/claim").status_code == 404
    assert "Alice Chen was faster" in program.refused("POST", f"leads/{gone.pk}/claim", {}, status=403)["detail"]
    late = page.post(f"/leads/{lost.pk}/do/claim", headers={"HX-Request": "true"})
    assert (late.status_code, "Alice Chen was faster" in late.headers["HX-Trigger"]) == (422, True)
    never = program.refused("POST", f"leads/{owned.pk}/claim", {}, status=403)["detail"]
    assert never == "“Claim” is not possible for this record now."


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_claim_at_the_same_moment_exactly_one_wins(cast: Cast) -> None:
    lead = make("leads", name="Wanted", pool=pool_of(cast, teams=[]).pk)
    users, start, won, lost = [cast.alice, cast.bob, cast.charlie], threading.Barrier(50), list[int](), list[str]()

    def race(number: int) -> None:
        try:
            user = User.objects.get(pk=users[number % 3].pk)
            start.wait(30)
            claim(lead, by=user)
            won.append(user.pk)
        except Forbidden as refusal:
            lost.append(str(refusal))
        finally:
            connections.close_all()

    racers = [threading.Thread(target=race, args=(number,)) for number in range(50)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert (len(won), len(lost)) == (1, 49)
    winner = User.objects.get(pk=won[0]).name
    assert set(lost) == {f"It is not in the pool any more: {winner} was faster.", "It is yours already."}
    lead.refresh_from_db()
    assert lead.owner_id == won[0]
    assert PoolMove.objects.count() == 1
    assert connection.vendor == "postgresql"


# ——— given out ———


def giving(cast: Cast, way: str = "in_turn", **values: Any) -> Any:
    """A pool that is given out to Alice and Bob, by a rule that is for nothing else."""
    rule = make("assignment_rules", name="Even", of=values.get("of", "leads"), way=way, people=[cast.alice.pk, cast.bob.pk], active=False)
    return pool_of(cast, given_by=rule.pk, **values)


def held() -> Counter[str]:
    return Counter(Lead.objects.filter(owner__isnull=False).values_list("owner__username", flat=True))


def test_a_round_gives_so_many_to_each_with_its_way_and_reason(cast: Cast, client_of: Any) -> None:
    pool = giving(cast, each_round=2)
    leads = [make("leads", name=f"L{number}", pool=pool.pk) for number in range(7)]
    make("leads", name="Converted", pool=pool.pk, status="disqualified", reason="need")
    assert distribute(pool) == 4
    assert held() == {"alice": 2, "bob": 2}
    first = Lead.objects.get(pk=leads[0].pk)
    assert (first.owner, first.team, first.pool, first.pooled_at) == (cast.alice, cast.harbour, None, None)
    assert [(one.why, one.owner_after, one.pool_before) for one in PoolMove.objects.filter(record_id=first.pk)] == [
        ("give", cast.alice, pool)
    ]
    page = client_of(cast.alice).get(f"/leads/{first.pk}").content.decode()
    assert "was given out of its pool" in page
    assert "Rule “Even”: in turn, Alice Chen first" in page
    assert "Given to Alice Chen from Harbour pool" in client_of(cast.alice).get(f"/leads/{first.pk}/asides").content.decode()
    assert (news_of(cast.alice), news_of(cast.bob)) == (["given out"], ["given out"])
    assert distribute(pool) == 3
    assert held() == {"alice": 4, "bob": 3}
    assert distribute(pool) == 0


def test_limits_absence_and_membership_hold_in_a_round(cast: Cast) -> None:
    pool = giving(cast, capacity=3, claims_a_day=2, not_counted='status = "qualified"')
    own = [make("leads", name=f"Own {number}", owner=cast.alice.pk) for number in range(2)]
    several = [make("leads", name=f"L{number}", pool=pool.pk) for number in range(6)]
    claim(several[0], by=cast.bob)
    assert distribute(pool) == 2
    assert held() == {"alice": 3, "bob": 2}
    assert distribute(pool) == 0
    PoolMove.objects.update(at=timezone.now() - DAY * 2)
    edit(own[0], {"status": "qualified"}, by=SYSTEM)
    today = cast.bob.locale.today
    absence = make("absences", user=cast.bob.pk, starts_on=today, ends_on=today)
    assert distribute(pool) == 1
    edit(absence, {"starts_on": today - DAY, "ends_on": today - DAY}, by=SYSTEM)
    edit(cast.bob, {"team": cast.airport.pk}, by=SYSTEM)
    assert distribute(pool) == 0


def test_what_is_new_stays_and_nobody_gets_back_what_they_had(cast: Cast) -> None:
    pool = giving(cast, embargo_days=2, cooling_days=30)
    old, new = (make("leads", name=name, owner=cast.alice.pk) for name in ("Old", "New"))
    for lead in (old, new):
        give_back(lead, by=cast.alice, reason="No", pool=pool.pk)
    Lead.objects.filter(pk=old.pk).update(pooled_at=timezone.now() - DAY * 3)
    assert distribute(pool) == 1
    old.refresh_from_db()
    assert old.owner == cast.bob


def test_an_accounts_contacts_are_given_with_it(cast: Cast) -> None:
    pool = giving(cast, "least_loaded", of="accounts")
    account = make("accounts", name="Bluefin", pool=pool.pk)
    nobodys = make("contacts", name="Wei", account=account.pk, owner=None)
    others = make("contacts", name="Li", account=account.pk, owner=cast.charlie.pk)
    assert distribute(pool) == 1
    assert dict(Contact.objects.values_list("pk", "owner")) == {nobodys.pk: cast.alice.pk, others.pk: cast.charlie.pk}
    assert OwnerPeriod.objects.filter(account=account, owner=cast.alice, ended_at__isnull=True).count() == 1


def test_the_pieces_of_a_round_go_on_from_the_loads_of_those_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.crm.pools.distributing.AT_ONCE", 3)
    pool = giving(cast, "least_loaded")
    edit(pool.given_by, {"name": 'Even \\ "x" \\N'}, by=SYSTEM)
    for number in range(14):
        make("leads", name=f"L{number}", **({"owner": cast.alice.pk} if number < 4 else {"pool": pool.pk}))
    assert distribute(pool) == 10
    assert held() == {"alice": 7, "bob": 7}
    told = [one.diff["assignment"][1] for one in Change.objects.filter(event="lead.given").order_by("id")]
    assert [(one["to"], one["load"], one["others"]) for one in told[:4]] == [(cast.bob.pk, load, 4) for load in range(4)]
    assert {one["name"] for one in told} == {'Even \\ "x" \\N'}
    edit(pool.given_by, {"counted": 'status = "qualified"'}, by=SYSTEM)
    for number in range(4):
        make("leads", name=f"M{number}", pool=pool.pk)
    assert distribute(pool) == 4
    assert held() == {"alice": 9, "bob": 9}, "what does not count is given in turn"


def test_only_a_rule_that_names_people_gives_out(cast: Cast) -> None:
    for values in ({"of": "accounts"}, {"way": "pool", "pool": pool_of(cast).pk}):
        rule = make("assignment_rules", **{"name": "Odd", "of": "leads", "way": "in_turn", "active": False, **values})
        with pytest.raises(Refused) as wrong:
            pool_of(cast, given_by=rule.pk)
        assert list(wrong.value.errors) == ["given_by"]


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_give_nothing_twice(cast: Cast) -> None:
    pool = giving(cast)
    for number in range(30):
        make("leads", name=f"L{number}", pool=pool.pk)
    start, done = threading.Barrier(4), list[int]()

    def round_of() -> None:
        try:
            start.wait(30)
            done.append(distribute(pool))
        finally:
            connections.close_all()

    several = [threading.Thread(target=round_of) for _number in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join(60)
    assert (sum(done), held().total(), PoolMove.objects.filter(why="give").count()) == (30, 30, 30)


# ——— so many views a day ———


def test_a_day_has_so_many_views_and_the_same_one_counts_once(cast: Cast, client_of: Any) -> None:
    pool = pool_of(cast, views_a_day=2, admin_people=[cast.alice.pk])
    first, second, third = (make("leads", name=f"L{number}", pool=pool.pk) for number in range(3))
    own = make("leads", name="Own", owner=cast.bob.pk)
    bob = client_of(cast.bob)
    assert [bob.get(f"/leads/{one.pk}").status_code for one in (first, first, own)] == [200, 200, 200]
    assert bob.get(f"/api/v1/leads/{second.pk}").status_code == 200
    refused = bob.get(f"/leads/{third.pk}")
    assert refused.status_code == 403
    assert "You have opened 2 records of “Harbour pool” today" in refused.content.decode()
    assert bob.get(f"/api/v1/leads/{third.pk}").status_code == 403
    for part in ("history", "timeline", "peek", "asides"):
        assert bob.get(f"/leads/{third.pk}/{part}", headers={"HX-Request": "true"}).status_code == 403, part
    assert [bob.get(f"/leads/{one.pk}").status_code for one in (first, second)] == [200, 200]
    assert client_of(cast.alice).get(f"/leads/{third.pk}").status_code == 200
    claim(third, by=cast.bob)
    assert bob.get(f"/leads/{third.pk}").status_code == 200
    PoolViews.objects.update(day=cast.bob.locale.today - DAY)
    fourth = make("leads", name="L4", pool=pool.pk)
    assert bob.get(f"/leads/{fourth.pk}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_changes_that_tell_how_to_reach_somebody_count_and_wait_for_another_day(cast: Cast, client_of: Any) -> None:
    pool = pool_of(cast, views_a_day=2)
    leads = [make("leads", name=f"L{number}", phones=["+86 138 0013 8000"], pool=pool.pk).pk for number in range(3)]
    bob, asked = client_of(cast.bob), {"entity": "leads"}
    assert bob.get("/api/v1/changes", asked).status_code == 403
    cursor, told = "", []
    while True:
        answer = bob.get("/api/v1/changes", {**asked, "limit": 1, "cursor": cursor})
        if answer.status_code != 200 or not answer.json()["more"]:
            break
        told += [one["record"] for one in answer.json()["data"]]
        cursor = answer.json()["next"]
    assert (answer.status_code, told) == (403, leads[:2])
    PoolViews.objects.update(day=cast.bob.locale.today - DAY)
    assert [one["record"] for one in bob.get("/api/v1/changes", {**asked, "cursor": cursor}).json()["data"]] == leads[2:]


def test_what_leaves_in_a_file_or_to_a_program_counts_where_it_tells_how_to_reach_somebody(cast: Cast, client_of: Any) -> None:
    pool, limited = pool_of(cast, views_a_day=3), pool_of(cast, name="Open")
    leads = [make("leads", name=f"L{number}", phones=["+86 138 0013 8000"], pool=pool.pk).pk for number in range(4)]
    make("leads", name="Free", phones=["+86 138 0013 8001"], pool=limited.pk)
    make("leads", name="Own", phones=["+86 138 0013 8002"], owner=cast.bob.pk)
    bob, asked = client_of(cast.bob), "/api/v1/leads"

    def seen() -> list[int]:
        return sorted(key for views in PoolViews.objects.all() for key in views.records)

    everything = bob.get(asked)
    assert everything.status_code == 403
    assert "than the 3 a day it allows" in everything.json()["detail"]
    assert [len(bob.get(asked, {"fields": "name"}).json()["data"]), bob.get("/leads", {"view": "all"}).status_code, seen()] == [6, 200, []]
    some = {"condition": f"id in ({leads[0]}, {leads[1]})"}
    assert [len(bob.get(asked, some).json()["data"]) for _twice in range(2)] == [2, 2]
    assert bob.get(f"{asked}/{leads[0]}").status_code == 200
    assert seen() == leads[:2]
    assert bob.get(asked, {"condition": f"id in ({leads[2]}, {leads[3]})"}).status_code == 403
    assert seen() == leads[:2]
    assert client_of(cast.admin).get(asked).status_code == 200

    rita = client_of(person("rita", "Rita Reader", roles=[cast.roles["reader"]]))
    refused = rita.get("/leads/export", {"view": "all", "all": "1"})
    assert (refused.status_code, "than the 3 a day" in refused.content.decode()) == (403, True)
    three = b"".join(rita.get("/leads/export", {"view": "all", "all": "1", "where": f"id < {leads[3]}"}).streaming_content).decode()
    assert three.count("13800138000") == 3
    assert rita.get(f"/leads/{leads[3]}").status_code == 403
    edit(pool, {"masked": ["phones"], "hidden": ["emails", "address"]}, by=SYSTEM)
    assert b"".join(rita.get("/leads/export", {"view": "all", "all": "1"}).streaming_content).decode().count("+86138****8000") == 4
