"""Style sheets and scripts: named by what is in them, so that a browser keeps them for ever and still gets the new ones, and compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Statics(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # the library has no types
    """Names of collected files bear their content's digest; where nothing was collected, files keep their own names."""

    def stored_name(self, name: str) -> str:
        """The name in addresses. Raises ValueError for a file that is not among those collected."""
        return str(super().stored_name(name)) if self.hashed_files else name
