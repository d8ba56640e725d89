"""Files of records on every surface: who sees and changes them, what is told of them, and where they go with their record."""

from __future__ import annotations

import datetime as dt
import os
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from guanxi.crm.models import Account, Claim, Contract, Deal, Lead
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import Origin, delete, edit
from guanxi.record.files import MOST, add, file_of, files_of, remove, removed_from, rename, restore, takes_files
from guanxi.record.history import changes_of, undo, undo_batch
from guanxi.record.keeping import incoming, missing, place_of, staged, storage, sweep, sweep_contents
from guanxi.record.merging import merge, unmerge
from guanxi.record.models import Change, File
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.search.query import find
from tests.cast import Cast, make
from tests.files.conftest import PDF, PNG, content_of, parts

pytestmark = pytest.mark.django_db
NEVER = dt.timedelta(days=-1)
"""Whatever is swept with it counts as old."""


def put(record: Any, name: str = "offer.pdf", content: bytes = PDF, by: Any = SYSTEM, **told: Any) -> File:
    with staged([content]) as upload:
        return add(record, name, upload, by=by, **told)


def send(client: Client, record: Any, *sent: tuple[str, bytes], path: str = "deals") -> Any:
    return client.post(f"/{path}/{record.pk}/files", {"file": parts(*sent)}, headers={"HX-Request": "true"})


def got(client: Client, url: str, **headers: str) -> Any:
    """The answer with its `body`, streamed to its end."""
    answer: Any = client.get(url, headers=headers)
    answer.body = content_of(answer)
    return answer


def names(record: Any, to: Any = SYSTEM) -> list[str]:
    return [one.name for one in files_of(record, to=to)]


def kept() -> set[str]:
    """The contents on disk."""
    return {one.name for one in (Path(settings.MEDIA_ROOT) / "attached").rglob("*") if one.is_file()}


@pytest.fixture
def deal(cast: Cast) -> Deal:
    made = make("deals", name="Fleet renewal", owner=cast.bob.pk, account=make("accounts", name="Bluefin", owner=cast.bob.pk).pk)
    return Deal.objects.get(pk=made.pk)


# ——— on pages ———


def test_a_file_is_added_shown_saved_and_told_of(cast: Cast, client_of: Any, deal: Deal) -> None:
    client = client_of(cast.bob)
    answer = send(client, deal, ("报价单.pdf", PDF), ("photo.png", PNG), ("empty.txt", b""))
    assert answer.status_code == 204
    assert "2 files are added. empty.txt: “empty.txt” is empty." in answer.headers["HX-Trigger"].encode().decode("unicode_escape")
    page = client.get(f"/deals/{deal.pk}").content.decode()
    photo, offer = files_of(deal, to=cast.bob)
    assert "2</span></h2>" in page
    assert f'<img class="thumb" src="/deals/{deal.pk}/files/{photo.pk}/inline"' in page
    assert f'href="/deals/{deal.pk}/files/{offer.pk}/preview"' in page
    assert "<b>Bob Reyes</b> added <b>报价单.pdf</b> to this deal" in page
    saved = got(client, f"/deals/{deal.pk}/files/{offer.pk}")
    assert saved.body == PDF
    assert saved.headers["Content-Disposition"] == "attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7%E5%8D%95.pdf"
    account = client.get(f"/accounts/{deal.account_id}").content.decode()
    assert f'added <b>photo.png</b> to deal <a href="/deals/{deal.pk}">' in account


HOSTILE = [
    ("page.html", b"<!doctype html><script>alert(1)</script>"),
    ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    ("picture.png", b"<html><script>alert(1)</script></html>"),
    ("both.pdf", b"PK\x03\x04<script>alert(1)</script>%PDF-1.7"),
    ("feed.xml", b'<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></x>'),
    ("run.js", b"alert(document.cookie)"),
]


@pytest.mark.parametrize(("name", "content"), HOSTILE)
def test_nothing_that_could_run_is_shown_from_our_address(cast: Cast, client_of: Any, deal: Deal, name: str, content: bytes) -> None:
    file, client = put(deal, name, content), client_of(cast.bob)
    for way in ("", "/inline"):
        answer = got(client, f"/deals/{deal.pk}/files/{file.pk}{way}")
        assert answer.body == content
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Type"] in {"text/plain", "application/zip"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert "cannot be shown here" in client.get(f"/deals/{deal.pk}/files/{file.pk}/preview").content.decode()


