"""Address of a chart's numbers."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.chart import pages

urlpatterns = [path("<entity:entity>/chart", pages.numbers, name="chart-numbers")]
