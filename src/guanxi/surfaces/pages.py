"""What every page does alike: a page or a fragment, refusals as answers, toasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.entity.actors import Action
from guanxi.entity.conditions import ConditionError
from guanxi.entity.entity import Entity
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale
from guanxi.surfaces.ordering import Unanswerable

View = Callable[..., HttpResponseBase]


def user_of(request: HttpRequest) -> User:
    """The signed-in user; the middleware let nobody else in."""
    user = request.user
    assert isinstance(user, User)
    # The person behind Django's lazy object: a page asks for their rights a thousand times.
    return getattr(user, "_wrapped", user)


def render(request: HttpRequest, template: str, partial: str | None = None, **context: Any) -> HttpResponse:
    """The page, or only its named partial when htmx asks for a fragment."""
    fragment = partial and request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    return render_template(request, f"{template}#{partial}" if fragment else template, context)


def toast(response: HttpResponse, message: str, *, level: str = "good", undo: str = "") -> HttpResponse:
    """Have the page say what was done, with a way to undo it."""
    said = json.loads(response.headers.get("HX-Trigger", "{}"))
    said["toast"] = {"message": message, "level": level, **({"undo": undo} if undo else {})}
    response.headers["HX-Trigger"] = json.dumps(said)
    return response


def fire(response: HttpResponse, **events: Any) -> HttpResponse:
    """Have the page hear events by these names (underscores become hyphens), with these details."""
    heard = json.loads(response.headers.get("HX-Trigger", "{}"))
    heard |= {name.replace("_", "-"): detail for name, detail in events.items()}
    response.headers["HX-Trigger"] = json.dumps(heard)
    return response


def refused(message: str, status: int) -> HttpResponse:
    """A refusal as a toast; what was typed stays."""
    response = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
    response.headers["HX-Reswap"] = "none"
    return toast(response, message, level="bad")


def answering(view: View) -> View:
    """Turn what the record refuses into the right answer: a clear message for htmx, a page otherwise."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asks = request.headers.get("HX-Request") == "true"
        try:
            return view(request, *args, **kwargs)
        except Missing as missing:
            if asks:
                return refused(str(missing), 404)
            raise Http404(str(missing)) from None
        except Forbidden as forbidden:
            if asks:
                return refused(str(forbidden), 403)
            raise PermissionDenied(str(forbidden)) from None
        except Stale as stale:
            return refused(str(stale), 409)
        except (Refused, ConditionError, Unanswerable) as refusal:
            return refused(str(refusal), 422)

    return answer


def must_see(entity: Entity, user: User, action: Action = "see") -> None:
    """404 for an entity the user has nothing to do with."""
    if not user.rights.may("see", entity.path):
        raise Http404(_("There is no such page."))
    if action != "see" and not user.rights.may(action, entity.path):
        raise PermissionDenied(_("You may not do this with %(many)s.") % {"many": entity.noun.many})


def record_or_404(entity: Entity, key: int, user: User) -> Any:
    """The record, when the user may see it, and may open one more where that is counted."""
    record = visible(entity, to=user).filter(pk=key).first()
    if record is None:
        raise Http404(_("There is no such record, or you may not see it."))
    if entity.opened:
        entity.opened(record, user)
    return record
