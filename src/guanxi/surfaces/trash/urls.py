"""Address of the trash."""

from django.urls import path

from guanxi.surfaces import converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.trash import views

urlpatterns = [path("<entity:entity>/trash", views.trash, name="trash")]
