"""The closed lists of the field, once: every other room asks here."""

from enum import StrEnum


class Diagnosis(StrEnum):
    """The seven diagnoses of HAM10000 (Sci Data 5, 180161), in the order every array uses."""

    akiec = "akiec"
    bcc = "bcc"
    bkl = "bkl"
    df = "df"
    mel = "mel"
    nv = "nv"
    vasc = "vasc"


DIAGNOSIS_NAMES = {
    Diagnosis.akiec: "Actinic keratosis or intraepithelial carcinoma",
    Diagnosis.bcc: "Basal cell carcinoma",
    Diagnosis.bkl: "Benign keratosis-like lesion",
    Diagnosis.df: "Dermatofibroma",
    Diagnosis.mel: "Melanoma",
    Diagnosis.nv: "Melanocytic nevus",
    Diagnosis.vasc: "Vascular lesion",
}

# Actinic keratosis and Bowen's disease count as malignant here, as in the data set's own paper:
# they are carcinoma in situ or its precursor, and a reassurance would delay their treatment.
MALIGNANT = frozenset({Diagnosis.akiec, Diagnosis.bcc, Diagnosis.mel})


class Confirmation(StrEnum):
    """How a diagnosis was confirmed (`dx_type`)."""

    histo = "histo"
    follow_up = "follow_up"
    consensus = "consensus"
    confocal = "confocal"


class Sex(StrEnum):
    """Sex as recorded; an empty field is unknown."""

    female = "female"
    male = "male"
    unknown = "unknown"


class Localization(StrEnum):
    """Body site; the values are HAM10000's own words."""

    abdomen = "abdomen"
    acral = "acral"
    back = "back"
    chest = "chest"
    ear = "ear"
    face = "face"
    foot = "foot"
    genital = "genital"
    hand = "hand"
    lower_extremity = "lower extremity"
    neck = "neck"
    scalp = "scalp"
    trunk = "trunk"
    unknown = "unknown"
    upper_extremity = "upper extremity"


class Dataset(StrEnum):
    """Where an image was taken (`dataset`); older downloads lack the column."""

    rosendahl = "rosendahl"
    vidir_modern = "vidir_modern"
    vidir_molemax = "vidir_molemax"
    vienna_dias = "vienna_dias"
    synthetic = "synthetic"
    unknown = "unknown"


class FileStatus(StrEnum):
    """What the load found where an image's file should be."""

    ok = "ok"
    missing = "missing"
    undecodable = "undecodable"


class Outcome(StrEnum):
    """How a load ended; a run that was killed stays `running` until the next one marks it."""

    running = "running"
    done = "done"
    failed = "failed"


class BuildReason(StrEnum):
    """Why a build ran: a person asked, enough facts were new, or the version had grown old."""

    asked = "asked"
    new_facts = "new_facts"
    age = "age"


class Decision(StrEnum):
    """What the server tells a person: a likely diagnosis, an honest "uncertain", or no lesion."""

    likely = "likely"
    uncertain = "uncertain"
    not_assessable = "not_assessable"


class SubgroupKind(StrEnum):
    """By what an evaluation parts its images; skin type is not recorded in HAM10000."""

    sex = "sex"
    age_band = "age_band"
    localization = "localization"
    source = "source"
    confirmation = "confirmation"


class Role(StrEnum):
    """What a person may do here; a review says in which role it was given."""

    viewer = "viewer"
    clinician = "clinician"
    analyst = "analyst"
    admin = "admin"


class Split(StrEnum):
    """Train learns, tune stops and calibrates, validation reports and is never tuned on."""

    train = "train"
    tune = "tune"
    validation = "validation"


def values(vocabulary: type[StrEnum]) -> list[str]:
    """Return the words of one closed list, in its order."""
    return [member.value for member in vocabulary]
