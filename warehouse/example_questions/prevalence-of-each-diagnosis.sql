-- title: Images and lesions of each diagnosis
-- How many images and lesions there are of each diagnosis, and its share of all lesions.
select
    dim_diagnoses.diagnosis_code,
    dim_diagnoses.diagnosis_name,
    dim_diagnoses.is_malignant,
    count(*) as images,
    count(distinct fct_diagnoses.lesion_key) as lesions,
    round(
        count(distinct fct_diagnoses.lesion_key) * 1.0
        / sum(count(distinct fct_diagnoses.lesion_key)) over (), 4
    ) as lesion_share
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
group by
    dim_diagnoses.diagnosis_code, dim_diagnoses.diagnosis_name, dim_diagnoses.is_malignant
order by lesions desc, diagnosis_code
