"""`guanxi export`: what cannot be written is said, and nothing else is written in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from guanxi.access.entity import user_name_for
from guanxi.web.commands.explain import explain
from guanxi.web.commands.export import export
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deals", "-f", "name,amout"], "--fields amout: deals have no such field to export; there are id, name, account"),
        (["deals", "-c", "amout > 3"], "There is no field “amout” in deals. Did you mean “amount”"),
        (["deals", "--order", "amout"], "amout"),
        (["deals", "-o", "deals.pdf"], "deals.pdf: write to a .csv or an .xlsx file"),
        (["deals", "-o", "/proc/none/deals.csv"], "cannot write /proc/none/deals.csv: No such file or directory"),
        (["deels"], "There is no entity “deels”. Did you mean deals"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(cast: Cast, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(export, arguments, standalone_mode=False)

    assert said in str(result.exception)
    assert "Name" not in result.stdout


def test_the_user_decides_which_records_go_out(cast: Cast, tmp_path: Path) -> None:
    make("accounts", name="Harbour Lights", owner=cast.bob.pk)
    make("accounts", name="Zanzibar", owner=cast.charlie.pk)

    result = CliRunner().invoke(export, ["accounts", "-f", "name", "--as", "alice"], catch_exceptions=False)

    assert [line.rpartition(",")[2] for line in result.stdout.splitlines()] == ["Name", "Harbour Lights"]


def test_a_record_is_explained_for_somebody(cast: Cast) -> None:
    result = CliRunner().invoke(explain, ["deals", "17"], standalone_mode=False)

    assert str(result.exception) == "say whose rights on deal 17: --as USER"

    result = CliRunner().invoke(explain, ["deals", "17", "--as", "bob"], standalone_mode=False)

    assert str(result.exception) == "there is no deal 17"


@pytest.mark.parametrize(
    ("name", "email", "user"),
    [
        ("Anna Snelling", "", "anna.snelling"),
        ("张伟", "", "zhangwei"),
        ("陈雅丽 Alice", "", "chenyali.alice"),
        ("Jürgen Müller", "", "jurgen.muller"),
        ("Anna Snelling", "as@example.com", "as"),
        ("!!!", "", "user"),
        ("Bob", "", "bob2"),
    ],
)
def test_who_has_no_name_to_sign_in_by_is_given_one(cast: Cast, name: str, email: str, user: str) -> None:
    assert user_name_for(name, email) == user
