"""Address of the palette."""

from django.urls import path

from guanxi.surfaces.palette import pages

urlpatterns = [path("palette", pages.palette, name="palette")]
