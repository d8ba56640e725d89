"""The jobs of this room, where the worker looks for them; each stands in its surface's folder."""

from guanxi.surfaces.api.tasks import clear_kept_answers
from guanxi.surfaces.bulk.tasks import run_bulk
from guanxi.surfaces.dedupe.tasks import find_duplicates

__all__ = ["clear_kept_answers", "find_duplicates", "run_bulk"]
