"""Which dashboards there are for a person, and who may change them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.models import User
from guanxi.record.memory import remember
from guanxi.record.refusals import Forbidden, Missing
from guanxi.surfaces.dashboards.model import Dashboard, Tile


def dashboards_of(user: User) -> QuerySet[Dashboard]:
    """Their own, those shared with everyone or with a role of theirs; administrators find all that are shared."""
    seen = Q(owner=user) | Q(everyone=True) | Q(roles__in=user.roles)
    if user.rights.everything:
        seen |= Q(owner=None) | Q(roles__isnull=False)
    return Dashboard.objects.filter(seen).distinct()


def tabs_of(user: User) -> list[tuple[int, str]]:
    """(number, name) of each, for the head of the first page; remembered."""
    return remember(("dashboards", user.pk), lambda: [(board.pk, board.name) for board in dashboards_of(user)])


def dashboard_for(key: int, user: User) -> Dashboard:
    """The dashboard of that number. Missing."""
    found = dashboards_of(user).filter(pk=key).first()
    if found is None:
        raise Missing(_("There is no such dashboard, or it is not shared with you."))
    return found


def may_change(board: Dashboard, user: User) -> bool:
    """Its owner may, and administrators."""
    return board.owner_id == user.pk or user.rights.everything


def own_dashboard(key: int, user: User) -> Dashboard:
    """The dashboard for changing it. Missing, Forbidden."""
    board = dashboard_for(key, user)
    if not may_change(board, user):
        raise Forbidden(_("Only its owner or an administrator may change this dashboard; copy it to have your own."))
    return board


def tile_for(board: Dashboard, key: int) -> Tile:
    """One of its tiles. Missing."""
    found = board.tiles.filter(pk=key).first()
    if found is None:
        raise Missing(_("There is no such tile on this dashboard any more."))
    return found
