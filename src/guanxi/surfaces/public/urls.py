"""Addresses for people outside, and of what is shown to them."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.public import pages, sharing

urlpatterns = [
    path("p/<str:token>", pages.page, name="public-page"),
    path("p/<str:token>/pdf", pages.pdf, name="public-pdf"),
    path("<entity:entity>/<int:key>/share", sharing.share, name="share"),
    path("<entity:entity>/<int:key>/share/<int:link>/revoke", sharing.revoke, name="revoke-link"),
    path("<entity:entity>/<int:key>/paper", sharing.print_paper, name="paper"),
]
