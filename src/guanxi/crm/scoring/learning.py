"""Learning from what was won and lost, as it happens and anew every night; and judging what is open.

What happened since is read from the changes by a cursor, which is kept with the counts in one transaction: a run that is killed
has counted nothing, and one that begins again counts nothing twice, because each record that was counted is remembered with the
facts it was counted by. The score of a record follows from others and is no change (docs/decisions/0003).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from guanxi.crm.scoring.bayes import Counts, Facts, Judge, auc, brier, calibration, edges_of
from guanxi.crm.scoring.facts import OPEN, Read, Reader, score_for
from guanxi.crm.scoring.model import Score, ScoreCount, ScoreSeen
from guanxi.record.history import Cursor, changes_since

AT_ONCE = 2000
ENOUGH = 20
"""So many won and so many lost must be known before anything is judged."""
OLDER = 0.75
"""To see how good a score is, it learns from this part of the outcomes, the older ones, and foretells the rest."""


# ——— as it happens ———


def catch_up(key: int) -> int:
    """What changed since, counted and judged; how many records were looked at. Does nothing before the first learning."""
    looked_at = 0
    while (number := _catch_up_some(key)) is not None:
        looked_at += number
    return looked_at


def _catch_up_some(key: int) -> int | None:
    with transaction.atomic():
        score = Score.objects.select_for_update(of=("self",)).get(pk=key)
        if score.learnt_at is None:
            return None
        changes = changes_since(Cursor.parse(score.cursor), AT_ONCE)
        if not changes:
            return None
        touched = sorted({change.record_id for _cursor, change in changes if change.entity == score.of})
        if touched:
            count(score, touched)
            judge(score, touched)
        score.cursor = str(changes[-1][0])
        score.save(update_fields=["cursor"])
    return len(touched)


def count(score: Score, keys: Sequence[int]) -> None:
    """These records counted as they are now, instead of as they were counted before."""
    reader, change = Reader(score, score.counted), Counts()
    now = {one.key: (reader.outcome(one), reader.facts(one, score.edges)) for one in reader.read(reader.records().filter(pk__in=keys))}
    before = {one.record_id: one for one in ScoreSeen.objects.filter(score=score, record_id__in=keys)}
    gone, fresh = [], []
    for key in keys:
        won, facts = now.get(key, (None, {}))
        seen = before.get(key)
        if seen is not None and (seen.won, seen.facts) == (won, facts):
            continue
        if seen is not None:
            change.add(seen.facts, seen.won, -1)
            gone.append(key)
        if won is not None:
            change.add(facts, won)
            fresh.append((key, won, facts))
    if gone:
        ScoreSeen.objects.filter(score=score, record_id__in=gone).delete()
    _remember(score, fresh)
    _add(score, change)


def _add(score: Score, change: Counts) -> None:
    rows = [(score.pk, name, value, won, lost) for (name, value), (won, lost) in sorted(change.told().items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO crm_scorecount (score_id, field, value, won, lost) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (score_id, field, value) DO UPDATE SET won = crm_scorecount.won + excluded.won, lost = crm_scorecount.lost + excluded.lost",
            rows,
        )
    score.won, score.lost = score.won + change.won, score.lost + change.lost
    score.save(update_fields=["won", "lost"])


def _remember(score: Score, rows: Iterable[tuple[int, bool, Facts]]) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY crm_scoreseen (score_id, record_id, won, facts) FROM STDIN") as copy:
        for key, won, facts in rows:
            copy.write_row((score.pk, key, won, Jsonb(facts)))


# ——— anew ———


def learn(key: int) -> Score:
    """Everything counted anew, with ranges as the numbers now lie, its quality measured, and all that is open judged."""
    with transaction.atomic():
        score = Score.objects.select_for_update(of=("self",)).get(pk=key)
        score.cursor = _here()
        reader = Reader(score, score.uses)
        closed = [one for one in reader.read(_closed(reader)) if reader.outcome(one) is not None]
        score.counted = [one.name for one in reader.fields]
        score.edges = _edges(reader, closed)
        score.quality = foretold(reader, closed)
        recount(score, reader, closed)
        score.learnt_at = timezone.now()
        score.save(update_fields=["cursor", "counted", "edges", "quality", "learnt_at", "won", "lost"])
    judge_open(score)
    return score


def recount(score: Score, reader: Reader, closed: Sequence[Read]) -> None:
    """The counts of these records, in place of those there are."""
    counts = Counts()
    ScoreSeen.objects.filter(score=score).delete()
    ScoreCount.objects.filter(score=score).delete()
    rows = [(one.key, bool(reader.outcome(one)), reader.facts(one, score.edges)) for one in closed]
    for _key, won, facts in rows:
        counts.add(facts, won)
    _remember(score, rows)
    score.won = score.lost = 0
    _add(score, counts)


def _closed(reader: Reader) -> Any:
    return reader.records().filter(**{f"{reader.state}__in": [*reader.won, *reader.lost]})


def _edges(reader: Reader, closed: Sequence[Read]) -> dict[str, list[float]]:
    return {one.name: edges_of(float(row.values[one.name]) for row in closed if row.values[one.name] is not None) for one in reader.numbers}


def _here() -> str:
    """A cursor before every change that is not yet certain to be seen; what is read twice is counted once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return f"{cursor.fetchone()[0]}-0"


