"""Custom fields that a pool keeps back: told on no surface, and not to be found out by asking, ordering, grouping or adding up."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from guanxi.access.models import Scope, User
from guanxi.access.starting import grant
from guanxi.entity.actors import SYSTEM
from guanxi.entity.conditions import compile as compile_condition
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.changes import edit, edit_many
from guanxi.record.custom import add, refresh, retire
from guanxi.record.models import CustomField
from guanxi.record.refusals import Refused
from guanxi.record.veiling import CustomKey
from guanxi.surfaces.dedupe.model import DuplicatePair
from guanxi.surfaces.dedupe.queue import shown
from guanxi.surfaces.reading import Query, page, rows
from guanxi.surfaces.search.query import find
from tests.cast import Cast, make, person

pytestmark = pytest.mark.django_db
FIELDS = {
    "tonnage": "number", "wish": "text", "rumour": "long text", "by_day": "date", "tier": "choice", "patron": "link", "desk": "phone",
    "mailbox": "e-mail", "colour": "text",
}  # fmt: skip
HIDDEN, MASKED = ["tonnage", "wish", "by_day", "tier", "patron"], ["rumour", "desk", "mailbox"]
SECRET = ("77001", "Qingdao", "2031-05-06", "Gold", "gold", "Patron Ltd", "Whispered", "138 0013 8", "1380013", "zw@")


@dataclass
class Kept:
    """A lead in a pool that keeps its custom fields back but for the colour, and one of Bob's own, smaller in everything."""

    pool: Any
    lead: Any
    own: Any
    patron: Any


@pytest.fixture
def kept(cast: Cast) -> Any:
    for key, kind in FIELDS.items():
        options = {"choice": [["gold", "Gold", "金"], ["tin", "Tin", "锡"]], "link": ["accounts"]}.get(kind, [])
        add(
            CustomField(
                entity="leads", key=key, kind=kind, label_en=key.replace("_", " ").capitalize(), options=options, search=kind == "text"
            )
        )
    refresh()
    pool = make("pools", name="Harbour pool", of="leads", teams=[cast.harbour.pk], hidden=HIDDEN, masked=MASKED)
    patron = make("accounts", name="Patron Ltd", owner=cast.bob.pk)
    values = {
        "tonnage": 77001,
        "wish": "Scanners for Qingdao",
        "rumour": "Whispered",
        "by_day": "2031-05-06",
        "tier": "gold",
        "patron": patron.pk,
    }
    values |= {"desk": "+86 138 0013 8000", "mailbox": "zw@bluefin.example", "colour": "Teal"}
    small = {
        "tonnage": 5,
        "wish": "Anchors",
        "rumour": "Loud",
        "by_day": "2030-01-01",
        "tier": "tin",
        "desk": "+86 138 0013 7000",
        "colour": "Amber",
    }
    own = make("leads", name="Own Lead", owner=cast.bob.pk, **small)
    lead = make("leads", name="Zhang Wei", company="Bluefin", pool=pool.pk, **{**values, "tonnage": 9})
    edit(lead, {"tonnage": 77001}, by=SYSTEM)
    yield Kept(pool, lead, own, patron)
    CustomField.objects.all().delete()
    refresh()


def told(text: str) -> list[str]:
    return [secret for secret in SECRET if secret in text]


