"""Assignment rules: who gets what nobody was made the owner of, in which turn, who is passed over, and why, in words."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from guanxi.access.absence import absent
from guanxi.access.models import Absence, FieldRight, User
from guanxi.crm.assignment.assigning import FEW, decide, give
from guanxi.crm.assignment.choosing import ByLoad, ByWeight, InTurn, Turn
from guanxi.crm.assignment.covering import cover
from guanxi.crm.assignment.queries import parts_of_code
from guanxi.crm.models import Account, AssignmentRule, AssignmentTurn, Lead, OwnerPeriod, PoolMove
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import UI, Origin, create, create_many, edit
from guanxi.record.history import undo_batch
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change, Notification, SearchDocument
from guanxi.record.refusals import Refused
from guanxi.surfaces.bulk.doing import Act, do
from guanxi.surfaces.history.told import tell_changes
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
API = Origin("api")


def rule_of(cast: Cast, **values: Any) -> Any:
    people = [cast.alice.pk, cast.bob.pk]
    return make("assignment_rules", **{"name": "Web leads", "of": "leads", "way": "in_turn", "people": people, **values})


def arrive(*names: str, by: Any = SYSTEM, **values: Any) -> list[Any]:
    """Leads as a web form or a program sends them: nobody says whose they are."""
    return create_many(entity_named("leads"), [{"name": name, **values} for name in names], by=by, origin=API)


def owners(records: list[Any]) -> list[Any]:
    return list(Lead.objects.filter(pk__in=[one.pk for one in records]).order_by("pk").values_list("owner__username", flat=True))


def note_of(record: Any, to: User) -> str:
    change = Change.objects.filter(record_id=record.pk, event__endswith=".assigned").order_by("-id")[0]
    return tell_changes([change], to=to)[0].note


def away(user: User, days: int = 3, starts: int = 0) -> Any:
    today = user.locale.today
    return make("absences", user=user.pk, starts_on=today + dt.timedelta(days=starts), ends_on=today + dt.timedelta(days=starts + days))


# ——— ways, without a database ———


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True), st.data())
def test_in_turn_counts_differ_by_at_most_one(people: list[int], data: st.DataObject) -> None:
    turn: Turn = {}
    counts: Counter[int] = Counter()
    for _round in range(data.draw(st.integers(1, 5))):
        chooser = InTurn(people, turn)
        for _time in range(data.draw(st.integers(0, 20))):
            picked = chooser.pick()
            assert picked is not None
            counts[picked.person] += 1
            assert max(counts[one] for one in people) - min(counts[one] for one in people) <= 1


@given(st.dictionaries(st.integers(1, 50), st.integers(1, 12), min_size=1, max_size=6), st.integers(1, 4))
def test_by_weight_proportions_are_exact_over_every_full_round(weights: dict[int, int], rounds: int) -> None:
    turn: Turn = {}
    total = sum(weights.values())
    for _round in range(rounds):
        chooser = ByWeight(list(weights), turn, weights=weights)
        assert Counter(picked.person for _time in range(total) if (picked := chooser.pick())) == weights
    assert set(turn["credit"].values()) == {0}


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 20), min_size=1, max_size=5), st.integers(1, 60))
def test_the_least_loaded_are_levelled_from_below(loads: dict[int, int], number: int) -> None:
    chooser, after = ByLoad(list(loads), {}, loads=loads), dict(loads)
    for _time in range(number):
        picked = chooser.pick()
        assert picked is not None
        assert after[picked.person] == min(after.values())
        after[picked.person] += 1
        chooser.took(picked.person)


@given(st.integers(1, 5), st.integers(0, 4), st.integers(0, 30))
def test_nobody_gets_more_than_their_room(people: int, room: int, number: int) -> None:
    chooser = InTurn(range(people), {}, room=dict.fromkeys(range(people), room))
    counts = Counter(picked.person for _time in range(number) if (picked := chooser.pick()))
    assert sum(counts.values()) == min(number, people * room)
    assert max(counts.values(), default=0) <= room


def test_the_barred_are_passed_over_and_an_empty_list_gives_nothing() -> None:
    chooser = InTurn([1, 2, 3], {"last": 1})
    assert [getattr(chooser.pick(barred), "person", None) for barred in ((), (3,), (1, 2, 3), ())] == [2, 1, None, 2]
    assert InTurn([], {}).pick() is None


def test_a_division_code_is_a_province_a_city_or_a_district() -> None:
    assert parts_of_code("33") == parts_of_code("330000") == {"province": ["浙江省", "浙江", "Zhejiang"]}
    assert parts_of_code("3302") == {"province": ["浙江省", "浙江", "Zhejiang"], "city": ["宁波市", "宁波", "Ningbo"]}
    assert parts_of_code("330203")["district"] == ["海曙区", "海曙", "Haishu District"]
    assert parts_of_code("99") == {}


# ——— arriving ———


def test_what_arrives_without_owner_goes_round_and_says_why(cast: Cast) -> None:
    rule_of(cast)
    first, second, third = arrive("A", "B", "C")
    assert owners([first, second, third]) == ["alice", "bob", "alice"]
    assert (first.owner_id, first.team_id, first.version) == (cast.alice.pk, cast.harbour.pk, 2)
    assert note_of(first, cast.alice) == "Rule “Web leads”: in turn, Alice Chen first"
    assert note_of(second, cast.bob) == "Rule “Web leads”: in turn, Bob Reyes after Alice Chen"
    assert Lead.objects.get(pk=second.pk).owned_since is not None
    assert list(Notification.objects.order_by("id").values_list("user__username", "what")) == [
        ("alice", "assigned many"),
        ("bob", "assigned"),
    ]


def test_rules_are_asked_in_order_and_who_is_named_stays(cast: Cast) -> None:
    rule_of(cast, name="Large", condition="budget > 1000", way="person", people=[cast.alice.pk], position=1)
    rule_of(cast, name="Rest", way="person", people=[cast.bob.pk], position=2, condition='source != "fair"')
    large, small, fair, named = (
        arrive("Large", budget=5000) + arrive("Small") + arrive("Fair", source="fair") + arrive("N", owner=cast.charlie.pk)
    )
    assert owners([large, small, fair, named]) == ["alice", "bob", None, "charlie"]
    assert not Change.objects.filter(record_id__in=[fair.pk, named.pk], event="lead.assigned").exists()


def test_what_a_person_types_is_theirs_unless_they_say_nobodys(cast: Cast) -> None:
    rule_of(cast, people=[cast.bob.pk])
    leads = entity_named("leads")
    assert create(leads, {"name": "Mine"}, by=cast.alice, origin=UI).owner_id == cast.alice.pk
    assert create(leads, {"name": "Theirs", "owner": None}, by=cast.admin, origin=UI).owner_id == cast.bob.pk
    assert create(leads, {"name": "By program"}, by=cast.alice, origin=API).owner_id == cast.bob.pk


def test_those_who_are_away_are_passed_over_and_the_next_rule_takes_over(cast: Cast) -> None:
    rule_of(cast, name="Alice's", way="person", people=[cast.alice.pk], position=1)
    rule_of(cast, name="Both", position=2)
    absence = away(cast.alice)
    assert absent() == {cast.alice.pk}
    assert owners(arrive("A", "B")) == ["bob", "bob"]
    edit(absence, {"starts_on": cast.alice.locale.today + dt.timedelta(days=2)}, by=SYSTEM)
    assert owners(arrive("C")) == ["alice"]
    edit(cast.alice, {"is_active": False}, by=SYSTEM)
    assert owners(arrive("D")) == ["bob"]


@pytest.mark.parametrize(("while_away", "others"), [("keep", 0), ("untouched", 1), ("open", 2)])
def test_what_waits_for_somebody_who_is_away_goes_to_others(cast: Cast, while_away: str, others: int) -> None:
    rule_of(cast, while_away=while_away)
    leads = arrive("One", "Two", "Three", "Four", "Five", "Six")
    assert owners(leads) == ["alice", "bob"] * 3
    edit(leads[1], {"company": "Northwind"}, by=cast.bob)  # he has begun with this one
    edit(leads[3], {"reason": "other", "status": "disqualified"}, by=SYSTEM)  # and this one is over
    own = make("leads", name="His own", owner=cast.bob.pk)
    assert cover() == 0
    away(cast.bob)
    assert cover() == others
    assert owners([leads[1], leads[5]]) == [*(["alice"] if others == 2 else ["bob"]), *(["alice"] if others else ["bob"])]
    assert owners([leads[3], own]) == ["bob", "bob"]
    assert cover() == 0
    if others:
        assert f"while {cast.bob.name} is away" in note_of(leads[5], cast.admin)
        assert Notification.objects.get(what="covered").user_id == cast.bob.pk
        assert Notification.objects.filter(user=cast.alice, what__startswith="assigned").latest("pk").values


def test_nobody_there_leaves_what_waits_where_it_is(cast: Cast) -> None:
    rule_of(cast, while_away="open")
    leads = arrive("One", "Two")
    away(cast.bob)
    away(cast.alice)
    assert cover() == 0
    assert owners(leads) == ["alice", "bob"]


def test_a_rule_that_asks_for_skills_chooses_among_those_who_have_them_all(cast: Cast) -> None:
    edit(cast.alice, {"skills": ["Deutsch", "Cold chain"]}, by=cast.admin)
    edit(cast.bob, {"skills": ["deutsch"]}, by=cast.admin)
    rule_of(cast, skills=["Deutsch", "cold chain"], condition='company = "Kühlhaus"', position=1)
    rule_of(cast, skills=["DEUTSCH"], position=2)
    assert owners(arrive("One", "Two", company="Kühlhaus")) == ["alice", "alice"]
    assert owners(arrive("Three", "Four", company="Hafen")) == ["alice", "bob"]
    edit(cast.alice, {"skills": []}, by=cast.admin)
    assert owners(arrive("Five", company="Kühlhaus")) == ["bob"]  # nobody has both any more: the next rule


def test_whoever_may_not_see_such_records_is_given_none(cast: Cast) -> None:
    nobody = person("nora", "Nora None", cast.harbour)
    rule_of(cast, people=[nobody.pk, cast.bob.pk])
    assert owners(arrive("A", "B")) == ["bob", "bob"]


def test_weights_are_kept_exactly(cast: Cast) -> None:
    rule_of(cast, way="weighted", weights="3, 1")
    arrived = arrive(*[f"L{number}" for number in range(8)])
    assert owners(arrived[:4]) == ["alice", "alice", "bob", "alice"]
    assert Counter(owners(arrived)) == {"alice": 6, "bob": 2}
    assert note_of(arrived[2], cast.alice) == "Rule “Web leads”: by weight, Bob Reyes gets 1 of 4"


def test_the_least_loaded_gets_it_and_counts_are_told_to_managers_only(cast: Cast) -> None:
    make("leads", name="Open", owner=cast.alice.pk)
    make("leads", name="Over", owner=cast.bob.pk, status="disqualified", reason="need")
    rule_of(cast, way="least_loaded")
    first, second, third = arrive("A", "B", "C")
    assert owners([first, second, third]) == ["bob", "alice", "bob"]
    assert note_of(first, cast.alice) == "Rule “Web leads”: least loaded, Bob Reyes: 0 open against 1"
    assert note_of(first, cast.bob) == "Rule “Web leads”: least loaded, Bob Reyes"


def test_territories_are_a_tree_and_the_narrowest_one_wins(cast: Cast) -> None:
    china = make("territories", name="China", regions=["CN"], people=[cast.alice.pk])
    east = make("territories", name="Zhejiang", parent=china.pk, regions=["33"], people=[cast.bob.pk])
    make("territories", name="Banks", parent=east.pk, industries=["finance"], employees_from=500, people=[cast.charlie.pk])
    rule_of(cast, way="territory", people=[])
    address = {"country": "CN", "province": "浙江省", "city": "宁波市"}
    bank, firm, north, abroad = (
        *arrive("Bank", address=address, industry="finance", employees=900),
        *arrive("Firm", address=address, industry="finance", employees=20),
        *arrive("North", address={"country": "CN", "province": "北京市"}),
        *arrive("Abroad", address={"country": "DE"}),
    )
    assert owners([bank, firm, north, abroad]) == ["charlie", "bob", "alice", None]
    away(cast.bob)
    assert owners(arrive("Firm again", address=address)) == ["alice"]
    assert note_of(firm, cast.bob) == "Rule “Web leads”: Bob Reyes for the territory Zhejiang"
    account = make("accounts", name="Ningbo Steel", address=address, owner=cast.charlie.pk)
    rule_of(cast, of="deals", way="territory", people=[])
    deal = create(entity_named("deals"), {"name": "Cranes", "account": account.pk}, by=SYSTEM, origin=API)
    assert deal.owner_id == cast.alice.pk


def test_a_deal_goes_to_who_has_the_account(cast: Cast) -> None:
    rule_of(cast, of="deals", way="parent", people=[], position=1)
    rule_of(cast, of="deals", people=[cast.alice.pk], position=2)
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    deals = entity_named("deals")
    theirs, nobodys = (create(deals, {"name": "D", **values}, by=SYSTEM, origin=API) for values in ({"account": account.pk}, {}))
    assert (theirs.owner_id, nobodys.owner_id) == (cast.bob.pk, cast.alice.pk)
    assert note_of(theirs, cast.bob) == "Rule “Web leads”: Bob Reyes, who owns what it belongs to"


def test_a_rule_may_send_into_a_pool(cast: Cast) -> None:
    pool = make("pools", name="Web pool", of="leads")
    rule_of(cast, way="pool", people=[], pool=pool.pk)
    (lead,) = arrive("A", by=cast.alice)
    lead.refresh_from_db()
    assert (lead.pool_id, lead.owner_id, lead.team_id) == (pool.pk, None, None)
    assert note_of(lead, cast.admin) == "Rule “Web leads”: into the pool Web pool"
    put = PoolMove.objects.get(record_id=lead.pk)
    assert (put.why, put.owner_before_id, put.pool_after_id, put.reason) == ("put", None, pool.pk, "Web leads")


def test_what_rules_move_out_of_a_pool_and_into_one_by_hand_is_on_the_way_of_the_record(cast: Cast) -> None:
    pool = make("pools", name="Web pool", of="leads")
    lead = make("leads", name="A", pool=pool.pk, owner=None)
    rule = rule_of(cast)
    assert do(entity_named("leads"), Act("verb", "assign_by_rules"), [lead.pk], by=cast.admin, origin=Origin("ui").batched()).done == 1
    edit(rule, {"way": "pool", "pool": pool.pk}, by=cast.admin)
    assert do(entity_named("leads"), Act("verb", "assign_by_rules"), [lead.pk], by=cast.admin, origin=Origin("ui").batched()).done == 1
    steps = PoolMove.objects.filter(record_id=lead.pk, by=cast.admin, why__in=["give", "put"], reason="Web leads").order_by("id")
    assert [(one.why, one.owner_before_id, one.owner_after_id) for one in steps] == [
        ("give", None, cast.alice.pk), ("put", cast.alice.pk, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"condition": "colour = 3"}, "condition"),
        ({"counted": "colour = 3", "way": "least_loaded"}, "counted"),
        ({"weights": "3, x"}, "weights"),
        ({"weights": "3, 0"}, "weights"),
        ({"weights": "1, 1, 1"}, "weights"),
        ({"way": "pool"}, "pool"),
        ({"way": "parent", "of": "accounts"}, "way"),
        ({"of": "stages"}, "of"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as wrong:
        rule_of(cast, **values)
    assert list(wrong.value.errors) == [field]


def test_a_rule_that_makes_no_sense_any_more_is_passed_over(cast: Cast) -> None:
    rule = rule_of(cast, name="Odd", position=1)
    rule_of(cast, way="person", people=[cast.bob.pk], position=2)
    AssignmentRule.objects.filter(pk=rule.pk).update(condition="gone_field = 3")
    raise_epoch()
    assert owners(arrive("A")) == ["bob"]


def test_a_rule_that_names_nobody_is_for_all_who_work_here(cast: Cast) -> None:
    rule_of(cast, people=[])
    assert owners(arrive("A", "B", "C", "D")) == ["alice", "bob", "charlie", "alice"]


def test_the_reason_is_kept_from_those_who_may_not_know_the_owner(cast: Cast) -> None:
    rule_of(cast, people=[cast.bob.pk])
    (lead,) = arrive("A")
    FieldRight.objects.create(role=cast.roles["seller"], entity="leads", field="owner", level=0)
    raise_epoch()
    assert note_of(lead, User.objects.get(pk=cast.bob.pk)) == ""


# ——— by hand ———


def test_many_are_assigned_by_hand_and_back(cast: Cast, client_of: Any) -> None:
    mine = [make("leads", name=f"L{number}", owner=cast.alice.pk) for number in range(3)]
    assert client_of(cast.alice).get(f"/leads/{mine[0].pk}").content.decode().count("do/assign_by_rules") == 0
    rule_of(cast, people=[cast.bob.pk])
    assert "do/assign_by_rules" in client_of(cast.alice).get(f"/leads/{mine[0].pk}").content.decode()
    assert "do/assign_by_rules" not in client_of(cast.bob).get(f"/leads/{mine[0].pk}").content.decode()
    origin = UI.batched()
    outcome = do(entity_named("leads"), Act("verb", "assign_by_rules"), [one.pk for one in mine], by=cast.alice, origin=origin)
    assert (outcome.done, owners(mine)) == (3, ["bob"] * 3)
    page = client_of(cast.bob).get(f"/leads/{mine[0].pk}").content.decode()
    assert "A rule assigned this lead" in page
    assert "Rule “Web leads”: in turn, Bob Reyes first" in page
    assert origin.batch is not None
    assert undo_batch(origin.batch, by=cast.alice).counts == (3, 0)
    assert owners(mine) == ["alice"] * 3


def test_without_a_rule_for_it_nothing_is_changed(cast: Cast) -> None:
    rule_of(cast, condition="budget > 10")
    lead = make("leads", name="L", owner=cast.alice.pk)
    with pytest.raises(Refused, match="No rule is for this record"):
        entity_named("leads").verb("assign_by_rules")(lead, by=cast.alice)
    assert Change.objects.filter(entity="leads", record_id=lead.pk).count() == 1


# ——— many ———


def test_many_at_once_are_written_as_few_are(cast: Cast) -> None:
    accounts, moment_free = entity_named("accounts"), ("owner", "team", "pool", "version")
    few, many = ([make("accounts", name=f"A{at}", owner=cast.charlie.pk) for at in range(number)] for number in (2, FEW + 1))
    rule_of(cast, of="accounts", way="person", people=[cast.bob.pk])
    for several in (few, many):
        made = decide(accounts, [one.pk for one in several])
        assert give(accounts, made, by=cast.alice, origin=API) == len(several)

    def told(account: Any) -> tuple[Any, ...]:
        change = Change.objects.filter(entity="accounts", record_id=account.pk).order_by("-id")[0]
        diff = {name: value for name, value in change.diff.items() if name != "owned_since"}
        document = SearchDocument.objects.values("owner_id", "team_id", "shared").get(entity="accounts", record_id=account.pk)
        periods = [(one.owner_id, one.ended_at is None, one.by_id) for one in OwnerPeriod.objects.filter(account=account).order_by("id")]
        row = Account.objects.values(*moment_free).get(pk=account.pk)
        return change.event, change.origin, change.by_id, set(change.diff), diff, row, document, periods

    assert told(few[0]) == told(many[0]) == told(many[-1])


def test_an_import_is_given_out_in_turn(cast: Cast) -> None:
    rule_of(cast)
    arrived = arrive(*[f"L{number}" for number in range(60)], by=cast.admin)
    assert Counter(owners(arrived)) == {"alice": 30, "bob": 30}
    assert {one.owner_id for one in arrived} == {cast.alice.pk, cast.bob.pk}
    assert Lead.objects.filter(version=2, owned_since__isnull=False).count() == 60


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_given_out_evenly(cast: Cast) -> None:
    rule_of(cast, people=[cast.alice.pk, cast.bob.pk, cast.charlie.pk])
    start, failed = threading.Barrier(20), list[BaseException]()

    def arrives(number: int) -> None:
        try:
            start.wait(30)
            for time in range(3):
                arrive(f"L{number}-{time}")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connections.close_all()

    several = [threading.Thread(target=arrives, args=(number,)) for number in range(20)]
    for one in several:
        one.start()
    for one in several:
        one.join(60)
    assert failed == []
    assert Counter(Lead.objects.values_list("owner__username", flat=True)) == {"alice": 20, "bob": 20, "charlie": 20}
    assert AssignmentTurn.objects.count() == 1


# ——— being away ———


def test_a_person_says_that_they_are_away(cast: Cast, client_of: Any) -> None:
    bob, today = client_of(cast.bob), cast.bob.locale.today
    wrong = bob.post("/settings/absences", {"starts_on": f"{today}", "ends_on": f"{today - dt.timedelta(days=1)}"}).content.decode()
    assert "This is before it begins." in wrong
    assert bob.post("/settings/absences", {"starts_on": f"{today}", "ends_on": f"{today}", "note": "Dentist"}).status_code == 302
    assert absent() == {cast.bob.pk}
    assert Change.objects.get(entity="absences").by_id == cast.bob.pk
    assert "Dentist" in bob.get("/settings/absences").content.decode()
    key = Absence.objects.get().pk
    assert client_of(cast.charlie).post(f"/settings/absences/{key}/remove").status_code == 404
    assert bob.post(f"/settings/absences/{key}/remove").status_code == 302
    assert absent() == frozenset()
    assert client_of(cast.charlie).post("/api/v1/absences", {"user": cast.bob.pk}, content_type="application/json").status_code == 403
