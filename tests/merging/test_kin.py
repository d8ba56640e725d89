"""A lead that is an account or contact already is found by the search, and goes into it by being converted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import FieldRight
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entity_named, kin_of
from guanxi.record.changes import delete, edit
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.dedupe import scanning, tasks
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.tasks import begin, find_duplicates, latest, new_search, stop
from tests.api.conftest import Program, problem
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
Clients = Callable[..., Client]
REVIEW = "/leads/duplicates/review"
HTMX = {"HX-Request": "true"}


def search(path: str = "leads") -> DuplicateScan:
    run = new_search(entity_named(path), None)
    find_duplicates(run.pk)
    return DuplicateScan.objects.get(pk=run.pk)


def found(other: str) -> set[tuple[int, int]]:
    return set(DuplicatePair.objects.filter(entity="leads", other=other).values_list("first_id", "second_id"))


@pytest.fixture
def known(cast: Cast) -> dict[str, Any]:
    """An account, whoever acts for it, leads about both, and many others."""
    bob = {"owner": cast.bob.pk}
    account = make("accounts", name="上海远洋物流有限公司", phones="+862155550001", website="https://yuanyang.example", **bob)
    contact = make("contacts", name="Wang Xiaoming", account=account.pk, phones="+8613800000001", emails="wang@yuanyang.example", **bob)
    person = make("leads", name="王小明", company="远洋物流", phones="+8613800000001", **bob)
    company = make("leads", company="远洋物流", website="https://www.yuanyang.example/zh", phones="+862155559999", **bob)
    for number in range(8):
        word = "abcdefgh"[number] * 5
        make("accounts", name=f"{word} Trading", phones=f"+1202000000{number}", **bob)
        make("contacts", name=f"{word.title()} Smith", phones=f"+1202000001{number}", **bob)
        make("leads", name=f"{word.title()} Jones", company=f"{word[::-1]}x Ltd", phones=f"+1202000002{number}", **bob)
    return {"account": account, "contact": contact, "person": person, "company": company}


def test_kin_is_declared_once_and_known_to_both() -> None:
    assert {one.path for one in kin_of(entity_named("leads"))} == {"accounts", "contacts"}
    assert [one.path for one in kin_of(entity_named("accounts"))] == ["leads"]
    assert [one.path for one in kin_of(entity_named("contacts"))] == ["leads"]
    assert kin_of(entity_named("deals")) == []


def test_a_lead_that_is_a_contact_or_an_account_is_found(known: dict[str, Any]) -> None:
    search()
    assert found("contacts") == {(known["person"].pk, known["contact"].pk)}
    assert {(known["person"].pk, known["account"].pk), (known["company"].pk, known["account"].pk)} >= found("accounts")
    assert (known["company"].pk, known["account"].pk) in found("accounts")
    why = {tuple(one[:3]) for one in DuplicatePair.objects.get(other="contacts").why}
    assert ("phones", "phone", "same") in why
    assert ("company", "firm", "same") in why
    of_company = DuplicatePair.objects.get(other="accounts", first_id=known["company"].pk)
    assert ["phones", "phone", "differs", "phones"] not in of_company.why, "another phone says nothing against the company"


def test_leads_that_can_no_longer_be_converted_are_no_pairs(cast: Cast, known: dict[str, Any], client_of: Clients) -> None:
    search()
    client = client_of(cast.bob)
    assert "Wang Xiaoming" in client.get(REVIEW).content.decode()
    edit(known["person"], {"status": "disqualified", "reason": "other"}, by=cast.admin)
    assert "Wang Xiaoming" not in client.get(REVIEW).content.decode()
    delete(known["account"], by=SYSTEM)
    assert "/accounts/" not in re.sub(r'href="/accounts"', "", client.get(REVIEW).content.decode()).partition('<ul class="pairs">')[2]
    search()
    assert not DuplicatePair.objects.exclude(other="").exists()


def test_kinds_that_are_not_compared_across_are_searched_as_before(known: dict[str, Any]) -> None:
    for path in ("accounts", "contacts"):
        run = search(path)
        assert run.records == entity_named(path).model._default_manager.count()
        assert not run.parts.exists()
    assert not DuplicatePair.objects.exists()


def test_a_pair_is_converted_from_the_queue(cast: Cast, known: dict[str, Any], client_of: Clients) -> None:
    search()
    client = client_of(cast.bob)
    page = client.get(REVIEW).content.decode()
    assert "Convert into this one" in page
    address = re.search(rf'href="(/leads/{known["person"].pk}/do/convert\?contact=[^"]+)"', page)
    assert address
    where = address[1].replace("&amp;", "&")
    assert where == f"/leads/{known['person'].pk}/do/convert?contact={known['contact'].pk}&account={known['account'].pk}"
    dialog = client.get(where, headers=HTMX).content.decode()
    for name in ("contact", "account"):
        assert re.search(rf'<option value="{known[name].pk}" selected', dialog), name
    values = {"contact": known["contact"].pk, "account": known["account"].pk}
    assert client.post(where.partition("?")[0], values, headers=HTMX).status_code in {200, 204}
    known["person"].refresh_from_db()
    assert (known["person"].status, known["person"].contact_id, known["person"].account_id) == (
        "converted",
        values["contact"],
        values["account"],
    )
    assert "Wang Xiaoming" not in client.get(REVIEW).content.decode()


def test_what_was_decided_of_kin_outlives_the_next_search(cast: Cast, known: dict[str, Any], client_of: Clients) -> None:
    search()
    pair = DuplicatePair.objects.get(other="contacts")
    client = client_of(cast.bob)
    assert client.post(f"/leads/duplicates/{pair.pk}", {"decision": "different"}, headers=HTMX).status_code == 200
    search()
    assert "Wang Xiaoming" not in client.get(REVIEW).content.decode()
    assert "Wang Xiaoming" in client.get(f"{REVIEW}?show=different").content.decode()
    assert DuplicatePair.objects.filter(other="contacts").count() == 1


def test_only_who_may_see_both_sees_the_pair(cast: Cast, known: dict[str, Any], client_of: Clients) -> None:
    search()
    key = DuplicatePair.objects.get(other="contacts").pk
    charlie = client_of(cast.charlie)
    assert "Wang" not in charlie.get(REVIEW).content.decode()
    for one in ("contact", "person"):
        edit(known[one], {"owner": cast.charlie.pk}, by=cast.admin)
        assert "Wang" not in client_of(cast.bob).get(REVIEW).content.decode()
        assert client_of(cast.bob).post(f"/leads/duplicates/{key}", {"decision": "later"}, headers=HTMX).status_code == 404
        assert ("Wang" in charlie.get(REVIEW).content.decode()) == (one == "person")
    assert "远洋物流有限公司" not in charlie.get(REVIEW).content.decode(), "where the contact works is not for Charlie"


@pytest.mark.parametrize("entity", ["leads", "contacts"])
def test_fields_out_of_sight_tell_nothing(cast: Cast, known: dict[str, Any], client_of: Clients, entity: str) -> None:
    search()
    assert "13800000001" in re.sub(r"\D", "", client_of(cast.bob).get(REVIEW).content.decode())
    FieldRight.objects.create(role=cast.roles["seller"], entity=entity, field="phones", level=Level.HIDDEN)
    raise_epoch()
    page = client_of(cast.bob).get(REVIEW).content.decode()
    assert "Wang Xiaoming" in page
    assert "13800000001" not in re.sub(r"\D", "", page)


def test_a_search_of_several_parts_is_told_as_one(cast: Cast, known: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entity = entity_named("leads")
    run = begin(entity, by=cast.alice)
    assert begin(entity, by=cast.alice) == run
    begun: list[str] = []

    def broken(one: DuplicateScan) -> None:
        begun.append(one.other)
        if one.other == "accounts" and len(begun) == 2:
            raise ConnectionError  # the worker is gone
        scanning.scan(one)

    monkeypatch.setattr(tasks, "scan", broken)
    with pytest.raises(ConnectionError):
        find_duplicates(run.pk)
    told = latest(entity)
    assert told is not None
    assert (told.state, told.records) == ("failed", 10)
    again = begin(entity, by=cast.alice)
    assert again != run
    find_duplicates(again.pk)
    told = latest(entity)
    assert told is not None
    assert (told.state, told.pk, told.found) == ("done", again.pk, DuplicatePair.objects.count())
    third = begin(entity, by=cast.alice)
    stop(entity, by=cast.alice)
    find_duplicates(third.pk)
    assert not DuplicateScan.objects.filter(finished_at__isnull=True).exists()
    told = latest(entity)
    assert told is not None
    assert (told.state, told.found) == ("stopped", 0)


def test_a_search_among_kin_goes_on_where_it_was(known: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    search()
    expected = {(one.other, one.first_id, one.second_id, one.bits) for one in DuplicatePair.objects.all()}
    DuplicatePair.objects.all().delete()
    monkeypatch.setattr(scanning, "STEP", 3)
    tell, run = scanning._tell, new_search(entity_named("leads"), None)
    steps = 0

    def dying(one: DuplicateScan, **values: Any) -> None:
        nonlocal steps
        tell(one, **values)
        steps += 1
        if one.other and steps % 4 == 0:
            raise tasks.Error  # what a worker that is killed leaves is what was committed before

    monkeypatch.setattr(scanning, "_tell", dying)
    deaths = 0
    while True:
        try:
            find_duplicates(run.pk)
        except tasks.Error:
            deaths += 1
            continue
        break
    assert 3 < deaths < 60
    assert {(one.other, one.first_id, one.second_id, one.bits) for one in DuplicatePair.objects.all()} == expected


# ——— by a program ———


@pytest.mark.django_db
def test_a_program_sees_pairs_of_kin_and_converts(cast: Cast, known: dict[str, Any]) -> None:
    search()
    bob = Program(cast.bob)
    (pair,) = [one for one in bob.get("leads/duplicates")["data"] if one["second_entity"] == "contacts"]
    assert (pair["first"]["id"], pair["second"]) == (known["person"].pk, {"id": known["contact"].pk, "title": "Wang Xiaoming"})
    where = f"leads/duplicates/{pair['id']}"
    for body in (
        {"decision": "merge"},
        {"decision": "convert", "keep": 1},
        {"decision": "later", "values": {}},
        {"decision": "convert", "values": {"contact": 1}},
    ):
        bob.refused("POST", where, body, status=422)
    assert problem(bob.call("POST", where, {"decision": "merge"}))["errors"][0]["message"].endswith("different, later, open, convert")
    Program(cast.charlie).refused("POST", where, {"decision": "convert"}, status=404)
    done = bob.post(where, {"decision": "convert", "values": {"with_deal": True, "deal_name": "Forty cranes"}})
    assert done == {"id": pair["id"], "decision": "convert", "joined": {"first": known["person"].pk, "second": known["contact"].pk}}
    known["person"].refresh_from_db()
    assert (known["person"].contact_id, known["person"].account_id) == (known["contact"].pk, known["account"].pk)
    assert known["person"].deal.name == "Forty cranes"
    bob.refused("GET", where, status=404)