def test_it_is_told_on_no_surface_before_the_claim(cast: Cast, client_of: Any, kept: Kept) -> None:
    bob, key = client_of(cast.bob), kept.lead.pk
    where = {"where": "pool is not empty", "columns": ",".join(["name", *FIELDS])}
    asked = {"condition": "pool is not empty"}
    pages = {
        "list": bob.get("/leads", where), "board": bob.get("/leads", {**where, "shape": "board"}), "page": bob.get(f"/leads/{key}"),
        "peek": bob.get(f"/leads/{key}/peek", headers={"HX-Request": "true"}), "history": bob.get(f"/leads/{key}/history"),
        "timeline": bob.get(f"/leads/{key}/timeline", headers={"HX-Request": "true"}), "api list": bob.get("/api/v1/leads", asked), "api": bob.get(f"/api/v1/leads/{key}"),
        "api history": bob.get(f"/api/v1/leads/{key}/history"),
        "search": bob.get("/search", {"q": "Bluefin"}), "suggestions": bob.get("/leads/suggest", {"q": "Zhang"}),
    }  # fmt: skip
    texts = {name: response.content.decode() for name, response in pages.items()}
    rita = client_of(person("rita", "Rita Reader", roles=[cast.roles["reader"]]))  # sellers export what is theirs, nothing out of pools
    texts["export"] = b"".join(rita.get("/leads/export", {**where, "all": "1", "view": "all"}).streaming_content).decode()
    assert {name: told(text) for name, text in texts.items() if told(text)} == {}
    assert {name for name, response in pages.items() if response.status_code != 200} == set()
    for name in ("list", "page", "api", "export"):
        assert "Teal" in texts[name], f"{name}: the colour is kept back by nobody"
        assert "+86138****8000" in texts[name]
        assert "z****@bluefin.example" in texts[name]
    record = pages["api"].json()
    assert [record[name] for name in HIDDEN] == [None] * 5
    assert record["rumour"] == "****"


def test_a_claim_brings_it_to_light_and_administrators_always_see_it(cast: Cast, client_of: Any, kept: Kept) -> None:
    path = f"/api/v1/leads/{kept.lead.pk}"
    assert client_of(cast.admin).get(path).json()["wish"] == "Scanners for Qingdao"
    entity_named("leads").verb("claim")(kept.lead, by=cast.bob)
    record = client_of(cast.bob).get(path).json()
    assert (record["wish"], record["tier"], record["desk"], record["rumour"]) == (
        "Scanners for Qingdao",
        "gold",
        "+8613800138000",
        "Whispered",
    )
    assert "77001" in client_of(cast.bob).get(f"{path}/history").content.decode()


def test_who_may_edit_it_leaves_what_they_cannot_see_as_it_is(cast: Cast, client_of: Any, kept: Kept) -> None:
    """A form does not ask for it, so that nothing empty or masked is saved over it; and nothing else sets it."""
    grant(cast.roles["seller"], {"leads": dict.fromkeys(("see", "edit", "bulk"), Scope.ALL)})
    bob, key, entity = client_of(User.objects.get(pk=cast.bob.pk)), kept.lead.pk, entity_named("leads")
    form = bob.get(f"/leads/{key}/edit").content.decode()
    assert 'name="colour"' in form
    assert [name for name in (*HIDDEN, *MASKED) if f'name="{name}"' in form] == []
    assert bob.post(f"/leads/{key}/edit", {"name": "Zhang Wei", "colour": "Red", "wish": ""}).status_code == 302
    assert bob.get(f"/leads/{key}/field/wish").status_code == 403
    assert bob.post(f"/leads/{key}/field/wish", {"wish": "", "version": "1"}).status_code == 403
    with pytest.raises(Refused) as wrong:
        edit_many(entity, [key], {"wish": "", "colour": "Blue"}, by=User.objects.get(pk=cast.bob.pk))
    assert list(wrong.value.errors) == ["wish"]
    custom = entity.model._default_manager.get(pk=key).custom
    assert (custom["wish"], custom["mailbox"], custom["colour"]) == ("Scanners for Qingdao", "zw@bluefin.example", "Red")


@pytest.mark.django_db(transaction=True)
def test_the_stream_of_changes_leaves_it_out_before_the_claim(cast: Cast, client_of: Any, kept: Kept) -> None:
    def of_lead() -> list[Any]:
        changes = client_of(cast.bob).get("/api/v1/changes", {"entity": "leads"}).json()["data"]
        return [one["changes"] for one in changes if one["record"] == kept.lead.pk]

    before = of_lead()
    assert [sorted({*HIDDEN, *MASKED} & {*one}) for one in before] == [[], []]
    assert before[0]["colour"] == [None, "Teal"]
    entity_named("leads").verb("claim")(kept.lead, by=cast.bob)
    assert of_lead()[1]["tonnage"] == ["9", "77001"]


