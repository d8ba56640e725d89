"""Addresses of the settings."""

from django.urls import path
from django.views.generic import RedirectView

import guanxi.surfaces.converters  # noqa: F401 - registers <entity:…>
from guanxi.surfaces.administration import absences, company, profile

urlpatterns = [
    path("settings", RedirectView.as_view(pattern_name="profile"), name="settings"),
    path("settings/profile", profile.profile, name="profile"),
    path("settings/theme", profile.theme, name="theme"),
    path("settings/language", profile.set_language, name="set_language"),
    path("settings/keys", profile.keys, name="keys"),
    path("settings/keys/<int:key>/revoke", profile.revoke, name="revoke-key"),
    path("settings/absences", absences.absences, name="absences"),
    path("settings/absences/<int:key>/remove", absences.take_back, name="end-absence"),
    path("settings/company", company.company_page, name="company"),
    path("settings/lists", company.people, name="settings-lists"),
    path("settings/users/<int:key>/password", company.password, name="user-password"),
    path("settings/roles", company.roles, name="roles"),
    path("settings/roles/<int:key>", company.role, name="role"),
    path("settings/roles/<int:key>/<entity:entity>", company.field_rights, name="field-rights"),
    path("settings/reasons", company.reasons, name="reasons"),
    path("settings/fields", company.fields, name="fields"),
    path("settings/fields/<entity:entity>", company.fields, name="entity-fields"),
    path("settings/fields/<entity:entity>/key", company.field_key, name="field-key"),
    path("settings/fields/<int:key>", company.field, name="edit-field"),
    path("settings/fields/<int:key>/<str:action>", company.field_action, name="field-action"),
]
