"""Looking for duplicates: what is found, on public sets with the settings everyone starts from; what people decide stays."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many, edit
from guanxi.record.custom import add
from guanxi.record.memory import raise_epoch
from guanxi.record.merging import merge, unmerge
from guanxi.record.models import CustomField
from guanxi.surfaces.dedupe.blocking import blocks
from guanxi.surfaces.dedupe.likeness import LIKELY, Comparison, Known
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.scanning import scan
from guanxi.surfaces.dedupe.tasks import begin, find_duplicates, stop
from guanxi.surfaces.dedupe.traits import Trait, said, sound
from tests.cast import Cast, make, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
Row = dict[str, Any]


def search(path: str) -> DuplicateScan:
    run = DuplicateScan.objects.create(entity=path)
    scan(run)
    run.refresh_from_db()
    return run


def found(path: str, least: float = LIKELY) -> set[tuple[int, int]]:
    return set(DuplicatePair.objects.filter(entity=path, bits__gte=least).values_list("first_id", "second_id"))


def f1(path: str, rows: Sequence[Row], truth: Iterable[str]) -> float:
    """The records are made, searched through, and the likely pairs held against the truth."""
    records = create_many(entity_named(path), rows, by=SYSTEM, origin=Origin("import", uuid.uuid4()))
    alike = defaultdict(list)
    for record, group in zip(records, truth, strict=True):
        alike[group].append(record.pk)
    true = {pair for keys in alike.values() for pair in combinations(sorted(keys), 2)}
    search(path)
    got = found(path)
    right = len(got & true)
    return 2 * right / (len(got) + len(true))


# ——— public sets ———


def people(path: Path) -> tuple[list[Row], list[str]]:
    """FEBRL's made-up Australians, as someone would bring them in."""
    with gzip.open(path, "rt") as file:
        lines = list(csv.DictReader(file, skipinitialspace=True))
    rows = []
    for line in lines:
        street = " ".join(filter(None, [line["street_number"], line["address_1"]]))
        address = {"street": street, "district": line["suburb"], "province": line["state"], "postcode": line["postcode"]}
        try:
            birthday = dt.datetime.strptime(line["date_of_birth"], "%Y%m%d").date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            birthday = None
        name = f"{line['given_name']} {line['surname']}".strip() or "?"
        rows.append({"name": name, "address": address, "birthday": birthday, "social_security": line["soc_sec_id"]})
    return rows, [line["rec_id"].split("-")[1] for line in lines]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("dataset1", 0.98), ("dataset2", 0.95)])
def test_people_with_typing_errors_are_found(cast: Cast, shared_data: Path, name: str, least: float) -> None:
    add(CustomField(entity="contacts", key="social_security", kind="text", label_en="Social security number"))
    rows, truth = people(shared_data / "er_febrl" / f"{name}.csv.gz")
    assert f1("contacts", rows, truth) >= least


@pytest.mark.slow
def test_restaurants_of_two_guides_are_found(cast: Cast, shared_data: Path) -> None:
    folder = shared_data / "er_restaurants"

    def read(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader((folder / name).read_text().splitlines()))

    same = {line["zagats_id"]: line["fodors_id"] for line in read("matches_fodors_zagats.csv")}
    lines = [(f"f{line['id']}", line) for line in read("fodors.csv")]
    lines += [(f"f{same[line['id']]}" if line["id"] in same else f"z{line['id']}", line) for line in read("zagats.csv")]
    rows = []
    for _group, line in lines:
        digits = "".join(filter(str.isdigit, line["phone"]))[:10]
        address = {"street": line["addr"], "city": line["city"]}
        rows.append({"name": line["name"], "address": address, "phones": f"+1{digits}" if len(digits) == 10 else ""})
    assert f1("accounts", rows, [group for group, _line in lines]) >= 0.95


# ——— what is alike ———


def bits(pairs: list[tuple[str, Any, Any]], among: int = 1000) -> float:
    """The evidence for two records that say this, among so many others of which each says something else."""
    known = Known([Trait(role, role) for role, _one, _other in pairs])
    for number in range(among):
        known.add([said(role, f"x{number}" if role == "name" else None) for role, _one, _other in pairs])
    one, other = [said(role, value) for role, value, _other in pairs], [said(role, value) for role, _one, value in pairs]
    known.add(one)
    known.add(other)
    known.settle()
    return Comparison(known)(one, other).bits


def phone(number: str) -> list[dict[str, str]]:
    return [{"value": number}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海远洋物流有限公司", "远洋物流（上海）"),
        ("Northwind Logistics, Inc.", "North Wind Logistics"),
        ("张三", "Zhang San"),
        ("张伟明", "张玮明"),
        ("Chen, Alice", "Alice Chen"),
        ("Bob Harrington", "Bob Harington"),
        ("J. Harrington", "John Harrington"),
    ],
)
def test_names_that_mean_the_same_with_a_phone_that_is_the_same_are_likely_one(one: str, other: str) -> None:
    same = phone("+8613800000001")
    assert bits([("name", one, other), ("phone", same, same)]) >= LIKELY


@pytest.mark.parametrize(
    ("one", "other"), [("上海远洋物流有限公司", "上海银河物流有限公司"), ("Bob Reyes", "Alice Chen"), ("张三", "李四")]
)
def test_other_names_with_the_same_phone_are_not(one: str, other: str) -> None:
    same = phone("+8613800000001")
    assert bits([("name", one, other), ("phone", same, same)]) < LIKELY