@pytest.mark.parametrize(
    "condition",
    [
        "tonnage > 100", "not tonnage < 100", "tonnage is empty", "tonnage is not empty", 'wish contains "Qingdao"', 'not wish = "Anchors"',
        "by_day > 2031-01-01", 'tier = "gold"', 'tier != "tin"', "tier is empty", 'rumour contains "Whispered"', 'desk starts "+8613800138"',
        'mailbox starts "zw"', 'patron = "Patron Ltd"', 'patron.name = "Patron Ltd"',
    ],
)  # fmt: skip
def test_no_condition_finds_it(cast: Cast, client_of: Any, kept: Kept, condition: str) -> None:
    entity = entity_named("leads")
    found = client_of(cast.bob).get("/api/v1/leads", {"condition": condition}).json()["data"]
    assert "Zhang Wei" not in [one["name"] for one in found]
    everything = entity.model._default_manager.filter(compile_condition(parse(condition), entity, cast.admin))
    assert ("Zhang Wei" in everything.values_list("name", flat=True)) is (condition not in {"tonnage is empty", "tier is empty"})


def test_no_path_to_it_tells_it(cast: Cast, kept: Kept) -> None:
    """From other records, over a list and its sums; and over the link that is kept back itself, whichever way it is asked."""

    def of(path: str, condition: str, reader: Any) -> set[int]:
        return set(rows(Query(entity_named(path), parse(condition)), to=reader).values_list("pk", flat=True))

    note = make("activities", kind="note", subject="Thought", lead=kept.lead.pk, owner=cast.bob.pk)
    assert of("activities", "lead.tonnage > 100", cast.admin) == {note.pk}
    assert of("activities", "lead.tonnage > 100", cast.bob) == set()
    for condition in (
        "leads.sum(tonnage) > 77000",
        "leads.max(tonnage) > 77000",
        "leads[tonnage > 77000] is not empty",
        "leads.max(by_day) > 2031-01-01",
    ):
        assert of("pools", condition, cast.admin) == {kept.pool.pk}, condition
        assert of("pools", condition, cast.bob) == set(), condition
    answers = [
        {condition: of("leads", condition, cast.bob) for condition in ('patron.name = "Patron Ltd"', 'not patron.name = "Patron Ltd"')}
    ]
    edit(kept.lead, {"patron": None}, by=SYSTEM)
    answers += [{condition: of("leads", condition, cast.bob) for condition in answers[0]}]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("field", ["tonnage", "wish", "by_day", "tier"])
def test_no_order_tells_it_and_no_cursor(cast: Cast, kept: Kept, field: str) -> None:
    """What is hidden stands with what is empty, wherever its value would put it."""
    other = make("leads", name="Second", owner=cast.bob.pk, tonnage=999999, wish="Zebra", by_day="2040-01-01", tier="tin")
    whole, few = make("leads", name="Nothing", owner=cast.bob.pk), 1
    for sign in ("", "-"):
        query, after, order, cursors = Query(entity_named("leads"), None, (f"{sign}{field}", "id")), None, [], []
        while True:
            found = page(query, to=cast.bob, after=after, limit=few)
            order += [one.pk for one in found.records]
            after = found.next
            if after is None:
                break
            cursors.append(base64.urlsafe_b64decode(after + "==").decode())
        assert sorted(order) == sorted([kept.own.pk, other.pk, kept.lead.pk, whole.pk])
        assert set(order[2:]) == {kept.lead.pk, whole.pk}, sign
        assert told("".join(cursors)) == []
    admins = [one.name for one in page(Query(entity_named("leads"), None, ("-tonnage",)), to=cast.admin).records]
    assert admins[:3] == ["Second", "Zhang Wei", "Own Lead"]


