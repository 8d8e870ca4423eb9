"""The one way in which sending fails."""


class DeliveryFailed(Exception):
    """A message was not taken. `permanent`: trying again cannot help, so the message is given up at once."""

    def __init__(self, what: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(what)