def test_a_name_that_many_have_says_little() -> None:
    traits = [Trait("name", "name")]
    known = Known(traits)
    for _number in range(500):
        known.add([["zhang", "wei"]])
    for number in range(500):
        known.add([[f"other{number}", f"name{number}"]])
    known.settle()
    assert Comparison(known)([["zhang", "wei"]], [["zhang", "wei"]]).bits < LIKELY


def test_a_mistake_in_one_value_leaves_a_block_in_common() -> None:
    roles = ["name", "phone", "email"]
    one = [said("name", "Bob Harrington"), said("phone", phone("+8613800000001")), said("email", [{"value": "bob@x.example"}])]
    for place, wrong in ((0, said("name", "Rob Arington")), (1, said("phone", phone("+8613800000002"))), (2, [])):
        other = [wrong if at == place else values for at, values in enumerate(one)]
        assert blocks(roles, one) & blocks(roles, other), place
    assert sound("张") == sound("章")


# ——— the queue ———


@pytest.fixture
def pair(cast: Cast) -> tuple[Any, Any]:
    both = {"phones": "+8613800000001", "emails": "info@yuanyang.example", "owner": cast.bob.pk}
    first = make("accounts", name="上海远洋物流有限公司", **both)
    second = make("accounts", name="远洋物流", **both)
    for number in range(8):
        make("accounts", name=f"Customer {number} {'abcdefgh'[number] * 6}", owner=cast.bob.pk)
    search("accounts")
    return first, second


def test_a_pair_is_shown_with_its_reasons_and_merged_from_there(cast: Cast, pair: tuple[Any, Any]) -> None:
    first, second = pair
    client = signed_in(cast.bob)
    page = client.get("/accounts/duplicates/review").content.decode()
    assert "上海远洋物流有限公司" in page
    assert page.count('class="tag good"><i></i>same') >= 2
    assert f"/accounts/{first.pk}/merge?with={second.pk}&amp;from=review" in page
    answer = client.post(f"/accounts/{first.pk}/merge?with={second.pk}&from=review")
    assert answer["Location"] == "/accounts/duplicates/review"
    assert "上海远洋物流有限公司</a>" not in client.get("/accounts/duplicates/review").content.decode()


def test_an_undone_merge_waits_for_a_decision_again(cast: Cast, pair: tuple[Any, Any]) -> None:
    done = merge(*pair, by=cast.bob)
    unmerge(done, by=cast.bob)
    assert "上海远洋物流有限公司</a>" in signed_in(cast.bob).get("/accounts/duplicates/review").content.decode()


def test_what_was_decided_outlives_the_next_search(cast: Cast, pair: tuple[Any, Any]) -> None:
    client = signed_in(cast.bob)
    key = DuplicatePair.objects.get().pk
    assert client.post(f"/accounts/duplicates/{key}", {"decision": "different"}, headers=HTMX).status_code == 200
    assert client.post(f"/accounts/duplicates/{key}", {"decision": "nonsense"}, headers=HTMX).status_code == 422
    search("accounts")
    assert "上海远洋物流有限公司</a>" not in client.get("/accounts/duplicates/review").content.decode()
    assert "上海远洋物流有限公司</a>" in client.get("/accounts/duplicates/review?show=different").content.decode()
    assert DuplicatePair.objects.get().decided_by == cast.bob


def test_an_open_pair_that_is_no_longer_alike_goes(cast: Cast, pair: tuple[Any, Any]) -> None:
    edit(pair[1], {"name": "银河证券", "phones": "+8613900000009", "emails": "x@galaxy.example"}, by=SYSTEM)
    search("accounts")
    assert not DuplicatePair.objects.exists()


def test_nobody_learns_of_records_or_values_out_of_sight(cast: Cast, pair: tuple[Any, Any]) -> None:
    _first, second = pair
    key = DuplicatePair.objects.get().pk
    charlie = signed_in(cast.charlie)
    assert "远洋物流" not in charlie.get("/accounts/duplicates/review").content.decode()
    assert charlie.post(f"/accounts/duplicates/{key}", {"decision": "later"}, headers=HTMX).status_code == 404
    edit(second, {"owner": cast.charlie.pk}, by=cast.admin)
    assert "远洋物流" not in signed_in(cast.bob).get("/accounts/duplicates/review").content.decode()
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="emails", level=Level.HIDDEN)
    raise_epoch()
    edit(second, {"owner": cast.bob.pk}, by=cast.admin)
    assert "yuanyang.example" not in signed_in(cast.bob).get("/accounts/duplicates/review").content.decode()


def test_a_search_is_a_job_that_can_be_stopped_and_starts_but_once(cast: Cast, pair: tuple[Any, Any]) -> None:
    entity = entity_named("accounts")
    run = begin(entity, by=cast.alice)
    assert begin(entity, by=cast.alice) == run
    assert 'id="search-progress"' in signed_in(cast.alice).get("/accounts/duplicates/review").content.decode()
    stop(entity, by=cast.alice)
    find_duplicates(run.pk)
    run.refresh_from_db()
    assert (run.stage, run.finished_at is not None, DuplicatePair.objects.count()) == ("waiting", True, 1)
    again = begin(entity, by=cast.alice)
    find_duplicates(again.pk)
    again.refresh_from_db()
    assert (again.stage, again.records, again.found) == ("done", 10, 1)
    assert signed_in(cast.alice).get("/accounts/duplicates/progress", headers=HTMX)["HX-Redirect"] == "/accounts/duplicates/review"
