"""Address of search."""

from django.urls import path

from guanxi.surfaces.search import pages

urlpatterns = [path("search", pages.search, name="search")]
