"""What the columns of bank statements are called, in English and Chinese, and what their texts mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.surfaces.imports.vocabulary import normalised, unnumbered

NAMES: Mapping[str, str] = {
    "day": "交易日期 记账日期 入账日期 交易时间 记账时间 入账时间 日期 交易日 记账日 入帐日期 date|booking date|transaction date|posting date|value date|posted|booked|booked on"
    "|posted date|entry date",
    "credit": "贷方发生额 贷方金额 收入金额 收入 存入金额 存入 转入金额 贷方 入账金额 收方金额 credit|credit amount|paid in|money in|deposit|deposits|receipts|credits"
    "|amount in|in",
    "debit": "借方发生额 借方金额 支出金额 支出 转出金额 借方 付方金额 debit|debit amount|paid out|money out|withdrawal|withdrawals|debits|amount out|out",
    "amount": "交易金额 发生额 金额 发生金额 amount|transaction amount|sum|value",
    "sign": "借贷标志 借贷方向 借贷 收支 收支类型 收支方向 收付标志 方向 dr cr|cr dr|direction|debit credit|credit debit|credit debit indicator|type",
    "payer": "对方户名 对方名称 对方账户名称 对方帐户名称 对方单位名称 对方单位 对手户名 对手名称 付款人名称 付款人 付款方 付款方名称 交易对手 交易对方 对方 "
    "payer|payer name|counterparty|counterparty name|name|from|remitter|payee|paid by|sender|partner name|debtor|payee name|other party",
    "payer_account": "对方账号 对方帐号 对方账户 对手账号 付款人账号 付款方账号 payer account|counterparty account|iban|partner iban|sender account|account of payer",
    "text": "摘要 用途 附言 备注 交易摘要 客户附言 说明 交易附言 交易说明 交易用途 description|details|narrative|memo|particulars|purpose|remittance information"
    "|transaction details|note|notes|message|text|payment reference|transaction description|payment details",
    "reference": "流水号 交易流水号 交易流水 凭证号 凭证号码 业务编号 回单编号 交易编号 核心流水号 银行流水号 reference|ref|transaction id|bank reference|end to end id"
    "|transaction reference|reference number|id|transaction number",
    "currency": "币种 币别 货币 交易币种 currency|ccy",
    "own_account": "账号 本方账号 本方帐号 帐号 查询账号 our account|account number|account|own account",
    "balance": "余额 账户余额 帐户余额 当前余额 balance|running balance|account balance",
}
"""What a column is, and its names: a blank stands between Chinese ones, a bar between English ones."""
LABELS = {
    "day": pgettext_lazy("bank statement", "Day"),
    "amount": _("Amount"),
    "credit": pgettext_lazy("bank statement", "Money in"),
    "debit": pgettext_lazy("bank statement", "Money out"),
    "sign": pgettext_lazy("bank statement", "In or out, in words"),
    "payer": _("Paid by"),
    "payer_account": _("Account of the payer"),
    "text": _("Text"),
    "reference": _("Bank reference"),
    "currency": _("Currency"),
    "own_account": _("Our bank account"),
    "balance": _("Balance"),
}
"""What a column may be, as people and programs may say it."""
SEVERAL = frozenset({"text"})
"""Roles that more than one column may have."""
SUMS = ("amount", "credit", "debit")
IN = frozenset({"贷", "贷方", "收", "收入", "入", "入账", "转入", "+", "c", "cr", "credit", "in", "cred", "crdt"})
OUT = frozenset({"借", "借方", "支", "支出", "出", "付", "转出", "-", "d", "dr", "debit", "out", "deb", "dbit"})
CURRENCIES: Mapping[str, str] = {
    "人民币": "CNY", "人民币元": "CNY", "rmb": "CNY", "美元": "USD", "欧元": "EUR", "英镑": "GBP", "日元": "JPY", "港币": "HKD", "港元": "HKD",
    "新加坡元": "SGD", "澳大利亚元": "AUD", "加元": "CAD", "瑞士法郎": "CHF", "us dollar": "USD", "euro": "EUR", "yuan": "CNY",
}  # fmt: skip

_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_OWN = re.compile(r"(?:账号|帐号|account(?: number| no\.?)?|iban)\s*[:：]?\s*([A-Z]{0,2}[\d*][\d* -]{5,40})", re.IGNORECASE)
_CURRENCY = re.compile(r"(?:币种|币别|货币|currency|ccy)\s*[:：]?\s*([A-Za-z]{3}\b|[\u4e00-\u9fff]{2,5})", re.IGNORECASE)


def _index() -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in NAMES.items():
        for name in re.split(r"\||(?<=[\u4e00-\u9fff]) ", names):
            if name.strip():
                found[normalised(name)] = role
    return found


ROLES = _index()


def candidates(columns: Sequence[str]) -> dict[str, list[int]]:
    """Which columns are called like what, by their places."""
    found: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        name = normalised(_IN_BRACKETS.sub("", column))
        role = ROLES.get(name) or ROLES.get(normalised(column)) or ROLES.get(unnumbered(name))
        if role is not None:
            found.setdefault(role, []).append(place)
    return found


def roles_of(columns: Sequence[str]) -> dict[str, list[int]]:
    """Which columns are what; the first of a name wins, texts are put together."""
    return {role: places if role in SEVERAL else places[:1] for role, places in candidates(columns).items()}


def currency_named(text: str) -> str:
    """The currency that a text names, as its code; empty when it names none."""
    plain = text.strip()
    if len(plain) == 3 and plain.isascii() and plain.isalpha():
        return CURRENCIES.get(plain.lower(), plain.upper())
    return next((code for name, code in CURRENCIES.items() if plain.lower().startswith(name)), "")


def above_the_table(preamble: Sequence[str]) -> tuple[str, str]:
    """Our account and its currency, from the lines above the table."""
    text = "\n".join(preamble)
    own, currency = _OWN.search(text), _CURRENCY.search(text)
    return (re.sub(r"[\s-]", "", own[1]) if own else "", currency_named(currency[1]) if currency else "")
