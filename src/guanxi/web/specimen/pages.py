"""The specimen pages, and a server that only pretends to answer what their elements ask. `tests/look` mounts it alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation

from guanxi.web.specimen.words import words as words_in

PAGES = ("home", "list", "board", "detail", "form", "parts", "settings", "wizard", "empty", "card")
TONES = ("", "acc", "good", "warn", "bad", "info", "violet", "rose")
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Someone:
    """Who looks at the specimen."""

    get_full_name: str
    pk: int = 1
    is_authenticated: bool = True


def _words(request: HttpRequest) -> dict[str, Any]:
    return words_in("zh" if request.GET.get("lang", request.COOKIES.get("specimen")) == "zh" else "en")


def _toast(answer: HttpResponse, message: str, **more: object) -> HttpResponse:
    answer["HX-Trigger"] = orjson.dumps({"toast": {"message": message, **more}}).decode("ascii", "replace")
    return answer


def page(name: str) -> View:
    """The view of one specimen page; `?lang=zh` shows it in Chinese."""

    @login_not_required
    def shown(request: HttpRequest) -> HttpResponse:
        words = _words(request)
        here = {
            **words, **_shell(words, name), "page": name, "theme": request.GET.get("theme") or None,
            "tones": TONES, "banner_tones": TONES[2:6], "numbers_to_12": range(12),
        }  # fmt: skip
        template = f"specimen/{name}.html"
        if name == "detail" and request.GET.get("peek"):
            template += "#peek"
        if name == "list" and request.GET.get("after"):
            here["deals"] = [{**deal, "id": deal["id"] + int(request.GET["after"])} for deal in words["deals"]]
            here["last"] = int(request.GET["after"]) >= 40
            template += "#rows"
        with translation.override("zh-hans" if words["language"] == "zh" else "en"):
            answer = render(request, template, here)
        answer.set_cookie("specimen", words["language"])
        return answer

    return shown


def _shell(words: dict[str, Any], name: str) -> dict[str, Any]:
    """What the shell needs, as the real side bar gives it."""

    def item(label: str, icon: str, page: str) -> dict[str, Any]:
        counted = "count" if icon in {"inbox", "ticket"} else ""
        return {"label": label, "icon": icon, "url": page, "active": page == name, "count_url": counted}

    return {
        "navigation": [{"label": group, "items": [item(*one) for one in items]} for group, items in words["navigation"]],
        "create_items": [
            {"label": words["new"], "url": "form", "icon": "coin"},
            {"label": words["form_title"], "url": "form", "icon": "building"},
        ],
        "user": Someone(words["me_name"]),
    }


@login_not_required
def count(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("7")


@login_not_required
def palette(request: HttpRequest) -> HttpResponse:
    """Deals whose name holds what is asked; the start list for nothing."""
    words, q = _words(request), request.GET.get("q", "").lower()
    found = [deal for deal in words["deals"] if q in (deal["name"] + deal["account"]).lower()]
    return render(request, "specimen/palette.html", {**words, "found": found if q else [], "q": q})


@login_not_required
def cell(request: HttpRequest, key: int, field: str) -> HttpResponse:
    """The editor of a cell; a saved amount must be a number, and deal 3 was changed by someone else."""
    words = _words(request)
    deal = dict(next(deal for deal in words["deals"] if deal["id"] == key))
    here = {**words, "deal": deal, "field": field, "url": request.get_full_path()}
    if request.method == "GET":
        return render(request, "specimen/cell.html", here)
    value = request.POST["value"]
    if field == "amount":
        if not value.replace(",", "").isdigit():
            return render(request, "specimen/cell.html", {**here, "typed": value, "error": words["not_a_number"]}, status=422)
        deal["amount"] = f"${int(value.replace(',', '')):,}"
    else:
        deal["name" if field == "name" else "next"] = value
    return _toast(render(request, "specimen/list.html#row", here), words["saved"], undo="undo")


@login_not_required
def fact(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "specimen/cell.html", {"typed": request.GET.get("value", ""), "url": request.get_full_path()})
    return render(request, "specimen/fact.html", {"value": request.POST["value"]})


@login_not_required
def move(request: HttpRequest, key: int) -> HttpResponse:
    """Any lane takes any card, but the won one refuses and the lost one asks for a reason."""
    words, lane = _words(request), request.POST["lane"]
    if lane == "won":
        return HttpResponse(words["refused"], status=409, content_type="text/plain; charset=utf-8")
    if lane == "lost":
        return render(request, "specimen/dialog.html", words, status=422)
    return _toast(HttpResponse(f'<span class="n" id="n-{lane}" hx-swap-oob="true">9</span>'), f"{key} → {lane}")


@login_not_required
def dialog(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "specimen/dialog.html", _words(request))
    if not request.POST.get("reason"):
        return render(request, "specimen/dialog.html", {**_words(request), "error": True}, status=422)
    answer = _toast(HttpResponse(status=204), "Saved")
    answer["HX-Trigger"] = orjson.dumps({"close-dialog": True, "toast": {"message": "Saved"}, "changed": {"entity": "deals"}}).decode()
    return answer


@login_not_required
def undo(_request: HttpRequest) -> HttpResponse:
    return _toast(HttpResponse(status=204), "Undone", level="info")


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """Refuses, in the way asked for."""
    status = int(request.GET.get("status", "500"))
    if status == 400:
        problem = {"title": "Bad", "detail": "The amount is larger than the order."}
        return JsonResponse(problem, status=400, content_type="application/problem+json")
    return HttpResponse("<h1>Trace</h1>", status=status)


@login_not_required
def options(request: HttpRequest) -> JsonResponse:
    q = request.GET.get("q", "").lower()
    people = [(deal["id"], deal["owner"], deal["account"]) for deal in _words(request)["deals"]]
    found = {name: {"value": key, "label": name, "sub": sub, "avatar": key} for key, name, sub in people if q in name.lower()}
    return JsonResponse({"options": list(found.values())})


@login_not_required
def quick(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"value": "900", "label": request.POST["label"]})


@login_not_required
def condition(request: HttpRequest) -> JsonResponse:
    """Understands one field and one operator; enough to see both ways and an error with its place."""
    if "tree" in request.POST:
        return JsonResponse({"text": "amount > 5000"})
    text = request.POST["text"]
    if not text.startswith("amount"):
        wrong = {"message": "There is no field “amout”.", "offset": 0, "suggestions": ["amount"], "place": text.split()[0]}
        return JsonResponse({"error": wrong}, status=422)
    return JsonResponse({"tree": {"path": "amount", "op": ">", "value": int(text.split()[-1])}})


@login_not_required
def duplicates(request: HttpRequest) -> HttpResponse:
    name = request.GET.get("name", "")
    return render(request, "specimen/duplicates.html", {"name": name}) if "north" in name.lower() else HttpResponse("")


@login_not_required
def regions(request: HttpRequest) -> JsonResponse:
    below = {"上海市": ["市辖区"], "市辖区": ["浦东新区", "黄浦区"]}.get(request.GET["parent"], [])
    return JsonResponse([{"value": name, "label": name} for name in below], safe=False)


@login_not_required
def events(_request: HttpRequest) -> StreamingHttpResponse:
    """One change, and the end: a listener comes back by itself."""
    return StreamingHttpResponse([b'event: changed\ndata: {"entity": "deals", "id": 17}\n\n'], content_type="text/event-stream")


@login_not_required
def done(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [
    path("", page("home"), name="home"),
    *(path(name, page(name), name=f"specimen-{name}") for name in PAGES),
    path("count", count),
    path("palette", palette, name="palette"),
    path("cell/<int:key>/<slug:field>", cell),
    path("fact", fact),
    path("move/<int:key>", move),
    path("dialog", dialog),
    path("undo", undo),
    path("broken", broken),
    path("options", options),
    path("quick", quick),
    path("condition", condition),
    path("duplicates", duplicates),
    path("regions", regions),
    path("theme", done, name="theme"),
    path("sent", done),
    path("events", events),
]
