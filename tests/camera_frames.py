"""Frames as a camera sends them, and how they are posted."""

import io

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

LOCAL_ADDRESS = "https://localhost"  # a server answers under its own names alone


def pixels(seed: int = 0, size: tuple[int, int] = (640, 480)) -> Image.Image:
    width, height = size
    noise = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    return Image.fromarray(noise).resize(size)


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def a_frame(seed: int = 0, size: tuple[int, int] = (640, 480), form: str = "JPEG") -> bytes:
    return encoded(pixels(seed, size), form)


def post(server: TestClient, frame: bytes, path: str = "/video_frame/", **fields: str):
    return server.post(path, files={"file": ("frame.jpg", frame)}, data=fields)
