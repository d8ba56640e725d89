"""Address of the first page."""

from django.urls import path

from guanxi.surfaces.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("numbers", views.numbers, name="home-numbers"),
]
