"""Recipes so small that a test can train by them."""

from dataclasses import replace

from ml.settings import FULL, Stage

# The full recipe's way, on two epochs of two small batches, from nothing.
TINY = replace(
    FULL,
    name="tiny",
    width=0.35,
    input_px=32,
    head=None,
    tuning=replace(
        FULL.tuning,
        stages=(Stage("small", 32, 1), Stage("whole", 48, 1)),
        epoch_images=32,
        batch_size=16,
        warmup_steps=1,
    ),
)
