"""What is said about a table file: a code with values, worded in the reader's language when shown.

Nothing is worded at the time it is found: an import runs in the background and is read by others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WARNINGS: dict[str, str | Promise] = {
    "mojibake": _("Row %(row)s reads “%(text)s”: these characters were damaged before the file was saved, or the encoding is another one."),
    "lost characters": _(
        "Row %(row)s reads “%(text)s”: characters were lost before the file was saved. Export it again as Unicode (UTF-8)."
    ),
    "undecodable": _("%(count)s lines hold bytes that are not %(encoding)s, the first near row %(row)s. They are shown as �."),
    "mixed encodings": _("%(count)s lines are not Unicode, the first near row %(row)s. They were read as %(encoding)s."),
    "unsure encoding": _("The encoding was guessed from little text. Check the names below."),
    "ragged rows": _("%(count)s rows have more or fewer cells than the header, the first is row %(row)s."),
    "formula errors": _("%(count)s cells hold a formula error such as %(text)s, the first in row %(row)s."),
    "open quote": _("A quotation mark opened in row %(row)s is never closed; what follows it was taken as one cell."),
    "swallowed rows": _("One cell of row %(row)s holds several rows. A quotation mark is probably missing there."),
    "nul characters": _("The file holds %(count)s NUL characters; they are left out."),
    "rounded numbers": _(
        "Row %(row)s reads “%(text)s”: a long number, such as a phone, was rounded by the spreadsheet that saved the file."
    ),
    "no header": _("No row of column names was found, so the columns are named by letter."),
    "no rows": _("There is a header but no rows below it."),
    "blank names": _("%(count)s columns have no name."),
    "repeated names": _("“%(text)s” is the name of several columns; they were numbered."),
    "other sheets": _("The file has %(count)s more sheets; only “%(text)s” is read."),
    "skipped rows": _("%(count)s rows above the header are skipped."),
    "closing rows": _("The rows from %(row)s on look like notes under the table and are skipped."),
}
"""What a person should look at; the table can be read all the same."""

REFUSALS: dict[str, str | Promise] = {
    "empty": _("The file is empty. Export it again."),
    "no table": _("The sheet “%(sheet)s” is empty. Choose another sheet or export the file again."),
    "missing": _("There is no such file."),
    "password": _(
        "The workbook is protected by a password. Remove the password in Excel or WPS (File, Info, Protect) and upload it again."
    ),
    "damaged": _(
        "The file is damaged or was cut off (%(detail)s). Download or export it again; if it opens in Excel, save it as CSV UTF-8."
    ),
    "zero bytes": _("The file is damaged: from byte %(offset)s on it holds only zeros. Download or export it again."),
    "too large unpacked": _("Unpacked, the workbook is larger than %(limit)s MB. Split it, or save it as CSV UTF-8."),
    "too many cells": _(
        "The sheet “%(sheet)s” spans %(rows)s rows × %(columns)s columns, mostly empty. "
        "Delete what is beyond the table, or save it as CSV UTF-8."
    ),
    "too many columns": _("Row %(row)s has %(columns)s cells; at most %(limit)s are read. Check the delimiter."),
    "long cell": _(
        "A cell in row %(row)s is longer than %(limit)s characters. "
        "Probably a quotation mark is opened and never closed: correct it, or choose “no quotation marks”."
    ),
    "open quote": _(
        "A quotation mark opened in row %(row)s is never closed, so all that follows is one cell. "
        "Correct it, or choose “no quotation marks”."
    ),
    "broken row": _("Row %(row)s cannot be read (%(detail)s). Check the delimiter and the quotation marks."),
    "wrong encoding": _("Near row %(row)s the text is not %(encoding)s. Choose another encoding."),
    "unknown encoding": _("“%(encoding)s” is not an encoding that is known here. Choose one of the list."),
    "unknown sheet": _("There is no sheet “%(sheet)s”. There are: %(sheets)s."),
    "bad delimiter": _("A delimiter or quotation mark is a single character."),
    "bad header row": _("Row %(row)s cannot be the header: the file has %(rows)s rows."),
    "web page": _("This is a web page saved with the ending of a spreadsheet. Open it in Excel or WPS and save it as .xlsx."),
    "xml": _("This is an XML file. Open it in Excel or WPS and save it as .xlsx."),
    "json": _("This is JSON, not a table. Send it to the API, or convert it to CSV."),
    "vcard": _("This is an address card file (vCard), not a table. Export the contacts as CSV."),
    "calendar": _("This is a calendar file, not a table. Export it as CSV."),
    "old excel": _("This is a workbook of Excel 4 or older. Open it in Excel or WPS and save it as .xlsx."),
    "binary workbook": _("This is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."),
    "numbers": _("This is an Apple Numbers document. Export it to Excel or CSV."),
    "archive": _("This is an archive (%(kind)s). Unpack it and upload the table inside."),
    "not a table": _("This is not a table but %(kind)s. Upload a CSV, TSV, XLSX, XLS or ODS file."),
}
"""Why a table cannot be read, and what to do."""

THINGS: dict[str, str | Promise] = {
    "pdf": _("a PDF document"),
    "picture": _("a picture"),
    "document": _("a text document"),
    "presentation": _("a presentation"),
    "database": _("a database file"),
    "program": _("a program"),
    "unknown": _("a binary file"),
}


ENCODINGS: dict[str, str | Promise] = {
    "utf-8": _("Unicode (UTF-8)"),
    "utf-8-sig": _("Unicode (UTF-8 with mark)"),
    "utf-16": _("Unicode (UTF-16)"),
    "utf-16-le": _("Unicode (UTF-16 LE)"),
    "utf-16-be": _("Unicode (UTF-16 BE)"),
    "utf-32": _("Unicode (UTF-32)"),
    "gb18030": _("Simplified Chinese (GB18030, GBK)"),
    "cp950": _("Traditional Chinese (Big5)"),
    "big5hkscs": _("Traditional Chinese (Big5, Hong Kong)"),
    "cp932": _("Japanese (Shift JIS)"),
    "cp949": _("Korean (EUC-KR)"),
    "cp1252": _("Western European (Windows)"),
    "cp1250": _("Central European (Windows)"),
    "cp1251": _("Cyrillic (Windows)"),
    "cp1254": _("Turkish (Windows)"),
    "cp1257": _("Baltic (Windows)"),
    "cp1253": _("Greek (Windows)"),
    "cp1255": _("Hebrew (Windows)"),
    "cp1256": _("Arabic (Windows)"),
    "cp1258": _("Vietnamese (Windows)"),
    "cp874": _("Thai (Windows)"),
    "mac_roman": _("Western European (Mac)"),
    "cp850": _("Western European (DOS)"),
    "koi8_r": _("Cyrillic (KOI8-R)"),
    "cp866": _("Cyrillic (DOS)"),
    "iso8859_2": _("Central European (ISO)"),
}
"""What a person may choose. Python's other names of these, such as `gbk`, are understood too."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should know about the file; `str` words it in the active language."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(WARNINGS[self.code]) % _worded(self.values)


class UnreadableTable(Exception):
    """The file cannot be read as a table; says what is wrong and what to do, in the reader's language."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __reduce__(self) -> Any:
        return _again, (self.code, self.values)

    def __str__(self) -> str:
        return str(REFUSALS[self.code]) % _worded(self.values)


def _again(code: str, values: dict[str, str | int]) -> UnreadableTable:
    return UnreadableTable(code, **values)


def _worded(values: Mapping[str, str | int]) -> dict[str, str]:
    """The values with the names of encodings and of kinds of file in the reader's language."""
    return {name: str(ENCODINGS.get(str(value)) or THINGS.get(str(value)) or value) for name, value in values.items()}
