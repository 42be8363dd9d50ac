-- title: Sensitivity to melanoma of each model
-- What each model reached on the validation images of each data set it was judged on, with its 95 %
-- interval; the champion comes first.
select
    dim_models.model_id,
    dim_models.is_champion,
    fct_evaluations.dataset_name,
    fct_evaluations.image_count as images,
    round(fct_evaluations.value, 3) as sensitivity,
    round(fct_evaluations.low, 3) as low,
    round(fct_evaluations.high, 3) as high
from fct_evaluations
inner join dim_models using (model_key)
where
    fct_evaluations.metric = 'recall'
    and fct_evaluations.diagnosis_code = 'mel'
    and fct_evaluations.split = 'validation'
order by dim_models.is_champion desc, sensitivity desc, model_id, dataset_name
