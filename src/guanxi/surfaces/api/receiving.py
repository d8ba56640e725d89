"""Files that callers send: several parts of a form, or the bytes of one as the body. Never in memory as a whole."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from guanxi.record.keeping import PORTION, too_large
from guanxi.record.refusals import Refused
from guanxi.surfaces.api.problems import Problem

FORM = "application/x-www-form-urlencoded"
UPLOADS = "/uploads/"


def is_upload(request: HttpRequest) -> bool:
    """Whether a call brings files and not JSON."""
    return request.method == "POST" and (request.path.endswith(("/files", "/imports")) or UPLOADS in request.path)


def files_in(request: HttpRequest) -> list[UploadedFile[Any]]:
    """What was sent; the same at every call. Problem."""
    if request.content_type == FORM:
        words = _("Send the parts “file” of a form as multipart/form-data, or the bytes as application/octet-stream.")
        raise Problem("wrong-type", words)
    try:
        sent = request.FILES
    except MultiPartParserError:
        raise Problem("bad-request", _("The request broke off or is malformed.")) from None
    if request.content_type != "multipart/form-data" and "file" not in sent:
        sent.appendlist("file", _body(request))
    return sent.getlist("file")


def file_in(request: HttpRequest) -> UploadedFile[Any]:
    """The one file that was sent. Refused, Problem."""
    sent = files_in(request)
    if len(sent) != 1:
        raise Refused({"file": _("Send one file.")})
    return sent[0]


def _body(request: HttpRequest) -> UploadedFile[Any]:
    """The body as a file in the temporary directory, which Django closes with the request."""
    kept = TemporaryUploadedFile(request.GET.get("name") or "file", request.content_type or "", 0, None)
    size = 0
    while portion := request.read(PORTION):
        size += len(portion)
        if size > settings.MAX_FILE_BYTES:
            kept.close()
            raise Problem("too-large", too_large(settings.MAX_FILE_BYTES))
        kept.write(portion)
    if size < int(request.META.get("CONTENT_LENGTH") or 0):
        kept.close()
        raise Problem("bad-request", _("The request broke off or is malformed."))
    kept.seek(0)
    kept.size = size
    return kept


def sum_of(request: HttpRequest) -> bytes:
    """What tells these files from others: names and contents."""
    digest = hashlib.sha256()
    for one in files_in(request):
        content = hashlib.sha256()
        for portion in one.chunks(PORTION):
            content.update(portion)
        digest.update(f"{one.name}\n{content.hexdigest()}\n".encode("utf-8", "surrogatepass"))
        one.seek(0)
    return digest.digest()
