"""Which dashboards there are, what stands on each, and the SQL behind every one of them."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from api.charts.look import DEFAULT_QUANTITY
from warehouse.errors import BadInputError
from warehouse.vocabulary import DataName

SQL = Path(__file__).parent / "sql"


class Board(StrEnum):
    """One dashboard; its charts stand on it in the order of CHARTS."""

    overview = "overview"
    diagnoses = "diagnoses"
    models = "models"
    drift = "drift"
    quality = "quality"
    use = "use"


class Filter(StrEnum):
    """What charts can be filtered for; its column has this name in every relation asked."""

    diagnosis = "diagnosis_code"
    localization = "localization_code"
    age_band = "age_band"
    sex = "sex_code"
    source = "source_code"
    confirmation = "confirmation_code"
    model = "model_id"
    quantity = "quantity"


OF_IMAGES = (
    Filter.diagnosis,
    Filter.localization,
    Filter.age_band,
    Filter.sex,
    Filter.source,
    Filter.confirmation,
)
OF_MODEL = (Filter.model,)
# Where nobody has chosen a model, the one that is served is meant.
CHAMPION = "model_id in (select model_id from dim_models where is_champion)"
# What stands for the diagnosis of a figure that is of all of them.
ALL_DIAGNOSES = "all"
# Models may be judged on several data sets, and figures on two do not compare. A chart shows one:
# a real one before the drawn, and of those the newest model's.
JUDGED_ON = """dataset_name = (
        select dataset_name
        from model_performance
        where split = 'validation' and {filters}
        order by dataset_name = '{made_up}', created_at desc, dataset_name
        limit 1
    )"""

Filters = dict[Filter, str]


@dataclass(frozen=True)
class Chart:
    """One chart: its dashboards, which filters change it, and which one a click on it sets."""

    name: str
    boards: tuple[Board, ...]
    filters: tuple[Filter, ...] = ()
    picks: Filter | None = None
    template: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def applied(self, filters: Filters) -> Filters:
        """Return the filters that change it; a chart is never filtered by what is picked in it."""
        return {one: filters[one] for one in self.filters if one in filters and one != self.picks}

    def sql(self, filters: Filters) -> str:
        """Return the question in SQL."""
        others = self.applied(filters)
        if "case" in self.values:
            return self.share_sql(others)
        return compose(self.template or self.name, self.filters, others, self.values)

    def share_sql(self, filters: Filters) -> str:
        """Return the question about a share: the diagnosis that is chosen says what a case is."""
        others = dict(filters)
        chosen = others.pop(Filter.diagnosis, None)
        case = {"case": f"diagnosis_code = {quoted(chosen)}"} if chosen else {}
        return compose(self.template, self.filters, others, self.values | case)


def of_share(name: str, picks: Filter, order: str) -> Chart:
    """Return a chart of the share of cases by one attribute of images."""
    values = {"attribute": picks.value, "order": order, "case": "is_malignant"}
    return Chart(
        f"case_share_by_{name}",
        (Board.diagnoses,),
        OF_IMAGES,
        picks,
        "case_share",
        values,
    )


CHARTS = {
    chart.name: chart
    for chart in (
        Chart("captures_by_day", (Board.overview, Board.use)),
        Chart(
            "lesions_by_diagnosis",
            (Board.overview, Board.diagnoses),
            OF_IMAGES,
            Filter.diagnosis,
        ),
        of_share("site", Filter.localization, "lesion_count desc, localization_code"),
        of_share("age", Filter.age_band, "age_band"),
        of_share("source", Filter.source, "lesion_count desc, source_code"),
        of_share("confirmation", Filter.confirmation, "lesion_count desc, confirmation_code"),
        of_share("sex", Filter.sex, "sex_code"),
        Chart("lesions_by_image_count", (Board.diagnoses,), OF_IMAGES),
        Chart(
            "performance_of_models",
            (Board.overview, Board.models),
            (Filter.diagnosis,),
            Filter.model,
        ),
        Chart("recall_by_diagnosis", (Board.models,), OF_MODEL, Filter.diagnosis),
        Chart("calibration", (Board.models,), OF_MODEL),
        Chart("confusion", (Board.models,), OF_MODEL),
        Chart("subgroups", (Board.models,), OF_MODEL),
        Chart("reviews_by_week", (Board.models,), OF_MODEL),
        Chart("reviewed_diagnoses", (Board.models,), OF_MODEL),
        Chart("drift", (Board.overview, Board.drift), OF_MODEL, Filter.quantity),
        Chart("drift_by_bucket", (Board.drift,), (*OF_MODEL, Filter.quantity)),
        Chart("capture_quality", (Board.drift,), (Filter.quantity,)),
        Chart("answers_mix", (Board.drift,), OF_MODEL),
        Chart("quality_checks", (Board.quality,)),
        Chart("missing_values", (Board.quality,)),
        Chart("source_disagreements", (Board.quality,)),
        Chart("loads", (Board.quality,)),
        Chart("builds", (Board.quality,)),
        Chart("latency_by_day", (Board.use,)),
        Chart("decisions_by_day", (Board.use,)),
    )
}

# The numbers at the head of a dashboard, and by what they are filtered.
FIGURES: dict[Board, tuple[Filter, ...]] = {
    Board.overview: (Filter.diagnosis,),
    Board.diagnoses: OF_IMAGES,
    Board.models: OF_MODEL,
    Board.drift: OF_MODEL,
    Board.quality: (),
    Board.use: (),
}


class UnknownChartError(BadInputError):
    """No chart and no dashboard has this name."""


def find_chart(name: str) -> Chart:
    """Return a chart by its name, or raise UnknownChartError."""
    if name not in CHARTS:
        raise UnknownChartError(f"there is no chart {name}; there are {', '.join(CHARTS)}")
    return CHARTS[name]


def charts_of(board: Board) -> list[Chart]:
    """Return a dashboard's charts in their order."""
    return [chart for chart in CHARTS.values() if board in chart.boards]


