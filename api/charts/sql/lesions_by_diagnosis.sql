select
    diagnosis_code,
    is_malignant,
    count(*) as image_count,
    count(distinct lesion_id) as lesion_count
from labelled_images
where {filters}
group by diagnosis_code, is_malignant
order by lesion_count desc, diagnosis_code
