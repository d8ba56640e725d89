"""Addresses of the inbox."""

from django.urls import path

from guanxi.surfaces.inbox import views

urlpatterns = [
    path("inbox", views.inbox, name="inbox"),
    path("inbox/count", views.count, name="inbox-count"),
    path("inbox/read", views.mark_all, name="inbox-read"),
    path("inbox/<int:key>", views.follow, name="inbox-follow"),
    path("inbox/<int:key>/mark", views.mark, name="inbox-mark"),
]
