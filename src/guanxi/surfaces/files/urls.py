"""Addresses of the files of a record."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.files import pages

urlpatterns = [
    path("<entity:entity>/<int:key>/files", pages.files, name="files"),
    path("<entity:entity>/<int:key>/files/removed", pages.removed, name="removed-files"),
    path("<entity:entity>/<int:key>/files/<int:number>", pages.download, name="file"),
    path("<entity:entity>/<int:key>/files/<int:number>/inline", pages.inline, name="file-inline"),
    path("<entity:entity>/<int:key>/files/<int:number>/preview", pages.preview, name="file-preview"),
    path("<entity:entity>/<int:key>/files/<int:number>/rename", pages.rename_file, name="file-rename"),
    path("<entity:entity>/<int:key>/files/<int:number>/remove", pages.remove_file, name="file-remove"),
    path("<entity:entity>/<int:key>/files/<int:number>/restore", pages.restore_file, name="file-restore"),
]
