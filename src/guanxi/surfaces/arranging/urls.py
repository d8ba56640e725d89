"""Address of the page on which records are put in order."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.arranging import views

urlpatterns = [path("settings/order/<entity:entity>", views.arrange, name="arrange")]
