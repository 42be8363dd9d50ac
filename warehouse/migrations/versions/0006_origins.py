"""
what each source says of an image, and the measured quality of each load.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

LABELS = {
    "dx": ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"],
    "dx_type": ["histo", "follow_up", "consensus", "confocal"],
    "sex": ["female", "male", "unknown"],
    "localization": [
        "abdomen",
        "acral",
        "back",
        "chest",
        "ear",
        "face",
        "foot",
        "genital",
        "hand",
        "lower extremity",
        "neck",
        "scalp",
        "trunk",
        "unknown",
        "upper extremity",
    ],
    "dataset": [
        "rosendahl",
        "vidir_modern",
        "vidir_molemax",
        "vienna_dias",
        "synthetic",
        "unknown",
    ],
    "status": ["ok", "missing", "undecodable"],
}
CHECKS = [
    "row_refused",
    "age_out_of_range",
    "diagnosis_left_out",
    "file_undecodable",
    "file_missing",
    "file_unlisted",
    "age_missing",
    "sex_unknown",
    "localization_unknown",
    "source_unknown",
    "content_repeated",
    "lesion_with_two_diagnoses",
    "lesion_with_two_sites",
    "diagnosis_disputed",
    "image_too_small",
    "size_outlier",
    "cancer_in_childhood",
    "malignancy_without_histology",
    "prevalence_jump",
]

# What was loaded before came from one layout each, and says so now as an origin of its own.
FIRST_ORIGINS = """
insert into image_origin
    (origin, source_image_id, image_id, lesion_id, dx, dx_type, age_years, sex, localization,
    dataset, status, uri, sha256, bytes, width, height, phash, message, load_id, updated_at)
select load_run.layout, image.image_id, image.image_id, image.lesion_id, image.dx, image.dx_type,
    image.age_years, image.sex, image.localization, image.dataset, image_file.status,
    image_file.uri, image_file.sha256, image_file.bytes, image_file.width, image_file.height,
    image_file.phash, image_file.message, image.load_id, image.updated_at
from image
inner join image_file on image_file.image_id = image.image_id
inner join load_run on load_run.load_id = image.load_id
where image.deleted_at is null
"""


def upgrade() -> None:
    """Apply; a column is added in place, nothing is lost."""
    op.add_column("load_run", sa.Column("left_out", sa.Integer(), nullable=True))
    create_image_origin()
    create_quality_measurement()
    op.execute(FIRST_ORIGINS)


def one_of(table: str, column: str, words: list[str]) -> sa.CheckConstraint:
    """Hold a column to a closed list."""
    told = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} in ({told})", name=op.f(f"ck_{table}_{column}"))


def create_image_origin() -> None:
    """Make the table of what each source says."""
    table = "image_origin"
    op.create_table(
        table,
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("source_image_id", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Text(), nullable=False),
        sa.Column("lesion_id", sa.Text(), nullable=False),
        sa.Column("dx", sa.Text(), nullable=False),
        sa.Column("dx_type", sa.Text(), nullable=False),
        sa.Column("age_years", sa.Float(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("localization", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("phash", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("load_id", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        *[one_of(table, column, words) for column, words in LABELS.items()],
        sa.CheckConstraint("age_years between 0 and 120", name=op.f("ck_image_origin_age_years")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["image.image_id"], name=op.f("fk_image_origin_image_id")
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["load_run.load_id"], name=op.f("fk_image_origin_load_id")
        ),
        sa.PrimaryKeyConstraint("origin", "source_image_id", name=op.f("pk_image_origin")),
    )
    for column in ("image_id", "sha256", "updated_at"):
        op.create_index(op.f(f"ix_image_origin_{column}"), table, [column], unique=False)


def create_quality_measurement() -> None:
    """Make the table of what every load was measured by."""
    table = "quality_measurement"
    op.create_table(
        table,
        sa.Column("load_id", sa.Text(), nullable=False),
        sa.Column("quality_check", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("example", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        one_of(table, "quality_check", CHECKS),
        sa.CheckConstraint("share between 0 and 1", name=op.f("ck_quality_measurement_share")),
        sa.CheckConstraint("n > 0 or share is null", name=op.f("ck_quality_measurement_n")),
        sa.ForeignKeyConstraint(
            ["load_id"], ["load_run.load_id"], name=op.f("fk_quality_measurement_load_id")
        ),
        sa.PrimaryKeyConstraint("load_id", "quality_check", name=op.f("pk_quality_measurement")),
    )
    op.create_index(op.f("ix_quality_measurement_updated_at"), table, ["updated_at"], unique=False)
