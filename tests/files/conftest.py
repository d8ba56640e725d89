"""A storage of its own for each test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 30


@pytest.fixture(autouse=True)
def _empty_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    place = {**settings.STORAGES["files"], "OPTIONS": {"location": tmp_path / "attached", "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "files": place}


def parts(*files: tuple[str, bytes]) -> list[SimpleUploadedFile]:
    """Files as a form sends them."""
    return [SimpleUploadedFile(name, content) for name, content in files]


def content_of(answer: Any) -> bytes:
    """The body, streamed to its end."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
