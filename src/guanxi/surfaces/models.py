"""The tables of this room, for Django; each stands in its surface's folder."""

from guanxi.surfaces.api.model import KeptAnswer
from guanxi.surfaces.bulk.model import BulkRun
from guanxi.surfaces.dashboards.model import Dashboard, Tile
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.imports.model import Import, RejectedRow
from guanxi.surfaces.public.model import Attempt, PublicLink, PublicVisit

__all__ = [
    "Attempt",
    "BulkRun",
    "Dashboard",
    "DuplicatePair",
    "DuplicateScan",
    "Import",
    "KeptAnswer",
    "PublicLink",
    "PublicVisit",
    "RejectedRow",
    "Tile",
]
