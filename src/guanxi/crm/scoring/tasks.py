"""Jobs of scores: keeping up with what happens, and learning anew."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from guanxi.crm.scoring.learning import catch_up, due, learn
from guanxi.crm.scoring.model import Score
from guanxi.record.memory import keep_up

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="keep_scores", queueing_lock="keep_scores")
def keep_scores(timestamp: int) -> None:
    """Every minute: outcomes are counted, and what changed is judged."""
    keep_up()
    for key in due():
        catch_up(key)


@app.periodic(cron="7 4 * * *")
@app.task(name="learn_scores", queueing_lock="learn_scores")
def learn_scores(timestamp: int) -> None:
    """Nightly: every score is learnt anew."""
    keep_up()
    for key in due():
        log.info("“%s” was learnt from %s won and %s lost", (score := learn(key)).name, score.won, score.lost)


@app.task(name="learn_score")
def learn_score(score: int) -> None:
    """One score, now."""
    keep_up()
    if Score.objects.filter(pk=score, deleted_at__isnull=True).exists():
        learn(score)
