"""Addresses of one record."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.detail import doing, views

urlpatterns = [
    path("<entity:entity>/<int:key>", views.detail, name="detail"),
    path("<entity:entity>/<int:key>/peek", views.peek, name="peek"),
    path("<entity:entity>/<int:key>/fresh", views.fresh, name="fresh"),
    path("<entity:entity>/<int:key>/related/<str:name>", views.related, name="related"),
    path("<entity:entity>/<int:key>/asides", views.asides, name="asides"),
    path("<entity:entity>/<int:key>/do/<str:name>", doing.do, name="do"),
    path("<entity:entity>/<int:key>/delete", doing.remove, name="delete"),
    path("<entity:entity>/<int:key>/restore", doing.bring_back, name="restore"),
]
