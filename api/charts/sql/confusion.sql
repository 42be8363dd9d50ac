select
    fct_confusion.dataset_name,
    truth.diagnosis_code,
    answer.diagnosis_code as predicted_diagnosis_code,
    fct_confusion.image_count,
    fct_confusion.image_count
        / sum(fct_confusion.image_count) over (partition by truth.diagnosis_code) as image_share
from fct_confusion
inner join dim_models using (model_key)
inner join dim_diagnoses as truth on fct_confusion.diagnosis_key = truth.diagnosis_key
inner join dim_diagnoses as answer on fct_confusion.predicted_diagnosis_key = answer.diagnosis_key
where
    fct_confusion.split = 'validation'
    and {filters}
    and {judged_on}
order by truth.diagnosis_code, answer.diagnosis_code
