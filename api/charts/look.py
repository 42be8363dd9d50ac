"""How charts look and speak: the page's own colours and texts, so that there is one of each."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from warehouse.settings import ROOT

STATIC = ROOT / "static"
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
PALETTE_SIZE = 8
LABELS_AT_MOST = 230  # pixels of a label beside a chart
DEFAULT_QUANTITY = "brightness"

# Which texts say the codes of a column: `diagnosis.mel`, `site.back`.
SAID_BY = {
    "diagnosis_code": "diagnosis",
    "predicted_diagnosis_code": "diagnosis",
    "reviewed_diagnosis_code": "diagnosis",
    "localization_code": "site",
    "sex_code": "sex",
    "source_code": "source",
    "confirmation_code": "confirmation",
    "age_band": "age",
    "metric": "metric",
    "quantity": "quantity",
    "column_name": "field",
    "outcome": "outcome",
    "quality_check_code": "quality_check",
    "category": "category",
    "severity": "severity",
    "status": "quality_status",
}
# What a bucket or a subgroup is depends on the row.
SAID_BY_KIND = {
    "sex": "sex",
    "localization": "site",
    "confirmation": "confirmation",
    "source": "source",
    "diagnosis": "diagnosis",
    "decision": "decision",
}


class Theme(StrEnum):
    """The two sets of colours of `static/styles/tokens.css`."""

    light = "light"
    dark = "dark"


class Language(StrEnum):
    """The languages of `static/texts`."""

    en = "en"
    es = "es"


@dataclass(frozen=True)
class Look:
    """
    One theme and one language, and what is chosen.

    picked: what of a chart's own column is filtered for. quantity: which one is looked at.
    diagnosis: which one figures are of; None where they are of all.
    """

    theme: Theme = Theme.light
    language: Language = Language.en
    picked: str | None = None
    quantity: str = DEFAULT_QUANTITY
    diagnosis: str | None = None

    def colour(self, token: str) -> str:
        """Return a colour of the style sheets by its name there."""
        return read_tokens()[token][list(Theme).index(self.theme)]

    @property
    def palette(self) -> list[str]:
        """Return the colours that tell series apart, in their order."""
        return [self.colour(f"chart-{number + 1}") for number in range(PALETTE_SIZE)]

    def text(self, key: str, **values: object) -> str:
        """Return a text of the page, with its {names} filled in; a key without one stands."""
        words = read_texts(self.language).get(key, key)
        return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], "")), words)

    def say(self, prefix: str, code: str) -> str:
        """Return a code of a closed list in words; a code without any stands as it is."""
        return read_texts(self.language).get(f"{prefix}.{code.replace(' ', '_')}", code)

    def said(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with a column in words beside each of its codes, `…_said`."""
        said = {
            f"{column}_said": self.say(prefix, row[column])
            for column, prefix in SAID_BY.items()
            if isinstance(row.get(column), str)
        }
        for kind_column, column in (("subgroup_kind", "subgroup"), ("quantity", "bucket")):
            if kind_column in row and column in row:
                prefix = SAID_BY_KIND.get(row[kind_column], "age")
                said[f"{column}_said"] = self.say(prefix, row[column])
                said[f"{kind_column}_said"] = self.say("quantity", row[kind_column])
        return row | said


@cache
def read_tokens() -> dict[str, tuple[str, str]]:
    """Return each colour of the style sheets as (light, dark)."""
    sheets = [STATIC / "styles" / name for name in ("tokens.css", "analytics.css")]
    found = [TOKEN.findall(sheet.read_text()) for sheet in sheets]
    return {name: (light, dark) for sheet in found for name, light, dark in sheet}


@cache
def read_texts(language: Language) -> dict[str, str]:
    """Return one catalogue of texts; its file is JSON but for its first words."""
    source = (STATIC / "texts" / f"{language}.js").read_text()
    texts: dict[str, str] = json.loads(source.removeprefix("export default").strip().rstrip(";"))
    return texts


def vega_config(look: Look) -> dict[str, Any]:
    """Return Vega-Lite's configuration for a look: quiet axes, the page's type and colours."""
    ink, quiet, line = look.colour("ink"), look.colour("ink-quiet"), look.colour("line")
    words = {"labelColor": quiet, "titleColor": quiet, "titleFontWeight": "normal"}
    return {
        "background": look.colour("surface"),
        "font": "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
        "view": {"stroke": None},
        "axis": words
        | {"domain": False, "ticks": False, "gridColor": line, "labelFontSize": 12}
        | {"titleFontSize": 12, "labelPadding": 8, "titlePadding": 8}
        | {"maxExtent": LABELS_AT_MOST + 10}  # else a title lies across long labels
        | {
            "labelSeparation": 6,
            "labelLimit": {"expr": "containerSize()[0] < 480 ? 120 : " + str(LABELS_AT_MOST)},
        },
        "legend": words | {"labelFontSize": 12, "symbolType": "square", "orient": "top"},
        "title": {"color": ink, "anchor": "start", "fontSize": 15, "offset": 12},
        "range": {"category": look.palette, "heatmap": [look.colour("sunken"), quiet]},
        "mark": {"color": look.colour("accent")},
        # Else a legend's square is paler than its line.
        "point": {"opacity": 1},
        "text": {"color": ink, "fontSize": 12},
        "bar": {"cornerRadiusEnd": 3},
    }
