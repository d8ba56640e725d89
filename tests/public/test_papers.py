"""Papers follow the company's templates: words, what is left out, colour and sheet, in each language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typst
from django.test import Client

from guanxi.access.models import Company
from guanxi.record.memory import raise_epoch
from guanxi.record.refusals import Refused
from guanxi.surfaces.public import papers
from tests.cast import Cast, make
from tests.public.test_links import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each paper that is set says; it is set all the same."""
    said: list[dict[str, Any]] = []
    real = typst.compile

    def listening(*rest: Any, **options: Any) -> Any:
        said.append(json.loads(options["sys_inputs"]["told"]))
        return real(*rest, **options)

    monkeypatch.setattr(papers.typst, "compile", listening)
    return said


def pdf(client: Client, url: str, language: str = "en") -> bytes:
    answer = client.get(f"{url}/pdf?lang={language}")
    assert answer.status_code == 200
    return bytes(answer.content)


def template(**values: Any) -> Any:
    return make("paper_templates", **{"name": "Ours", "of": "quotes", "language": "en", **values})


def test_a_template_changes_the_words_in_its_language_alone(cast: Cast, client: Client, told: list[dict[str, Any]]) -> None:
    quote, url = sent(cast)
    Company.objects.update(closing_en="As agreed", closing_zh="敬上")
    raise_epoch()
    template(
        heading="Pro-forma invoice",
        opening="For {account}: {title} over {total}, {number}. Asked by {answered_by}.",
        closing="{company} thanks you",
    )
    plain = pdf(client, url, "zh-hans")
    ours = pdf(client, url)
    assert plain[:5] == ours[:5] == b"%PDF-"
    chinese, english = told
    assert (chinese["opening"], chinese["closing"]) == ("", "敬上")
    assert chinese["noun"] != english["noun"] == "Pro-forma invoice"
    assert english["opening"].startswith(f"For Northwind: {quote.name} over $")
    assert english["opening"].endswith(f", {quote.number}. Asked by .")
    assert english["closing"] == "Harbour Trading thanks you"


def test_what_is_left_out_is_not_on_the_paper_and_still_on_the_page(cast: Cast, client: Client, told: list[dict[str, Any]]) -> None:
    _quote, url = sent(cast)
    pdf(client, url)
    template(left_out=["account", "lines.quantity", "tax", "terms"], accent="#aa0000", sheet="us-letter")
    pdf(client, url)
    before, after = told
    labels = [[label for label, _value in each["facts"]] for each in told]
    assert set(labels[0]) - set(labels[1]) == {"For"}
    assert set(before["heads"]) - set(after["heads"]) == {"Quantity"}
    assert all(len(row["cells"]) == len(after["heads"]) for row in after["rows"])
    assert len(before["totals"]) > len(after["totals"])
    assert (after["accent"], after["sheet"]) == ("#aa0000", "us-letter")
    assert "Quantity" in client.get(url).content.decode()


def test_the_newest_template_in_use_counts(cast: Cast, client: Client, told: list[dict[str, Any]]) -> None:
    _quote, url = sent(cast)
    template(heading="Old")
    newer = template(heading="New")
    pdf(client, url)
    type(newer).objects.filter(pk=newer.pk).update(active=False)
    raise_epoch()
    pdf(client, url)
    assert [one["noun"] for one in told] == ["New", "Old"]


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"opening": "Dear {nobody}"}, "opening", "{nobody}"),
        ({"closing": "{lines}"}, "closing", "{lines}"),
        ({"accent": "teal"}, "accent", "#0f766e"),
        ({"accent": '#"); x'}, "accent", "#0f766e"),
        ({"left_out": ["owner", "nothing"]}, "left_out", "nothing"),
        ({"of": "accounts"}, "of", ""),
        ({"sheet": "a0"}, "sheet", ""),
    ],
)
def test_what_makes_no_paper_is_refused(cast: Cast, values: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        template(**values)
    assert said in refused.value.errors[field]


def test_markup_in_a_template_is_text(cast: Cast, client: Client, told: list[dict[str, Any]]) -> None:
    _quote, url = sent(cast, name="{terms} {title}")
    template(heading='#read("/etc/passwd")', opening="$x$ ] #panic() {title}\n\\")
    assert pdf(client, url)[:5] == b"%PDF-"
    assert told[0]["opening"] == "$x$ ] #panic() {terms} {title}\n\\"
