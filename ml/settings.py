"""Every knob of training, and the backbones by name; no knob is set anywhere else."""

from dataclasses import asdict, field
from typing import Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass


@dataclass(frozen=True)
class Backbone:
    """A network of `keras.applications` that takes RGB scaled to [-1, 1]."""

    constructor: str  # its name in keras.applications
    options: dict[str, Any] = field(default_factory=dict)  # of its constructor
    has_width: bool = False  # whether alpha can make its layers narrower


WITHOUT_SCALING = {"include_preprocessing": False}  # the scaling is ours, once, in the graph

BACKBONES = {
    "mobilenetv2": Backbone("MobileNetV2", has_width=True),
    "mobilenetv3-small": Backbone("MobileNetV3Small", WITHOUT_SCALING, has_width=True),
    "mobilenetv3-large": Backbone("MobileNetV3Large", WITHOUT_SCALING, has_width=True),
    "efficientnetv2-b0": Backbone("EfficientNetV2B0", WITHOUT_SCALING),
    "efficientnetv2-b1": Backbone("EfficientNetV2B1", WITHOUT_SCALING),
    "resnet50v2": Backbone("ResNet50V2"),
    "xception": Backbone("Xception"),
}


@dataclass(frozen=True)
class Augmentation:
    """How far a training image may be moved from the original; rotation is by any angle."""

    scale: tuple[float, float] = (0.9, 1.25)  # zoom about the centre
    stretch: float = 0.0  # one side longer by up to this share, the other shorter
    offset: float = 0.0  # the centre moves by up to this share of the side
    brightness: float = 0.15  # gain between 1 - this and 1 + this
    contrast: float = 0.0  # about the mean, likewise
    saturation: float = 0.0  # likewise
    colour: float = 0.05  # gain of each channel on its own
    blur: float = 0.0  # chance of a blur of 0.5 to 1.5 pixels


@dataclass(frozen=True)
class HeadRecipe:
    """How a linear head learns over a base that stays as it is."""

    views: int = 3  # copies of each training image; the first is the original
    dropout: float = 0.5  # share of the pooled features hidden at each step
    learning_rate: float = 5e-4  # AdamW's, at its highest
    weight_decay: float = 0.1  # AdamW's
    batch_size: int = 128
    epochs: int = 60  # at most
    patience: int = 6  # epochs without a better tune loss before stopping


@dataclass(frozen=True)
class Stage:
    """Some epochs at one size."""

    name: str
    input_px: int  # side of the square that the network sees meanwhile
    epochs: int


@dataclass(frozen=True)
class TuningRecipe:
    """How base and head learn together."""

    stages: tuple[Stage, ...]
    first_layer: int = 0  # of the base; the layers before it stay as they are
    epoch_images: int | None = None  # images drawn in an epoch; None: as many as there are
    class_power: float = 1.0  # a class of n images is drawn in proportion to n to this power
    mixing: float = 0.0  # Beta's parameter: every other batch is blended with itself; 0: none is
    batch_size: int = 32
    learning_rate: float = 3e-4  # AdamW's, at its highest
    warmup_steps: int = 200  # until it is there, or a quarter of all; then a cosine down to 1 %
    weight_decay: float = 0.05  # AdamW's
    dropout: float = 0.3
    average: float = 0.998  # momentum, per step, of the averaged weights that are kept
    patience: int = 8  # epochs without a better tune loss before stopping
    learns_scaling: bool = False  # batch normalisation learns; else it stays in inference mode


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training learns, beside its data and first weights."""

    name: str
    backbone: str = "mobilenetv2"  # a key of BACKBONES
    width: float = 1.0  # alpha: the channels of every layer, relative
    input_px: int = 224  # side of the square that the served network sees
    is_balanced: bool = True  # learn from ml_train, the paper's 40 % of the nevi; else from all
    without_source: str | None = None  # a source whose lesions neither train nor tune sees
    seed: int = 136  # of augmentation, initial weights and order
    augmentation: Augmentation = Augmentation()
    head: HeadRecipe | None = None  # first the head alone
    tuning: TuningRecipe | None = None  # then base and head together

    def as_dict(self) -> dict[str, Any]:
        """Return the knobs as they are written beside a model."""
        return asdict(self)


# What stands beside the recipe's knobs in a model's parameters.
FITTED = ("temperature", "context_strength", "context_temperature")


def read_recipe(parameters: dict[str, Any], *, is_exact: bool = False) -> Recipe:
    """
    Return the recipe among a model's parameters; pydantic's ValidationError where it has no place.

    is_exact: a knob that this code no longer has is an error too; else it is left out.
    """
    knobs = {name: value for name, value in parameters.items() if name not in FITTED}
    return TypeAdapter(Recipe).validate_python(knobs, extra="forbid" if is_exact else "ignore")


# The paper's: ImageNet features, frozen, under a new head. Two minutes on two cores.
QUICK = Recipe(name="quick", head=HeadRecipe())

# The whole recipe. Most is learnt from smaller images at half the cost; the last epochs see the
# size that is served (Touvron and others, "Fixing the train-test resolution discrepancy",
# NeurIPS 2019). It is short, because the rare diagnoses are soon learnt by heart.
FULL = Recipe(
    name="full",
    is_balanced=False,
    augmentation=Augmentation(
        scale=(0.9, 1.3),
        stretch=0.12,
        offset=0.08,
        brightness=0.2,
        contrast=0.2,
        saturation=0.2,
        colour=0.08,
        blur=0.1,
    ),
    head=HeadRecipe(views=1),
    tuning=TuningRecipe(
        stages=(Stage("small", 160, 8), Stage("whole", 224, 4)),
        class_power=0.5,
        mixing=0.4,
    ),
)

# No first weights: everything learns, at a size at which two cores can. It is enough for drawn
# lesions and for trying the loop; on real skin it falls far behind QUICK.
SCRATCH = Recipe(
    name="scratch",
    width=0.35,
    input_px=96,
    tuning=TuningRecipe(
        stages=(Stage("scratch", 96, 30),),
        class_power=0.0,
        learning_rate=3e-3,
        warmup_steps=0,
        weight_decay=0.01,
        dropout=0.2,
        average=0.9,
        learns_scaling=True,
    ),
)