def filters_of(board: Board) -> list[Filter]:
    """
    Return what a dashboard can be filtered for, by a list or by a click on a chart.

    The overview is filtered only for what is picked in one of its charts and changes another.
    """
    charts = charts_of(board)
    picked = {chart.picks for chart in charts}
    used = {one for chart in charts for one in chart.filters if one != chart.picks}
    return [one for one in Filter if one in used & (picked if board is Board.overview else used)]


def figures_sql(board: Board, filters: Filters) -> str:
    """Return the question behind the numbers at the head of a dashboard."""
    return compose(f"figures_{board}", FIGURES[board], filters, {})


def compose(
    template: str, known: tuple[Filter, ...], filters: Filters, values: dict[str, str]
) -> str:
    """
    Return a named question with its conditions written out, as it is run and as it is shown.

    Values are quoted: whatever is asked for stays one text.
    """
    conditions = [
        f"{one} = {quoted(value)}"
        for one, value in filters.items()
        if one in known and one is not Filter.quantity
    ]
    if Filter.model in known and Filter.model not in filters:
        conditions.append(CHAMPION)
    meant = " and ".join(conditions) or "true"
    written = {
        "filters": meant,
        "judged_on": JUDGED_ON.format(filters=meant, made_up=DataName.synthetic.value),
        "quantity": quoted(filters.get(Filter.quantity, DEFAULT_QUANTITY)),
        "diagnosis": quoted(filters.get(Filter.diagnosis, ALL_DIAGNOSES)),
        "wilson": read_template("wilson"),
    }
    return read_template(template).format(**written | values)


def quoted(value: str) -> str:
    """Return a value as an SQL text."""
    return "'" + value.replace("'", "''") + "'"


@cache
def read_template(name: str) -> str:
    """Return the text of one .sql file."""
    return (SQL / f"{name}.sql").read_text().strip()
