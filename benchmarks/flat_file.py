"""
The facts and the images as one flat Parquet file each, and the dashboards' questions by hand.

Each question stands twice where the dashboard can filter it: as it opens, and for what is CHOSEN.
"""

from pathlib import Path

import duckdb

from api.charts.catalogue import CHARTS, FIGURES, Board, Filter, Filters, figures_sql
from api.charts.look import DEFAULT_QUANTITY
from benchmarks.drawn import MODEL_ID

CHOSEN: Filters = {
    Filter.diagnosis: "nv",
    Filter.sex: "male",
    Filter.model: MODEL_ID,
    Filter.quantity: "sharpness",
}
FILTERED = "{}, filtered"

# Everything joined: one row an answer, with what its capture and its latest review say.
ANSWERS = """
copy (
    with reviewed as (
        select
            capture_id, reviewed_at,
            diagnosis_code as reviewed_code, is_malignant as reviewed_malignant,
            row_number() over (partition by capture_id order by reviewed_at desc, review_id desc)
                as recency
        from fct_reviews inner join dim_diagnoses using (diagnosis_key)
    )
    select
        predicted_at, fct_predictions.capture_id, model_id, is_champion, is_shadow, decision,
        diagnosis_code, is_malignant, confidence, latency_ms, localization_code, age_band, sex_code,
        captures.captured_at, captures.brightness, captures.sharpness, captures.lesion_share,
        captures.uri is not null as is_kept, reviewed_at, reviewed_code, reviewed_malignant
    from fct_predictions
    inner join dim_diagnoses using (diagnosis_key)
    inner join dim_localizations using (localization_key)
    inner join dim_patient_groups using (patient_group_key)
    inner join dim_models using (model_key)
    inner join raw.raw_operational__capture as captures
        on fct_predictions.capture_id = captures.capture_id
    left join reviewed
        on fct_predictions.capture_id = reviewed.capture_id and reviewed.recency = 1
) to '{}' (format parquet)
"""
IMAGES = "copy labelled_images to '{}' (format parquet)"

CAPTURED = "select cast(captured_at as date) as day, {} from answers group by all order by day"
ANSWERED = "select cast(predicted_at as date) as day, {} from answers where not is_shadow "
ANSWERED += "group by all order by day"
REVIEWED = "select {} from answers where reviewed_at is not null and {} group by all"
CHAMPION = "is_champion"

INPUTS = {
    "localization": "localization_code",
    "sex": "sex_code",
    "age_band": "age_band",
    "brightness": "cast(floor(brightness / 32) * 32 as text)",
    "sharpness": "cast(floor(ln(greatest(sharpness, 1)) / ln(2)) as text)",
    "lesion_share": "cast(floor(least(lesion_share, 0.99) * 10) * 10 as text)",
    "diagnosis": "diagnosis_code",
    "decision": "decision",
}
OUTPUTS = ("diagnosis", "decision")
WEEK_AGAINST_REFERENCE = """
with bounds as (
    select cast(min(captured_at) as date) as first, cast(max(captured_at) as date) as last
    from answers
)
select
    {} as bucket,
    count_if(cast(captured_at as date) < first + 28) as reference_count,
    count_if(cast(captured_at as date) > last - 7) as window_count
from answers cross join bounds
group by all
"""
MISSING = """
select
    source_code, count(*), count_if(age_years is null), count_if(sex_code = 'unknown'),
    count_if(localization_code = 'unknown'), count_if(not has_file)
from images group by all
"""


def write_flat(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Path]:
    """Write both files of a version; return where they are."""
    paths = {name: folder / f"{name}.parquet" for name in ("answers", "images")}
    connection.execute(ANSWERS.format(paths["answers"]))
    connection.execute(IMAGES.format(paths["images"]))
    return paths


def asked(filters: Filters) -> dict[str, str]:
    """Return each question that a dashboard asks, by its name."""
    questions = {name: chart.sql(filters) for name, chart in CHARTS.items()}
    return questions | {f"figures: {board}": figures_sql(board, filters) for board in FIGURES}


def twice(plain: dict[str, str], filtered: dict[str, str]) -> dict[str, str]:
    """Return the questions as they open, and those that a filter changes once more with it."""
    changed = {FILTERED.format(name): sql for name, sql in filtered.items() if sql != plain[name]}
    return plain | changed


def by_hand(filters: Filters) -> dict[str, str]:
    """
    Return each question as somebody would ask it of the files, by its name.

    Questions about models, loads and builds are not among them, nor those that also count rejected
    rows and near duplicates: neither file holds those.
    """
    answers = of_answers(filters)
    of_images = {
        name: sql.replace("labelled_images", "images")
        for name, sql in asked(filters).items()
        if "from labelled_images" in sql and name not in (*answers, f"figures: {Board.quality}")
    }
    return answers | of_images | {"missing_values": MISSING}


def of_answers(filters: Filters) -> dict[str, str]:
    """Return the questions that the file of answers has an answer to."""
    model = f"model_id = '{filters[Filter.model]}'" if Filter.model in filters else CHAMPION
    quantity = filters.get(Filter.quantity, DEFAULT_QUANTITY)
    mix = mix_of(model)
    return {
        "captures_by_day": CAPTURED.format("count(*), count_if(is_kept), count(reviewed_at)"),
        "capture_quality": CAPTURED.format(f"count(*), quantile_cont({quantity}, [0.1, 0.5, 0.9])"),
        "latency_by_day": ANSWERED.format("count(*), quantile_cont(latency_ms, [0.5, 0.95, 0.99])"),
        "decisions_by_day": ANSWERED.format(
            "count_if(decision = 'likely'), count_if(decision = 'uncertain'), "
            "count_if(decision = 'not_assessable')"
        ),
        "answers_mix": (
            "select date_trunc('week', predicted_at) as week, diagnosis_code, count(*) "
            f"from answers where not is_shadow and {model} group by all"
        ),
        "drift": mix,
        "drift_by_bucket": WEEK_AGAINST_REFERENCE.format(INPUTS[quantity]),
        "reviews_by_week": REVIEWED.format(
            "date_trunc('week', reviewed_at) as week, count(*), "
            "count_if(diagnosis_code = reviewed_code)",
            model,
        ),
        "reviewed_diagnoses": REVIEWED.format("reviewed_code, diagnosis_code, count(*)", model),
        "figures: overview": (
            "select count(*), count(reviewed_at), max(predicted_at) from answers "
            "where not is_shadow"
        ),
        "figures: models": (
            "select count(*), count_if(diagnosis_code = reviewed_code), "
            "count_if(reviewed_malignant), count_if(reviewed_malignant and is_malignant) "
            f"from answers where reviewed_at is not null and {model}"
        ),
        "figures: drift": mix,
        "figures: use": "select count(*), count_if(is_kept), count(reviewed_at) from answers",
    }


def mix_of(model: str) -> str:
    """Return the counts that drift is told from; the index itself costs nothing beside them."""
    return " union all ".join(
        f"select '{name}' as quantity, cast(captured_at as date) as day, {bucket} as bucket, "
        f"count(*) from answers {f'where {model} ' if name in OUTPUTS else ''}group by all"
        for name, bucket in INPUTS.items()
    )
