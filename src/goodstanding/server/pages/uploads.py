"""Files as they come in with a form: as much of one goes to the disk as could be taken, the rest is counted and dropped."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUpload(TemporaryFileUploadHandler):
    """A file of any size costs the machine no more than the largest one that is taken; its true size is told."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what is within the limit, and one byte more, by which it shows that there was more."""
        room = settings.EVIDENCE_MAX_BYTES + 1 - start
        if room > 0:
            self.file.write(raw_data[:room])

    def file_complete(self, file_size: int) -> UploadedFile:
        """The file with the size that was sent."""
        file = super().file_complete(file_size)
        assert file is not None, "a temporary file is always given"
        return file
