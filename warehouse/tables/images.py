"""Images with what each source says of them, their changes, and those once held out."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, ForeignKey, Integer, Table, Text

from warehouse.tables.columns import key, metadata, one_of, stamps
from warehouse.vocabulary import Confirmation, Dataset, Diagnosis, FileStatus, Localization, Sex

image = Table(
    "image",
    metadata,
    key("image_id"),
    Column("lesion_id", Text, nullable=False, index=True),
    Column("dx", Text, nullable=False),
    Column("dx_type", Text, nullable=False),
    Column("age_years", Float),
    Column("sex", Text, nullable=False),
    Column("localization", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("dx", Diagnosis),
    one_of("dx_type", Confirmation),
    one_of("sex", Sex),
    one_of("localization", Localization),
    one_of("dataset", Dataset),
    CheckConstraint("age_years between 0 and 120", name="age_years"),
)

image_file = Table(
    "image_file",
    metadata,
    Column("image_id", Text, ForeignKey("image.image_id"), primary_key=True),
    Column("status", Text, nullable=False),
    Column("uri", Text),
    Column("sha256", Text, index=True),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("phash", Text),
    Column("message", Text),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("status", FileStatus),
    CheckConstraint("status = 'missing' or uri is not null", name="uri"),
    CheckConstraint(
        "status <> 'ok' or (sha256 is not null and width > 0 and height > 0)",
        name="usable",
    ),
)

image_change = Table(
    "image_change",
    metadata,
    Column("load_id", Text, ForeignKey("load_run.load_id"), primary_key=True),
    Column("image_id", Text, ForeignKey("image.image_id"), primary_key=True),
    Column("column_name", Text, primary_key=True),
    Column("old_value", Text),
    Column("new_value", Text),
    *stamps(),
)

# What each source says of an image, and which file it has; `image` and `image_file` hold what
# follows from all of them.
image_origin = Table(
    "image_origin",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("source_image_id", Text, primary_key=True),
    Column("image_id", Text, ForeignKey("image.image_id"), nullable=False, index=True),
    Column("lesion_id", Text, nullable=False),
    Column("dx", Text, nullable=False),
    Column("dx_type", Text, nullable=False),
    Column("age_years", Float),
    Column("sex", Text, nullable=False),
    Column("localization", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("uri", Text),
    Column("sha256", Text, index=True),
    Column("bytes", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("phash", Text),
    Column("message", Text),
    Column("load_id", Text, ForeignKey("load_run.load_id"), nullable=False),
    *stamps(),
    one_of("dx", Diagnosis),
    one_of("dx_type", Confirmation),
    one_of("sex", Sex),
    one_of("localization", Localization),
    one_of("dataset", Dataset),
    one_of("status", FileStatus),
    CheckConstraint("age_years between 0 and 120", name="age_years"),
)

# An image once published as tune or validation never becomes a lesson, whatever its lesion is
# later said to be and whoever withdraws; a frame of the camera stands here by its hash alone.
held_out_image = Table(
    "held_out_image",
    metadata,
    key("image_id"),
    Column("split_bucket", Integer, nullable=False),
    Column("warehouse_version", Integer, nullable=False),  # that first published it so
    *stamps(),
    CheckConstraint("split_bucket between 0 and 99", name="split_bucket"),
)
