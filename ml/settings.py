"""Every knob of training, and the backbones by name; no knob is set anywhere else."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Backbone:
    """A network of `keras.applications` that takes RGB scaled to [-1, 1]."""

    constructor: str  # its name in keras.applications


BACKBONES = {
    "mobilenetv2": Backbone(constructor="MobileNetV2"),
}


@dataclass(frozen=True)
class Augmentation:
    """How far a training image may be moved from the original; rotation is by any angle."""

    scale: tuple[float, float] = (0.9, 1.25)  # zoom about the centre
    brightness: float = 0.15  # gain between 1 - this and 1 + this
    colour: float = 0.05  # the same for each channel on its own
    shift: float = 10.0  # added to all channels, 0..255


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training learns, beside its data and first weights."""

    name: str
    backbone: str = "mobilenetv2"  # a key of BACKBONES
    width: float = 1.0  # MobileNetV2's alpha: the channels of every layer, relative
    input_px: int = 224  # side of the square that the network sees
    train_base: bool = False  # False: the base stays as it was loaded, only the head learns
    seed: int = 136  # of augmentation, initial weights and shuffling
    views: int = 3  # copies of each training image when frozen; the first is the original
    dropout: float = 0.5  # share of the pooled features hidden at each step
    learning_rate: float = 5e-4  # AdamW's, at its highest
    weight_decay: float = 0.1  # AdamW's
    batch_size: int = 128
    epochs: int = 60  # at most
    patience: int = 6  # epochs without a better tune loss before stopping
    augmentation: Augmentation = Augmentation()

    def as_dict(self) -> dict[str, Any]:
        """Return the knobs as they are written beside a model."""
        return asdict(self)


# The paper's: ImageNet features, frozen, under a new head. Two minutes on two cores.
QUICK = Recipe(name="quick")

# No first weights: everything learns, at a size at which two cores can. It is enough for drawn
# lesions and for trying the loop; on real skin it falls far behind QUICK.
SCRATCH = Recipe(
    name="scratch",
    width=0.35,
    input_px=96,
    train_base=True,
    dropout=0.2,
    learning_rate=3e-3,
    weight_decay=0.01,
    batch_size=32,
    epochs=30,
    patience=8,
)
