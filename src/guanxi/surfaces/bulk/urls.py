"""Addresses of bulk actions."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.bulk import pages

urlpatterns = [
    path("<entity:entity>/bulk/edit", pages.edit, name="bulk-edit"),
    path("<entity:entity>/bulk/hand-over", pages.hand_over, name="bulk-hand-over"),
    path("<entity:entity>/bulk/delete", pages.delete, name="bulk-delete"),
    path("<entity:entity>/bulk/merge", pages.merge, name="bulk-merge"),
    path("<entity:entity>/bulk/input", pages.field_input, name="bulk-input"),
    path("<entity:entity>/bulk/verb/<str:name>", pages.do_verb, name="bulk-verb"),
    path("<entity:entity>/bulk/<int:key>", pages.run, name="bulk-run"),
    path("<entity:entity>/bulk/<int:key>/stop", pages.stop, name="bulk-stop"),
]
