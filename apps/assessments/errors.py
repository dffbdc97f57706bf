from apps.core.errors import NotFound


class AssessmentNotFound(NotFound):
    code = "assessment_not_found"

    def __init__(self) -> None:
        super().__init__("Assessment not found")


class NoSuchInstrument(NotFound):
    code = "no_such_instrument"

    def __init__(self) -> None:
        super().__init__("There is no such measure. Choose one from the list of measures.")
