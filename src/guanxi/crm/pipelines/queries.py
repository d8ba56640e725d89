"""Which stages there are; few, and remembered."""

from __future__ import annotations

from guanxi.crm.pipelines.model import Pipeline, Stage
from guanxi.record.memory import remember


def stages() -> dict[int, Stage]:
    """Every living stage by key, in order of pipeline and position."""

    def read() -> dict[int, Stage]:
        living = Stage.objects.filter(deleted_at__isnull=True, pipeline__deleted_at__isnull=True)
        return {stage.pk: stage for stage in living.order_by("pipeline__position", "pipeline_id", "position", "id")}

    return remember("stages", read)


def stages_of(pipeline: int | None) -> list[Stage]:
    """A pipeline's stages in order."""
    return [stage for stage in stages().values() if stage.pipeline_id == pipeline]


def first_pipeline() -> int | None:
    """The key of the pipeline new deals start on."""

    def read() -> int | None:
        living = Pipeline.objects.filter(deleted_at__isnull=True)
        return living.order_by("position", "id").values_list("pk", flat=True).first()

    return remember("first pipeline", read)
