-- A case is a malignant lesion, or one of the diagnosis that is chosen. The interval is Wilson's,
-- 95 % (J. Am. Stat. Assoc. 22:209, 1927), as in the prevalence_by_ marts.
with counted as (
    select
        {attribute},
        count(distinct lesion_id) as lesion_count,
        count(distinct case when {case} then lesion_id end) as case_count,
        1.959963984540054 as z
    from labelled_images
    where {filters}
    group by {attribute}
)

select
    {attribute},
    lesion_count,
    case_count,
    case_count / lesion_count as case_share,
    greatest(0, (case_count + z * z / 2 - z * sqrt(
        case_count * (lesion_count - case_count) / lesion_count + z * z / 4
    )) / (lesion_count + z * z)) as case_share_low,
    least(1, (case_count + z * z / 2 + z * sqrt(
        case_count * (lesion_count - case_count) / lesion_count + z * z / 4
    )) / (lesion_count + z * z)) as case_share_high
from counted
order by {order}