def test_nothing_is_grouped_by_it(cast: Cast, client_of: Any, kept: Kept) -> None:
    bob, admin = client_of(cast.bob), client_of(cast.admin)
    wrong = "These records cannot be"
    for asked in ({"shape": "chart", "group": "tier"}, {"shape": "board", "by": "tier"}, {"shape": "chart", "group": "patron"}):
        assert wrong in bob.get("/leads", {"view": "all", **asked}).content.decode(), asked
        assert wrong not in admin.get("/leads", {"view": "all", **asked}).content.decode(), asked
    found = rows(Query(entity_named("leads")), to=cast.bob)
    assert set(found.order_by().values_list("custom__tier", flat=True)) == {None, "tin"}
    assert list(found.order_by().values("custom__tier").distinct().order_by("custom__tier").values_list("custom__tier", flat=True)) == [
        "tin",
        None,
    ]


def test_search_finds_nothing_by_it(cast: Cast, client_of: Any, kept: Kept) -> None:
    leads = [entity_named("leads")]
    assert [hit.key for hit in find("Qingdao", to=cast.admin, entities=leads)] == [kept.lead.pk]
    assert find("Qingdao", to=cast.bob, entities=leads) == []
    assert [hit.key for hit in find("Bluefin", to=cast.bob, entities=leads)] == [kept.lead.pk]
    listed = client_of(cast.bob).get("/api/v1/leads", {"q": "Qingdao"}).json()["data"]
    assert listed == []


def test_a_pair_of_duplicates_does_not_tell_that_it_is_the_same(cast: Cast, kept: Kept) -> None:
    pair = DuplicatePair.objects.create(
        entity="leads", first_id=kept.own.pk, second_id=kept.lead.pk, bits=20.0, why=[["wish", "code", "same"], ["colour", "code", "same"]]
    )
    entity = entity_named("leads")
    assert [one.field for one in shown(entity, [pair], cast.bob)[0].reasons] == ["colour"]
    assert [one.field for one in shown(entity, [pair], cast.admin)[0].reasons] == ["wish", "colour"]


def test_only_what_has_a_part_to_show_is_masked(cast: Cast, kept: Kept) -> None:
    for field in ("tonnage", "by_day", "tier", "patron"):
        with pytest.raises(Refused) as wrong:
            edit(kept.pool, {"masked": [field]}, by=SYSTEM)
        assert list(wrong.value.errors) == ["masked"]
    for field in ("status", "name"):
        with pytest.raises(Refused) as wrong:
            edit(kept.pool, {"hidden": [field]}, by=SYSTEM)
        assert list(wrong.value.errors) == ["hidden"]


def test_what_is_masked_by_the_name_it_shares_with_a_text_elsewhere_is_hidden(cast: Cast, client_of: Any, kept: Kept) -> None:
    add(CustomField(entity="accounts", key="tonnage", kind="text", label_en="Tonnage"))
    refresh()
    edit(kept.pool, {"hidden": [], "masked": ["tonnage"]}, by=SYSTEM)
    record = client_of(cast.bob).get(f"/api/v1/leads/{kept.lead.pk}").json()
    assert (record["tonnage"], record["tier"]) == (None, "gold")


def test_a_retired_field_and_one_of_other_records_leave_the_rest_kept_back(cast: Cast, client_of: Any, kept: Kept) -> None:
    retire(CustomField.objects.get(key="tonnage"), retired=True)
    refresh()
    make("pools", name="Accounts", of="accounts", hidden=["need", "wish"])
    bob = client_of(cast.bob)
    assert bob.get("/api/v1/accounts", {"q": "Patron"}).json()["data"][0]["name"] == "Patron Ltd"
    assert bob.get("/api/v1/leads", {"q": "Qingdao"}).json()["data"] == []
    assert told(bob.get(f"/api/v1/leads/{kept.lead.pk}").content.decode()) == []


def test_an_index_still_serves_the_order_by_what_is_not_kept_back(cast: Cast, kept: Kept) -> None:
    seen = rows(Query(entity_named("leads")), to=cast.bob)
    assert "CASE" not in str(seen.order_by().annotate(by=CustomKey("colour")).values("by").query).split("FROM")[0]
    assert "CASE" in str(seen.order_by().annotate(by=CustomKey("wish")).values("by").query).split("FROM")[0]
