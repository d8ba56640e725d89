"""Addresses of merging and of looking for duplicates."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.dedupe import pages, review

urlpatterns = [
    path("<entity:entity>/<int:key>/merge", pages.merging, name="merge"),
    path("<entity:entity>/duplicates/review", review.review, name="duplicates-review"),
    path("<entity:entity>/duplicates/search", review.search, name="duplicates-search"),
    path("<entity:entity>/duplicates/progress", review.progress, name="duplicates-progress"),
    path("<entity:entity>/duplicates/<int:key>", review.said, name="duplicates-said"),
]
