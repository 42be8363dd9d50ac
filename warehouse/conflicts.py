"""Lesions that are said to be two things, and which word counts: the mart's rule, to be shown."""

from dataclasses import dataclass

from warehouse.published import PublishedWarehouse


@dataclass(frozen=True)
class Conflict:
    """One lesion, how many say each diagnosis, and its label; None where they are as many."""

    lesion_id: str
    words: dict[str, int]
    label: str | None


def read_conflicts(warehouse: PublishedWarehouse, limit: int) -> list[Conflict]:
    """Return the lesions on which words differ, those without a label first, then the newest."""
    query = """
        select
            lesion_id,
            map_from_entries(list((diagnosis_code, reviewer_count) order by diagnosis_code)),
            max(case when is_label then diagnosis_code end)
        from label_conflicts
        group by lesion_id
        order by bool_or(is_open) desc, max(last_reviewed_at) desc, lesion_id
        limit ?
    """
    with warehouse.connect() as connection:
        return [Conflict(*row) for row in connection.execute(query, [limit]).fetchall()]
