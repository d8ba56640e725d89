"""Four files of a real pipeline, by the command line: exactly the known totals, everywhere they are told."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db.models import Count

from guanxi.access.models import Team, User
from guanxi.crm.accounts.model import Account
from guanxi.crm.contacts.model import Contact
from guanxi.crm.deals.model import Deal
from guanxi.crm.pipelines.model import Stage
from guanxi.crm.products.model import Product
from guanxi.entity.conditions import parse
from guanxi.entity.registry import entity_named
from guanxi.record.models import Change, SearchDocument
from guanxi.surfaces.imports.model import Import
from guanxi.surfaces.reading import Query, rows, totals
from guanxi.web.commands.import_ import import_
from tests.cast import Cast

WON = Decimal(10005534)


def guanxi_import(*arguments: Any, code: int = 0) -> str:
    """What `guanxi import` says."""
    result = CliRunner().invoke(import_, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def sales(shared_data: Path) -> Path:
    """The data set."""
    return shared_data / "crm_sales_opportunities"


@pytest.mark.timeout(600)
def test_the_whole_pipeline_gives_its_known_totals(cast: Cast, sales: Path, client_of: Any) -> None:
    said = guanxi_import(sales, "--as", "admin")

    assert "product: “GTXPro” in 1,480 rows is not known; probably “GTX Pro” (rows 3, 13, 20, 31, 34 …)" in said
    assert "left empty there; the same command with --accept-matches fills it in" in said
    assert [(one.name, one.created, one.rejected) for one in Import.objects.order_by("pk")] == [
        ("sales_teams.csv", 35, 0), ("accounts.csv", 78, 0), ("products.csv", 7, 0), ("sales_pipeline.csv", 8800, 0),
    ]  # fmt: skip
    assert (Account.objects.count(), Product.objects.count(), Deal.objects.count()) == (85, 7, 8800)
    assert User.objects.exclude(username__in=["admin", "alice", "bob", "charlie"]).count() == 35
    stages = dict(Deal.objects.values_list("stage__name").annotate(Count("pk")))
    assert stages == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}

    deals = entity_named("deals")
    won = Query(deals, parse('outcome = "won"'))
    assert totals(rows(won, to=cast.admin), [deals.fields["amount"]]) == {"amount": [(WON, "USD")]}
    assert rows(won, to=cast.admin).count() == 4238
    admin = client_of(cast.admin)
    told = admin.get("/api/v1/deals", {"condition": 'outcome = "won"', "limit": 1, "count": "true"}).json()
    assert (told["count"], told["capped"]) == (4238, False)
    assert Deal.objects.filter(product=None).count() == 1480
    _a_match_taken_later_fills_the_links_in(sales)
    _every_deal_is_found(cast)
    _teams_stand_as_in_the_file(sales)
    _another_time_changes_nothing(sales)


def _every_deal_is_found(cast: Cast) -> None:
    assert SearchDocument.objects.filter(entity="deals").count() == 8800
    assert Change.objects.filter(entity="deals", event="deal.created", origin="import", by=cast.admin).count() == 8800
    assert Deal.objects.filter(stage_periods__isnull=True).count() == 0
    first = Deal.objects.get(external_id="1C1I7A6R")
    facts = (first.name, first.owner.name, first.product.name, first.account.name, first.amount, str(first.opened_on), str(first.closed_on))
    assert facts == ("GTX Plus Basic · Cancity", "Moses Frase", "GTX Plus Basic", "Cancity", 1054, "2016-10-20", "2017-03-01")


def _teams_stand_as_in_the_file(sales: Path) -> None:
    with (sales / "sales_teams.csv").open(encoding="utf-8") as file:
        said = {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in csv.DictReader(file)}
    people = User.objects.filter(name__in=said).select_related("team__parent")
    assert {one.name: (one.team.name, one.team.parent.name) for one in people} == said
    assert User.objects.get(name="Anna Snelling").username == "anna.snelling"
    assert Team.objects.exclude(name__in=["Harbour", "Airport"]).count() == 9


def _a_match_taken_later_fills_the_links_in(sales: Path) -> None:
    guanxi_import(sales, "--as", "admin", "--accept-matches")
    last = Import.objects.order_by("-pk")[0]
    assert (last.created, last.updated, last.skipped, last.rejected) == (0, 1480, 7320, 0)
    assert Deal.objects.filter(product__name="GTX Pro", name__startswith="GTXPro").count() == 1480


def _another_time_changes_nothing(sales: Path) -> None:
    before = Change.objects.count()
    guanxi_import(sales, "--as", "admin", "--accept-matches")
    assert Change.objects.count() == before
    assert [(one.created, one.updated, one.skipped) for one in Import.objects.order_by("-pk")[:4]] == [
        (0, 0, 8800), (0, 0, 7), (0, 0, 85), (0, 0, 35),
    ]  # fmt: skip


@pytest.fixture
def slice_of(sales: Path, tmp_path: Path) -> Path:
    """The data set with the first 200 deals."""
    for name in ("accounts", "products", "sales_teams"):
        (tmp_path / f"{name}.csv").write_bytes((sales / f"{name}.csv").read_bytes())
    lines = (sales / "sales_pipeline.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "sales_pipeline.csv").write_text("".join(lines[:201]), "utf-8")
    return tmp_path


def test_names_that_are_not_known_are_rejected_with_what_they_may_mean(cast: Cast, slice_of: Path, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.out"

    said = guanxi_import(slice_of, "--as", "admin", "--missing", "near", "--rejected", rejected, code=1)

    lines = list(csv.DictReader(io.StringIO((slice_of / "sales_pipeline.csv").read_text("utf-8"))))
    wrong = [number for number, row in enumerate(lines, 2) if row["product"] == "GTXPro"]
    assert f"rejected {len(wrong)}" in said
    assert "No product is called “GTXPro”. Did you mean “GTX Pro”?" in said
    told = list(csv.DictReader(io.StringIO(rejected.read_text("utf-8-sig"))))
    assert [int(row["Row"]) for row in told] == wrong
    assert {row["Why it was rejected"] for row in told} == {"Product: No product is called “GTXPro”. Did you mean “GTX Pro”?"}
    assert {name: told[0][name] for name in lines[0]} == lines[wrong[0] - 2]
    assert Deal.objects.count() == 200 - len(wrong)


def test_what_a_name_means_can_be_said_and_kept_from_happening(cast: Cast, slice_of: Path) -> None:
    guanxi_import(slice_of, "--as", "admin", "--name", "product:GTXPro=GTX Pro", "--dry-run")
    assert (Account.objects.count(), Deal.objects.count(), Import.objects.count()) == (0, 0, 0)
    assert not Stage.objects.filter(name="Engaging").exists()

    guanxi_import(slice_of, "--as", "admin", "--name", "product:GTXPro=GTX Pro")
    assert Deal.objects.count() == 200


def test_a_sheet_of_several_kinds_is_of_what_its_first_column_names(cast: Cast, shared_data: Path) -> None:
    said = guanxi_import(shared_data / "importer_headers" / "pipedrive_import_sample.csv", "--as", "admin")

    assert "1 contacts (CSV, utf-8)" in said
    assert "left out: Deal - Title, Deal - Value, Activity - Subject*, Activity - Due date" in said
    assert Contact.objects.get().account.name == "Moveer Limited"


def test_an_empty_database_is_enough(db: None, slice_of: Path) -> None:
    guanxi_import(slice_of, "--accept-matches")

    assert Deal.objects.count() == 200
    assert set(Deal.objects.values_list("created_by", flat=True)) == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--map", "nope=name"], "--map nope=name: There is no column “nope”; there are account, sector"),
        (["--map", "account=nmae"], "--map account=nmae: accounts has no field “nmae”. Did you mean name?"),
        (["--map", "account=address/town"], "address has no part “town”; it has country, province, city"),
        (["--match", "tags"], "--match tags: Records of this file can be recognised by name"),
        (["--name", "parent:A=B"], "--name parent:A=B: no account is called “B”"),
        (["--name", "parent"], "--name parent: write FIELD:NAME=KNOWN"),
        (["--as", "nobody"], "there is no user “nobody”"),
        (["--entity", "acounts"], "There is no entity “acounts”. Did you mean accounts"),
        (["--as", "bob"], "accounts.csv: You may not import accounts."),
        (["--header-row", "900"], "Row 900 cannot be the header: the file has 86 rows."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(cast: Cast, slice_of: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(import_, [str(slice_of / "accounts.csv"), *arguments], standalone_mode=False)

    assert said in (result.output + str(result.exception))
    assert result.exception is not None
    assert (Account.objects.count(), Import.objects.count()) == (0, 0)
