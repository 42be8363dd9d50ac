with of_all as (
    select count(distinct lesion_id) as whole
    from labelled_images
    where {filters}
),

counted as (
    select
        diagnosis_code,
        is_malignant,
        count(*) as image_count,
        count(distinct lesion_id) as part,
        whole
    from labelled_images
    cross join of_all
    where {filters}
    group by diagnosis_code, is_malignant, whole
),

{wilson}

select
    diagnosis_code,
    is_malignant,
    image_count,
    part as lesion_count,
    part / whole as lesion_share,
    greatest(0, middle - reach) as lesion_share_low,
    least(1, middle + reach) as lesion_share_high
from wilson
order by lesion_count desc, diagnosis_code
