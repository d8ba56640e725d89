"""The inbox: what a person should know, and what of it they have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.access.titles import people, titles
from guanxi.entity.kinds import Moment
from guanxi.entity.registry import entity_named
from guanxi.record.models import Notification
from guanxi.surfaces.answers import by_htmx, go
from guanxi.surfaces.inbox.mentions import shown
from guanxi.surfaces.inbox.words import said_of, sentence
from guanxi.surfaces.pages import answering, render, toast, user_of
from guanxi.surfaces.timeline.events import heading

PAGE = 40
CAP = 99


@dataclass(frozen=True)
class News:
    """One notification, ready to be shown."""

    key: int
    icon: str
    tone: str
    words: str
    excerpt: SafeString
    by: str
    by_id: int
    when: SafeString
    read: bool
    day: str


@answering
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest, with the unread ones marked."""
    user = user_of(request)
    found = Notification.objects.filter(user=user).order_by("-at", "-pk")
    unread_only = request.GET.get("show") == "unread"
    if unread_only:
        found = found.filter(read_at__isnull=True)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    context = {
        "news": told(rows[:PAGE], user),
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "unread_only": unread_only,
        "any_unread": any(row.read_at is None for row in rows),
    }
    return render(request, "surfaces/inbox.html", "rows" if before else "list", **context)


def told(rows: Sequence[Notification], user: User) -> list[News]:
    """Notifications in words; titles only of records the person may see now."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.entity and row.record_id and _known(row.entity):
            wanted.setdefault(row.entity, set()).add(row.record_id)
    known = titles(wanted, to=user)
    found, last = [], ""
    for row in rows:
        day = heading(row.at, user)
        title = known.get((row.entity, row.record_id or 0), "")
        visible_excerpt = row.values.get("excerpt", "") if title or not row.entity else ""
        said = said_of(row)
        found.append(
            News(
                key=row.pk, icon=said.icon, tone=said.tone, words=sentence(row, title, people()), excerpt=shown(str(visible_excerpt)),
                by=people().get(row.values.get("by") or 0, ""), by_id=row.values.get("by") or 0,
                when=mark_safe(Moment().html(row.at, user.locale, {})),  # noqa: S308 - the kind escapes
                read=row.read_at is not None, day="" if day == last else day,
            )
        )  # fmt: skip
        last = day
    return found


def _known(path: str) -> bool:
    try:
        entity_named(path)
    except LookupError:
        return False
    return True


@answering
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many are unread, as a short text for the side bar; nothing when there are none."""
    unread = Notification.objects.filter(user=user_of(request), read_at__isnull=True)[: CAP + 1].count()
    return HttpResponse("" if not unread else f"{CAP}+" if unread > CAP else str(unread))


@answering
@require_GET
def follow(request: HttpRequest, key: int) -> HttpResponse:
    """To what one piece of news is about; it is read now."""
    row = Notification.objects.filter(user=user_of(request), pk=key).first()
    if row is None:
        raise Http404(_("There is no such message."))
    if row.read_at is None:
        Notification.objects.filter(pk=key).update(read_at=timezone.now())
    return HttpResponseRedirect(_address(row))


def _address(row: Notification) -> str:
    """Where it leads; never out of Guanxi."""
    url = str(row.values.get("url") or "")
    if url.startswith("/") and not url.startswith("//"):
        return url
    if row.entity and row.record_id and _known(row.entity):
        return f"/{row.entity}/{row.record_id}"
    path = str(row.values.get("entity") or "")
    return f"/{path}" if path and _known(path) else reverse("inbox")


@answering
@require_POST
def mark(request: HttpRequest, key: int) -> HttpResponse:
    """Read or not read."""
    user = user_of(request)
    read_at = None if request.POST.get("read") == "no" else timezone.now()
    changed = Notification.objects.filter(user=user, pk=key).update(read_at=read_at)
    if not changed:
        raise Http404(_("There is no such message."))
    if not by_htmx(request):
        return go(request, reverse("inbox"))
    row = Notification.objects.get(pk=key)
    response = render(request, "surfaces/inbox.html", "one", one=told([row], user)[0], swapped=True)
    response.headers["HX-Trigger"] = '{"changed": {"entity": "inbox"}}'
    return response


@answering
@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Everything read."""
    user = user_of(request)
    changed = Notification.objects.filter(user=user, read_at__isnull=True).update(read_at=timezone.now())
    said = ngettext("%(count)d message marked as read.", "%(count)d messages marked as read.", changed) % {"count": changed}
    if not by_htmx(request):
        return go(request, reverse("inbox"), said)
    rows = list(Notification.objects.filter(user=user).order_by("-at", "-pk")[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    response = render(request, "surfaces/inbox.html", "list", news=told(rows[:PAGE], user), older=older, any_unread=False)
    response.headers["HX-Trigger"] = '{"changed": {"entity": "inbox"}}'
    return toast(response, said)
