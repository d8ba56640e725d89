"""Merging on a page and over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import ApiKey, FieldRight
from guanxi.crm.models import Account
from guanxi.entity.actors import Level
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Merge
from tests.cast import Cast, make, signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def two(cast: Cast) -> tuple[Any, Any]:
    kept = make("accounts", name="Northwind Logistics", owner=cast.bob.pk, employees=7, phones="+861012345678")
    gone = make(
        "accounts", name="Northwind Logistic", owner=cast.bob.pk, employees=9, phones="+861012345679", website="https://north.example"
    )
    make("deals", name="Cranes", owner=cast.bob.pk, account=gone.pk)
    return kept, gone


def test_the_page_compares_and_merges_as_chosen(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    client = signed_in(cast.bob)
    page = client.get(f"/accounts/{kept.pk}/merge?with={gone.pk}").content.decode()
    assert "1 deal." in page
    checked = {name: f'name="pick-{name}" value="{pick}" checked' in page for name, pick in
               (("name", "kept"), ("employees", "kept"), ("website", "gone"), ("phones", "both"))}  # fmt: skip
    assert all(checked.values()), checked
    answer = client.post(f"/accounts/{kept.pk}/merge?with={gone.pk}", {"pick-employees": "gone", "pick-phones": "kept"})
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/{kept.pk}")
    record = Account.objects.get(pk=kept.pk)
    assert (record.employees, record.website, len(record.phones)) == (9, "https://north.example", 1)
    there = client.get(f"/accounts/{kept.pk}").content.decode()
    assert f"/batches/{Merge.objects.get().batch}/undo" in there
    assert client.get(f"/accounts/{gone.pk}")["Location"] == f"/accounts/{kept.pk}"
    assert "merged another record into this account" in client.get(f"/accounts/{kept.pk}/history").content.decode()
    undone = client.post(f"/batches/{Merge.objects.get().batch}/undo", headers=HTMX)
    assert undone["HX-Redirect"] == f"/accounts/{kept.pk}"
    assert Account.objects.filter(deleted_at__isnull=True).count() == 2


def test_the_dialog_offers_what_looks_the_same(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    edit(gone, {"phones": "+861012345678"}, by=cast.bob)
    page = signed_in(cast.bob).get(f"/accounts/{kept.pk}/merge", headers=HTMX).content.decode()
    assert f"/accounts/{kept.pk}/merge?with={gone.pk}" in page


def test_who_may_not_see_or_edit_one_of_them_gets_no_further(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    edit(gone, {"owner": cast.charlie.pk}, by=cast.admin)
    assert signed_in(cast.bob).get(f"/accounts/{kept.pk}/merge?with={gone.pk}").status_code == 404
    edit(gone, {"readers": [cast.bob.pk]}, by=cast.admin)
    client = signed_in(cast.bob)
    assert "cannot merge them" in client.get(f"/accounts/{kept.pk}/merge?with={gone.pk}").content.decode()
    assert client.post(f"/accounts/{kept.pk}/merge?with={gone.pk}").status_code == 403
    assert not Merge.objects.exists()


def test_a_hidden_value_is_neither_shown_nor_taken(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="website", level=Level.HIDDEN)
    raise_epoch()
    client = signed_in(cast.bob)
    assert "north.example" not in client.get(f"/accounts/{kept.pk}/merge?with={gone.pk}").content.decode()
    client.post(f"/accounts/{kept.pk}/merge?with={gone.pk}", {"pick-website": "gone"})
    assert Account.objects.get(pk=kept.pk).website == ""


def test_what_cannot_be_is_said_and_what_was_picked_stays(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    edit(gone, {"parent": kept.pk}, by=cast.bob)
    answer = signed_in(cast.bob).post(f"/accounts/{kept.pk}/merge?with={gone.pk}", {"pick-parent": "gone", "pick-employees": "gone"})
    assert answer.status_code == 422
    assert "Part of: This leads back to the record itself." in answer.content.decode()
    assert 'name="pick-employees" value="gone" checked' in answer.content.decode()


def test_the_api_merges_redirects_and_takes_apart(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    _key, secret = ApiKey.issue(cast.bob, "sync")
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(path: str, **body: Any) -> Any:
        return client.post(f"/api/v1/accounts/{path}", json.dumps(body), content_type="application/json")

    assert post(f"{kept.pk}/merge", gone=kept.pk).status_code == 422
    assert post(f"{kept.pk}/merge", gone="x").status_code == 422
    assert post(f"{kept.pk}/merge", gone=gone.pk, values={"nonsense": 1}).status_code == 422
    answer = post(f"{kept.pk}/merge", gone=gone.pk, values={"employees": 12})
    assert (answer.status_code, answer.json()["employees"], answer.json()["website"]) == (200, 12, "")
    there = client.get(f"/api/v1/accounts/{gone.pk}?fields=name")
    assert (there.status_code, there["Location"]) == (307, f"/api/v1/accounts/{kept.pk}?fields=name")
    assert post(f"{kept.pk}/unmerge").status_code == 404
    back = post(f"{gone.pk}/unmerge")
    assert (back.status_code, back.json()["name"]) == (200, "Northwind Logistic")
    assert client.get(f"/api/v1/accounts/{kept.pk}").json()["employees"] == 7
    assert client.post(f"/api/v1/activities/{kept.pk}/merge", "{}", content_type="application/json").status_code == 404


def test_what_is_picked_in_a_list_is_merged_two_by_two(cast: Cast, two: tuple[Any, Any]) -> None:
    kept, gone = two
    third = make("accounts", name="Northwind", owner=cast.bob.pk)
    unseen = make("accounts", name="Northwind of Charlie", owner=cast.charlie.pk)
    client = signed_in(cast.bob)
    assert 'hx-post="/accounts/bulk/merge' in client.get("/accounts?view=all").content.decode()

    def pick(*records: Any, **more: str) -> Any:
        return client.post("/accounts/bulk/merge?view=all", {"ids": ",".join(str(one.pk) for one in records), **more}, headers=HTMX)

    for wrong in (pick(kept), pick(all="1"), pick(*[Account(pk=number) for number in range(1, 12)])):
        assert (wrong.status_code, "from two to 10" in wrong.content.decode()) == (422, True)
    address = pick(kept, gone, unseen, third)["HX-Redirect"]
    page = client.get(address).content.decode()
    assert "1 more comes after these two." in page, "one is out of sight"
    assert f"/accounts/{gone.pk}/merge?with={kept.pk}&amp;then={third.pk}" in page, "the other way round"
    onward = client.post(address)["Location"]
    assert onward == f"/accounts/{kept.pk}/merge?with={third.pk}"
    assert client.post(onward)["Location"] == f"/accounts/{kept.pk}"
    assert set(Merge.objects.values_list("kept_id", "gone_id")) == {(kept.pk, gone.pk), (kept.pk, third.pk)}
    assert client.post("/activities/bulk/merge", {"ids": "1,2"}).status_code == 404
    assert "bulk/merge" not in client.get("/activities?view=all").content.decode()
