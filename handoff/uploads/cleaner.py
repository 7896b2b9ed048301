"""The program that opens strangers' pictures. It imports what it needs for that and nothing else of ours.

Reads a picture from standard input. Writes a line with the media type and then the new picture, or a line with why it is refused.
"""

import sys

from handoff.uploads.animations import clean_animation, is_animation
from handoff.uploads.clean import ImageRefused
from handoff.uploads.images import clean_image


def main() -> None:
    """One picture, from end to end."""
    try:
        data = sys.stdin.buffer.read()
        clean = clean_animation(data) if is_animation(data) else clean_image(data)
    except ImageRefused as error:
        sys.stdout.buffer.write(error.code.encode() + b"\n")
    else:
        sys.stdout.buffer.write(clean.media_type.encode() + b"\n")
        sys.stdout.buffer.write(clean.data)
