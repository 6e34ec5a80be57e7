"""Why the catalogue refuses something; each says it in words an administrator understands."""

from __future__ import annotations


class CatalogueError(Exception):
    """Something that cannot be done to a questionnaire."""


class UnknownQuestionnaire(CatalogueError):
    """No questionnaire has this id."""

    def __init__(self, questionnaire_id: str) -> None:
        super().__init__(f"there is no questionnaire “{questionnaire_id}”")


class UnknownVersion(CatalogueError):
    """The questionnaire has no such version."""

    def __init__(self, questionnaire_id: str, version: str) -> None:
        super().__init__(f"“{questionnaire_id}” has no version “{version}”")


class VersionTaken(CatalogueError):
    """The version is published already, with other content: versions are immutable."""

    def __init__(self, questionnaire_id: str, version: str) -> None:
        super().__init__(
            f"version “{version}” of “{questionnaire_id}” is published with other content; "
            "give the workbook a new version"
        )


class TypesChanged(CatalogueError):
    """Questions of the version before have another type of answer: one column cannot hold both."""

    def __init__(self, questionnaire_id: str, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"in “{questionnaire_id}” these questions have another type of answer than in the version "
            f"before; give them new names: {', '.join(names)}"
        )


class SafeguardingContactMissing(CatalogueError):
    """A questionnaire that may disclose danger is not opened while nobody would act on it."""

    def __init__(self, questionnaire_id: str) -> None:
        super().__init__(
            f"“{questionnaire_id}” may disclose that a child is in danger: set SAFEGUARDING_CONTACT "
            "before it is opened to families or adolescents"
        )
