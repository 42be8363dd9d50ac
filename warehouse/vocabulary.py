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


class Layout(StrEnum):
    """How a data set lies on disk. Where two sources differ on an image, the earlier one rules."""

    ham10000_archives = "ham10000-archives"
    ham10000_folders = "ham10000-folders"
    isic2018_task3 = "isic2018-task3"
    isic_archive = "isic-archive"
    mapped = "mapped"


class DataName(StrEnum):
    """What data known by name are called in evaluations; a mapping brings a name of its own."""

    ham10000 = "ham10000"
    isic2018 = "isic2018"
    isic_archive = "isic-archive"
    synthetic = "synthetic"
    camera = "camera"


class QualityCheck(StrEnum):
    """What every load is measured by; names and thresholds stand in the seed `quality_checks`."""

    row_refused = "row_refused"
    age_out_of_range = "age_out_of_range"
    diagnosis_left_out = "diagnosis_left_out"
    file_undecodable = "file_undecodable"
    file_missing = "file_missing"
    file_unlisted = "file_unlisted"
    age_missing = "age_missing"
    sex_unknown = "sex_unknown"
    localization_unknown = "localization_unknown"
    source_unknown = "source_unknown"
    content_repeated = "content_repeated"
    lesion_with_two_diagnoses = "lesion_with_two_diagnoses"
    lesion_with_two_sites = "lesion_with_two_sites"
    diagnosis_disputed = "diagnosis_disputed"
    image_too_small = "image_too_small"
    size_outlier = "size_outlier"
    cancer_in_childhood = "cancer_in_childhood"
    malignancy_without_histology = "malignancy_without_histology"
    prevalence_jump = "prevalence_jump"


class QualityCategory(StrEnum):
    """Kahn and colleagues' three kinds of data quality (eGEMs 4, 1244, 2016)."""

    conformance = "conformance"
    completeness = "completeness"
    plausibility = "plausibility"


class Severity(StrEnum):
    """What it means that a check does not pass."""

    warning = "warning"
    error = "error"


class QualityStatus(StrEnum):
    """How a measured share stands to its threshold; not_measured: the load had nothing to count."""

    passed = "passed"
    warning = "warning"
    failed = "failed"
    not_measured = "not_measured"


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


class AuditAction(StrEnum):
    """What the audit chain records: every act that writes, and every SQL query."""

    load = "load"
    diagnose = "diagnose"
    review = "review"
    state_lesion = "state_lesion"
    withdraw = "withdraw"
    query = "query"
    retrain = "retrain"
    register_model = "register_model"
    look = "look"  # at held-out images
    evaluate = "evaluate"
    judge = "judge"
    promote = "promote"  # also for the first time, and back again: the detail says why
    challenge = "challenge"  # any other alias than the champion's
    note_model = "note_model"
    delete_model = "delete_model"
    create_token = "create_token"  # noqa: S105 - a word, not a secret
    revoke_token = "revoke_token"  # noqa: S105
    save_question = "save_question"
    delete_question = "delete_question"


class AnswerFormat(StrEnum):
    """In which form a query is answered."""

    json = "json"
    csv = "csv"
    parquet = "parquet"
    arrow = "arrow"


class LookReason(StrEnum):
    """Why somebody looked at the validation images; each look makes the next one worth less."""

    training = "training"
    evaluation = "evaluation"
    comparison = "comparison"
    judgement = "judgement"


class AliasReason(StrEnum):
    """Why an alias came to name another model."""

    first = "first"
    asked = "asked"
    judged = "judged"
    rolled_back = "rolled_back"
    challenged = "challenged"


class TrainingStart(StrEnum):
    """Where a retraining starts: from the champion's network, or from first weights again."""

    onward = "onward"
    over = "over"


class Split(StrEnum):
    """Train learns, tune stops and calibrates, validation reports and is never tuned on."""

    train = "train"
    tune = "tune"
    validation = "validation"


def values(vocabulary: type[StrEnum]) -> list[str]:
    """Return the words of one closed list, in its order."""
    return [member.value for member in vocabulary]
