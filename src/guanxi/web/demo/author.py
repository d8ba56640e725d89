"""Who writes the demo company's history: the system, as a trader in Shanghai reads and types."""

from zoneinfo import ZoneInfo

from guanxi.entity.actors import Locale, System
from guanxi.record.changes import Origin

ORIGIN = Origin("demo", kept=True)
BY = System(locale=Locale("en", ZoneInfo("Asia/Shanghai"), "USD", "CN"))
