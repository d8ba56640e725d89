"""Registers the room with Django, and its nouns with the registry."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "guanxi.crm"
    label = "crm"

    def ready(self) -> None:
        # Models are ready only now.
        from guanxi.crm.assignment.assigning import assign_new
        from guanxi.crm.assignment.verbs import give_verb
        from guanxi.crm.nouns import NOUNS
        from guanxi.crm.pages import show
        from guanxi.entity.registry import complete, entities, register
        from guanxi.record.owning import put_assigner

        register(*NOUNS)
        give_verb(*entities())
        put_assigner(assign_new)
        complete()
        show()
