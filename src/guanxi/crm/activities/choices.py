"""Kinds and results of activities, and what accounts and contacts keep of them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.entity.kinds.choices import Choice, Option
from guanxi.entity.rollup import Rollup

KINDS = Choice(
    (
        Option("call", _("Call"), also=("phone", "phone call", "电话")),
        Option("visit", _("Visit"), also=("拜访", "上门拜访")),
        Option("meeting", _("Meeting"), also=("event", "demo", "会议")),
        Option("email", _("E-mail"), also=("email", "mail", "邮件")),
        Option("message", _("Message"), also=("sms", "wechat", "whatsapp", "微信", "短信")),
        Option("note", _("Note"), also=("comment", "备注", "记录")),
        Option("task", _("Task"), also=("to do", "todo", "任务", "待办")),
    ),
    plain=True,
)
RESULTS = Choice(
    (
        Option("reached", _("Reached"), "good", also=("connected", "answered", "已接通", "接通")),
        Option("missed", _("No answer"), "warn", also=("no answer", "busy", "未接通", "无人接听")),
        Option("interested", _("Interested"), "good", also=("有意向",)),
        Option("later", _("Call back later"), "info", also=("call back", "稍后联系")),
        Option("refused", _("Not interested"), "bad", also=("无意向", "拒绝")),
        Option("done", _("As planned"), "good", also=("completed", "完成")),
    )
)
DELIVERIES = Choice(
    (
        Option("queued", _("On its way"), "info"),
        Option("sent", pgettext_lazy("mail", "Sent"), "good"),
        Option("opened", pgettext_lazy("mail", "Opened"), "good"),
        Option("failed", _("Not sent"), "bad"),
        Option("unsure", _("Maybe sent"), "warn"),
    )
)
ICONS = {
    "call": "phone",
    "visit": "walk",
    "meeting": "users",
    "email": "mail",
    "message": "message",
    "note": "note",
    "task": "checkbox",
}
LAST_CONTACT = Rollup("activities", max="done_at", where='kind not in ("note", "task")')
NEXT_CONTACT = Rollup("activities", min="due_at", where="done_at is empty")
