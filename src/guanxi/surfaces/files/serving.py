"""A file's bytes as an answer, for pages and the API: a stream, never run by a browser on our behalf.

The name decides nothing. Only what the content shows to be an image or a PDF is shown within a page; all else is saved. No
answer may run scripts, and all but PDFs, which browsers refuse to show so, are in a sandbox of their own.
"""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags
from django.utils.translation import gettext as _

from guanxi.base.files import PDF, shown_as
from guanxi.record.keeping import place_of, storage
from guanxi.record.models import File
from guanxi.record.refusals import Missing

PORTION = 1 << 17
"""So much is in memory at a time."""
HANDED_OVER = "guanxi.handed_over"
"""A list in the ASGI scope: the server sends what is put there after the head, while our thread goes on to other requests."""
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
FRAMED = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def serve(request: HttpRequest, file: File, *, inline: bool = False) -> HttpResponseBase:
    """The bytes, to be saved or (of images and PDFs) to be shown. Missing when they are not there."""
    tag = f'"{file.sha256[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    try:
        opened = storage().open(place_of(file.sha256))
    except FileNotFoundError:
        raise Missing(_("The content of “%(name)s” is not in this Guanxi's storage.") % {"name": file.name}) from None
    inline = inline and bool(shown_as(file.media_type))
    framed = inline and file.media_type == PDF
    headers |= {"Content-Security-Policy": FRAMED if framed else SANDBOX, "X-Frame-Options": "SAMEORIGIN" if framed else "DENY"}
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers |= {"Content-Length": str(file.size), "Content-Disposition": content_disposition_header(not inline, file.name) or ""}
    if file.size <= PORTION:
        with opened:
            return HttpResponse(opened.read(), content_type=file.media_type, headers=headers)
    handed = request.META.get("asgi.scope", {}).get(HANDED_OVER)
    if handed is None:
        response = FileResponse(opened, as_attachment=not inline, filename=file.name, content_type=file.media_type, headers=headers)
        response.block_size = PORTION
        return response
    if request.method == "HEAD":
        opened.close()
    else:
        handed.append(opened)
    return HttpResponse(content_type=file.media_type, headers=headers)
