-- The interval is Wilson's, 95 %, as in prevalence_by_diagnosis.
with counted as (
    select
        diagnosis_code,
        is_malignant,
        count(*) as image_count,
        count(distinct lesion_id) as lesion_count
    from labelled_images
    where {filters}
    group by diagnosis_code, is_malignant
),

of_all as (
    select
        count(distinct lesion_id) as all_lesion_count,
        1.959963984540054 as z
    from labelled_images
    where {filters}
)

select
    diagnosis_code,
    is_malignant,
    image_count,
    lesion_count,
    lesion_count / all_lesion_count as lesion_share,
    greatest(0, (lesion_count + z * z / 2 - z * sqrt(
        lesion_count * (all_lesion_count - lesion_count) / all_lesion_count + z * z / 4
    )) / (all_lesion_count + z * z)) as lesion_share_low,
    least(1, (lesion_count + z * z / 2 + z * sqrt(
        lesion_count * (all_lesion_count - lesion_count) / all_lesion_count + z * z / 4
    )) / (all_lesion_count + z * z)) as lesion_share_high
from counted
cross join of_all
order by lesion_count desc, diagnosis_code