def foretold(reader: Reader, closed: Sequence[Read]) -> dict[str, Any]:
    """How well the newest outcomes are foretold by what the older ones teach; empty where there are too few."""
    ordered = sorted(closed, key=lambda one: (_moment(one.at), one.key))
    cut = int(len(ordered) * OLDER)
    older, newer = ordered[:cut], ordered[cut:]
    edges, counts = _edges(reader, older), Counts()
    for one in older:
        counts.add(reader.facts(one, edges), bool(reader.outcome(one)))
    if counts.won < ENOUGH or counts.lost < ENOUGH or len(newer) < ENOUGH:
        return {}
    judge_ = Judge(counts)
    facts = [reader.facts(one, edges) for one in newer]
    chances = [judge_.chance(one) for one in facts]
    won = [bool(reader.outcome(one)) for one in newer]
    share = counts.won / (counts.won + counts.lost)
    return {
        "auc": auc(chances, won), "brier": brier(chances, won), "base": brier([share] * len(won), won),
        "held_out": len(newer), "learnt_from": len(older), "tenths": calibration(chances, won),
        "alone": {field.name: auc([judge_.alone(field.name, one) for one in facts], won) for field in reader.fields},
    }  # fmt: skip


def _moment(at: dt.date | None) -> str:
    return at.isoformat() if at is not None else ""


# ——— judging ———


def judge_of(score: Score) -> Judge | None:
    """What the counts say now; None before enough is known."""
    if score.won < ENOUGH or score.lost < ENOUGH:
        return None
    rows = ScoreCount.objects.filter(score=score).values_list("field", "value", "won", "lost")
    return Judge(Counts(score.won, score.lost, {(name, value): [won, lost] for name, value, won, lost in rows}))


def judge(score: Score, keys: Sequence[int]) -> None:
    """The scores of these records, as far as they are open; what is closed keeps the last."""
    if not score.active or score.deleted_at is not None:
        return
    _judge(score, judge_of(score), Reader(score, score.counted), keys)


def judge_open(score: Score) -> int:
    """The scores of everything open; how many differ from what they were."""
    if not score.active or score.deleted_at is not None:
        return 0
    reader, judging, done = Reader(score, score.counted), judge_of(score), 0
    waiting = reader.records().filter(**{f"{reader.state}__in": sorted(OPEN[score.of])}).order_by("pk").values_list("pk", flat=True)
    for keys in _in_pieces(list(waiting)):
        with transaction.atomic():
            done += _judge(score, judging, reader, keys)
    return done


def _in_pieces(keys: Sequence[int]) -> Iterator[list[int]]:
    rows = iter(keys)
    while piece := list(islice(rows, AT_ONCE)):
        yield piece


def _judge(score: Score, judging: Judge | None, reader: Reader, keys: Sequence[int]) -> int:
    chosen = _of_this(score, reader, keys)
    open_ = [one for one in reader.read(chosen) if one.state in OPEN[score.of]]
    if not open_:
        return 0
    chances = [None if judging is None else round(judging.chance(reader.facts(one, score.edges)), 4) for one in open_]
    table = f'"{reader.entity.model._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH told AS (SELECT * FROM unnest(%s::bigint[], %s::numeric[]) AS told (id, score)), "
            f"held AS (SELECT t.id FROM {table} t JOIN told USING (id) WHERE t.score IS DISTINCT FROM told.score ORDER BY t.id FOR NO KEY UPDATE OF t) "
            f"UPDATE {table} t SET score = told.score FROM told JOIN held USING (id) WHERE t.id = told.id",
            [[one.key for one in open_], chances],
        )
        return int(cursor.rowcount)


def _of_this(score: Score, reader: Reader, keys: Sequence[int]) -> Any:
    """Those of the records for which this score is the one in use."""
    rows = reader.records().filter(pk__in=keys)
    if score.pipeline_id is None and score.of == "deals":
        own = Score.objects.filter(of="deals", active=True, deleted_at__isnull=True, pipeline__isnull=False)
        rows = rows.exclude(pipeline__in=own.values("pipeline"))
    in_use = score_for(score.of, score.pipeline_id)
    return rows if in_use is not None and in_use.pk == score.pk else rows.none()


def due() -> list[int]:
    """The scores in use."""
    return list(Score.objects.filter(active=True, deleted_at__isnull=True).order_by("pk").values_list("pk", flat=True))
