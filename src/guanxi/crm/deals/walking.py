"""The furthest stage of deals, found anew from where they stood when the order of a pipeline's stages was changed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from procrastinate.contrib.django import app

from guanxi.entity.actors import Actor
from guanxi.entity.entity import Write

HELD = "SELECT 1 FROM crm_deal WHERE pipeline_id = %(pipeline)s ORDER BY id FOR NO KEY UPDATE"
"""Whoever moves one of these deals waits: what is asked next knows of every stage they stood in."""
FURTHEST = """
UPDATE crm_deal AS deal SET furthest_id = found.stage_id FROM (
    SELECT DISTINCT ON (stay.deal_id) stay.deal_id, stay.stage_id
    FROM crm_stageperiod AS stay JOIN crm_stage AS stage ON stage.id = stay.stage_id
    WHERE stage.pipeline_id = %(pipeline)s AND stage.outcome = 'open'
    ORDER BY stay.deal_id, stage.position DESC, stage.id DESC) AS found
WHERE deal.id = found.deal_id AND deal.pipeline_id = %(pipeline)s AND deal.furthest_id IS DISTINCT FROM found.stage_id
"""


def walk_again(pipeline: int) -> int:
    """The furthest open stage of the deals of a pipeline, by the order its stages have now; of how many it was another."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HELD, {"pipeline": pipeline})
        cursor.execute(FURTHEST, {"pipeline": pipeline})
        return int(cursor.rowcount)


@app.task(name="walk_deals_again")
def walk_deals_again(pipeline: int) -> None:
    """As a job: there may be many deals."""
    walk_again(pipeline)


def walk_later(writes: Sequence[Write], by: Actor) -> None:
    """What follows from stages that were put in another order, or are open no more."""
    moved = {one.record.pipeline_id for one in writes if not one.created and (one.changed("position") or one.changed("outcome"))}
    for pipeline in sorted(moved):
        walk_deals_again.defer(pipeline=pipeline)
