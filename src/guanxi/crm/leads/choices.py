"""What a lead's answers, class, status and reasons can be."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.entity.kinds.choices import Choice, Option

ANSWERS = Choice(
    (
        Option("yes", _("Yes"), "good", also=("y", "true", "1", "有", "是")),
        Option("no", _("No"), "bad", also=("n", "false", "0", "无", "否")),
        Option("unknown", _("Unknown"), also=("?", "未知", "不清楚")),
    )
)
PROSPECTS = Choice(
    (
        Option("ideal", _("Ideal prospect (M+A+N)"), "good"),
        Option("strategy", _("Win by strategy (M+A+n)"), "acc"),
        Option("decider", _("Find the decider (M+a+N)"), "acc"),
        Option("credit", _("Look into credit (m+A+N)"), "acc"),
        Option("cultivate", _("Cultivate (M+a+n, m+A+n)"), "info"),
        Option("stop", _("Not a prospect (m+a)"), "bad"),
        Option("unknown", _("Find out more"), "warn"),
    )
)
STATUSES = Choice(
    (
        Option("new", pgettext_lazy("lead", "New"), "info", also=("open", "not contacted", "新建", "未联系")),
        Option("working", _("Working"), "acc", also=("contacted", "attempted", "in progress", "已联系", "跟进中")),
        Option("nurturing", _("Nurturing"), "warn", also=("nurture", "later", "培育", "暂缓")),
        Option("qualified", _("Qualified"), "good", also=("marketing qualified", "sales qualified", "已合格", "已确认")),
        Option("converted", _("Converted"), "good", also=("已转换", "已转化", "成交")),
        Option("disqualified", _("Disqualified"), "bad", also=("unqualified", "junk", "lost", "dead", "无效", "已关闭")),
    )
)
OPEN = ("new", "working", "nurturing", "qualified")
MOVES = {
    "new": ("working", "nurturing", "qualified", "disqualified"),
    "working": ("nurturing", "qualified", "disqualified"),
    "nurturing": ("working", "qualified", "disqualified"),
    "qualified": ("working", "nurturing", "disqualified"),
    "disqualified": ("working",),
    "converted": (),
}
"""Where a lead may go from each status by hand; it becomes converted by being converted only."""
REASONS = Choice(
    (
        Option("need", _("No need")),
        Option("money", _("No money")),
        Option("authority", _("Nobody who decides")),
        Option("unreachable", _("Cannot be reached")),
        Option("rival", _("Bought elsewhere")),
        Option("timing", _("Wrong time")),
        Option("duplicate", _("Known already")),
        Option("spam", _("Not a real inquiry")),
        Option("other", pgettext_lazy("reason", "Other")),
    ),
    plain=True,
)
TIMELINES = Choice(
    (
        Option("now", _("Right now")),
        Option("quarter", _("Within three months")),
        Option("half", _("Within half a year")),
        Option("year", _("Within a year")),
        Option("later", _("Later than a year")),
    ),
    plain=True,
)
