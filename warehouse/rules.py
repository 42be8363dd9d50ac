"""When to train again: rules as rows of the warehouse, their values counted by it."""

from dataclasses import dataclass

from warehouse.published import PublishedWarehouse
from warehouse.registry import CHAMPION
from warehouse.vocabulary import TrainingStart


@dataclass(frozen=True)
class Rule:
    """One rule and its value of this moment; None where too little has happened to say."""

    name: str
    fired: bool
    value: float | None
    limit: float
    start: TrainingStart


def read_rules(warehouse: PublishedWarehouse) -> list[Rule]:
    """Return every rule with its value, those that have fired first."""
    query = """
        select rule_name, is_fired, rule_value, limit_value, start_code
        from retraining_due
        order by is_fired desc, rule_name
    """
    with warehouse.connect() as connection:
        rows = connection.execute(query).fetchall()
    return [
        Rule(name, fired, value, limit, TrainingStart(start))
        for name, fired, value, limit, start in rows
    ]


def choose_rule_start(fired: list[Rule]) -> TrainingStart:
    """Return where learning starts: over as soon as one rule asks for it, or nobody's does."""
    is_over = not fired or any(rule.start is TrainingStart.over for rule in fired)
    return TrainingStart.over if is_over else TrainingStart.onward


def known_champion(warehouse: PublishedWarehouse) -> str | None:
    """Return the champion that a version knows of: the rules are about that one."""
    column = f"is_{CHAMPION}"
    with warehouse.connect() as connection:
        row = connection.execute(f"select model_id from dim_models where {column}").fetchone()
    return None if row is None else str(row[0])
