"""Choices that several nouns share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guanxi.entity.kinds.choices import Option

SOURCES = (
    Option("website", _("Website"), also=("web", "网站", "官网")),
    Option("referral", _("Referral"), also=("转介绍", "employee referral", "external referral")),
    Option("fair", _("Trade fair"), also=("trade show", "exhibition", "展会")),
    Option("advertising", _("Advertising"), also=("advertisement", "ads", "广告")),
    Option("call", _("Cold call"), also=("phone inquiry", "telephone", "电话", "电话营销")),
    Option("social", _("Social media"), also=("wechat", "linkedin", "微信", "社交媒体")),
    Option("partner", _("Partner"), also=("合作伙伴", "渠道")),
    Option("email", _("E-mail"), also=("mail", "e-mail", "邮件", "电子邮件")),
    Option("import", _("Import"), also=("导入",)),
    Option("other", _("Other"), also=("其他", "其它")),
)

INDUSTRIES = (
    Option(
        "technology",
        _("Technology"),
        also=("technolgy", "it", "computer software", "信息技术", "互联网"),
    ),
    Option("manufacturing", _("Manufacturing"), also=("machinery", "制造", "制造业")),
    Option("retail", _("Retail"), also=("零售", "零售业")),
    Option("finance", _("Finance"), also=("banking", "insurance", "金融", "银行")),
    Option("medical", _("Medical"), also=("healthcare", "hospital", "医疗", "医疗健康")),
    Option("logistics", _("Logistics"), also=("transportation", "shipping", "物流", "物流运输", "交通运输")),
    Option(
        "telecommunications",
        _("Telecommunications"),
        also=("telecommunication", "telecom", "telecommunictions", "通信", "电信"),
    ),
    Option("education", _("Education"), also=("教育",)),
    Option("entertainment", _("Entertainment"), also=("media", "文化娱乐", "传媒")),
    Option("energy", _("Energy"), also=("utilities", "能源")),
    Option("construction", _("Construction"), also=("建筑", "房地产", "real estate")),
    Option("food", _("Food"), also=("food & beverage", "餐饮", "食品")),
    Option("agriculture", _("Agriculture"), also=("农业",)),
    Option("government", _("Government"), also=("public sector", "政府")),
    Option("services", _("Services"), also=("consulting", "商务服务", "服务业")),
    Option("marketing", _("Marketing"), also=("advertising agency", "营销")),
    Option("employment", _("Employment"), also=("staffing", "recruitment", "人力资源")),
    Option("software", _("Software"), also=("saas", "软件")),
    Option("other", _("Other"), also=("其他", "其它")),
)
