"""Imports for programs: a file sent, understood, corrected, tried, run, followed and taken back, with the rights of whoever calls."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import xlsxwriter

from guanxi.access.models import ApiKey, FieldRight
from guanxi.access.starting import grant
from guanxi.crm.models import Account, Contact, Deal
from guanxi.entity.actors import Level
from guanxi.record.changes import edit
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.imports.tasks import revert_import, run_import
from tests.api.conftest import ENDED, Program, paths
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
Programs = Callable[..., Program]
PLAIN = {"Content_Type": "application/octet-stream"}


def table(*rows: Sequence[Any], encoding: str = "utf-8") -> bytes:
    """Rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def send(program: Program, entity: str, body: bytes, name: str = "file.csv", status: int = 201, **asked: Any) -> Any:
    """A file sent; what the answer says."""
    question = "".join(f"&{key}={value}" for key, value in asked.items())
    response = program.call("POST", f"imports?entity={entity}&name={name}{question}", raw=body, **PLAIN)
    assert response.status_code == status, response.content.decode()
    return response.json()


def places(told: Any) -> dict[str, str | None]:
    """Where columns go."""
    return {one["name"]: one["field"] for one in told["columns"]}


def brought(program: Program, draft: Any) -> Any:
    """A draft run to its end by a worker."""
    begun = program.call("POST", f"imports/{draft['id']}/run", {})
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    run_import(key=draft["id"])
    return program.get(f"imports/{draft['id']}")


@pytest.fixture
def importers(cast: Cast) -> Cast:
    """The company, with sellers who may import accounts, contacts and deals."""
    grant(cast.roles["seller"], {entity: {"import": "own", "create": "own"} for entity in ("accounts", "contacts", "deals")})
    return cast


def test_a_program_brings_in_customers_and_their_deals(cast: Cast, program: Programs, shared_data: Path) -> None:
    admin, sales = program(cast.admin), shared_data / "crm_sales_opportunities"
    deals = b"".join((sales / "sales_pipeline.csv").read_bytes().splitlines(keepends=True)[:61])
    for entity, name in (("users", "sales_teams.csv"), ("accounts", "accounts.csv"), ("products", "products.csv")):
        done = brought(admin, send(admin, entity, (sales / name).read_bytes(), name))
        assert (done["state"], done["rejected"]) == ("done", 0)
        assert done["created"] + done["updated"] == done["total"] > 6

    draft = send(admin, "deals", deals, "sales_pipeline.csv")
    assert draft["state"] == "draft"
    assert places(draft)["opportunity_id"] == "external_id"
    assert (draft["reading"]["rows"], draft["match"], draft["lacking"]) == (60, ["external_id"], [])
    tried = admin.post(f"imports/{draft['id']}/rehearse")
    wrong = sum(row.split(b",")[2] == b"GTXPro" for row in deals.splitlines())
    assert (tried["rows"], tried["whole"], tried["created"], tried["rejected"]) == (60, True, 60 - wrong, wrong)
    assert not Deal.objects.exists()
    (unknown,) = tried["names"]
    assert (unknown["field"], unknown["name"], unknown["rows"], unknown["near"]["title"]) == ("product", "GTXPro", wrong, "GTX Pro")

    chosen = admin.patch(f"imports/{draft['id']}", {"names": {"product": {"GTXPro": unknown["near"]["id"]}}})
    assert chosen["names"] == {"product": {"GTXPro": unknown["near"]["id"]}}
    done = brought(admin, draft)
    assert (done["state"], done["created"], done["rejected"], done["done"]) == ("done", 60, 0, 60)
    listed = admin.get("deals?limit=1&count=true")
    assert listed["count"] == 60
    assert [one["file"] for one in admin.get("imports?entity=deals")["data"]] == ["sales_pipeline.csv"]

    assert admin.call("POST", f"imports/{draft['id']}/revert", {}).status_code == 202
    revert_import(key=draft["id"])
    assert admin.get(f"imports/{draft['id']}")["state"] == "reverted"
    assert admin.get("deals")["data"] == []


