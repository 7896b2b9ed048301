"""What comes of a stranger's file: one that we wrote ourselves, or a refusal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file fit to be kept and shown."""

    data: bytes
    media_type: str
    name: str


USUAL = frozenset({"image/jpeg", "image/png", "image/webp"})  # what phones take and apps send
WRITTEN = {
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "image/gif": "image.gif",
}  # what pictures become, and what they are called
IMAGE_REFUSALS = frozenset({"image_type", "image_pixels", "image_broken"})


class FileRefused(Exception):
    """Not a file that we take. ``code`` says why; the catalogue has a sentence for each (``uploads.<code>``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ImageRefused(FileRefused):
    """Not a picture that we take. ``code`` is one of ``IMAGE_REFUSALS``."""
