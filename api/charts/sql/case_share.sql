-- A case is a malignant lesion, or one of the diagnosis that is chosen.
with counted as (
    select
        {attribute},
        count(distinct case when {case} then lesion_id end) as part,
        count(distinct lesion_id) as whole
    from labelled_images
    where {filters}
    group by {attribute}
),

{wilson}

select
    {attribute},
    whole as lesion_count,
    part as case_count,
    part / whole as case_share,
    greatest(0, middle - reach) as case_share_low,
    least(1, middle + reach) as case_share_high
from wilson
order by {order}