def test_images_and_pdfs_are_shown_within_a_page_and_nothing_runs_in_them(cast: Cast, client_of: Any, deal: Deal) -> None:
    client = client_of(cast.bob)
    gif = put(deal, "both.js", b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)")
    shown = got(client, f"/deals/{deal.pk}/files/{gif.pk}/inline")
    assert (shown.headers["Content-Type"], shown.headers["Content-Disposition"]) == ("image/gif", 'inline; filename="both.js"')
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    pdf = got(client, f"/deals/{deal.pk}/files/{put(deal).pk}/inline")
    assert pdf.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "script-src" not in pdf.headers["Content-Security-Policy"]
    assert pdf.headers["X-Frame-Options"] == "SAMEORIGIN"
    again = got(client, f"/deals/{deal.pk}/files/{gif.pk}/inline", **{"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.body) == (304, b"")


def test_a_file_is_renamed_deleted_and_brought_back(cast: Cast, client_of: Any, deal: Deal) -> None:
    client, file = client_of(cast.bob), put(deal)
    url = f"/deals/{deal.pk}/files/{file.pk}"
    asked = client.get(f"{url}/rename", headers={"HX-Request": "true"}).content.decode()
    assert 'value="offer.pdf"' in asked
    refused = client.post(f"{url}/rename", {"name": " ../ "}, headers={"HX-Request": "true"})
    assert (refused.status_code, "Type a name." in refused.content.decode()) == (422, True)
    assert client.post(f"{url}/rename", {"name": "../Final offer"}, headers={"HX-Request": "true"}).status_code == 204
    assert names(deal) == ["Final offer.pdf"]
    gone = client.post(f"{url}/remove", headers={"HX-Request": "true"})
    assert gone.status_code == 204
    assert (names(deal), client.get(url).status_code, client.get(f"{url}/inline").status_code) == ([], 404, 404)
    assert "Final offer.pdf" in client.get(f"/deals/{deal.pk}/files/removed").content.decode()
    change = Change.objects.filter(event="deal.file_removed").get()
    assert client.post(f"/batches/{change.batch}/undo").status_code == 302
    assert names(deal) == ["Final offer.pdf"]
    client.post(f"{url}/remove")
    client.post(f"{url}/restore")
    assert names(deal) == ["Final offer.pdf"]
    told = client.get(f"/deals/{deal.pk}/history").content.decode()
    assert "renamed <b>offer.pdf → Final offer.pdf</b>" in told
    assert told.count("restored <b>Final offer.pdf</b>") == 2


def test_the_same_file_is_there_once_and_another_of_its_name_is_numbered(deal: Deal) -> None:
    first = put(deal)
    assert put(deal).pk == first.pk
    put(deal, "offer.pdf", PDF + b"2")
    put(deal, "copy.pdf", PDF)
    assert sorted(names(deal)) == ["copy.pdf", "offer (2).pdf", "offer.pdf"]
    assert len(kept()) == 2
    assert rename(file_of(deal, first.pk, to=SYSTEM), "copy", by=SYSTEM).name == "copy (2).pdf"


def test_too_large_and_too_many_are_refused_and_leave_nothing(settings: Any, cast: Cast, client_of: Any, deal: Deal) -> None:
    settings.MAX_FILE_BYTES = 1 << 20
    answer = send(client_of(cast.bob), deal, ("big.bin", b"\x00" * ((1 << 20) + 1)))
    assert (answer.status_code, answer.content.decode()) == (422, "big.bin: The file is larger than 1 MB.")
    rows = [File(entity="deals", record_id=deal.pk, name=f"{n}", size=1, media_type="", sha256=f"{n:064}") for n in range(MOST)]
    File.objects.bulk_create(rows)
    with pytest.raises(Refused, match="at most 500 files"):
        put(deal)
    assert kept() == set()


# ——— rights ———


def test_who_sees_the_record_sees_its_files_and_who_edits_it_changes_them(cast: Cast, client_of: Any, deal: Deal) -> None:
    file = put(deal, by=cast.bob)
    url = f"/deals/{deal.pk}/files"
    reads = [f"{url}/{file.pk}{way}" for way in ("", "/inline", "/preview", "/rename")] + [url, f"{url}/removed"]
    writes = [url, *(f"{url}/{file.pk}/{way}" for way in ("rename", "remove", "restore"))]
    api = f"/api/v1/deals/{deal.pk}/files"
    charlie = client_of(cast.charlie)
    assert {charlie.get(one).status_code for one in (*reads, api, f"{api}/{file.pk}", f"{api}/{file.pk}/content")} == {404}
    assert {charlie.post(one, {"name": "x", "file": SimpleUploadedFile("x", PDF)}).status_code for one in writes} == {404}
    assert {Client().get(one).status_code for one in reads} == {302}
    assert Client().get(api).status_code == 401
    assert find("offer.pdf", to=cast.charlie) == []
    # A reader looks and saves, and changes nothing.
    Deal.objects.filter(pk=deal.pk).update(readers=[cast.charlie.pk])
    assert [got(charlie, one).status_code for one in reads] == [200, 200, 200, 403, 302, 403]
    page = charlie.get(f"/deals/{deal.pk}").content.decode()
    assert "offer.pdf" in page
    assert not any(word in page for word in ("gx-files", "/remove", "/rename"))
    assert [charlie.post(one, {"name": "x", "file": SimpleUploadedFile("x", PDF)}).status_code for one in writes] == [403, 403, 403, 404]
    assert names(deal) == ["offer.pdf"]
    # No other record's address leads to it.
    other = make("deals", name="Other", owner=cast.bob.pk, account=deal.account_id)
    assert client_of(cast.bob).get(f"/deals/{other.pk}/files/{file.pk}").status_code == 404
    assert client_of(cast.bob).get(f"/accounts/{deal.account_id}/files/{file.pk}").status_code == 404


def test_files_of_a_record_in_the_trash_are_not_served(cast: Cast, client_of: Any, deal: Deal) -> None:
    file = put(deal)
    delete(deal, by=cast.bob)
    assert client_of(cast.bob).get(f"/deals/{deal.pk}/files/{file.pk}").status_code == 404
    with pytest.raises(Missing):
        put(deal, "more.pdf", PDF)


def test_what_a_pool_keeps_back_keeps_back_its_files(cast: Cast, client_of: Any) -> None:
    pool = make("pools", name="Fairs", of="leads", people=[cast.bob.pk], masked=["phones"])
    lead = make("leads", name="Zhang Wei", company="Bluefin", pool=pool.pk, owner=None)
    file = put(lead, "card 机密.png", PNG)
    client = client_of(cast.bob)
    page = client.get(f"/leads/{lead.pk}")
    assert page.status_code == 200
    assert "机密" not in page.content.decode() + client.get(f"/leads/{lead.pk}/history").content.decode()
    assert client.get(f"/leads/{lead.pk}/files/{file.pk}").status_code == 404
    assert client.get(f"/api/v1/leads/{lead.pk}/files").json() == {"data": []}
    assert "机密" not in client.get(f"/api/v1/leads/{lead.pk}/history").content.decode() + client.get("/api/v1/changes").content.decode()
    assert find("机密", to=cast.bob) == []
    entity_named("leads").verb("claim")(visible(entity_named("leads"), to=cast.bob).get(pk=lead.pk), by=cast.bob)
    assert got(client, f"/leads/{lead.pk}/files/{file.pk}").body == PNG
    assert [hit.key for hit in find("机密", to=cast.bob)] == [lead.pk]


@pytest.mark.parametrize("path", [one.path for one in entities() if takes_files(one)])
def test_records_of_every_kind_have_files(path: str, plenty: Any) -> None:
    (record,) = plenty.of(path, 1)
    put(record)
    assert names(record) == ["offer.pdf"]
    assert changes_of(record).first().event.endswith(".file_added")  # type: ignore[union-attr]


def test_what_is_set_up_has_no_files(cast: Cast, client_of: Any) -> None:
    with pytest.raises(Missing, match="have no files"):
        put(cast.pipeline)
    assert client_of(cast.admin).get(f"/api/v1/pipelines/{cast.pipeline.pk}/files").status_code == 404


# ——— along with the record ———


def test_a_file_makes_no_open_form_stale(cast: Cast, deal: Deal) -> None:
    before = deal.version
    put(deal)
    assert edit(deal, {"name": "Fleet"}, by=cast.bob, version=before).name == "Fleet"


def test_a_record_is_found_by_the_names_of_its_files(cast: Cast, deal: Deal) -> None:
    file = put(deal, "Rahmenvertrag_2026-final.pdf")
    for typed in ("rahmenvertrag", "Rahmenvertrag_2026-final.pdf", "2026-final"):
        assert [hit.key for hit in find(typed, to=cast.bob)] == [deal.pk], typed
    edit(deal, {"name": "Fleet"}, by=cast.bob)
    assert [hit.key for hit in find("rahmenvertrag", to=cast.bob)] == [deal.pk]
    rename(file, "合同", by=cast.bob)
    assert find("rahmenvertrag", to=cast.bob) == []
    assert [hit.key for hit in find("hetong", to=cast.bob)] == [deal.pk]
    remove(file, by=cast.bob)
    assert find("hetong", to=cast.bob) == []


def test_each_change_is_undone_by_itself_and_all_of_one_submit_as_one(cast: Cast, deal: Deal) -> None:
    origin = Origin(batch=uuid.uuid4())
    put(deal, "a.pdf", PDF, origin=origin)
    put(deal, "b.pdf", PDF + b"b", origin=origin)
    rename(files_of(deal, to=SYSTEM)[0], "c", by=cast.bob)
    renamed = changes_of(deal).first()
    assert renamed is not None
    Deal.objects.filter(pk=deal.pk).update(readers=[cast.charlie.pk])
    with pytest.raises(Forbidden):
        undo(renamed, by=cast.charlie)
    undo(renamed, by=cast.bob)
    with pytest.raises(Refused, match="Changed again since"):
        undo(renamed, by=cast.bob)
    assert sorted(names(deal)) == ["a.pdf", "b.pdf"]
    assert origin.batch
    assert undo_batch(origin.batch, by=cast.bob).counts == (2, 0)
    assert names(deal) == []
    assert len(removed_from(deal, to=cast.bob)) == 2


def test_a_merge_brings_files_together_and_its_undo_gives_them_back(cast: Cast) -> None:
    kept_, gone = (make("accounts", name=name, owner=cast.bob.pk) for name in ("Bluefin Freight", "Bluefin Fright"))
    put(kept_, "one.pdf", PDF)
    two = put(gone, "zweitvertrag.pdf", PDF + b"2")
    done = merge(kept_, gone, by=cast.bob)
    assert sorted(names(kept_)) == ["one.pdf", "zweitvertrag.pdf"]
    assert [hit.key for hit in find("zweitvertrag", to=cast.bob)] == [kept_.pk]
    rename(file_of(kept_, two.pk, to=cast.bob), "drittvertrag", by=cast.bob)
    unmerge(done, by=cast.bob)
    assert (names(kept_), names(gone)) == (["one.pdf"], ["drittvertrag.pdf"])
    assert [hit.key for hit in find("drittvertrag", to=cast.bob)] == [gone.pk]


def test_a_leads_files_go_to_its_deal_and_come_back_when_that_is_undone(cast: Cast, client_of: Any) -> None:
    convert, unconvert = (entity_named("leads").verb(name) for name in ("convert", "unconvert"))
    lead = Lead.objects.get(pk=make("leads", name="Zhang Wei", company="Bluefin", owner=cast.bob.pk, status="qualified").pk)
    put(lead, "card.png", PNG, by=cast.bob)
    deal = convert(lead, by=cast.bob)
    assert (names(deal), names(lead)) == (["card.png"], ["card.png"])
    assert len(kept()) == 1
    unconvert(lead, by=cast.bob)
    assert names(lead) == ["card.png"]
    account = make("accounts", name="Bluefin Group", owner=cast.bob.pk)
    put(account, "card.png", PNG + b"own")
    origin = Origin(batch=uuid.uuid4())
    convert(lead, by=cast.bob, account=account.pk, with_deal=False, origin=origin)
    assert sorted(names(account)) == ["card (2).png", "card.png"]
    assert client_of(cast.bob).post(f"/batches/{origin.batch}/undo").status_code == 302
    assert (names(account), names(lead)) == (["card.png"], ["card.png"])


def test_a_claim_says_that_its_receipt_is_missing_and_keeps_what_it_was_approved_with(cast: Cast, client_of: Any) -> None:
    claim = Claim.objects.get(pk=make("claims", kind="meal", spent_on="2026-01-05", amount=80, owner=cast.bob.pk).pk)
    client = client_of(cast.bob)
    assert "The receipt is missing" in client.get(f"/claims/{claim.pk}").content.decode()
    assert claim.number in client.get("/claims?view=bare").content.decode()
    receipt = put(claim, "receipt.jpg", b"\xff\xd8\xff\xe0", by=cast.bob)
    assert Claim.objects.get(pk=claim.pk).receipts == 1
    assert "The receipt is missing" not in client.get(f"/claims/{claim.pk}").content.decode()
    assert claim.number not in client.get("/claims?view=bare").content.decode()
    entity_named("claims").verb("submit")(claim, by=cast.bob)
    with pytest.raises(Refused, match="stay as they are"):
        remove(receipt, by=cast.bob)
    page = client.get(f"/claims/{claim.pk}").content.decode()
    assert "data-add-files" in page
    assert "/remove" not in page.replace("/files/removed", "")
    entity_named("claims").verb("withdraw")(claim, by=cast.bob)
    remove(receipt, by=cast.bob)
    assert Claim.objects.get(pk=claim.pk).receipts == 0
    assert "receipts" not in {name for change in changes_of(claim) for name in change.diff}


def test_a_contract_tells_which_files_were_agreed_on(cast: Cast, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    contract = Contract.objects.get(pk=make("contracts", name="Frame", account=account.pk, owner=cast.bob.pk).pk)
    signed = put(contract, "signed.pdf", PDF)
    entity_named("contracts").verb("sign")(contract, by=cast.bob)
    (agreement,) = contract.agreements.all()
    assert [(one["name"], one["sha256"]) for one in agreement.files] == [("signed.pdf", signed.sha256)]
    client = client_of(cast.bob)
    rename(signed, "frame.pdf", by=cast.bob)
    page = client.get(f"/contracts/{contract.pk}").content.decode()
    assert "<dt>signed.pdf</dt>" in page
    assert "Nothing has changed since." in page
    remove(signed, by=cast.bob)
    page = client.get(f"/contracts/{contract.pk}").content.decode()
    assert "removed since" in page
    assert "Nothing has changed since." not in page


# ——— the bytes ———


def test_what_nobody_names_is_swept_and_what_somebody_names_stays(deal: Deal) -> None:
    file, other = put(deal), put(deal, "other.pdf", PDF + b"2")
    remove(file, by=SYSTEM)
    incoming().mkdir(parents=True, exist_ok=True)
    (incoming() / "broken").write_bytes(b"half")
    File.objects.filter(pk=other.pk).delete()
    assert sweep() == 0  # too young to be sure
    assert sweep(NEVER) == 2
    assert kept() == {file.sha256}
    restore(file, by=SYSTEM)
    assert list(missing()) == []


def test_a_swept_content_is_kept_again_when_it_comes_again(deal: Deal) -> None:
    file = put(deal)
    File.objects.all().delete()
    sweep(NEVER)
    assert not storage().exists(place_of(file.sha256))
    again = put(deal)
    with storage().open(place_of(again.sha256)) as opened:
        assert opened.read() == PDF


def test_lost_and_cut_contents_are_told(deal: Deal, cast: Cast, client_of: Any) -> None:
    whole, cut, lost = put(deal, "a.pdf"), put(deal, "b.pdf", PDF + b"b"), put(deal, "c.pdf", PDF + b"c")
    os.truncate(storage().path(place_of(cut.sha256)), 3)
    storage().delete(place_of(lost.sha256))
    assert {one.name for one in missing()} == {"b.pdf", "c.pdf"}
    assert client_of(cast.bob).get(f"/deals/{deal.pk}/files/{lost.pk}").status_code == 404
    # Whoever has the bytes mends it by adding them once more.
    put(Account.objects.get(pk=deal.account_id), "b.pdf", PDF + b"b")
    assert {one.name for one in missing()} == {"c.pdf"}
    assert whole.sha256 in kept()


def test_a_download_goes_on_though_its_content_is_deleted(cast: Cast, client_of: Any, deal: Deal) -> None:
    content = os.urandom(700_000)
    file = put(deal, "big.bin", content)
    answer = client_of(cast.bob).get(f"/deals/{deal.pk}/files/{file.pk}")
    portions = iter(answer.streaming_content)
    first = next(portions)
    File.objects.all().delete()
    assert sweep(NEVER) == 1
    assert first + b"".join(portions) == content


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_from_many_at_once_are_kept_once_and_never_swept_from_under_them(cast: Cast) -> None:
    deals = [make("deals", name=f"D{n}", owner=cast.bob.pk, account=make("accounts", name=f"A{n}", owner=cast.bob.pk).pk) for n in range(6)]
    faults: list[BaseException] = []
    over = threading.Event()

    def guarded(work: Any, *given: Any) -> None:
        try:
            work(*given)
        except BaseException as fault:  # noqa: BLE001 - told by the test
            faults.append(fault)
        finally:
            connection.close()

    def adding(record: Any) -> None:
        """The same four contents by all; what was added before is forgotten, so that the sweeper finds work."""
        for number in range(8):
            file = put(record, f"{number}.pdf", PDF + bytes([number % 4]))
            assert storage().exists(place_of(file.sha256))
            File.objects.filter(record_id=record.pk, entity="deals").exclude(pk=file.pk).delete()

    def sweeping() -> None:
        while not over.is_set():
            sweep_contents(timezone.now() - NEVER)

    sweeper = threading.Thread(target=guarded, args=(sweeping,))
    threads = [threading.Thread(target=guarded, args=(adding, one)) for one in deals]
    for one in (sweeper, *threads):
        one.start()
    for one in threads:
        one.join()
    over.set()
    sweeper.join()
    assert faults == []
    assert list(missing()) == []
    assert [len(names(one)) for one in deals] == [1] * 6
    sweep(NEVER)
    assert len(kept()) == 1
