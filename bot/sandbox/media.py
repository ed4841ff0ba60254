"""What a pretend telephone photographs and records: made by us, shown and played by the page."""

from __future__ import annotations

import array
import io
import math
import wave
from functools import cache
from pathlib import Path

PICTURE = Path(__file__).parent / "page" / "lamp.jpg"
RATE = 8000  # samples a second
TUNE = (392, 440, 523, 440, 392, 330, 392, 392)  # Hz, half a second each
BEGINNINGS = {
    b"\xff\xd8": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
}


def picture() -> bytes:
    """A kitchen with a lamp that has gone out."""
    return PICTURE.read_bytes()


@cache
def humming() -> bytes:
    """Four seconds of somebody humming."""
    half = RATE // 2
    samples = array.array("h")
    for pitch in TUNE:
        for n in range(half):
            swell = math.sin(math.pi * n / half) * 7000
            tone = math.sin(math.tau * pitch * n / RATE) + 0.3 * math.sin(math.tau * 2 * pitch * n / RATE)
            samples.append(int(swell * tone))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def kind_of(data: bytes) -> str:
    """The media type by the first bytes. Only pictures and sounds; anything else is opaque."""
    if data[:4] == b"RIFF":
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    return next(
        (kind for begin, kind in BEGINNINGS.items() if data.startswith(begin)), "application/octet-stream"
    )
