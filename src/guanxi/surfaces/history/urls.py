"""Addresses of histories and of undoing."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.history import views

urlpatterns = [
    path("<entity:entity>/<int:key>/history", views.history, name="history"),
    path("changes/<int:key>/undo", views.undo_change, name="undo-change"),
    path("batches/<uuid:batch>/undo", views.undo_submit, name="undo-batch"),
]