def test_columns_are_placed_by_name_or_number(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    draft = send(
        admin, "accounts", table(["Firma", "Ort", "Ref", "Umsatz"], ["Globex", "Kassel", "E-1", "12"], ["Initech", "Ulm", "E-2", "9"])
    )

    chosen = admin.patch(
        f"imports/{draft['id']}", {"columns": {"Firma": "name", "2": "address/city", "Ref": "external_id", "Umsatz": None}}
    )

    assert places(chosen) == {"Firma": "name", "Ort": "address/city", "Ref": "external_id", "Umsatz": None}
    assert chosen["matchable"] == ["external_id", "name"]
    assert {"field": "address/city", "label": "City", "required": False} in chosen["fields"]
    chosen = admin.patch(f"imports/{draft['id']}", {"match": ["external_id"], "on_match": "skip"})
    assert (chosen["match"], chosen["on_match"]) == (["external_id"], "skip")
    # What recognises a record goes when its column does.
    assert admin.patch(f"imports/{draft['id']}", {"columns": {"Ref": None}})["match"] == []
    admin.patch(f"imports/{draft['id']}", {"columns": {"Ref": "external_id"}, "match": ["external_id"]})
    brought(admin, draft)
    assert sorted(Account.objects.values_list("name", "external_id")) == [("Globex", "E-1"), ("Initech", "E-2")]
    assert Account.objects.get(name="Globex").address["city"] == "Kassel"


@pytest.mark.parametrize("how", ["form", "xlsx", "gb18030"])
def test_any_table_in_any_dress(cast: Cast, program: Programs, how: str, tmp_path: Path) -> None:
    admin, rows = program(cast.admin), [["客户名称", "电话"], ["上海远洋物流有限公司", "13812345678"], ["北京长城", "13912345678"]]
    if how == "form":
        file = io.BytesIO(table(*rows))
        file.name = "客户.csv"
        response = admin.client.post("/api/v1/imports?entity=accounts", {"file": file}, headers={"Authorization": f"Bearer {admin.secret}"})
        assert (response.status_code, response["Location"]) == (201, f"/api/v1/imports/{response.json()['id']}")
        draft = response.json()
        assert draft["file"] == "客户.csv"
    elif how == "xlsx":
        with xlsxwriter.Workbook(tmp_path / "made.xlsx") as book:
            sheet = book.add_worksheet("客户")
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        draft = send(admin, "accounts", (tmp_path / "made.xlsx").read_bytes(), "made.xlsx")
        assert (draft["reading"]["format"], draft["reading"]["sheet"]) == ("xlsx", "客户")
    else:
        draft = send(admin, "accounts", table(*rows, encoding="gb18030"), encoding="big5")
        assert places(draft) != {"客户名称": "name", "电话": "phones"}
        draft = admin.patch(f"imports/{draft['id']}", {"reading": {"encoding": "gb18030"}})
        assert draft["reading"]["encoding"] == "gb18030"

    assert places(draft) == {"客户名称": "name", "电话": "phones"}
    assert brought(admin, draft)["created"] == 2
    assert Account.objects.filter(name="上海远洋物流有限公司").exists()


def test_what_a_file_holds_can_be_read_in_another_way(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    draft = send(admin, "accounts", b"Report of May\nName|Website\nGlobex|globex.example\n", delimiter="%7C", header_row=1)
    assert list(places(draft)) != ["Name", "Website"]

    draft = admin.patch(f"imports/{draft['id']}", {"reading": {"header_row": 2}})
    assert (places(draft), draft["reading"]["delimiter"]) == ({"Name": "name", "Website": "website"}, "|")
    # Nothing said, all is found again.
    assert admin.patch(f"imports/{draft['id']}", {"reading": {}})["reading"]["header_row"] == 2


REFUSALS = [
    ({"columns": {"Nope": "name"}}, "columns.Nope", "There is no column “Nope”; there are Name, Industry, Owner."),
    ({"columns": {"9": "name"}}, "columns.9", "There is no column “9”; there are Name, Industry, Owner."),
    ({"columns": {"Name": "nmae"}}, "columns.Name", "accounts has no field “nmae”. Did you mean name?"),
    ({"columns": {"Name": "address/town"}}, "columns.Name", "address has no part “town”"),
    ({"columns": {"Name": "score"}}, "columns.Name", "accounts has no field “score”."),
    ({"columns": {"Name": 7}}, "columns.Name", "accounts has no field “7”."),
    ({"columns": {"Name": "credit_days"}}, "columns.Name", "A file may not set this."),
    ({"columns": {"Name": None, "Industry": None, "Owner": None}}, "columns", "Give at least one column a field."),
    ({"columns": ["name"]}, "columns", "Send an object."),
    ({"match": ["tags"]}, "match", "Records of this file can be recognised by name."),
    ({"match": "name"}, "match", "Send a list."),
    ({"match": [["name"]]}, "match", "Records of this file can be recognised by name."),
    ({"on_match": "merge"}, "on_match", "Choose one of these. update, skip, create, reject"),
    ({"on_match": None}, "on_match", "Choose one of these. update, skip, create, reject"),
    ({"on_match": {}}, "on_match", "Choose one of these. update, skip, create, reject"),
    ({"missing_by_field": {"owner": "guess"}}, "missing_by_field.owner", "Choose one of these. near, create, empty, reject"),
    ({"missing_by_field": {"industry": "empty"}}, "missing_by_field.industry", "No such link."),
    ({"names": {"owner": {"Bob": 999999}}}, "names.owner.Bob", "There is no such record, or you may not see it."),
    ({"names": {"owner": {"Bob": "7"}}}, "names.owner.Bob", "Send the key of a record."),
    ({"names": {"owner": {"Bob": 2**63}}}, "names.owner.Bob", "Send the key of a record."),
    ({"names": {"ownr": {"Bob": 1}}}, "names.ownr", "No such link. Did you mean “owner”?"),
    ({"values": {"industry": {"Holding": "finanz"}}}, "values.industry.Holding", "“finanz” is not one of the choices."),
    ({"values": {"name": {"A": "B"}}}, "values.name", "This field has no choices."),
    ({"values": {"industry": "finance"}}, "values.industry", "Send an object."),
    ({"day_first": 1}, "day_first", "Send true or false."),
    ({"title_from": [1]}, "title_from", "There is no such value."),
    ({"reading": {"header_row": 900}}, "reading", "Row 900 cannot be the header: the file has 3 rows."),
    ({"reading": {"header_row": "two"}}, "reading.header_row", "Send a whole number."),
    ({"reading": {"encoding": "klingon"}}, "reading", ""),
    ({"reading": {"colour": "red"}}, "reading.colour", "There is no such value."),
]


@pytest.mark.parametrize(("said", "path", "message"), REFUSALS, ids=[str(said)[:40] for said, _path, _message in REFUSALS])
def test_what_cannot_be_chosen_is_refused_by_name_and_nothing_changes(
    cast: Cast, program: Programs, said: Any, path: str, message: str
) -> None:
    admin = program(cast.admin)
    draft = send(admin, "accounts", table(["Name", "Industry", "Owner"], ["Globex", "Holding", "Bob"], ["Initech", "Retail", "bob"]))

    told = admin.refused("PATCH", f"imports/{draft['id']}", said, status=422)

    assert path in paths(told)
    assert message in " ".join(one["message"] for one in told["errors"])
    assert admin.get(f"imports/{draft['id']}") == draft


def test_choices_and_names_are_said_once_for_all_rows(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    draft = send(
        admin,
        "accounts",
        table(["Name", "Industry", "Owner"], ["Globex", "Holding", "Bobby"], ["Initech", "", "Bobby"], ["Hooli", "", "Nobody"]),
    )
    tried = admin.post(f"imports/{draft['id']}/rehearse?rows=2")
    assert (tried["rows"], tried["whole"]) == (2, False)
    assert [(one["field"], one["text"], one["rows"]) for one in tried["values"]] == [("industry", "Holding", 1)]

    said = {"values": {"industry": {"Holding": "Finance"}}, "names": {"owner": {"Bobby": cast.bob.pk, "Nobody": None}}}
    chosen = admin.patch(f"imports/{draft['id']}", said)

    assert chosen["values"] == {"industry": {"Holding": "finance"}}
    assert brought(admin, draft)["rejected"] == 0
    assert dict(Account.objects.values_list("name", "owner")) == {"Globex": cast.bob.pk, "Initech": cast.bob.pk, "Hooli": cast.admin.pk}
    assert Account.objects.get(name="Globex").industry == "finance"


def test_rejected_rows_come_back_with_their_reasons(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    rows = [["Name", "E-mail"], *([f"Customer {n}", "not an address" if n % 2 else f"c{n}@example.com"] for n in range(9))]
    done = brought(admin, send(admin, "accounts", table(*rows)))
    assert (done["created"], done["rejected"], done["state"]) == (5, 4, "done")
    where = f"imports/{done['id']}/rejected"

    first = admin.get(f"{where}?limit=3")
    second = admin.get(f"{where}?limit=3&cursor={first['next']}")
    assert [one["row"] for one in first["data"] + second["data"]] == [3, 5, 7, 9]
    assert second["next"] is None
    assert first["data"][0]["values"] == ["Customer 1", "not an address"]
    assert first["data"][0]["errors"][0]["path"] == "emails"
    admin.refused("GET", f"{where}?cursor=x", status=400)

    file = admin.call("GET", f"{where}.csv")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    mended = b"".join(file.streaming_content).replace(b"not an address", b"right@example.com")
    again = send(admin, "accounts", mended)
    assert {one for one in places(again).values() if one} == {"name", "emails"}
    assert brought(admin, admin.patch(f"imports/{again['id']}", {"match": []}))["created"] == 4


def test_a_template_has_a_column_for_every_field_one_may_set(cast: Cast, program: Programs) -> None:
    response = program(cast.admin).call("GET", "imports/template?entity=contacts")
    head = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "Name" in head
    assert all(places(send(program(cast.admin), "contacts", f"{head}\r\n".encode() + b"x," * head.count(",") + b"x\r\n")).values())
    program(cast.bob).refused("GET", "imports/template?entity=users", status=403)
    program(cast.bob).refused("GET", "imports/template?entity=nothing", status=400)


def test_no_table_is_refused_and_nothing_is_kept(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    for body in (b"", b"\x00" * 400, b"PK\x03\x04broken", b"%PDF-1.7 nothing"):
        told = send(admin, "accounts", body, status=422)
        assert paths(told) == ["file"], body
    assert "There is no entity" in send(admin, "acounts", b"Name\nx\n", status=400)["detail"]
    admin.refused("POST", "imports", raw=b"Name\nx\n", status=400, **PLAIN)
    assert not Import.objects.exists()


def test_who_may_not_import_may_not_here(cast: Cast, program: Programs) -> None:
    told = send(program(cast.bob), "users", b"Name,Username\nEve,eve\n", status=403)
    assert told["detail"] == "You may not do this with users."
    assert not Import.objects.exists()


def test_an_import_has_the_rights_of_its_key_to_the_end(importers: Cast, program: Programs) -> None:
    bob, narrow = program(importers.bob), program(importers.admin, importers.roles["seller"])
    FieldRight.objects.create(role=importers.roles["seller"], entity="accounts", field="employees", level=Level.READ)
    raise_epoch()
    draft = send(narrow, "accounts", table(["Name", "Employees"], ["Globex", "7"], ["Initech", "8"]))

    assert "employees" not in [one["field"] for one in draft["fields"]]
    refused = narrow.refused("PATCH", f"imports/{draft['id']}", {"columns": {"Employees": "employees"}}, status=422)
    assert refused["errors"] == [{"path": "columns.Employees", "message": "A file may not set this."}]
    assert brought(narrow, draft)["created"] == 2
    assert set(Account.objects.values_list("employees", flat=True)) == {None}
    # The worker asks again, with the rights of the key and not of the administrator whose key it is.
    other = send(narrow, "accounts", table(["Name", "Employees"], ["Hooli", "7"]))
    Import.objects.filter(pk=other["id"]).update(mapping=[["name", None], ["employees", None]])
    ended = brought(narrow, other)
    assert (ended["state"], ended["error"]) == ("failed", "You may not set “Employees”.")
    bob.refused("GET", f"imports/{draft['id']}", status=404)


def test_imports_of_others_are_out_of_sight(importers: Cast, program: Programs) -> None:
    bob, charlie, admin = program(importers.bob), program(importers.charlie), program(importers.admin)
    narrow = program(importers.admin, importers.roles["seller"])
    drafts = {who: send(one, "accounts", b"Name\nGlobex\n")["id"] for who, one in (("bob", bob), ("admin", admin), ("narrow", narrow))}

    for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run"), ("POST", "/rehearse"), ("POST", "/stop"),
                         ("POST", "/revert"), ("GET", "/rejected"), ("GET", "/rejected.csv")):  # fmt: skip
        charlie.refused(method, f"imports/{drafts['bob']}{rest}", status=404)
        # What runs with more rights than the key has is not its to set going.
        narrow.refused(method, f"imports/{drafts['admin']}{rest}", status=404)
    assert [one["id"] for one in charlie.get("imports")["data"]] == []
    assert [one["id"] for one in narrow.get("imports")["data"]] == [drafts["narrow"]]
    assert [one["id"] for one in bob.get("imports")["data"]] == [drafts["bob"]]
    assert {one["id"] for one in admin.get("imports")["data"]} == set(drafts.values())
    assert [one["id"] for one in admin.get("imports?limit=2")["data"]] == sorted(drafts.values())[:0:-1]


@ENDED
def test_a_key_that_was_ended_ends_its_import(end: Callable[[ApiKey], object], importers: Cast, program: Programs) -> None:
    bob = program(importers.bob)
    draft = send(bob, "accounts", b"Name\nGlobex\n")
    assert bob.call("POST", f"imports/{draft['id']}/run", {}).status_code == 202
    end(ApiKey.objects.get(user=importers.bob))

    run_import(key=draft["id"])

    one = Import.objects.get()
    assert (one.state, one.error) == ("failed", "Whoever began this may no longer sign in.")
    assert not Account.objects.exists()


def test_each_step_is_for_its_state(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    draft = send(admin, "accounts", b"Name\nGlobex\n")
    where = f"imports/{draft['id']}"
    for step in ("stop", "revert"):
        assert "Being prepared" in admin.refused("POST", f"{where}/{step}", {}, status=409)["detail"]
    admin.refused("POST", f"{where}/run", {"now": True}, status=422)

    assert admin.call("POST", f"{where}/run", {}).status_code == 202
    assert admin.call("POST", f"{where}/run", {}).json()["state"] == "waiting", "asked twice, begun once"
    for method, rest in (("PATCH", ""), ("DELETE", ""), ("POST", "/rehearse"), ("POST", "/revert")):
        admin.refused(method, f"{where}{rest}", {}, status=409)
    assert admin.post(f"{where}/stop")["state"] == "stopped"
    run_import(key=draft["id"])
    assert not Account.objects.exists(), "stopped before it began"
    assert brought(admin, draft)["created"] == 1
    admin.refused("POST", f"{where}/run", {}, status=409)

    other = send(admin, "accounts", b"Name\nInitech\n")
    path = Path(Import.objects.get(pk=other["id"]).path)
    assert path.exists()
    admin.delete(f"imports/{other['id']}")
    assert not path.exists()
    admin.refused("GET", f"imports/{other['id']}", status=404)


def test_what_was_changed_since_is_left_and_told(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    done = brought(admin, send(admin, "accounts", b"Name\nGlobex\nInitech\n"))
    kept = Account.objects.get(name="Globex")
    edit(kept, {"employees": 7}, by=cast.admin)

    admin.call("POST", f"imports/{done['id']}/revert", {})
    revert_import(key=done["id"])

    told = admin.get(f"imports/{done['id']}")
    assert told["left"] == [{"entity": "accounts", "id": kept.pk, "title": "Globex", "reason": "It was changed since."}]
    assert told["reverted"] == 1


def test_a_call_sent_twice_makes_one_draft(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    calls = [
        admin.call("POST", "imports?entity=accounts", raw=b"Name\nGlobex\n", Idempotency_Key="one", **PLAIN).json()["id"] for _ in range(2)
    ]
    assert calls[0] == calls[1]
    assert Import.objects.count() == 1
    other = admin.call("POST", "imports?entity=accounts", raw=b"Name\nInitech\n", Idempotency_Key="one", **PLAIN)
    assert other.status_code == 422


def test_answers_fit_the_document(cast: Cast, program: Programs) -> None:
    admin = program(cast.admin)
    document = admin.get("openapi.json")
    make("contacts", given="Mei", family="Lin", emails="mei@example.com", owner=cast.bob.pk)
    draft = send(admin, "contacts", table(["Given name", "Family name", "E-mail", "Account", "Born"], ["Mei", "Lin", "mei@example.com", "Nova", "x"],
                                          ["A", "B", "nothing", "", ""]))  # fmt: skip

    def fits(name: str, value: Any) -> None:
        jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}", "components": document["components"]}, value)

    fits("Import", draft)
    fits("Rehearsal", admin.post(f"imports/{draft['id']}/rehearse"))
    fits("Import", brought(admin, draft))
    for row in admin.get(f"imports/{draft['id']}/rejected")["data"]:
        fits("RejectedRow", row)
    for one in admin.get("imports")["data"]:
        fits("ImportBrief", one)
    assert Contact.objects.exists()
